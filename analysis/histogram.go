package analysis

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"isingrbm/ising"
)

// Histogram is the joint distribution P(E, M) of energies and order parameters
// as it was drawn. Its cells are single levels at first; whenever more than
// maxCells of them hold something, cells grow to twice their width both ways. The
// result does not depend on the order of the configurations.
type Histogram struct {
	sites  int
	lowest float64 // a level below all energies
	step   float64 // between levels of the energy; orders lie 2 apart
	scale  int     // levels along each side of a cell
	counts map[bracket]int
	total  int
}

// bracket is the number of a cell along the energies and along the orders.
type bracket struct{ energy, order int }

// maxCells bounds the memory of a histogram.
const maxCells = 1 << 14

// newHistogram begins with single levels. In zero field and with periodic
// boundaries every change of a configuration changes an even number of bonds, so
// that energies lie 4|J| apart.
func newHistogram(model ising.Model) *Histogram {
	step := 2 * math.Abs(model.Coupling)
	if model.Lattice.Boundary() == ising.Periodic {
		step *= 2
	}
	n := model.Lattice.Sites()
	bonds := model.Coupling * float64(len(model.Lattice.Bonds()))
	reach := math.Abs(bonds) + math.Abs(model.Field)*float64(n)
	lowest := -bonds - step*math.Ceil((reach-bonds)/step) // all spins equal is a level
	return &Histogram{sites: n, lowest: lowest, step: step, scale: 1, counts: map[bracket]int{}}
}

// add counts a configuration. An energy is rounded to the nearest level, in a
// field down to one.
func (h *Histogram) add(energy float64, order int32) {
	const rounding = 1e-6
	level := int(math.Floor((energy-h.lowest)/h.step + rounding))
	h.counts[bracket{level / h.scale, (int(order) + h.sites) / 2 / h.scale}]++
	h.total++
	for len(h.counts) > maxCells {
		h.coarsen()
	}
}

// coarsen doubles the width of the cells.
func (h *Histogram) coarsen() {
	counts := make(map[bracket]int, len(h.counts)/2)
	for at, n := range h.counts {
		counts[bracket{at.energy / 2, at.order / 2}] += n
	}
	h.counts = counts
	h.scale *= 2
}

// Scale is the number of levels along each side of a cell.
func (h *Histogram) Scale() int { return h.scale }

// Coarser returns the histogram with cells of at least so many levels along
// each side, a power of two.
func (h *Histogram) Coarser(scale int) *Histogram {
	coarse := *h
	coarse.counts = maps.Clone(h.counts)
	for coarse.scale < scale {
		coarse.coarsen()
	}
	return &coarse
}

// Level is an energy or an order, a spin, that was drawn with a probability.
type Level struct{ At, Probability float64 }

// Cell is a cell of the joint distribution that holds something: its center, a
// spin, and its share of the configurations.
type Cell struct{ Energy, Order, Probability float64 }

// Cells lists the cells that hold something, by energy, then order.
func (h *Histogram) Cells() []Cell {
	places := sortedKeys(h.counts)
	cells := make([]Cell, len(places))
	for i, at := range places {
		cells[i] = Cell{h.energy(at.energy), h.order(at.order), float64(h.counts[at]) / float64(h.total)}
	}
	return cells
}

// sortedKeys lists cells by energy, then order.
func sortedKeys[Value any](cells map[bracket]Value) []bracket {
	return slices.SortedFunc(maps.Keys(cells), func(a, b bracket) int {
		return cmp.Or(cmp.Compare(a.energy, b.energy), cmp.Compare(a.order, b.order))
	})
}

// CellSize is that of a cell along energy and order, a spin.
func (h *Histogram) CellSize() (energy, order float64) {
	return float64(h.scale) * h.step / float64(h.sites), float64(2*h.scale) / float64(h.sites)
}

// Energies is the distribution of the energy, a spin, in order.
func (h *Histogram) Energies() []Level {
	return h.marginal(func(at bracket) int { return at.energy }, h.energy)
}

// Orders is the distribution of the order parameter, a spin, in order.
func (h *Histogram) Orders() []Level {
	return h.marginal(func(at bracket) int { return at.order }, h.order)
}

func (h *Histogram) marginal(number func(bracket) int, center func(int) float64) []Level {
	counts := map[int]int{}
	for at, n := range h.counts {
		counts[number(at)] += n
	}
	var levels []Level
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		levels = append(levels, Level{center(k), float64(counts[k]) / float64(h.total)})
	}
	return levels
}

// energy is that of the center of a cell.
func (h *Histogram) energy(k int) float64 {
	return (h.lowest + h.step*(float64(k*h.scale)+float64(h.scale-1)/2)) / float64(h.sites)
}

func (h *Histogram) order(k int) float64 {
	return 2*(float64(k*h.scale)+float64(h.scale-1)/2)/float64(h.sites) - 1
}
