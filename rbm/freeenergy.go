package rbm

import (
	"math"

	"isingrbm/rbm/internal/kernel"
)

// FreeEnergies returns F(v) of many configurations, one a row, faster than
// [Machine.FreeEnergy]: activations are float32 sums of the kernel, whose rounding
// leaves an error of order 10⁻⁷ times the sum of their sizes. It panics if rows are not
// whole or have bits beyond the units.
func (m *Machine) FreeEnergies(rows []uint64) []float64 {
	if !areRows(rows, m.Visible) {
		panic("rbm: FreeEnergies needs whole rows without bits beyond their units")
	}
	c, p := newConditionals(m.Visible, m.Hidden, newStream([32]byte{}), newTeam(1)), parametersOf(m)
	c.set(p)
	n := len(rows) / Words(m.Visible)
	dst := make([]float64, n)
	c.freeEnergies(dst, make([]kernel.LogSum, n), p, packed{rows, m.Visible})
	return dst
}

// freeEnergies sets dst to F(v) of each row under the parameters p, which were set.
func (c *conditionals) freeEnergies(dst []float64, sums []kernel.LogSum, p *parameters, v packed) {
	words := Words(v.units)
	c.up.LogSums(sums, v.rows, c.team.workspaces[0])
	for r := range dst {
		x := float64(sums[r].Bits*math.Ln2) + log(sums[r].Factor)
		forEachBit(v.rows[r*words:][:words], func(i int) { x += float64(*p.visibleBias(i)) })
		dst[r] = -x
	}
}
