package multispin

import (
	"fmt"
	"slices"
	"strings"
)

// A Kernel is one implementation of the loops that take most of the time. All give the same bits.
type Kernel struct {
	name      string
	flip      [rules]flipFunc
	bonds     bondsFunc
	row       rowFunc
	transpose func(square *[64][8]uint64)
}

// The assembly's signatures. Slices are not empty.
type (
	flipFunc func(spins *[8]uint64, sites []int32, first, neighbors *int32, odds *[64][4]uint64, rounds int, differ uint64,
		state *[4][8]uint64)
	bondsFunc func(drawn *[8]uint64, spins *[8]uint64, ends *[2]int32, count int, odds *[64][4]uint64, rounds int,
		agree uint64, state *[4][8]uint64)
	rowFunc func(reached, bonds, row *[8]uint64, along *uint32, sides *[2]uint32, size, degree, from, to int) (first, last int)
)

// Portable is the kernel in Go.
var Portable = &Kernel{name: "portable", transpose: transpose}

// Kernels returns the kernels that this processor can run, the fastest first.
func Kernels() []*Kernel { return append(assembly(), Portable) }

// Select returns the kernel of a name, or the fastest if the name is empty. A kernel that does not exist, or that this
// processor or build does not have, is an error.
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

// Name returns "portable", "avx2" or "avx512".
func (k *Kernel) Name() string { return k.name }

// Transpose exchanges, in each of the words of lanes, rows and columns: what stood at bit b of square[a] then stands at bit a
// of square[b].
func (k *Kernel) Transpose(square *[64]Lanes) { k.transpose(square) }

// Flip updates sites by a rule, of which no two may be neighbors and all must have as many neighbors as the rule says.
func (k *Kernel) Flip(r Rule, s *Sites, sites []int32, o *Odds, state *State) {
	if k.flip[r] == nil || o.rounds <= aloneRounds {
		flip(r, s, sites, o, state)
		return
	}
	for len(sites) > 0 {
		n := min(longestCall, len(sites))
		k.flip[r](&s.Spins[0], sites[:n], &s.First[0], &s.Neighbors[0], &o.rows, o.rounds, s.Differ, state)
		sites = sites[n:]
	}
}

// longestCall bounds the members, whole groups of them, that one call of the assembly decides: some 0.1 ms, as assembly cannot
// be preempted.
const longestCall = 512 * groupSize

// DrawBonds draws the bonds between ends: those satisfied, less those that the odds drop. It needs len(drawn) ends.
func (k *Kernel) DrawBonds(drawn, spins []Lanes, ends [][2]int32, o *Odds, differ uint64, state *State) {
	ends = ends[:len(drawn)]
	if k.bonds == nil || o.rounds <= aloneRounds {
		drawBonds(drawn, spins, ends, o, ^differ, state)
		return
	}
	for len(drawn) > 0 {
		n := min(longestCall, len(drawn))
		k.bonds(&drawn[0], &spins[0], &ends[0], n, &o.rows, o.rounds, ^differ, state)
		drawn, ends = drawn[n:], ends[n:]
	}
}

// Grow adds to the reached sites those of a row that bonds connect with them, given that from other rows they can do so only
// in an open span of the row, and that along the row what is reached is complete. It completes what it adds along the row and
// returns the smallest span that holds all of it, or a larger one.
func (k *Kernel) Grow(reached, bonds []Lanes, r *Row, open Span) (grown Span) {
	if k.row == nil {
		return r.grow(reached, bonds, open)
	}
	var sides *[2]uint32
	if r.Degree > 0 {
		sides = &r.Sides[0]
	}
	grown.From, grown.To = k.row(&reached[0], &bonds[0], &reached[r.First], &r.Along[0], sides, r.Size, r.Degree, open.From, open.To)
	return grown
}
