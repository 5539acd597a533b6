package rbm

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// translations of an L × L torus, row-major: what a lattice would give.
func translations(side int) (all [][]int32) {
	for dy := range side {
		for dx := range side {
			p := make([]int32, 0, side*side)
			for y := range side {
				for x := range side {
					p = append(p, int32((y+dy)%side*side+(x+dx)%side))
				}
			}
			all = append(all, p)
		}
	}
	return all
}

func TestPermutationsMoveUnits(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, units := range []int{1, 5, 64, 100, 200} {
		p := make([]int32, units)
		for i, k := range rng.Perm(units) {
			p[i] = int32(k)
		}
		compiled, err := compile(p, units)
		if err != nil {
			t.Fatal(err)
		}
		checkMoves(t, compiled, p, units)
	}
	for _, side := range []int{3, 8, 11} {
		for _, p := range translations(side) {
			compiled, err := compile(p, side*side)
			if err != nil {
				t.Fatal(err)
			}
			checkMoves(t, compiled, p, side*side)
		}
	}
}

func checkMoves(t *testing.T, compiled permutation, p []int32, units int) {
	t.Helper()
	row := randomRows(4, 1, units)
	kept := slices.Clone(row)
	dst := slices.Repeat([]uint64{^uint64(0)}, Words(units))
	compiled.apply(dst, row)
	for i := range 64 * Words(units) {
		want := 0.0
		if i < units {
			want = bitOf(row, int(p[i]))
		}
		if bitOf(dst, i) != want {
			t.Fatalf("%d units: new[%d] is not old[%d]", units, i, p[i])
		}
	}
	if !slices.Equal(row, kept) {
		t.Fatal("the row was changed")
	}
}

func TestTranslationsAreFewMoves(t *testing.T) {
	for side, most := range map[int]int{8: 2, 16: 16} {
		for _, p := range translations(side) {
			if compiled, _ := compile(p, side*side); len(compiled) > most {
				t.Fatalf("side %d: a translation takes %d moves", side, len(compiled))
			}
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	for want, p := range map[string][]int32{
		"2 elements for 3 units": {0, 1}, "element 1 is 3": {0, 3, 1}, "element 2 is 0": {0, 1, 0}, "element 0 is -1": {-1, 1, 2},
	} {
		if _, err := compile(p, 3); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", p, err, want)
		}
	}
}
