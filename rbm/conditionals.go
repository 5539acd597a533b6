package rbm

import "isingrbm/rbm/internal/kernel"

// conditionals are the kernel's two directions of a machine, with the generators
// that decide their units and the team that does the work.
type conditionals struct {
	up, down *direction // visible → hidden, hidden → visible
	team     *team
}

// direction is the distribution of one layer given the other, in bands of outputs: a
// single one, or for several workers one a word, so that no two write to one. Each
// strip has the generator that it would have in a single band.
type direction struct {
	inputs, outputs int
	bands           []band
	generators      []kernel.Generator // one a strip
}

// band is a range of neighboring outputs.
type band struct {
	first      int           // output, a multiple of 64
	layer      *kernel.Layer // inputs → these outputs
	reverse    *kernel.Layer // and back, which the kernel sets along with it
	generators []kernel.Generator
	rows       []uint64 // what the layer draws, to be put between other bands' words
}

func newConditionals(visible, hidden int, random *stream, t *team) *conditionals {
	c := &conditionals{newDirection(visible, hidden, random, t), newDirection(hidden, visible, random, t), t}
	if c.whole() {
		up, down := &c.up.bands[0], &c.down.bands[0]
		up.reverse, down.reverse = down.layer, up.layer
	}
	return c
}

// whole reports whether each direction is a single band, the reverse of the other.
func (c *conditionals) whole() bool { return len(c.up.bands) == 1 && len(c.down.bands) == 1 }

func newDirection(inputs, outputs int, random *stream, t *team) *direction {
	d := &direction{inputs: inputs, outputs: outputs, generators: random.generators(outputs)}
	words := Words(outputs)
	n := 1
	if len(t.workspaces) > 1 {
		n = words
	}
	for k := range n {
		first, end := k*words/n*64, min((k+1)*words/n*64, outputs)
		d.bands = append(d.bands, band{first: first,
			layer: kernel.NewLayer(inputs, end-first), reverse: kernel.NewLayer(end-first, inputs),
			generators: d.generators[first/kernel.Lanes : kernel.Strips(end)]})
	}
	return d
}

// set takes over the parameters.
func (c *conditionals) set(p *parameters) {
	c.team.shareBands(c.up, func(b *band, _ *kernel.Workspace) { b.setHidden(p) })
	c.team.shareBands(c.down, func(b *band, _ *kernel.Workspace) { b.setVisible(p, !c.whole()) })
}

// setHidden takes over the parameters of a band of hidden units.
func (b *band) setHidden(p *parameters) {
	for o := range kernel.Strips(b.layer.Outputs()) {
		panel := p.panel(b.first/kernel.Lanes + o)
		kernel.SetWeights(b.layer, b.reverse, o, panel[:p.visible])
		b.layer.SetBias(o, &panel[p.visible])
	}
}

// setVisible takes over those of a band of visible units, the weights if asked.
func (b *band) setVisible(p *parameters, weights bool) {
	units := b.layer.Outputs()
	if weights {
		for o := range p.strips() {
			kernel.SetWeights(b.reverse, b.layer, o, p.panel(o)[b.first:][:units])
		}
	}
	for o := range kernel.Strips(units) {
		b.layer.SetBias(o, &p.bias[b.first/kernel.Lanes+o])
	}
}

// sampleHidden and sampleVisible draw one layer given the other, row by row.
func (c *conditionals) sampleHidden(h, v []uint64) { c.team.sample(c.up, h, v) }

func (c *conditionals) sampleVisible(v, h []uint64) { c.team.sample(c.down, v, h) }

// hiddenMeans writes the hidden means given v, times scale, as [kernel.Layer.Means]
// does; sampleHiddenMeans draws hidden units as well.
func (c *conditionals) hiddenMeans(means []kernel.Strip, v []uint64, scale float32) {
	c.team.shareBands(c.up, func(b *band, w *kernel.Workspace) {
		b.layer.Means(c.up.meansOf(b, means, v), v, scale, w)
	})
}

func (c *conditionals) sampleHiddenMeans(h []uint64, means []kernel.Strip, v []uint64, scale float32) {
	c.team.shareBands(c.up, func(b *band, w *kernel.Workspace) {
		rows := c.up.rowsOf(b, h, v)
		b.layer.SampleMeans(rows, c.up.meansOf(b, means, v), v, scale, b.generators, w)
		c.up.place(b, h, rows)
	})
}

// sample draws the outputs of d.
func (t *team) sample(d *direction, dst, src []uint64) {
	t.shareBands(d, func(b *band, w *kernel.Workspace) {
		rows := d.rowsOf(b, dst, src)
		b.layer.Sample(rows, src, b.generators, w)
		d.place(b, dst, rows)
	})
}

// shareBands calls work with every band of d.
func (t *team) shareBands(d *direction, work func(b *band, w *kernel.Workspace)) {
	t.share(len(d.bands), func(w *kernel.Workspace, from, to int) {
		for k := from; k < to; k++ {
			work(&d.bands[k], w)
		}
	})
}

// meansOf is the part of means that belongs to a band.
func (d *direction) meansOf(b *band, means []kernel.Strip, src []uint64) []kernel.Strip {
	return means[b.first/kernel.Lanes*kernel.Padded(len(src)/Words(d.inputs)):]
}

// rowsOf is where a band draws its outputs: dst itself if there is no other.
func (d *direction) rowsOf(b *band, dst, src []uint64) []uint64 {
	if len(d.bands) == 1 {
		return dst
	}
	n := len(src) / Words(d.inputs) * Words(b.layer.Outputs())
	if len(b.rows) < n {
		b.rows = make([]uint64, n)
	}
	return b.rows[:n]
}

// place puts a band's words into the rows of dst.
func (d *direction) place(b *band, dst, rows []uint64) {
	if len(d.bands) == 1 {
		return
	}
	words, own := Words(d.outputs), Words(b.layer.Outputs())
	for to := b.first / 64; len(rows) > 0; to += words {
		copy(dst[to:], rows[:own])
		rows = rows[own:]
	}
}
