package rbm

import (
	"fmt"
	"math"
)

// startingParameters are those of Settings.Start, with the symmetries asked for, or
// else drawn. Of a tied machine they are the free ones.
func startingParameters(s Settings, means []float64, n, hidden int, t *tying, random *stream) *parameters {
	if s.Start == nil {
		return initialParameters(s, means, n, hidden, t, random)
	}
	p, workers := parametersOf(s.Start), newTeam(1)
	if t != nil {
		dense := p
		p = newParameters(dense.visible, t.filters)
		t.fold(p, dense, workers)
	}
	if s.flipSymmetric() {
		p.symmetrize(t, workers)
	}
	return p
}

// checkStart refuses a machine of other units, or with parameters that are not
// numbers.
func checkStart(start *Machine, visible, hidden int) error {
	if start == nil {
		return nil
	}
	if start.Visible != visible || start.Hidden != hidden {
		return fmt.Errorf("rbm: Start is a machine of %d × %d units, want %d × %d", start.Visible, start.Hidden, visible, hidden)
	}
	if err := start.Validate(); err != nil {
		return fmt.Errorf("rbm: Start: %w", err)
	}
	return nil
}

// initialParameters draws the weights and sets the biases. means are those of the
// visible units in the data, n the number of configurations behind them. Of a tied
// machine the free parameters are drawn.
func initialParameters(s Settings, means []float64, n, hidden int, t *tying, random *stream) *parameters {
	p := newParameters(len(means), hidden)
	if t != nil {
		p = newParameters(len(means), t.filters)
	}
	draw, scale := random.normal, s.InitialScale
	if s.Initial == uniform {
		draw, scale = random.symmetric, s.InitialScale*math.Sqrt(6/float64(len(means)+hidden))
	}
	for i := range means {
		reach := scale
		if s.InitialEnvelope != nil {
			reach *= s.InitialEnvelope[i]
		}
		for j := range p.hidden {
			*p.weight(i, j) = float32(reach * draw())
		}
	}
	switch {
	case s.flipSymmetric():
		p.symmetrize(t, newTeam(1))
	case s.VisibleBias == fromData:
		for i, mean := range means {
			*p.visibleBias(i) = float32(logOdds(mean, n))
		}
	}
	return p
}

// logOdds of a unit that is 1 in a share mean of n configurations, with half a
// configuration added to either side, so that a unit that never changes has a
// finite bias.
func logOdds(mean float64, n int) float64 {
	return log((float64(mean*float64(n)) + 0.5) / (float64((1-mean)*float64(n)) + 0.5))
}

// shiftToOrdinary takes biases to be those of the machine written with offsets and
// turns them into those of the ordinary one: b_i − Σ_j W_ij λ_j, c_j − Σ_i W_ij μ_i.
func (p *parameters) shiftToOrdinary(f *offsets, workers *team) {
	shifts := f.visibleShifts(p, workers)
	for i := range p.visible {
		*p.visibleBias(i) -= *at(shifts, i)
	}
	for o := range p.strips() {
		shift := f.hiddenShift(p, o)
		bias := &p.panel(o)[p.visible]
		for l := range bias {
			bias[l] -= shift[l]
		}
	}
}
