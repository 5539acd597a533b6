package rbm

import (
	"sync/atomic"

	"isingrbm/rbm/internal/kernel"
)

// ascent takes the step of an update: it holds everything between the gradient and
// the parameters.
type ascent struct {
	parameters, gradient *parameters
	velocity             *parameters // nil without momentum
	adam                 *adam       // nil without
	natural              *natural    // nil without
	offsets              *offsets    // nil unless centered
	tying                *tying      // nil unless tied; all of the above are then free parameters
	momentum             float32
	decay, l1            float32
	shape                *shape // nil unless held
	symmetric            bool
	team                 *team
}

// step adds rate × direction to the parameters, as the package's documentation
// defines it.
func (a *ascent) step(rate float32) {
	d := a.direction()
	if a.natural != nil {
		rate = a.natural.bounded(rate)
	}
	a.team.share(d.strips(), func(_ *kernel.Workspace, from, to int) {
		for o := from; o < to; o++ {
			a.stepHidden(d, o, rate)
		}
	})
	if a.symmetric {
		a.parameters.symmetrize(a.tying, a.team)
	} else {
		a.stepVisible(d, rate)
	}
}

// stepHidden moves strip o of the hidden units: their weights and biases.
func (a *ascent) stepHidden(d *parameters, o int, rate float32) {
	panel, along := a.parameters.panel(o), d.panel(o)
	weights, last := d.visible, d.visible
	kernel.Advance(panel[:weights], along[:weights], rate)
	if a.symmetric {
		return
	}
	if a.offsets != nil {
		shift := a.offsets.hiddenShift(d, o)
		kernel.Advance(panel[last:], []kernel.Strip{shift}, -rate)
	}
	kernel.Advance(panel[last:], along[last:], rate)
}

// stepVisible moves the visible biases.
func (a *ascent) stepVisible(d *parameters, rate float32) {
	var shifts []kernel.Strip
	if a.offsets != nil {
		shifts = a.offsets.visibleShifts(d, a.team)
	}
	for i := range d.visible {
		along := *d.visibleBias(i)
		if shifts != nil {
			along -= *at(shifts, i)
		}
		*a.parameters.visibleBias(i) += float32(rate * along)
	}
}

// direction turns the gradient into what is followed: centered, with decay, and
// smoothed by momentum, scaled by Adam or made the natural one.
func (a *ascent) direction() *parameters {
	if a.adam != nil {
		a.adam.begin()
	}
	a.team.share(a.gradient.strips(), func(_ *kernel.Workspace, from, to int) {
		for o := from; o < to; o++ {
			a.prepare(o)
			a.smooth(func(p *parameters) []kernel.Strip { return p.panel(o) })
		}
	})
	a.smooth(func(p *parameters) []kernel.Strip { return p.bias })
	switch {
	case a.adam != nil:
		return a.adam.along
	case a.natural != nil:
		return a.natural.direction(a.gradient, a.tying)
	case a.velocity != nil:
		return a.velocity
	}
	return a.gradient
}

// prepare centers strip o of the gradient and adds the decays' to it.
func (a *ascent) prepare(o int) {
	if a.offsets != nil {
		a.offsets.center(a.gradient, o)
	}
	gradient, weights := a.gradient.panel(o)[:a.gradient.visible], a.parameters.panel(o)[:a.gradient.visible]
	if a.decay != 0 {
		kernel.Advance(gradient, weights, -a.decay)
	}
	if a.l1 != 0 {
		shrink(gradient, weights, a.l1)
	}
	if a.shape != nil {
		a.shape.pull(gradient, weights, o)
	}
}

// smooth turns a part of the gradient into the same part of the direction.
func (a *ascent) smooth(part func(p *parameters) []kernel.Strip) {
	switch {
	case a.adam != nil:
		a.adam.follow(a.gradient, part)
	case a.velocity != nil:
		gradients, velocities := part(a.gradient), part(a.velocity)
		for s := range velocities {
			v := &velocities[s]
			for l, x := range gradients[s] {
				v[l] = float32(a.momentum*v[l]) + x
			}
		}
	}
}

// visibleOffset and hiddenOffset are μ_i and λ of a filter, zero if not centered.
func (a *ascent) visibleOffset(i int) float64 {
	if a.offsets == nil {
		return 0
	}
	return float64(*at(a.offsets.visible, i))
}

func (a *ascent) hiddenOffset(f int) float64 {
	if a.offsets == nil {
		return 0
	}
	return float64(*at(a.offsets.hidden, f))
}

// finite reports whether every parameter is.
func (p *parameters) finite(t *team) bool {
	var lost atomic.Bool
	for _, strips := range p.all() {
		t.share(len(strips), func(_ *kernel.Workspace, from, to int) {
			if !kernel.Finite(strips[from:to]) {
				lost.Store(true)
			}
		})
	}
	return !lost.Load()
}

// symmetrize sets the biases b_i = −½ Σ_j W_ij and c_j = −½ Σ_i W_ij, summed in
// float64; of a tied machine p are the free parameters.
func (p *parameters) symmetrize(t *tying, workers *team) {
	workers.share(p.visible, func(_ *kernel.Workspace, from, to int) {
		for i := from; i < to; i++ {
			var sum [kernel.Lanes]float64
			for o := range p.strips() {
				addTo(&sum, &p.panel(o)[i])
			}
			*p.visibleBias(i) = float32(-0.5 * folded(sum[:]))
		}
	})
	if t != nil {
		t.overCopies(p.bias)
	}
	workers.share(p.strips(), func(_ *kernel.Workspace, from, to int) {
		for o := from; o < to; o++ {
			var sum [kernel.Lanes]float64
			panel := p.panel(o)
			for i := range p.visible {
				addTo(&sum, &panel[i])
			}
			for l, x := range sum {
				panel[p.visible][l] = float32(-0.5 * x)
			}
		}
	})
}

// addTo adds a strip to sums in float64.
func addTo(sums *[kernel.Lanes]float64, s *kernel.Strip) {
	for l, x := range s {
		sums[l] += float64(x)
	}
}
