package analysis

import (
	"math"
	"math/bits"

	"isingrbm/ising"
)

// Collector takes the configurations of one source at one temperature, in a
// stream, and estimates every observable, the two-point function and the
// distributions. Its memory is bounded by constants and by L, not by the number
// of configurations. Not safe for concurrent use.
type Collector struct {
	model       ising.Model
	temperature float64
	checker     []uint64 // bits of sublattice 1, where the order parameter is staggered
	staggered   []uint64 // scratch
	waves       *waves   // nil where momentum is not defined
	pairs       *pairs
	scratch     []float64 // Σ σ_0 σ_r of one configuration
	shift       float64   // the first energy: energies are taken relative to it
	count       int
	chains      chainBins
	trace       *trace
	histogram   *Histogram
	latest      *summary // of all configurations so far; nil if there are newer ones
	warnings    []string
}

// NewCollector returns a collector for configurations of the model at the
// temperature, in units of J/k_B; 0 and +Inf are temperatures. It panics if the
// model has no lattice or the temperature is negative or NaN.
func NewCollector(model ising.Model, temperature float64) *Collector {
	if model.Lattice == nil {
		panic("analysis: model without a lattice")
	}
	if !(temperature >= 0) {
		panic("analysis: temperature below zero")
	}
	c := &Collector{
		model:       model,
		temperature: temperature,
		waves:       newWaves(model.Lattice),
		pairs:       newPairs(model.Lattice),
		histogram:   newHistogram(model),
	}
	c.scratch = make([]float64, c.pairs.distances())
	c.chains = newChainBins(len(c.scratch))
	c.trace = newTrace(len(c.scratch))
	if model.Coupling < 0 && model.Lattice.Bipartite() {
		c.checker = checkerboard(model.Lattice)
		c.staggered = make([]uint64, len(c.checker))
	}
	return c
}

// checkerboard has the bits of sublattice 1 set.
func checkerboard(l *ising.Lattice) []uint64 {
	row := make([]uint64, ising.Words(l.Sites()))
	for site := range l.Sites() {
		row[site/64] |= uint64(l.Sublattice(site)) << (site % 64)
	}
	return row
}

// Add takes the next configuration of a chain: its total energy E, its total
// magnetization Σσ, and its spins, one packed row, which is not kept. Chains may
// be interleaved in any way; only the order within each chain matters.
func (c *Collector) Add(id int32, energy float64, magnetization int32, spins []uint64) {
	if len(spins) != ising.Words(c.model.Lattice.Sites()) {
		panic("analysis: row of spins of the wrong length")
	}
	if c.count == 0 {
		c.shift = energy
	}
	order := magnetization
	if c.checker != nil {
		spins, order = c.staggeredRow(spins)
	}
	values := c.measure(energy-c.shift, magnetization, order)
	if c.waves != nil {
		values[meanStructure] = c.waves.structureFactor(spins)
	}
	c.pairs.measure(spins, c.scratch)
	c.chains.add(id, &values, c.scratch)
	c.trace.add(id, &values, c.scratch)
	c.histogram.add(energy, order)
	c.count++
	c.latest = nil
}

// measure returns what one configuration contributes to the averages, but for
// the structure factor.
func (c *Collector) measure(energy float64, uniform, order int32) (x averages) {
	spins := float64(c.model.Lattice.Sites())
	e, m := energy/spins, float64(order)/spins
	mm := float64(m * m)
	x[meanE] = e
	x[meanEE] = float64(e * e)
	x[meanUniform] = float64(uniform) / spins
	x[meanM] = m
	x[meanAbs] = math.Abs(m)
	x[meanMM] = mm
	x[meanMMMM] = float64(mm * mm)
	x[meanUp] = up(order)
	x[meanEM] = float64(e * m)
	x[meanEAbs] = math.Abs(m) * e
	return x
}

// up is the contribution of one configuration to p₊.
func up(order int32) float64 {
	switch {
	case order > 0:
		return 1
	case order < 0:
		return 0
	}
	return 0.5
}

// staggeredRow turns the spins of sublattice 1 over, which makes the staggered
// magnetization of the row the magnetization of the result.
func (c *Collector) staggeredRow(spins []uint64) ([]uint64, int32) {
	up := 0
	for i, word := range spins {
		c.staggered[i] = word ^ c.checker[i]
		up += bits.OnesCount64(c.staggered[i])
	}
	return c.staggered, int32(2*up - c.model.Lattice.Sites())
}

// N returns the number of configurations added so far.
func (c *Collector) N() int { return c.count }

// Histogram returns the joint distribution of energy and order parameter of all
// configurations added so far; it grows with those that follow.
func (c *Collector) Histogram() *Histogram { return c.histogram }
