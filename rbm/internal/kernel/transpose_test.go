package kernel

import (
	"math/rand/v2"
	"testing"
)

func TestTransposeBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	const guard = 0x5555555555555555
	for _, n := range []int{1, 4, 63, 64, 65, 100, 200} {
		for _, columns := range []int{1, 6, 64, 70, 256} {
			src := randomRows(rng, n, columns)
			dst := make([]uint64, columns*Words(n)+1)
			for i := range dst {
				dst[i] = guard
			}
			TransposeBits(dst, src, n, columns)
			for c := range columns {
				row := dst[c*Words(n):][:Words(n)]
				for r := range 64 * Words(n) {
					want := r < n && bitAt(src[r*Words(columns):], c)
					if bitAt(row, r) != want {
						t.Fatalf("%d × %d: bit (%d, %d) is wrong", n, columns, r, c)
					}
				}
			}
			if dst[len(dst)-1] != guard {
				t.Fatal("wrote behind the destination")
			}
		}
	}
}
