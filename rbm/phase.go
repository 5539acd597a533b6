package rbm

import (
	"math/bits"

	"isingrbm/rbm/internal/kernel"
)

// phase is one of the two averages of the gradient: configurations and their
// hidden means, already divided by the number of configurations, negative for the
// machine's.
type phase struct {
	visible packed
	n       int            // configurations
	means   []kernel.Strip // Padded(n) elements a strip of hidden units
	units   []uint64       // a row a visible unit: its bits over the configurations; then a row of ones
}

// newPhase has room for the given number of configurations.
func newPhase(configurations, visible, hidden int) *phase {
	return &phase{visible: packed{make([]uint64, configurations*Words(visible)), visible}, n: configurations,
		means: make([]kernel.Strip, kernel.Strips(hidden)*kernel.Padded(configurations)),
		units: make([]uint64, (visible+1)*Words(configurations))}
}

// rows are the configurations.
func (p *phase) rows() []uint64 { return p.visible.rows[:p.n*Words(p.visible.units)] }

// transpose fills units.
func (p *phase) transpose() {
	kernel.TransposeBits(p.units, p.visible.rows, p.n, p.visible.units)
	ones := p.unit(p.visible.units)
	for k := range ones {
		ones[k] = ^uint64(0)
	}
	ones[len(ones)-1] >>= -uint(p.n) % 64
}

// unit is the row of visible unit i.
func (p *phase) unit(i int) []uint64 {
	words := Words(p.n)
	return p.units[i*words:][:words]
}

// addTo adds the averages of v_i h_j and, in the last row, of h_j to strip o of a
// gradient.
func (p *phase) addTo(panel []kernel.Strip, o int, w *kernel.Workspace) {
	padded := kernel.Padded(p.n)
	kernel.Accumulate(panel, p.means[o*padded:][:padded], p.units, Words(p.n), w)
}

// hiddenMean is that of hidden unit j given configuration r of the data's phase.
func (p *phase) hiddenMean(j, r int) float64 {
	return float64(float64(p.means[j/kernel.Lanes*kernel.Padded(p.n)+r][j%kernel.Lanes]) * float64(p.n))
}

// mean is the average of v_i.
func (p *phase) mean(i int) float64 {
	count := 0
	for _, word := range p.unit(i) {
		count += bits.OnesCount64(word)
	}
	return float64(count) / float64(p.n)
}

// assemble computes the gradient of the mean log-likelihood from the data's and the
// machine's phase, which may be nil, and the data's hidden means.
func (g *parameters) assemble(hiddenMeans []kernel.Strip, data, machine *phase, t *team) {
	phases := []*phase{data, machine}
	t.share(len(phases), func(_ *kernel.Workspace, from, to int) {
		for _, p := range phases[from:to] {
			if p != nil {
				p.transpose()
			}
		}
	})
	t.share(g.strips(), func(w *kernel.Workspace, from, to int) {
		for o := from; o < to; o++ {
			panel := g.panel(o)
			clear(panel)
			data.addTo(panel, o, w)
			hiddenMeans[o] = panel[g.visible]
			if machine != nil {
				machine.addTo(panel, o, w)
			}
		}
	})
	for i := range g.visible {
		mean := data.mean(i)
		if machine != nil {
			mean -= machine.mean(i)
		}
		*g.visibleBias(i) = float32(mean)
	}
}
