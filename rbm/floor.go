package rbm

import (
	"math"
	"slices"
)

// floor is ln of what the different configurations among rows of visible units add to Z,
//
//	ln Σ_v e^{−F(v)},
//
// below which ln Z cannot be; −∞ if there are none.
func (m *Machine) floor(rows []uint64) float64 {
	var sum logSum
	for _, f := range m.FreeEnergies(distinct(rows, Words(m.Visible))) {
		sum.add(-f)
	}
	return sum.log()
}

// distinct returns each different row once, in order.
func distinct(rows []uint64, words int) []uint64 {
	sorted := slices.Collect(slices.Chunk(rows, words))
	slices.SortFunc(sorted, slices.Compare)
	return slices.Concat(slices.CompactFunc(sorted, slices.Equal)...)
}

// rounding is more than free energies are rounded by.
const rounding = 1e-4

// notBelow raises an estimate to the floor, if that is higher by more than chance. How
// much higher ln Z is, is not known then.
func (e *PartitionEstimate) notBelow(floor float64) {
	if !(floor > e.Value+disagreement*e.Err+rounding) {
		return
	}
	e.warn("configurations that were seen weigh more than the whole estimate of ln Z, %.6g, which missed a mode of the machine: %.6g is what they have alone", e.Value, floor)
	e.Value, e.Err, e.MissedMode = floor, math.NaN(), true
}
