package multispin

import "math/bits"

// Odds are the probabilities t/2^64 of the classes that a kernel tells apart by up to two planes of bits.
type Odds struct {
	// Row k holds bit k of the thresholds, the most significant first, in all 64 positions: that of the basic class; what
	// plane 0 and what plane 1 changes it by; and whether any of these is set.
	rows   [64][4]uint64
	rounds int // bits after this many are 0 in all thresholds
}

// NewOdds returns the odds of the thresholds base, base XOR the changes of the planes that are set.
func NewOdds(base uint64, changes ...uint64) *Odds {
	o := &Odds{}
	set := base
	for _, change := range changes {
		set |= change
	}
	if set != 0 {
		o.rounds = 64 - bits.TrailingZeros64(set)
	}
	for k := range o.rows {
		o.rows[k][0] = -(base >> (63 - k) & 1)
		for p, change := range changes {
			o.rows[k][1+p] = -(change >> (63 - k) & 1)
		}
		o.rows[k][3] = -(set >> (63 - k) & 1)
	}
	return o
}
