package kernel

// Layer is one direction of a machine: the conditional distribution of its
// outputs given the bits of its inputs. Parameters are kept in bits, that is
// multiplied by log₂ e.
type Layer struct {
	inputs, outputs int
	bias            []Strip // one a strip of outputs
	panels          []Strip // Padded(inputs) rows a strip of outputs
}

// Workspace is the scratch space of one thread and the kernel that works there. Its
// zero value uses the kernel that [Selected] returns.
type Workspace struct {
	table  table
	acc    [512]Strip // activations of a block of rows
	scale  Strip
	kernel *Kernel
}

// NewWorkspace returns a workspace with a kernel.
func NewWorkspace(k *Kernel) *Workspace { return &Workspace{kernel: k} }

func (w *Workspace) use() *Kernel {
	if w.kernel == nil {
		w.kernel = selected()
	}
	return w.kernel
}

// NewLayer returns a layer whose parameters are zero.
func NewLayer(inputs, outputs int) *Layer {
	if inputs < 1 || outputs < 1 {
		panic("kernel: layer without units")
	}
	strips := Strips(outputs)
	return &Layer{inputs, outputs, make([]Strip, strips), make([]Strip, strips*Padded(inputs))}
}

// Outputs is the number of units that the layer decides.
func (l *Layer) Outputs() int { return l.outputs }

// SetBias sets the biases of strip o, given in natural units.
func (l *Layer) SetBias(o int, bias *Strip) { l.bias[o] = bias.scaled(log2e) }

// SetWeights sets the weights of one strip o of up's outputs in both directions of
// a machine. There is one element of weights, in natural units and zero in padded
// lanes, for each input of up; up's outputs are down's inputs and the reverse.
func SetWeights(up, down *Layer, o int, weights []Strip) {
	if up.inputs != down.outputs || up.outputs != down.inputs || len(weights) != up.inputs {
		panic("kernel: weights do not fit the layers")
	}
	up.set(selected(), down, o, weights)
}

// set sets the weights of strip o and of its reverse.
func (l *Layer) set(k *Kernel, reverse *Layer, o int, weights []Strip) {
	panel := l.panel(o)
	rows := min(Padded(reverse.inputs)-o*Lanes, Lanes)
	for s := range reverse.bias {
		end := min((s+1)*Lanes, len(weights))
		k.setBlock(panel[s*Lanes:end], reverse.panel(s)[o*Lanes:][:rows], weights[s*Lanes:end], log2e)
	}
}

// A Part is a layer that computes some of its outputs: strips [first, end). Any number
// of threads may use parts of one layer at the same time if no strip is in two and no
// word of outputs either.
type Part struct {
	*Layer
	first, end int
}

// Part returns the part that computes the outputs in words [from, to).
func (l *Layer) Part(from, to int) Part { return Part{l, 4 * from, min(4*to, len(l.bias))} }

// Sample draws the outputs of every row of src into the rows of dst, with one
// generator a strip.
func (l *Layer) Sample(dst, src []uint64, gens []Generator, w *Workspace) {
	Part{l, 0, len(l.bias)}.Sample(dst, src, gens, w)
}

// Means writes the outputs' means times scale: element o·Padded(n)+r of dst is
// strip o of row r of the n rows of src. The elements that pad n are left alone.
func (l *Layer) Means(dst []Strip, src []uint64, scale float32, w *Workspace) {
	Part{l, 0, len(l.bias)}.Means(dst, src, scale, w)
}

// SampleMeans does what Sample and Means do, in one pass.
func (l *Layer) SampleMeans(dst []uint64, means []Strip, src []uint64, scale float32, gens []Generator, w *Workspace) {
	Part{l, 0, len(l.bias)}.SampleMeans(dst, means, src, scale, gens, w)
}

// Sample is that of the layer, for the outputs of the part; arguments are the layer's.
func (p Part) Sample(dst, src []uint64, gens []Generator, w *Workspace) {
	in, out := Words(p.inputs), Words(p.outputs)
	p.check(len(src)/in, len(dst)/out, len(gens))
	for block := len(w.acc); len(src) > 0; {
		n := min(block, len(src)/in)
		for o := p.first; o < p.end; o++ {
			w.sample(p.target(dst, o), w.acc[:n], &p.bias[o], p.panel(o), src, in, &gens[o])
		}
		src, dst = src[n*in:], dst[n*out:]
	}
}

// Means is that of the layer.
func (p Part) Means(dst []Strip, src []uint64, scale float32, w *Workspace) {
	n := len(src) / Words(p.inputs)
	p.check(n, n, len(p.bias))
	for o := p.first; o < p.end && n > 0; o++ {
		acc := dst[o*Padded(n):][:n]
		p.activate(acc, o, src, w)
		w.use().meanRows(acc, w.scales(p.Layer, o, scale))
	}
}

// SampleMeans is that of the layer.
func (p Part) SampleMeans(dst []uint64, means []Strip, src []uint64, scale float32, gens []Generator, w *Workspace) {
	n, out := len(src)/Words(p.inputs), Words(p.outputs)
	p.check(n, len(dst)/out, len(gens))
	for o := p.first; o < p.end && n > 0; o++ {
		acc := means[o*Padded(n):][:n]
		p.activate(acc, o, src, w)
		w.use().decideMeanRows(p.target(dst, o), acc, &gens[o], w.scales(p.Layer, o, scale))
	}
}

// check refuses rows or generators that do not fit.
func (l *Layer) check(rows, room, gens int) {
	if room < rows || gens != len(l.bias) {
		panic("kernel: rows or generators do not fit the layer")
	}
}

// panel returns the weights of strip o.
func (l *Layer) panel(o int) []Strip {
	rows := Padded(l.inputs)
	return l.panels[o*rows:][:rows]
}

// activate fills acc with the activations of strip o, in bits.
func (l *Layer) activate(acc []Strip, o int, src []uint64, w *Workspace) {
	w.activate(acc, &l.bias[o], l.panel(o), src, Words(l.inputs))
}

// target is where the bits of strip o of the rows of dst go.
func (l *Layer) target(dst []uint64, o int) target {
	return target{dst, Words(l.outputs), o, lanesOf(o, l.outputs), len(l.bias)-o < 4}
}

// scales is scale in the lanes of strip o that hold an output and zero in the
// others, valid until the next call.
func (w *Workspace) scales(l *Layer, o int, scale float32) *Strip {
	w.scale = Strip{}
	for lane := range min(l.outputs-o*Lanes, Lanes) {
		w.scale[lane] = scale
	}
	return &w.scale
}
