package ising

import "math"

// newMetropolis returns the Metropolis algorithm: a flip that costs ΔE is accepted with probability min(1, e^{−ΔE/T}).
//
// Metropolis updates in a fixed order are not ergodic in general, because flips with ΔE ≤ 0 leave nothing to chance. On a
// ring a domain wall then moves on forever at constant speed. On the checkerboard of a 4×4 torus 36 of the 65536
// configurations, diagonal stripes and their like in which every flip has ΔE = 0, never leave and are never entered, and
// there are such stripes wherever L is a multiple of 4. So some sites are left out, a random eighth of each sweep and, in
// one dimension, a random half of each of two sweeps a step. The choice is made once for all chains. That is valid: given
// the choice, every update keeps the Boltzmann distribution and the chains are independent. It makes any single flip a
// possible step, and so every configuration reachable at any temperature above zero.
func newMetropolis(m Model, temperature float64) *sweep {
	unlikely := func(cost float64) float64 {
		if cost <= 0 {
			return 0
		}
		return math.Exp(-cost / temperature)
	}
	if m.Lattice.dimension == 1 {
		return newSweep(m, unlikely, visits{passes: 2, skip: 1})
	}
	return newSweep(m, unlikely, visits{passes: 1, skip: 3})
}
