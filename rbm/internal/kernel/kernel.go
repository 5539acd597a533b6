package kernel

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
)

// A Kernel is one implementation of the loops that take most of the time. All give
// the same bits. Its functions are assembly, which their declarations describe; where
// there is none, Go does the work.
type Kernel struct {
	name       string
	fill       func(table, panel *[Lanes]float32, groups int)
	add        func(out, start *[Lanes]float32, step int, bits *uint64, stride, n int, table *[Lanes]float32, groups int)
	decide     func(dst *uint64, at, stride int, acc *[Lanes]float32, n int, gen *[4][Lanes]uint32, lanes uint32)
	mean       func(acc *[Lanes]float32, n int, scale *[Lanes]float32)
	addDecide  func(out, start *[Lanes]float32, step int, bits *uint64, stride, n int, table *[Lanes]float32, dst *uint64, at, dstStride int, acc *[Lanes]float32, gen *[4][Lanes]uint32, lanes uint32)
	decideMean func(dst *uint64, at, stride int, acc *[Lanes]float32, n int, gen *[4][Lanes]uint32, lanes uint32, scale *[Lanes]float32)

	scaleTranspose func(up, down, src *[Lanes]float32, factor float32)
}

// Portable is the kernel in Go.
var Portable = &Kernel{name: "portable"}

// Kernels returns the kernels that this processor can run, the fastest first.
func Kernels() []*Kernel { return append(assembly(), Portable) }

// Select returns the kernel of a name, or the fastest if the name is empty. A
// kernel that does not exist, or that this processor or build does not have, is an
// error.
func Select(name string) (*Kernel, error) {
	kernels := Kernels()
	if name == "" {
		return kernels[0], nil
	}
	var names []string
	for _, k := range kernels {
		if k.name == name {
			return k, nil
		}
		names = append(names, k.name)
	}
	if slices.Contains([]string{"avx2", "avx512"}, name) {
		return nil, fmt.Errorf("kernel %q cannot run here: want %s", name, strings.Join(names, " or "))
	}
	return nil, fmt.Errorf("no kernel %q: want %s", name, strings.Join(names, " or "))
}

// Variable is the environment variable that names the kernel of new workspaces.
const Variable = "ISINGRBM_KERNEL"

// Selected returns the kernel of workspaces that name none: the one that [Variable]
// names when it is first asked, or the fastest.
func Selected() (*Kernel, error) { return resolved() }

var resolved = sync.OnceValues(func() (*Kernel, error) {
	k, err := Select(os.Getenv(Variable))
	if err != nil {
		return nil, fmt.Errorf("rbm: environment variable %s: %w", Variable, err)
	}
	return k, nil
})

// selected is the kernel to use where none is named. What was selected wrongly is
// replaced by the kernel that every processor has: the bits are the same, and the
// error is for those who ask [Selected].
func selected() *Kernel {
	if k, err := Selected(); err == nil {
		return k
	}
	return Portable
}

// Name returns "portable", "avx2" or "avx512".
func (k *Kernel) Name() string { return k.name }

// fillTable computes the sums of the subsets of each group of at most 64 inputs.
func (k *Kernel) fillTable(t *table, panel []Strip) {
	if k.fill == nil {
		t.fill(panel)
		return
	}
	k.fill(t[0].lanes(), panel[0].lanes(), len(panel)/4)
}

// addTable sets out[r] to start[r], or start[0] if there is only one, plus one entry
// of the table a group, chosen by the nibbles of bits[r*stride].
func (k *Kernel) addTable(out, start []Strip, bits []uint64, stride int, t *table, groups int) {
	step := min(len(start)-1, 1)
	_, _ = start[(len(out)-1)*step], bits[(len(out)-1)*stride]
	if k.add == nil {
		for r := range out {
			out[r] = start[r*step]
			t.add(&out[r], bits[r*stride], groups)
		}
		return
	}
	k.add(out[0].lanes(), start[0].lanes(), 64*step, &bits[0], 8*stride, len(out), t[0].lanes(), groups)
}

// setBlock sets 16 inputs' rows of a panel to factor × weights and 16 rows of the
// reverse panel to the transpose.
func (k *Kernel) setBlock(up, down, weights []Strip, factor float32) {
	if k.scaleTranspose != nil && len(up) == Lanes && len(down) == Lanes {
		k.scaleTranspose(up[0].lanes(), down[0].lanes(), weights[0].lanes(), factor)
		return
	}
	for i := range up {
		up[i] = weights[i].scaled(factor)
	}
	transpose(down, up)
}

// A target is where the bits of a strip go: to 16 bits of a word of every row.
type target struct {
	rows   []uint64
	stride int
	strip  int    // of the row
	lanes  uint32 // that hold an output
	last   bool   // the word has fewer than four strips
}

// decideRows draws the bits of every row.
func (k *Kernel) decideRows(to target, acc []Strip, gen *Generator) {
	if k.decide == nil {
		for r := range acc {
			to.place(r, gen.decide(&acc[r]))
		}
		return
	}
	dst, at := to.words(len(acc))
	k.decide(dst, at, 8*to.stride, acc[0].lanes(), len(acc), (*[4][Lanes]uint32)(gen), to.lanes)
}

// addDecideRows is addTable and then decideRows. The sums of a block of rows can be
// computed beside the decisions of the block before: the first block's alone, and the
// last one's decisions.
func (k *Kernel) addDecideRows(to target, acc, start []Strip, bits []uint64, stride int, t *table, groups int, gen *Generator) {
	const block = 4
	beside := (len(acc) - block) &^ (block - 1)
	if k.addDecide == nil || groups < groupsPerWord || beside <= 0 {
		k.addTable(acc, start, bits, stride, t, groups)
		k.decideRows(to, acc, gen)
		return
	}
	step := min(len(start)-1, 1)
	_, _ = start[(len(acc)-1)*step], bits[(len(acc)-1)*stride]
	add := func(from, end int) {
		k.add(acc[from].lanes(), start[from*step].lanes(), 64*step, &bits[from*stride], 8*stride, end-from, t[0].lanes(), groups)
	}
	add(0, block)
	dst, at := to.words(len(acc))
	k.addDecide(acc[block].lanes(), start[block*step].lanes(), 64*step, &bits[block*stride], 8*stride, beside, t[0].lanes(),
		dst, at, 8*to.stride, acc[0].lanes(), (*[4][Lanes]uint32)(gen), to.lanes)
	if rest := block + beside; rest < len(acc) {
		add(rest, len(acc))
	}
	to.rows = to.rows[beside*to.stride:]
	k.decideRows(to, acc[beside:], gen)
}

// meanRows replaces activations by means.
func (k *Kernel) meanRows(acc []Strip, scale *Strip) {
	if k.mean == nil {
		for r := range acc {
			acc[r].exp2neg()
			acc[r].mean(scale)
		}
		return
	}
	k.mean(acc[0].lanes(), len(acc), scale.lanes())
}

// decideMeanRows draws bits and replaces activations by means.
func (k *Kernel) decideMeanRows(to target, acc []Strip, gen *Generator, scale *Strip) {
	if k.decideMean == nil {
		for r := range acc {
			to.place(r, gen.decide(&acc[r]))
			acc[r].mean(scale)
		}
		return
	}
	dst, at := to.words(len(acc))
	k.decideMean(dst, at, 8*to.stride, acc[0].lanes(), len(acc), (*[4][Lanes]uint32)(gen), to.lanes, scale.lanes())
}

// place writes the 16 bits of the strip to row r. The first of the strips of a word
// clears the others, so a row needs no clearing and has no bits beyond its outputs.
func (to *target) place(r int, bits uint32) {
	word := &to.rows[r*to.stride+to.strip/4]
	if to.strip%4 == 0 {
		*word = 0
	}
	*word |= uint64(bits&to.lanes) << (to.strip % 4 * Lanes)
}

// words returns the first row's word and the byte in it for the assembly, which
// writes 16 bits and clears nothing: that remains to be done for words that not all
// four strips fill.
func (to *target) words(n int) (first *uint64, at int) {
	words := to.rows[to.strip/4:]
	_ = words[(n-1)*to.stride]
	if to.last && to.strip%4 == 0 {
		for r := range n {
			words[r*to.stride] = 0
		}
	}
	return &words[0], to.strip % 4 * 2
}
