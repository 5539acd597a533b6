package kernel

// The groups of four inputs, and the inputs, of one word of bits.
const (
	groupsPerWord = 16
	wordInputs    = 4 * groupsPerWord
)

// table holds, for each of 16 groups of four inputs, the sums of all 16 subsets:
// entry 16·group + nibble. It serves 64 inputs and takes 16 KiB, half of a
// first-level cache. What all sums start with may be part of the first group. Its zero
// value is ready for use; entries of the empty subset of the others stay zero.
type table [groupsPerWord * 16]Strip

// Accumulate adds to acc[r], for every r, the rows of panel whose bits are set in
// row r of the bits, in the order that the package defines. Row r starts at
// rows[r*stride] and has a bit for each element of panel, whose length is a
// multiple of four; what the panel holds at clear bits does not matter, bits
// beyond the panel must be clear.
func Accumulate(acc, panel []Strip, rows []uint64, stride int, w *Workspace) {
	if len(panel)%4 != 0 {
		panic("kernel: panel of incomplete groups")
	}
	w.accumulate(acc, panel, rows, stride)
}

// accumulate adds to acc[r] what Accumulate does.
func (w *Workspace) accumulate(acc, panel []Strip, rows []uint64, stride int) {
	for word := 0; len(panel) > 0 && len(acc) > 0; word++ {
		part := panel[:min(len(panel), wordInputs)]
		panel = panel[len(part):]
		w.use().fillTable(&w.table, part, &Strip{})
		w.kernel.addTable(acc, rows[word:], stride, &w.table, len(part)/4)
	}
}

// activate sets acc[r] to the bias plus what Accumulate adds.
func (w *Workspace) activate(acc []Strip, bias *Strip, panel []Strip, rows []uint64, stride int) {
	if len(acc) == 0 {
		return
	}
	part := panel[:min(len(panel), wordInputs)]
	w.use().fillTable(&w.table, part, bias)
	w.kernel.setTable(acc, rows, stride, &w.table, len(part)/4)
	if len(part) < len(panel) {
		w.accumulate(acc, panel[len(part):], rows[1:], stride)
	}
}

// sample draws the outputs of one strip, whose activations are those that activate
// computes; acc is scratch.
func (w *Workspace) sample(to target, acc []Strip, bias *Strip, panel []Strip, rows []uint64, stride int, gen *Generator) {
	last := (len(panel) - 1) / wordInputs
	if last > 0 {
		w.activate(acc, bias, panel[:wordInputs*last], rows, stride)
		panel, rows, bias = panel[wordInputs*last:], rows[last:], &Strip{}
	}
	w.use().fillTable(&w.table, panel, bias)
	w.kernel.sampleRows(to, acc, last == 0, rows, stride, &w.table, len(panel)/4, gen)
}

// fill computes the sums of the subsets of each group of at most 64 inputs, and adds
// start to those of the first.
func (t *table) fill(panel []Strip, start *Strip) {
	for g := 0; g+4 <= len(panel); g += 4 {
		subsets((*[16]Strip)(t[4*g:]), (*[4]Strip)(panel[g:]))
	}
	t[0] = *start
	for q := 1; q < 16; q++ {
		for l, x := range start {
			t[q][l] += x
		}
	}
}

// subsets writes the sums of the nonempty subsets of four rows, each in index order.
func subsets(e *[16]Strip, w *[4]Strip) {
	for l := range Lanes {
		w0, w1, w2, w3 := w[0][l], w[1][l], w[2][l], w[3][l]
		w01, w02, w12 := w0+w1, w0+w2, w1+w2
		w012 := w01 + w2
		e[1][l], e[2][l], e[3][l] = w0, w1, w01
		e[4][l], e[5][l], e[6][l], e[7][l] = w2, w02, w12, w012
		e[8][l], e[9][l], e[10][l], e[11][l] = w3, w0+w3, w1+w3, w01+w3
		e[12][l], e[13][l], e[14][l], e[15][l] = w2+w3, w02+w3, w12+w3, w012+w3
	}
}

// set is the entry of the first group and then add.
func (t *table) set(acc *Strip, bits uint64, groups int) {
	*acc = t[bits&15]
	t.add(acc, bits, 1, groups)
}

// add adds one entry a group, from the given one, chosen by the nibbles of bits. Eight accumulators
// fit the registers of amd64 with room for the addresses, so it goes twice, written
// out: a shared loop that is told its half takes a sixth longer.
func (t *table) add(acc *Strip, bits uint64, from, groups int) {
	first, end := uint(from)*16, uint(groups)*16
	bits >>= 4 * uint(from)
	a0, a1, a2, a3, a4, a5, a6, a7 := acc[0], acc[1], acc[2], acc[3], acc[4], acc[5], acc[6], acc[7]
	rest := bits
	for g := first; g < end; g += 16 {
		e := &t[(g+uint(rest&15))&255]
		a0 += e[0]
		a1 += e[1]
		a2 += e[2]
		a3 += e[3]
		a4 += e[4]
		a5 += e[5]
		a6 += e[6]
		a7 += e[7]
		rest >>= 4
	}
	acc[0], acc[1], acc[2], acc[3], acc[4], acc[5], acc[6], acc[7] = a0, a1, a2, a3, a4, a5, a6, a7
	a0, a1, a2, a3, a4, a5, a6, a7 = acc[8], acc[9], acc[10], acc[11], acc[12], acc[13], acc[14], acc[15]
	rest = bits
	for g := first; g < end; g += 16 {
		e := &t[(g+uint(rest&15))&255]
		a0 += e[8]
		a1 += e[9]
		a2 += e[10]
		a3 += e[11]
		a4 += e[12]
		a5 += e[13]
		a6 += e[14]
		a7 += e[15]
		rest >>= 4
	}
	acc[8], acc[9], acc[10], acc[11], acc[12], acc[13], acc[14], acc[15] = a0, a1, a2, a3, a4, a5, a6, a7
}
