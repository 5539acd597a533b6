package rbm

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// naturalCases are tied machines of one filter and of several, under groups with one
// orbit and with several, whose biases are free or follow from the filters.
func naturalCases() map[string]struct {
	s               Settings
	visible, hidden int
} {
	base := Settings{Steps: 1, Batch: 7, Updates: 100, Rate: 0.1, Optimizer: "natural", Symmetry: "translation", InitialScale: 0.8}
	plain, centered, flip := base, base, base
	centered.Centered, centered.OffsetRate = true, 0.3
	flip.Symmetry = "translation+flip"
	ring, orbits := ringShifts(5), [][]int32{{0, 1, 2, 3, 4}, {1, 0, 2, 4, 3}}
	all := map[string]struct {
		s               Settings
		visible, hidden int
	}{}
	for name, s := range map[string]Settings{"plain": plain, "centered": centered, "flip": flip} {
		for groupName, group := range map[string][][]int32{"ring": ring, "orbits": orbits} {
			s.Group = group
			for _, filters := range []int{1, 3} {
				all[fmt.Sprintf("%s, %s, %d filters", name, groupName, filters)] = struct {
					s               Settings
					visible, hidden int
				}{s, 5, filters * len(group)}
			}
		}
	}
	return all
}

// afterUpdate is a trainer in the middle of an update: sampled, assembled, with the
// metric of its minibatch.
func afterUpdate(t *testing.T, s Settings, visible, hidden int) *Trainer {
	t.Helper()
	trainer := newTestTrainer(t, s, visible, hidden, randomRows(90, 40, visible))
	update(t, trainer, 1) // so that offsets have moved
	trainer.data.n = trainer.batches.next(trainer.data.visible.rows)
	trainer.sample()
	trainer.assemble()
	trainer.natural.weight = 0
	clear(trainer.natural.covariance)
	trainer.natural.measure(&trainer.ascent, trainer.data, 0, 0.5)
	return trainer
}

// What a configuration contributes to a coordinate is the slope of its −F(v) when all
// places of the free parameter move together, by 1/√places each: along those the
// machine moves by a unit length. −F is in coordinates written with offsets, and the
// reference is by central differences in float64. An orbit's bias is compared with
// the mean over copies that the offsets imply, up to a constant.
func TestContributionsAgainstFiniteDifferences(t *testing.T) {
	for name, c := range naturalCases() {
		t.Run(name, func(t *testing.T) {
			trainer := afterUpdate(t, c.s, c.visible, c.hidden)
			n, size := trainer.natural, len(trainer.natural.coordinates)
			got := n.contributions(&trainer.ascent, trainer.data)
			for k := range size {
				want := make([]float64, trainer.data.n)
				for r := range want {
					want[r] = slope(trainer, k, trainer.data.visible.rows[r])
				}
				subtractMean(want)
				for r := range want {
					if !near(got[k*len(want)+r], want[r], 1e-6) {
						t.Fatalf("coordinate %d, configuration %d: %.8g, want %.8g", k, r, got[k*len(want)+r], want[r])
					}
				}
			}
		})
	}
}

// slope is the derivative of −F(v) along coordinate k.
func slope(t *Trainer, k int, v uint64) float64 {
	const h = 1e-5
	up, down := freeEnergyAlong(t, k, h, v), freeEnergyAlong(t, k, -h, v)
	return (down - up) / (2 * h)
}

// freeEnergyAlong is F(v), in float64, of the machine moved by a distance along
// coordinate k, its biases following as they do in a step.
func freeEnergyAlong(t *Trainer, k int, distance float64, v uint64) float64 {
	c := t.natural.coordinates[k]
	group, visible := t.tying.group, t.dense.visible
	direction := newCenteredPoint(visible, t.dense.hidden)
	for i := range direction.mu {
		direction.mu[i] = t.visibleOffset(i)
	}
	for j := range direction.lambda {
		direction.lambda[j] = t.hiddenOffset(j / len(group))
	}
	by := distance / c.scale
	biases := direction.x[visible*t.dense.hidden:]
	switch {
	case c.filter < 0:
		for i, o := range t.tying.orbit {
			if int(o) == c.unit {
				biases[i] = by
			}
		}
	case c.unit == visible:
		for g := range group {
			biases[visible+c.filter*len(group)+g] = by
		}
	default:
		for g, p := range group {
			direction.x[int(p[c.unit])*t.dense.hidden+c.filter*len(group)+g] = by
		}
	}
	y := flatten(t.Machine())
	for place, x := range direction.ordinary() {
		y[place] += x
	}
	return literalFreeEnergy(y, visible, t.dense.hidden, v)
}

// literalFreeEnergy is F(v) of parameters in the order of flatten.
func literalFreeEnergy(y []float64, visible, hidden int, v uint64) float64 {
	f := 0.0
	for i := range visible {
		f -= y[visible*hidden+i] * float64(v>>i&1)
	}
	for j := range hidden {
		x := y[visible*hidden+visible+j]
		for i := range visible {
			x += y[i*hidden+j] * float64(v>>i&1)
		}
		f -= math.Log1p(math.Exp(x))
	}
	return f
}

// The direction solves (A + λ) x = g with the covariance of the contributions, and the
// damping is what was asked for, in units of the mean variance.
func TestNaturalDirectionSolvesTheEquation(t *testing.T) {
	for name, c := range naturalCases() {
		trainer := afterUpdate(t, c.s, c.visible, c.hidden)
		n, size := trainer.natural, len(trainer.natural.coordinates)
		columns := n.contributions(&trainer.ascent, trainer.data)
		rows := trainer.data.n
		covariance := func(k, l int) (sum float64) {
			for r := range rows {
				sum += columns[k*rows+r] * columns[l*rows+r] / float64(rows)
			}
			return sum
		}
		damping := 0.0
		for k := range size {
			damping += 0.5 * covariance(k, k) / float64(size)
		}
		if !near(n.damping/damping, 1, 1e-9) {
			t.Errorf("%s: a damping of %g, want %g", name, n.damping, damping)
		}
		x := n.direction(trainer.gradient, trainer.tying)
		for k, ck := range n.coordinates {
			want := float64(*ck.of(trainer.gradient)) * ck.scale
			got := damping * float64(*ck.of(x)) * ck.scale
			for l, cl := range n.coordinates {
				got += covariance(k, l) * float64(*cl.of(x)) * cl.scale
			}
			if !near(got, want, 1e-5) {
				t.Fatalf("%s: component %d of (A + λ) x is %g, want %g", name, k, got, want)
			}
		}
		for i, o := range trainer.tying.orbit {
			if *x.visibleBias(i) != *x.visibleBias(int(o)) {
				t.Fatalf("%s: the biases of an orbit part", name)
			}
		}
	}
}

// A step changes the machine by the divergence that was predicted: steps are cut to
// the limit, and a cut step of the enumerated machine has that divergence, to the
// accuracy of the quadratic form. The metric is that of all states in their exact
// proportions, as data that are the machine's.
func TestStepLimitIsTheDivergence(t *testing.T) {
	const limit = 1e-4
	s := Settings{Steps: 1, Batch: 1, Updates: 10, Rate: 1, Optimizer: "natural", Symmetry: "translation", Group: ringShifts(6),
		InitialScale: 1, VisibleBias: "zero", StepLimit: limit}
	start := newTestTrainer(t, s, 6, 6, randomRows(91, 20, 6))
	before := visibleDistribution(start.Machine())
	var rows []uint64
	for v, p := range before {
		for range int(math.Round(p * 1e5)) {
			rows = append(rows, uint64(v))
		}
	}
	s.Batch = len(rows)
	trainer := newTestTrainer(t, s, 6, 6, rows)
	trainer.data.n = trainer.batches.next(trainer.data.visible.rows)
	trainer.sample()
	trainer.assemble()
	n := trainer.natural
	n.measure(&trainer.ascent, trainer.data, 0, 1e-9)
	for k, c := range n.coordinates { // the gradient whose direction is 1 in every coordinate
		sum := n.damping
		for l := range n.coordinates {
			sum += row(n.covariance, max(k, l))[min(k, l)]
		}
		*c.of(trainer.gradient) = float32(sum / c.scale)
	}
	trainer.step(1)
	trainer.install()
	got := divergence(before, visibleDistribution(trainer.Machine()))
	if !near(got/limit, 1, 0.05) {
		t.Errorf("a step of %g nats, want %g", got, limit)
	}
	if rate := n.bounded(1e-9); rate != 1e-9 {
		t.Errorf("a short step became %g", rate)
	}
}

// Where nothing varies, no parameter moves beyond reach.
func TestNaturalGradientWithoutVariance(t *testing.T) {
	s := Settings{Steps: 1, Batch: 20, Updates: 30, Rate: 0.5, Optimizer: "natural", Symmetry: "translation", Group: ringShifts(6)}
	trainer := newTestTrainer(t, s, 6, 6, make([]uint64, 20))
	update(t, trainer, 30)
	if err := trainer.Machine().Validate(); err != nil {
		t.Error(err)
	}
}

func TestTooManyParametersForTheNaturalGradient(t *testing.T) {
	s := Settings{Steps: 1, Batch: 2, Updates: 1, Rate: 0.1, Optimizer: "natural", Symmetry: "translation+flip", Group: [][]int32{identityOf(80)}}
	if _, err := NewTrainer(s, 80, 64, make([]uint64, 20), [32]byte{}); err == nil || !strings.Contains(err.Error(), "5120, more than 5000") {
		t.Errorf("got %v", err)
	}
}

func identityOf(n int) []int32 {
	p := make([]int32, n)
	for i := range p {
		p[i] = int32(i)
	}
	return p
}

// BenchmarkNatural measures the metric of 500 configurations, which ten updates share,
// and one direction, for two filters a site.
func BenchmarkNatural(b *testing.B) {
	for _, side := range []int{8, 16} {
		units := side * side
		s := Settings{Steps: 1, Batch: 500, Updates: 1, Rate: 0.1, Optimizer: "natural", Symmetry: "translation+flip", Group: translations(side), InitialScale: 0.5}
		trainer := newTestTrainer(b, s, units, 2*units, randomRows(92, 1000, units))
		update(b, trainer, 1)
		b.Run(fmt.Sprintf("measure/%dx%d", side, side), func(b *testing.B) {
			for b.Loop() {
				trainer.natural.measure(&trainer.ascent, trainer.data, 0, 1)
			}
		})
		b.Run(fmt.Sprintf("direction/%dx%d", side, side), func(b *testing.B) {
			for b.Loop() {
				trainer.natural.direction(trainer.gradient, trainer.tying)
			}
		})
	}
}

// Minibatches that hardly vary do not throw the machine anywhere: of a ring of twelve units
// with a single one set in one of a thousand rows it learns that, where steps along a
// metric that knows nothing once led to weights of 10⁵.
func TestNaturalGradientOfRareData(t *testing.T) {
	const units, filters, rows = 12, 2, 1000
	s := Settings{Symmetry: "translation", Steps: 1, Batch: 100, Chains: 100, Updates: 200, Rate: 0.1, Optimizer: "natural", Initial: "gaussian"}
	for shift := range units {
		var p []int32
		for i := range units {
			p = append(p, int32((i+shift)%units))
		}
		s.Group = append(s.Group, p)
	}
	data := make([]uint64, rows)
	data[rows/2] = 1
	trainer := newTestTrainer(t, s, units, filters*units, data)
	update(t, trainer, s.Updates)
	m := trainer.Machine()
	logZ, err := m.LogPartition()
	if err != nil {
		t.Fatal(err)
	}
	const best = -0.0104 // ln p of all rows at their own frequencies, the rare one on any of 12 places
	if got := -m.meanFreeEnergy(data) - logZ; got < best-0.02 || got > best+0.01 {
		t.Errorf("log-likelihood %v, want about %v", got, best)
	}
}
