package kernel

import (
	"math"
	"math/bits"
	"testing"
)

// deviation draws n decisions at activation z and returns the standardized
// deviation of their number from the expected one.
func deviation(gen *Generator, z, expected float64, n int) float64 {
	ones := 0.0
	for range n / Lanes {
		var e Strip
		for l := range e {
			e[l] = float32(z)
		}
		ones += float64(bits.OnesCount32(gen.decide(&e)))
	}
	return (ones - expected*float64(n)) / math.Sqrt(float64(n)*expected*(1-expected))
}

// Independent decisions are binomial. 5σ on each of 13 activations is a false
// alarm in 1 of 130 000 seeds. The control has its probabilities wrong by 1 %.
func TestDecisionFrequencies(t *testing.T) {
	const n = 1 << 20
	gen := testGenerators(1, 7)[0]
	caught := false
	for x := -6.0; x <= 6; x++ {
		z, p := x*math.Log2E, 1/(1+math.Exp(-x))
		if d := deviation(&gen, z, p, n); math.Abs(d) > 5 {
			t.Errorf("x = %g: %.1f standard deviations from %.5f", x, d, p)
		}
		if d := deviation(&gen, z, 0.99*p, n); math.Abs(d) > 5 {
			caught = true
		}
	}
	if !caught {
		t.Error("probabilities wrong by one percent went unnoticed")
	}
}

// Decisions are certain beyond 25 bits, whatever the word.
func TestDecisionsAreCertainFarOut(t *testing.T) {
	gen := testGenerators(1, 8)[0]
	inf := math.Inf(1)
	for _, z := range []float64{25, 40, 64, 1e30, inf} {
		for _, c := range []struct {
			z    float64
			want uint32
		}{{z, 0xffff}, {-z, 0}} {
			var e Strip
			for l := range e {
				e[l] = float32(c.z)
			}
			for range 1000 {
				acc := e
				if got := gen.decide(&acc); got != c.want {
					t.Fatalf("z = %g decided %04x", c.z, got)
				}
			}
		}
	}
}

// The largest and the smallest u that there are, on both sides of the decision.
func TestDecisionAtTheEnds(t *testing.T) {
	for _, c := range []struct {
		word uint32
		e    float32
		want uint32
	}{{0xffffffff, 0x1p-25, 1}, {0xffffffff, 0x1p-23, 0}, {0, 0x1p24, 0}, {0, 0x1p23, 1}} {
		// With s₀ = 0 the next word is s₃.
		gen := Generator{1: {1}, 3: {c.word}}
		z := -float32(math.Log2(float64(c.e)))
		if got := gen.decide(&Strip{z}) & 1; got != c.want {
			t.Errorf("word %08x, e = %g: decided %d", c.word, c.e, got)
		}
	}
}

func TestMean(t *testing.T) {
	var e, scale Strip
	for l := range e {
		e[l] = float32(l-8) * 1.3
		scale[l] = -0.01
	}
	scale[15] = 0
	z := e
	e.exp2neg()
	e.mean(&scale)
	for l := range 15 {
		want := -0.01 / (1 + math.Exp2(-float64(z[l])))
		if math.Abs(float64(e[l])/want-1) > 1.2e-6 {
			t.Errorf("mean at %g is %g, want %g", z[l], e[l], want)
		}
	}
	if e[15] != 0 {
		t.Errorf("padded lane has mean %g", e[15])
	}
}
