package kernel

import (
	"math"
	"testing"
)

func exp2neg(z float32) float32 {
	s := Strip{z}
	s.exp2neg()
	return s[0]
}

// The stated bound, over a sweep of all exponents and a dense set of fractions.
func TestExpAgainstMath(t *testing.T) {
	worst := 0.0
	for b := uint32(0x33000000); b <= limitBits; b += 127 {
		for _, z := range []float32{math.Float32frombits(b), -math.Float32frombits(b)} {
			got, want := float64(exp2neg(z)), math.Exp2(-float64(z))
			worst = max(worst, math.Abs(got/want-1))
		}
	}
	t.Logf("largest relative error %.3g", worst)
	if worst > 1.1e-6 {
		t.Errorf("relative error %g, stated is 1.1e-6", worst)
	}
}

// In natural units the one rounding of x·log₂e adds at most |x|·2⁻²⁴ and the
// rounding of the constant 1.3e-8·|x|.
func TestExpInNaturalUnits(t *testing.T) {
	for x := -40.0; x <= 40; x += 0.0137 {
		x32 := float32(x)
		got := float64(exp2neg(float32(x32 * log2e)))
		want := math.Exp(-float64(x32))
		if bound := 1.1e-6 + 1e-7*math.Abs(x); math.Abs(got/want-1) > bound {
			t.Fatalf("exp(−%g) = %g, want %g", x, got, want)
		}
	}
}

func TestExpLimits(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct{ z, want float32 }{
		{0, 1}, {float32(math.Copysign(0, -1)), 1}, {1, 0.5}, {-1, 2},
		{64, 0x1p-64}, {65, 0x1p-64}, {math.MaxFloat32, 0x1p-64}, {inf, 0x1p-64},
		{-64, 0x1p64}, {-65, 0x1p64}, {-math.MaxFloat32, 0x1p64}, {-inf, 0x1p64},
	} {
		if got := exp2neg(c.z); got != c.want {
			t.Errorf("exp2neg(%g) = %g, want %g", c.z, got, c.want)
		}
	}
}

// The table is what it says, found by another function of the standard library.
func TestPowers(t *testing.T) {
	for j, bits := range powers {
		got := math.Float32frombits(bits + uint32(j)<<19 + 1<<31)
		if want := float32(float64(leading) * math.Pow(2, float64(j)/perBit)); got != want {
			t.Errorf("power %d is %g, want %g", j, got, want)
		}
	}
}

func TestExpIsLiteral(t *testing.T) {
	for b := uint32(0); b < 0x7f800000; b += 40961 {
		for _, z := range []float32{math.Float32frombits(b), -math.Float32frombits(b)} {
			if got, want := exp2neg(z), literalExp(z); got != want {
				t.Fatalf("exp2neg(%g) = %b, the definition gives %b", z, got, want)
			}
		}
	}
}
