package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestAdvanceIsPortable(t *testing.T) {
	rng := rand.New(rand.NewPCG(18, 1))
	for _, k := range others(t) {
		for n := range 9 {
			strips, along, rate := randomStrips(rng, n, 1), extremes(rng, n), float32(rng.NormFloat64())
			kept := patterns(along)
			run := func(k *Kernel) []uint32 {
				to, whole := guarded(strips, markStrip)
				k.advanceStrips(to, along, rate)
				if !whole() || !slices.Equal(patterns(along), kept) {
					t.Fatalf("%s: %d strips: wrote what it must not", k.Name(), n)
				}
				return patterns(to)
			}
			want := run(Portable)
			for i, x := range patterns(strips) { // and that is what it says
				r, l := i/Lanes, i%Lanes
				if sum := math.Float32frombits(x) + float32(rate*along[r][l]); !sameNumbers([]uint32{want[i]}, []uint32{math.Float32bits(sum)}) {
					t.Fatalf("strip %d lane %d: %x", r, l, want[i])
				}
			}
			if !sameNumbers(run(k), want) {
				t.Fatalf("%s: %d strips differ from portable", k.Name(), n)
			}
		}
	}
}

// Every place is looked at, and what is only large or small is finite.
func TestFinite(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 1))
	for _, k := range Kernels() {
		if !k.finiteStrips(nil) {
			t.Errorf("%s: nothing is not finite", k.Name())
		}
		for n := 1; n < 7; n++ {
			strips := randomStrips(rng, n, 1)
			for i := range n * Lanes {
				at := &strips[i/Lanes][i%Lanes]
				kept := *at
				for x, want := range map[float32]bool{math.MaxFloat32: true, -math.MaxFloat32: true, 0: true, 1e-45: true,
					float32(math.Inf(1)): false, float32(math.Inf(-1)): false, float32(math.NaN()): false} {
					if *at = x; k.finiteStrips(strips) != want {
						t.Fatalf("%s: number %d of %d is %g", k.Name(), i, n*Lanes, x)
					}
				}
				*at = kept
			}
		}
	}
}
