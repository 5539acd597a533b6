package rbm

import "isingrbm/rbm/internal/kernel"

// parameters are those of a machine, or a gradient or velocity of the same shape,
// in the layout of the kernel: 16 hidden units a strip.
type parameters struct {
	visible, hidden int
	panels          []kernel.Strip // a strip of hidden units: a row a visible unit, then the hidden biases
	bias            []kernel.Strip // visible biases, 16 a strip
}

func newParameters(visible, hidden int) *parameters {
	return &parameters{visible, hidden,
		make([]kernel.Strip, kernel.Strips(hidden)*(visible+1)), make([]kernel.Strip, kernel.Strips(visible))}
}

// panel returns the rows of strip o; the last one holds the hidden biases.
func (p *parameters) panel(o int) []kernel.Strip {
	return p.panels[o*(p.visible+1):][:p.visible+1]
}

// strips is the number of strips of hidden units.
func (p *parameters) strips() int { return kernel.Strips(p.hidden) }

// all are the strips of every parameter.
func (p *parameters) all() [2][]kernel.Strip { return [2][]kernel.Strip{p.panels, p.bias} }

// weight, hiddenBias and visibleBias point at single parameters.
func (p *parameters) weight(i, j int) *float32 {
	return &p.panel(j / kernel.Lanes)[i][j%kernel.Lanes]
}

func (p *parameters) hiddenBias(j int) *float32 { return p.weight(p.visible, j) }

func (p *parameters) visibleBias(i int) *float32 {
	return &p.bias[i/kernel.Lanes][i%kernel.Lanes]
}

// parametersOf copies a machine into the layout of the kernel.
func parametersOf(m *Machine) *parameters {
	p := newParameters(m.Visible, m.Hidden)
	for i := range m.Visible {
		for j, w := range m.row(i) {
			*p.weight(i, j) = w
		}
		*p.visibleBias(i) = m.VisibleBias[i]
	}
	for j, c := range m.HiddenBias {
		*p.hiddenBias(j) = c
	}
	return p
}

// machine copies the parameters back.
func (p *parameters) machine() *Machine {
	m := NewMachine(p.visible, p.hidden)
	for i := range m.Visible {
		for j := range m.row(i) {
			m.row(i)[j] = *p.weight(i, j)
		}
		m.VisibleBias[i] = *p.visibleBias(i)
	}
	for j := range m.HiddenBias {
		m.HiddenBias[j] = *p.hiddenBias(j)
	}
	return m
}
