package rbm

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// A tied machine gives a configuration and its images one probability, and its
// hidden units are ordered as documented.
func TestTiedMachineStaysTied(t *testing.T) {
	for _, symmetry := range []string{"translation", "translation+flip"} {
		s := Settings{Symmetry: symmetry, Group: translations(3), Steps: 2, Batch: 16, Updates: 60, Rate: 0.5,
			Centered: true, Momentum: 0.5, Shuffle: true, AverageFraction: 0.5}
		trainer := newTestTrainer(t, s, 9, 18, randomRows(50, 40, 9)) // data without symmetry
		update(t, trainer, 60)
		for _, m := range []*Machine{trainer.Machine(), trainer.Average()} {
			checkTied(t, m, s.Group)
			if m.FlipSymmetric() != (symmetry == "translation+flip") {
				t.Errorf("%s: flip symmetry %v", symmetry, m.FlipSymmetric())
			}
			p := visibleDistribution(m)
			for v := range p {
				for _, g := range s.Group {
					if q := p[image(uint64(v), g)]; !near(p[v]/q, 1, 1e-9) {
						t.Fatalf("%s: p(%09b) = %g but %g moved", symmetry, v, p[v], q)
					}
				}
			}
		}
	}
}

// image is a configuration moved by p: new[i] = old[p[i]].
func image(v uint64, p []int32) (moved uint64) {
	for i, old := range p {
		moved |= v >> old & 1 << i
	}
	return moved
}

func checkTied(t *testing.T, m *Machine, group [][]int32) {
	t.Helper()
	for j := range m.Hidden {
		first, g := j/len(group)*len(group), group[j%len(group)]
		for i := range m.Visible {
			// The identity comes first in these groups.
			if m.Weights[int(g[i])*m.Hidden+j] != m.Weights[i*m.Hidden+first] {
				t.Fatalf("weight (%d, %d) is not that of its filter", g[i], j)
			}
			if m.VisibleBias[g[i]] != m.VisibleBias[i] {
				t.Fatalf("visible biases %d and %d differ", i, g[i])
			}
		}
		if m.HiddenBias[j] != m.HiddenBias[first] {
			t.Fatalf("hidden bias %d is not that of its filter", j)
		}
	}
}

// The free parameters of the whole group of a lattice are α(N+1) + 1: everything
// else follows.
func TestFreeParametersDecideTheMachine(t *testing.T) {
	s := Settings{Symmetry: "translation", Group: translations(3), Steps: 1, Batch: 10, Updates: 1, Rate: 0.1}
	trainer := newTestTrainer(t, s, 9, 18, randomRows(51, 37, 9))
	distinct := map[float32]bool{}
	for _, x := range flatten(trainer.Machine()) {
		distinct[float32(x)] = true
	}
	if got, want := len(distinct), 2*9+1+1; got != want { // hidden biases start at one value
		t.Errorf("%d distinct parameters, want %d", got, want)
	}
}

func TestGroupsThatAreNone(t *testing.T) {
	shifts := ringShifts(6)
	all := slices.Clone(shifts)
	all[3] = all[2]
	for want, c := range map[string]struct {
		group  [][]int32
		hidden int
	}{
		"8 hidden units are not a multiple of the 6 permutations": {shifts, 8},
		"permutation 1 of Group: 5 elements for 6 units":          {[][]int32{shifts[0], {0, 1, 2, 3, 4}}, 6},
		"permutation 1 of Group: element 5":                       {[][]int32{shifts[0], {0, 1, 2, 3, 4, 4}}, 6},
		"permutations 2 and 3 of Group are equal":                 {all, 6},
		"lacks the identity":                                      {shifts[1:], 5},
		"lacks the product of permutations 1 and 1":               {shifts[:2], 6},
		"lacks the product of permutations":                       {[][]int32{shifts[0], shifts[2], shifts[4], {1, 0, 2, 3, 4, 5}}, 8},
	} {
		s := working()
		s.Symmetry, s.Group = "translation", c.group
		if _, err := NewTrainer(s, 6, c.hidden, numbered(3), [32]byte{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

// Any order of a group's members will do, and gives the same distribution's family.
func TestGroupsInAnyOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for _, group := range [][][]int32{ringShifts(6), translations(3), symmetricGroup3(), {{0, 1, 2}}, translations(8)} {
		group = slices.Clone(group)
		rng.Shuffle(len(group), func(a, b int) { group[a], group[b] = group[b], group[a] })
		if err := checkGroup(group, len(group[0])); err != nil {
			t.Error(err)
		}
	}
}

// Averaging what was written out gives back the free parameters, and averaging
// twice changes nothing more.
func TestFoldUndoesExpand(t *testing.T) {
	s := Settings{Symmetry: "translation", Group: translations(5)}
	tie, err := newTying(s, 25, 75)
	if err != nil {
		t.Fatal(err)
	}
	free, back, dense := parametersOf(randomMachine(52, 25, 3, 1)), newParameters(25, 3), newParameters(25, 75)
	tie.level(free.bias, 1)
	tie.expand(dense, free, newTeam(2))
	tie.fold(back, dense, newTeam(3))
	a, b := flatten(free.machine()), flatten(back.machine())
	for k := range a {
		if !near(a[k], b[k], 1e-7) {
			t.Fatalf("parameter %d is %g and comes back as %g", k, a[k], b[k])
		}
	}
}

// BenchmarkTied measures what ties cost at 64 × 64 units, and the check of a group.
func BenchmarkTied(b *testing.B) {
	s := Settings{Symmetry: "translation", Group: translations(8)}
	tie, _ := newTying(s, 64, 64)
	alone := newTeam(1)
	free, dense := parametersOf(randomMachine(53, 64, 1, 1)), parametersOf(randomMachine(53, 64, 64, 1))
	b.Run("expand", func(b *testing.B) {
		for b.Loop() {
			tie.expand(dense, free, alone)
		}
	})
	b.Run("fold", func(b *testing.B) {
		for b.Loop() {
			tie.fold(free, dense, alone)
		}
	})
	large := translations(32)
	b.Run("check/32x32", func(b *testing.B) {
		for b.Loop() {
			if err := checkGroup(large, 1024); err != nil {
				b.Fatal(err)
			}
		}
	})
}
