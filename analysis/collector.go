package analysis

import (
	"math/bits"

	"isingrbm/ising"
)

// Collector takes the configurations of one source at one temperature, in a
// stream, and estimates every observable. It keeps 24 bytes of each
// configuration, whatever the size of the lattice. Not safe for concurrent use.
type Collector struct {
	model       ising.Model
	temperature float64
	checker     []uint64 // bits of sublattice 1, where the order parameter is staggered
	waves       *waves   // nil where momentum is not defined
	staggered   []uint64 // scratch
	chains      map[int32]*chain
	count       int
	warnings    []string
}

// chain is what is kept of one Markov chain, in its order.
type chain struct {
	id        int32
	energy    []float64
	uniform   []int32   // Σσ
	order     []int32   // the order parameter, total
	structure []float64 // |Σ s_r e^{ikr}|²/N; empty with open boundaries
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
		chains:      map[int32]*chain{},
	}
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
	s := c.chains[id]
	if s == nil {
		s = &chain{id: id}
		c.chains[id] = s
	}
	order := magnetization
	if c.checker != nil {
		spins, order = c.staggeredRow(spins)
	}
	s.energy = append(s.energy, energy)
	s.uniform = append(s.uniform, magnetization)
	s.order = append(s.order, order)
	if c.waves != nil {
		s.structure = append(s.structure, c.waves.structureFactor(spins))
	}
	c.count++
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
