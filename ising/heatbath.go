package ising

import "math"

// newHeatBath returns the heat-bath algorithm: every spin in turn is drawn afresh from its distribution given its neighbors,
// P(+) = 1/(1 + e^{−2(J Σ_j σ_j + h)/T}), whatever it was. That is a flip with probability 1/(1 + e^{ΔE/T}). Every spin can
// come out either way, so that the fixed order is ergodic on every lattice.
func newHeatBath(m Model, temperature float64) *sweep {
	unlikely := func(cost float64) float64 { return 1 / (1 + math.Exp(math.Abs(cost)/temperature)) }
	return newSweep(m, unlikely, visits{passes: 1})
}
