package rbm

import "isingrbm/rbm/internal/kernel"

// average is the mean of the parameters over updates.
type average struct {
	sums  [2][][kernel.Lanes]float64 // in the order of parameters.all
	count int64
}

// newAverage returns nil where the settings ask for none.
func newAverage(p *parameters, s Settings) *average {
	if s.AverageFraction == 0 {
		return nil
	}
	a := new(average)
	for k, strips := range p.all() {
		a.sums[k] = make([][kernel.Lanes]float64, len(strips))
	}
	return a
}

// add takes in the parameters after an update.
func (a *average) add(p *parameters, t *team) {
	for k, strips := range p.all() {
		sums := a.sums[k]
		t.share(len(strips), func(_ *kernel.Workspace, from, to int) {
			for s := from; s < to; s++ {
				addTo(&sums[s], &strips[s])
			}
		})
	}
	a.count++
}

// mean returns the averaged parameters.
func (a *average) mean(visible, hidden int) *parameters {
	p := newParameters(visible, hidden)
	for k, strips := range p.all() {
		for s := range strips {
			for l, sum := range a.sums[k][s] {
				strips[s][l] = float32(sum / float64(a.count))
			}
		}
	}
	return p
}
