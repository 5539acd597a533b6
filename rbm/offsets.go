package rbm

import "isingrbm/rbm/internal/kernel"

// offsets are μ and λ of a centered machine, zero in padded lanes.
type offsets struct {
	visible, hidden []kernel.Strip // hidden: one a filter of a tied machine
	rate            float32        // weight of one minibatch
	fixed           bool           // of a flip-symmetric machine
	tying           *tying
	shifts          []kernel.Strip // scratch, one number a visible unit
}

// newOffsets starts the visible offsets at the given means and the hidden ones at ½.
func newOffsets(means []float64, hidden int, s Settings, t *tying) *offsets {
	strips := kernel.Strips(len(means))
	f := &offsets{visible: make([]kernel.Strip, strips), hidden: make([]kernel.Strip, kernel.Strips(hidden)),
		rate: float32(s.OffsetRate), fixed: s.flipSymmetric(), tying: t, shifts: make([]kernel.Strip, strips)}
	for i, mean := range means {
		if f.fixed {
			mean = 0.5
		}
		*at(f.visible, i) = float32(mean)
	}
	for j := range hidden {
		*at(f.hidden, j) = 0.5
	}
	return f
}

// at points at element i of strips.
func at(s []kernel.Strip, i int) *float32 { return &s[i/kernel.Lanes][i%kernel.Lanes] }

// follow moves the running means towards those of a minibatch.
func (f *offsets) follow(data *phase, hiddenMeans []kernel.Strip) {
	if f.fixed {
		return
	}
	for i := range data.visible.units {
		mu := at(f.visible, i)
		*mu += float32(f.rate * (float32(data.mean(i)) - *mu))
	}
	if f.tying != nil {
		f.tying.level(f.visible, 1)
	}
	for o := range f.hidden {
		for l, mean := range hiddenMeans[o] {
			f.hidden[o][l] += float32(f.rate * (mean - f.hidden[o][l]))
		}
	}
}

// center turns strip o of the gradient into that of the centered machine.
func (f *offsets) center(g *parameters, o int) {
	panel := g.panel(o)
	hidden, lambda := &panel[g.visible], &f.hidden[o]
	for i := range g.visible {
		mu, visible, row := *at(f.visible, i), *g.visibleBias(i), &panel[i]
		for l := range row {
			row[l] = row[l] - float32(mu*hidden[l]) - float32(visible*lambda[l])
		}
	}
}

// hiddenShift returns Σ_i μ_i d_ij for strip o of a direction.
func (f *offsets) hiddenShift(d *parameters, o int) (shift kernel.Strip) {
	panel := d.panel(o)
	for i := range d.visible {
		mu := *at(f.visible, i)
		for l, x := range panel[i] {
			shift[l] += float32(mu * x)
		}
	}
	return shift
}

// visibleShifts returns Σ_j λ_j d_ij for all visible units of a direction. They are
// valid until the next call.
func (f *offsets) visibleShifts(d *parameters, workers *team) []kernel.Strip {
	d.onVisible(f.shifts, f.hidden, f.tying, workers)
	return f.shifts
}

// onVisible writes Σ_j λ_j d_ij for every visible unit, j the hidden units of the
// machine; of a tied one d and λ are those of the filters.
func (d *parameters) onVisible(dst, lambda []kernel.Strip, t *tying, workers *team) {
	workers.share(d.visible, func(_ *kernel.Workspace, from, to int) {
		for i := from; i < to; i++ {
			var sum kernel.Strip
			for o := range d.strips() {
				values := &lambda[o]
				for l, x := range d.panel(o)[i] {
					sum[l] += float32(values[l] * x)
				}
			}
			*at(dst, i) = folded(sum[:])
		}
	})
	if t != nil {
		t.overCopies(dst)
	}
}

// folded adds 16 lanes, halving their number each time.
func folded[T float32 | float64](lanes []T) T {
	for width := kernel.Lanes / 2; width > 0; width /= 2 {
		for l := range width {
			lanes[l] += lanes[l+width]
		}
	}
	return lanes[0]
}
