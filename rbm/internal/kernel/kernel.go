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
	fill       func(table, panel, start *[Lanes]float32, groups int)
	set, add   func(acc *[Lanes]float32, bits *uint64, stride, n int, table *[Lanes]float32, groups int)
	decide     func(dst *uint64, at, stride int, acc *[Lanes]float32, n int, gen *[4][Lanes]uint32, lanes uint32)
	mean       func(acc *[Lanes]float32, n int, scale *[Lanes]float32)
	decideMean func(dst *uint64, at, stride int, acc *[Lanes]float32, n int, gen *[4][Lanes]uint32, lanes uint32, scale *[Lanes]float32)

	// set and add of 16 groups beside decide, for a multiple of four rows; nil where
	// there are too few registers.
	setDecide, addDecide func(acc *[Lanes]float32, bits *uint64, stride, n int, table *[Lanes]float32, dst *uint64, at, dstStride int, gen *[4][Lanes]uint32, lanes uint32)

	scaleTranspose func(up, down, src *[Lanes]float32, factor float32)
	advance        func(strips, along *[Lanes]float32, n int, rate float32)
	infinite       func(strips *[Lanes]float32, n int) uint32
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

// fillTable computes the sums of the subsets of each group of at most 64 inputs, and
// adds start to those of the first group.
func (k *Kernel) fillTable(t *table, panel []Strip, start *Strip) {
	if k.fill == nil {
		t.fill(panel, start)
		return
	}
	k.fill(t[0].lanes(), panel[0].lanes(), start.lanes(), len(panel)/4)
}

// setTable sets acc[r] to the sum of one entry of the table a group, chosen by the
// nibbles of bits[r*stride].
func (k *Kernel) setTable(acc []Strip, bits []uint64, stride int, t *table, groups int) {
	if k.set == nil {
		for r := range acc {
			t.set(&acc[r], bits[r*stride], groups)
		}
		return
	}
	_ = bits[(len(acc)-1)*stride]
	k.set(acc[0].lanes(), &bits[0], 8*stride, len(acc), t[0].lanes(), groups)
}

// addTable adds what setTable sets.
func (k *Kernel) addTable(acc []Strip, bits []uint64, stride int, t *table, groups int) {
	if k.add == nil {
		for r := range acc {
			t.add(&acc[r], bits[r*stride], 0, groups)
		}
		return
	}
	_ = bits[(len(acc)-1)*stride]
	k.add(acc[0].lanes(), &bits[0], 8*stride, len(acc), t[0].lanes(), groups)
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

// sampleRows is setTable, or addTable where not fresh, and then decideRows; what it
// leaves in acc is nothing to rely on.
func (k *Kernel) sampleRows(to target, acc []Strip, fresh bool, bits []uint64, stride int, t *table, groups int, gen *Generator) {
	sum, both := k.addTable, k.addDecide
	if fresh {
		sum, both = k.setTable, k.setDecide
	}
	if whole := len(acc) &^ 3; both != nil && groups == groupsPerWord && whole > 0 {
		_ = bits[(whole-1)*stride]
		dst, at := to.words(whole)
		both(acc[0].lanes(), &bits[0], 8*stride, whole, t[0].lanes(), dst, at, 8*to.stride, (*[4][Lanes]uint32)(gen), to.lanes)
		acc, bits, to.rows = acc[whole:], bits[min(whole*stride, len(bits)):], to.rows[whole*to.stride:]
	}
	if len(acc) > 0 {
		sum(acc, bits, stride, t, groups)
		k.decideRows(to, acc, gen)
	}
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
