package rbm

import (
	"math"
	"testing"
)

// overlap returns w·w, w·w⁰ and w⁰·w⁰ of a hidden unit of two machines.
func overlap(p, start *parameters, j int) (own, product, square float64) {
	for i := range p.visible {
		w, w0 := float64(*p.weight(i, j)), float64(*start.weight(i, j))
		own, product, square = own+w*w, product+w*w0, square+w0*w0
	}
	return own, product, square
}

// The pull is the gradient of −½λ Σ_j min_s |w_j − s w⁰_j|², by finite differences of a
// sum in float64.
func TestShapePullsAlongItsGradient(t *testing.T) {
	const visible, hidden, decay = 7, 20, 0.25
	p, start := parametersOf(randomMachine(1, visible, hidden, 1)), parametersOf(randomMachine(2, visible, hidden, 1))
	for i := range visible {
		*start.weight(i, 3) = 0 // a unit without weights is pulled to none
	}
	s := newShape(Settings{ShapeDecay: decay, Start: NewMachine(visible, hidden)}, start)
	penalty := func(j int) float64 {
		own, product, square := overlap(p, start, j)
		if square > 0 {
			own -= product * product / square
		}
		return -decay / 2 * own
	}
	gradient := newParameters(visible, hidden)
	for o := range gradient.strips() {
		s.pull(gradient.panel(o)[:visible], p.panel(o)[:visible], o)
	}
	const step = 1.0 / 1024
	for j := range hidden {
		for i := range visible {
			w := p.weight(i, j)
			before := *w
			*w = before + step
			up := penalty(j)
			*w = before - step
			want := (up - penalty(j)) / (2 * step)
			*w = before
			if got := float64(*gradient.weight(i, j)); math.Abs(got-want) > 1e-5 {
				t.Errorf("unit %d, weight %d: pull %v, want %v", j, i, got, want)
			}
		}
	}
}

// A training that is held fast changes the scale of each filter and nothing else, and
// one that is not changes their shapes too; it continues to the bit, and without a
// machine to start from there is nothing to hold.
func TestShapeDecayHoldsFilters(t *testing.T) {
	const visible = 9
	data := randomRows(5, 300, visible)
	base := goldenSettings()["pcd natural symmetric"]
	base.Group, base.Permutations, base.WeightDecay = translations(3), nil, 0
	train := func(decay float64, start *Machine) *Trainer {
		s := base
		s.ShapeDecay, s.Start = decay, start
		trainer := newTestTrainer(t, s, visible, 2*visible, data)
		update(t, trainer, 40)
		return trainer
	}
	start := train(0, nil).Machine()
	angle := func(m *Machine) (most float64) {
		for j := range m.Hidden {
			own, product, square := overlap(parametersOf(m), parametersOf(start), j)
			most = max(most, math.Acos(min(1, math.Abs(product)/math.Sqrt(own*square))))
		}
		return most
	}
	held, free := train(1e3, start), train(0, start)
	if a := angle(held.Machine()); a > 0.02 {
		t.Errorf("held filters turn by %v", a)
	}
	if a := angle(free.Machine()); a < 0.1 {
		t.Errorf("free filters turn by %v alone: the test cannot tell", a)
	}
	if hash(train(0.1, nil).Machine()) != hash(start) {
		t.Error("a decay without a machine to start from changes the training")
	}
	stored, err := held.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	other := train(1e3, start)
	if err := other.UnmarshalBinary(stored); err != nil {
		t.Fatal(err)
	}
	update(t, held, 5)
	update(t, other, 5)
	if hash(held.Machine()) != hash(other.Machine()) {
		t.Error("continued differently")
	}
}
