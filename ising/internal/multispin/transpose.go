package multispin

// transpose exchanges rows and columns of the 64×64 bits in each of the eight words, bit k of a word being column k, by
// exchanging blocks of half the size at a time (Warren, Hacker's Delight, section 7-3).
func transpose(square *[64]Lanes) {
	mask := uint64(1<<32 - 1)
	for half := 32; half > 0; half >>= 1 {
		for k := 0; k < 64; k = (k + half + 1) &^ half {
			upper, lower := &square[k], &square[k+half]
			for l := range upper {
				t := (upper[l]>>half ^ lower[l]) & mask
				upper[l] ^= t << half
				lower[l] ^= t
			}
		}
		mask ^= mask << (half >> 1)
	}
}
