package rbm

import "isingrbm/rbm/internal/kernel"

// conditionals are the kernel's two directions of a machine, with the generators
// that decide their units and the team that does the work.
type conditionals struct {
	up, down direction // visible → hidden, hidden → visible
	team     *team
}

// direction is the distribution of one layer given the other.
type direction struct {
	*kernel.Layer
	generators []kernel.Generator // one a strip
}

func newConditionals(visible, hidden int, random *stream, t *team) *conditionals {
	up := direction{kernel.NewLayer(visible, hidden), random.generators(hidden)}
	down := direction{kernel.NewLayer(hidden, visible), random.generators(visible)}
	return &conditionals{up, down, t}
}

// set takes over the parameters.
func (c *conditionals) set(p *parameters) {
	c.team.share(p.strips(), func(_ *kernel.Workspace, from, to int) {
		for o := from; o < to; o++ {
			panel := p.panel(o)
			kernel.SetWeights(c.up.Layer, c.down.Layer, o, panel[:p.visible])
			c.up.SetBias(o, &panel[p.visible])
		}
	})
	for o := range p.bias {
		c.down.SetBias(o, &p.bias[o])
	}
}

// sampleHidden and sampleVisible draw one layer given the other, row by row.
func (c *conditionals) sampleHidden(h, v []uint64) { c.sample(c.up, h, v) }

func (c *conditionals) sampleVisible(v, h []uint64) { c.sample(c.down, v, h) }

func (c *conditionals) sample(d direction, dst, src []uint64) {
	c.shareWords(d, func(part kernel.Part, w *kernel.Workspace) { part.Sample(dst, src, d.generators, w) })
}

// hiddenMeans writes the hidden means given v, times scale, as [kernel.Part.Means]
// does; sampleHiddenMeans draws hidden units as well.
func (c *conditionals) hiddenMeans(means []kernel.Strip, v []uint64, scale float32) {
	c.shareWords(c.up, func(part kernel.Part, w *kernel.Workspace) { part.Means(means, v, scale, w) })
}

func (c *conditionals) sampleHiddenMeans(h []uint64, means []kernel.Strip, v []uint64, scale float32) {
	c.shareWords(c.up, func(part kernel.Part, w *kernel.Workspace) { part.SampleMeans(h, means, v, scale, c.up.generators, w) })
}

// shareWords calls work with parts that cover d. They are whole words of outputs, so
// that no two write to one.
func (c *conditionals) shareWords(d direction, work func(part kernel.Part, w *kernel.Workspace)) {
	c.team.share(Words(d.Outputs()), func(w *kernel.Workspace, from, to int) { work(d.Part(from, to), w) })
}
