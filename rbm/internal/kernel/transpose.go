package kernel

// transpose writes the transpose of the first columns of src, of which at most 16
// rows are given: dst[c][r] = src[r][c].
func transpose(dst, src []Strip) {
	for r := range src {
		for c := range dst {
			dst[c][r] = src[r][c]
		}
	}
}

// TransposeBits turns n rows of the given number of bits into one row of n bits a
// column: bit r of row c of dst is bit c of row r of src.
func TransposeBits(dst, src []uint64, n, columns int) {
	in, out := Words(columns), Words(n)
	var square [64]uint64
	for block := range out {
		rows := src[64*block*in:]
		height := min(n-64*block, 64)
		for word := range in {
			for r := range height {
				square[r] = rows[r*in+word]
			}
			clear(square[height:])
			transposeSquare(&square)
			for c, bits := range square[:min(columns-64*word, 64)] {
				dst[(64*word+c)*out+block] = bits
			}
		}
	}
}

// transposeSquare transposes 64 × 64 bits in place by swapping ever smaller
// off-diagonal blocks (Warren, Hacker's Delight, section 7-3).
func transposeSquare(a *[64]uint64) {
	mask := uint64(1<<32 - 1)
	for width := 32; width > 0; width >>= 1 {
		for r := 0; r < 64; r = (r + width + 1) &^ width {
			swap := (a[r]>>width ^ a[r|width]) & mask
			a[r] ^= swap << width
			a[r|width] ^= swap
		}
		mask ^= mask << (width >> 1)
	}
}
