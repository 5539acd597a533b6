package rbm

import (
	"math"
	"slices"
	"testing"

	"isingrbm/rbm/internal/kernel"
)

// centeredPoint is a machine in the coordinates that an ascent follows: weights and
// the biases of the machine written with offsets, all in float64. Without centering
// the offsets are zero; on a flip-symmetric machine they are ½ and the biases stay
// zero. Vectors are weights row-major, then visible, then hidden biases.
type centeredPoint struct {
	visible, hidden int
	x               []float64
	mu, lambda      []float64
}

func newCenteredPoint(visible, hidden int) centeredPoint {
	return centeredPoint{visible, hidden, make([]float64, visible*hidden+visible+hidden), make([]float64, visible), make([]float64, hidden)}
}

// ordinary returns the parameters of the machine in its ordinary form.
func (c centeredPoint) ordinary() []float64 {
	y := slices.Clone(c.x)
	biases := y[c.visible*c.hidden:]
	for i := range c.visible {
		for j := range c.hidden {
			w := c.x[i*c.hidden+j]
			biases[i] -= w * c.lambda[j]
			biases[c.visible+j] -= w * c.mu[i]
		}
	}
	return y
}

// fromOrdinary sets the point from ordinary parameters at the present offsets.
func (c centeredPoint) fromOrdinary(y []float64) {
	copy(c.x, y)
	biases := c.x[c.visible*c.hidden:]
	for i := range c.visible {
		for j := range c.hidden {
			w := y[i*c.hidden+j]
			biases[i] += w * c.lambda[j]
			biases[c.visible+j] += w * c.mu[i]
		}
	}
}

// likelihood is the mean log-likelihood of rows minus the decay's share, by
// enumerating both layers in float64.
func (c centeredPoint) likelihood(rows []uint64, decay float64) float64 {
	y := c.ordinary()
	weight := func(v uint64) float64 { // of v, summed over h
		b, cc := y[c.visible*c.hidden:], y[c.visible*c.hidden+c.visible:]
		sum := 0.0
		for i := range c.visible {
			sum += b[i] * float64(v>>i&1)
		}
		p := math.Exp(sum)
		for j := range c.hidden {
			x := cc[j]
			for i := range c.visible {
				x += y[i*c.hidden+j] * float64(v>>i&1)
			}
			p *= 1 + math.Exp(x)
		}
		return p
	}
	z, sum := 0.0, 0.0
	for v := range uint64(1) << c.visible {
		z += weight(v)
	}
	for _, v := range rows {
		sum += math.Log(weight(v) / z)
	}
	penalty := 0.0
	for _, w := range c.x[:c.visible*c.hidden] {
		penalty += w * w
	}
	return sum/float64(len(rows)) - decay/2*penalty
}

// differences is the gradient of likelihood by central differences.
func (c centeredPoint) differences(rows []uint64, decay float64) []float64 {
	const h = 1e-4
	g := make([]float64, len(c.x))
	for k, x := range c.x {
		c.x[k] = x + h
		up := c.likelihood(rows, decay)
		c.x[k] = x - h
		g[k] = (up - c.likelihood(rows, decay)) / (2 * h)
		c.x[k] = x
	}
	return g
}

// flatten returns the parameters of m as a vector.
func flatten(m *Machine) []float64 {
	var y []float64
	for _, part := range [][]float32{m.Weights, m.VisibleBias, m.HiddenBias} {
		for _, x := range part {
			y = append(y, float64(x))
		}
	}
	return y
}

// exactGradient fills the trainer's gradient with the data's phase as it is and the
// machine's phase exact: the assembled gradient of every single visible state,
// weighted by its probability.
func exactGradient(t *Trainer) {
	g := t.denseGradient
	p := visibleDistribution(t.Machine())
	t.model.hiddenMeans(t.data.means, t.data.rows(), 1/float32(t.data.n))
	single := newPhase(1, g.visible, g.hidden)
	sums := [2][][kernel.Lanes]float64{make([][kernel.Lanes]float64, len(g.panels)), make([][kernel.Lanes]float64, len(g.bias))}
	for v, probability := range p {
		single.visible.rows[0] = uint64(v)
		t.model.hiddenMeans(single.means, single.rows(), -1)
		g.assemble(t.hiddenMeans, t.data, single, t.team)
		for k, strips := range g.all() {
			for s := range strips {
				for l, x := range strips[s] {
					sums[k][s][l] += probability * float64(x)
				}
			}
		}
	}
	for k, strips := range g.all() {
		for s := range strips {
			for l := range strips[s] {
				strips[s][l] = float32(sums[k][s][l])
			}
		}
	}
	if t.tying != nil {
		t.tying.fold(t.gradient, g, t.team)
		t.tying.foldHidden(t.hiddenMeans)
	}
}

// Every option's step against finite differences of the enumerated likelihood, over
// three steps, so that moving offsets and momentum are seen at work. Tolerances are
// those of float32.
func TestStepAgainstFiniteDifferences(t *testing.T) {
	for name, s := range map[string]Settings{
		"plain":                   {},
		"decay":                   {WeightDecay: 0.2},
		"momentum":                {Momentum: 0.7},
		"centered":                {Centered: true, OffsetRate: 0.3},
		"centered, all":           {Centered: true, OffsetRate: 0.3, Momentum: 0.5, WeightDecay: 0.1},
		"symmetric":               {Symmetry: "flip"},
		"symmetric, all":          {Symmetry: "flip", Centered: true, Momentum: 0.5, WeightDecay: 0.1},
		"momentum and decay":      {Momentum: 0.9, WeightDecay: 0.05},
		"centered, fixed offsets": {Centered: true, OffsetRate: 1e-9},
		"l1 decay":                {L1Decay: 0.05, WeightDecay: 0.1},
		"adam":                    {Optimizer: "adam", Epsilon: 0.01},
		"adam, centered":          {Optimizer: "adam", Epsilon: 0.01, Centered: true, OffsetRate: 0.3, L1Decay: 0.02},
		"adam, symmetric":         {Optimizer: "adam", Epsilon: 0.02, Beta1: 0.5, Beta2: 0.8, Symmetry: "flip"},
		"adam, tied":              {Optimizer: "adam", Epsilon: 0.02, Symmetry: "translation", Centered: true, OffsetRate: 0.3, L1Decay: 0.1},
		"exact":                   {Algorithm: "exact"},
		"exact, symmetric":        {Algorithm: "exact", Symmetry: "flip", Momentum: 0.5},
		"exact, tied":             {Algorithm: "exact", Symmetry: "translation", Centered: true, OffsetRate: 0.3},
		"tied":                    {Symmetry: "translation"},
		"tied, all":               {Symmetry: "translation", Centered: true, OffsetRate: 0.3, Momentum: 0.5, WeightDecay: 0.1},
		"tied, symmetric":         {Symmetry: "translation+flip", Momentum: 0.5, WeightDecay: 0.1},
	} {
		t.Run(name, func(t *testing.T) {
			if s.tied() {
				compareTied(t, s)
				return
			}
			for _, shape := range [][2]int{{5, 3}, {3, 18}} {
				compareSteps(t, s, shape[0], shape[1])
			}
		})
	}
}

// compareTied uses a group with one orbit, with several, and with another number of
// members than an orbit has, and shapes with one filter and with several.
func compareTied(t *testing.T, s Settings) {
	t.Helper()
	for _, c := range []struct {
		group           [][]int32
		visible, hidden int
	}{
		{ringShifts(5), 5, 20}, {ringShifts(3), 3, 3},
		{[][]int32{{0, 1, 2, 3, 4}, {1, 0, 2, 4, 3}}, 5, 6},
		{[][]int32{{2, 1, 0}, {0, 1, 2}}, 3, 40},
		{symmetricGroup3(), 3, 12},
	} {
		s.Group = c.group
		compareSteps(t, s, c.visible, c.hidden)
	}
}

// symmetricGroup3 are all permutations of three units.
func symmetricGroup3() [][]int32 {
	return [][]int32{{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {1, 0, 2}, {0, 2, 1}, {2, 1, 0}}
}

func compareSteps(t *testing.T, s Settings, visible, hidden int) {
	t.Helper()
	const rows = 11
	rate := 0.3
	if s.Optimizer == "adam" {
		rate = 0.02 // its steps amplify the rounding of small gradients
	}
	s.Steps, s.Batch, s.Updates, s.Rate, s.InitialScale = 1, rows, 10, rate, 0.8
	data := randomRows(7, 2*rows, visible) // the minibatch is half of it
	trainer, err := NewTrainer(s, visible, hidden, data, [32]byte{2})
	if err != nil {
		t.Fatal(err)
	}
	trainer.data.n = trainer.batches.next(trainer.data.visible.rows)
	oracle := newCenteredPoint(visible, hidden)
	oracle.startOffsets(s, data)
	oracle.levelOffsets(s)
	follow := literalOptimizer(s.resolved(), len(oracle.x))
	for step := range 3 {
		before := trainer.Machine()
		if s.Algorithm == "exact" {
			trainer.sample()
			trainer.assemble()
		} else {
			exactGradient(trainer)
		}
		if trainer.offsets != nil {
			trainer.offsets.follow(trainer.data, trainer.hiddenMeans)
		}
		oracle.followOffsets(s, before, trainer.data.rows())
		oracle.levelOffsets(s)
		oracle.fromOrdinary(flatten(before))
		gradient := oracle.differences(trainer.data.rows(), s.WeightDecay)
		oracle.levelPlaces(s, gradient)
		for k, g := range gradient {
			if k >= visible*hidden && s.flipSymmetric() {
				break // its biases stay zero
			}
			if k < visible*hidden {
				g -= s.L1Decay * float64(sign(oracle.x[k]))
			}
			oracle.x[k] += rate * follow(k, step+1, g)
		}
		trainer.step(float32(rate))
		trainer.install()
		got, want := flatten(trainer.Machine()), oracle.ordinary()
		for k := range want {
			if !near(got[k], want[k], 3e-6) {
				t.Fatalf("%d × %d, step %d: parameter %d is %.8g, want %.8g", visible, hidden, step, k, got[k], want[k])
			}
		}
	}
}

// startOffsets sets them to the data's means and ½, or all to ½ for a symmetric
// machine.
func (c centeredPoint) startOffsets(s Settings, data []uint64) {
	if !s.Centered && !s.flipSymmetric() {
		return
	}
	for i := range c.mu {
		for _, v := range data {
			c.mu[i] += float64(v>>i&1) / float64(len(data))
		}
		if s.flipSymmetric() {
			c.mu[i] = 0.5
		}
	}
	for j := range c.lambda {
		c.lambda[j] = 0.5
	}
}

// followOffsets moves them towards the means of the minibatch.
func (c centeredPoint) followOffsets(s Settings, m *Machine, rows []uint64) {
	if !s.Centered || s.flipSymmetric() {
		return
	}
	h, mu, lambda := make([]float64, c.hidden), make([]float64, c.visible), make([]float64, c.hidden)
	for _, v := range rows {
		m.HiddenMeans([]uint64{v}, h)
		for j, x := range h {
			lambda[j] += x / float64(len(rows))
		}
		for i := range mu {
			mu[i] += float64(v>>i&1) / float64(len(rows))
		}
	}
	for i := range mu {
		c.mu[i] += s.OffsetRate * (mu[i] - c.mu[i])
	}
	for j := range lambda {
		c.lambda[j] += s.OffsetRate * (lambda[j] - c.lambda[j])
	}
}

func sign(x float64) int {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// literalOptimizer returns what is followed for component k of n in update t, from
// 1, whose gradient is g.
func literalOptimizer(s Settings, n int) func(k, t int, g float64) float64 {
	m, squares := make([]float64, n), make([]float64, n)
	return func(k, t int, g float64) float64 {
		if s.Optimizer == "sgd" {
			m[k] = s.Momentum*m[k] + g
			return m[k]
		}
		m[k] = s.Beta1*m[k] + (1-s.Beta1)*g
		squares[k] = s.Beta2*squares[k] + (1-s.Beta2)*g*g
		size := math.Sqrt(squares[k] / (1 - math.Pow(s.Beta2, float64(t))))
		return m[k] / (1 - math.Pow(s.Beta1, float64(t))) / (size + s.Epsilon)
	}
}

// levelPlaces averages a vector of the machine over the places that are tied: moving
// the visible units by a member of the group and the copies of every filter along
// leaves a tied machine as it is.
func (c centeredPoint) levelPlaces(s Settings, x []float64) {
	if s.Group == nil {
		return
	}
	sum, nv, nh := make([]float64, len(x)), c.visible, c.hidden
	for _, p := range s.Group {
		q := moveHidden(s.Group, p, nh)
		for i := range nv {
			for j := range nh {
				sum[i*nh+j] += x[int(p[i])*nh+q[j]]
			}
			sum[nv*nh+i] += x[nv*nh+int(p[i])]
		}
		for j := range nh {
			sum[nv*nh+nv+j] += x[nv*nh+nv+q[j]]
		}
	}
	for k := range x {
		x[k] = sum[k] / float64(len(s.Group))
	}
}

// moveHidden returns where hidden units go when visible unit i goes to p[i]: the
// copy under g, whose weights are at g[i], goes to the one under i → p[g[i]].
func moveHidden(group [][]int32, p []int32, hidden int) []int {
	q := make([]int, hidden)
	for j := range q {
		product := make([]int32, len(p))
		for i, place := range group[j%len(group)] {
			product[i] = p[place]
		}
		g := slices.IndexFunc(group, func(r []int32) bool { return slices.Equal(r, product) })
		q[j] = j/len(group)*len(group) + g
	}
	return q
}

// levelOffsets does the same to the offsets.
func (c centeredPoint) levelOffsets(s Settings) {
	x := append(append(make([]float64, c.visible*c.hidden), c.mu...), c.lambda...)
	c.levelPlaces(s, x)
	copy(c.mu, x[c.visible*c.hidden:])
	copy(c.lambda, x[c.visible*c.hidden+c.visible:])
}

func TestFiniteSeesEveryParameter(t *testing.T) {
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
		p := parametersOf(randomMachine(20, 19, 18, 1e30))
		for _, x := range []*float32{p.weight(0, 0), p.weight(18, 17), p.hiddenBias(16), p.visibleBias(18)} {
			if !p.finite(newTeam(2)) {
				t.Fatal("finite parameters are said not to be")
			}
			kept := *x
			*x = bad
			if p.finite(newTeam(2)) {
				t.Errorf("%g went unnoticed", bad)
			}
			*x = kept
		}
	}
}

// The trainer's panels and Machine agree on what symmetric means.
func TestSymmetrizeAgreesWithMachine(t *testing.T) {
	m := randomMachine(21, 37, 45, 1)
	p := parametersOf(m)
	p.symmetrize(nil, newTeam(1))
	m.Symmetrize()
	a, b := flatten(p.machine()), flatten(m)
	for k := range a {
		if !near(a[k], b[k], 1e-6) {
			t.Fatalf("parameter %d is %g and %g", k, a[k], b[k])
		}
	}
}

// BenchmarkStep measures what follows the gradient in an update of 64 × 64 units.
func BenchmarkStep(b *testing.B) {
	for _, c := range []struct {
		name string
		s    Settings
	}{
		{"plain", Settings{}},
		{"momentum", Settings{Momentum: 0.5}},
		{"decay", Settings{WeightDecay: 1e-4}},
		{"centered", Settings{Centered: true}},
		{"symmetric", Settings{Symmetry: "flip"}},
		{"adam", Settings{Optimizer: "adam"}},
		{"l1", Settings{L1Decay: 1e-4}},
		{"tied", Settings{Symmetry: "translation", Group: translations(8)}},
	} {
		s := c.s
		s.Steps, s.Batch, s.Updates, s.Rate, s.AverageFraction = 1, 100, 1, 1e-6, 1
		trainer := newTestTrainer(b, s, 64, 64, randomRows(16, 1000, 64))
		update(b, trainer, 1)
		b.Run("step/"+c.name, func(b *testing.B) {
			for b.Loop() {
				trainer.step(1e-9)
			}
		})
		if c.name != "plain" {
			continue
		}
		b.Run("average", func(b *testing.B) {
			for b.Loop() {
				trainer.average.add(trainer.parameters, trainer.team)
			}
		})
		b.Run("finite", func(b *testing.B) {
			for b.Loop() {
				trainer.parameters.finite(trainer.team)
			}
		})
		b.Run("set", func(b *testing.B) {
			for b.Loop() {
				trainer.model.set(trainer.parameters)
			}
		})
		b.Run("transpose", func(b *testing.B) {
			for b.Loop() {
				trainer.data.transpose()
			}
		})
		b.Run("means", func(b *testing.B) {
			for b.Loop() {
				trainer.data.mean(3)
			}
		})
	}
}
