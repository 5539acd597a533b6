package rbm

import "isingrbm/rbm/internal/kernel"

// shape holds the weights w of each hidden unit, or of each filter of a tied machine, to
// the shape w⁰ that they had in the machine that the training began with, whatever their
// scale: it adds to the gradient that of
//
//	−½λ Σ_j min_s |w_j − s w⁰_j|²,  which is  −λ (w_j − s_j w⁰_j)  with  s_j = w_j·w⁰_j / |w⁰_j|².
//
// A machine of cold data that begins with that of hotter ones has its couplings already
// and needs them larger. Data do not tell it what else to do: configurations that are
// not among them in any number, such as two domains, would take whatever free energy the
// noise of the training gives them, and may become likelier than all others.
type shape struct {
	strength float32
	start    *parameters
}

// newShape returns nil where the settings ask for none. p are the free parameters before
// the first update.
func newShape(s Settings, p *parameters) *shape {
	if s.Start == nil || s.ShapeDecay == 0 {
		return nil
	}
	start := newParameters(p.visible, p.hidden)
	copy(start.panels, p.panels)
	return &shape{float32(s.ShapeDecay), start}
}

// pull adds the gradient of strip o.
func (s *shape) pull(gradient, weights []kernel.Strip, o int) {
	start := s.start.panel(o)[:len(weights)]
	kernel.Advance(gradient, weights, -s.strength)
	along := s.along(weights, start)
	for i := range gradient {
		for l, by := range along {
			gradient[i][l] += float32(by * start[i][l])
		}
	}
}

// along is λ s_j of each unit of a strip, 0 for one that began without weights.
func (s *shape) along(weights, start []kernel.Strip) (by kernel.Strip) {
	var product, square [kernel.Lanes]float64
	for i := range start {
		for l, x := range start[i] {
			product[l] += float64(float64(weights[i][l]) * float64(x))
			square[l] += float64(float64(x) * float64(x))
		}
	}
	for l := range by {
		if square[l] > 0 {
			by[l] = s.strength * float32(product[l]/square[l])
		}
	}
	return by
}
