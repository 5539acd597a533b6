package ising

import "math"

// A reversal proposes to flip all spins of a chain, which costs 2hM, and accepts by the Metropolis rule. In a weak field below
// the critical temperature both directions of the magnetization carry weight, and single flips take very long from one to the
// other.
type reversal struct {
	lattice *Lattice
	sign    int      // of the field
	accept  []uint64 // threshold of a flip that costs 2|hM|, by |M|
}

func newReversal(m Model, temperature float64) *reversal {
	r := &reversal{lattice: m.Lattice, sign: sign(m.Field), accept: make([]uint64, m.Lattice.sites+1)}
	for magnetization := 1; magnetization < len(r.accept); magnetization++ {
		cost := 2 * math.Abs(m.Field) * float64(magnetization)
		r.accept[magnetization] = threshold(min(math.Exp(-cost/temperature), below1))
	}
	return r
}

// below1 is the largest float64 below 1.
const below1 = 1 - 1.0/(1<<53)

// step compares a whole word of each generator with the threshold of a chain: its draw number b belongs to chain b of its word.
func (r *reversal) step(spins []lanes, s *stream) {
	up := tallyUp(r.lattice, spins, false)
	var flips lanes
	for b := range 64 {
		u := s.draw()
		for l := range flips {
			magnetization := r.sign * (2*int(up[64*l+b]) - r.lattice.sites)
			if magnetization <= 0 || u[l] < r.accept[magnetization] {
				flips[l] |= 1 << b
			}
		}
	}
	flip(spins, flips)
}

// flip flips all spins of the given chains.
func flip(spins []lanes, chains lanes) {
	for i := range spins {
		for l, word := range chains {
			spins[i][l] ^= word
		}
	}
}
