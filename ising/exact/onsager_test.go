package exact

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mathext"
)

func TestEllipticExcess(t *testing.T) {
	for _, q := range []float64{0, 1e-3, 0.1, 0.5, 0.9, 0.999, 1 - 1e-9} {
		near(t, fmt.Sprintf("2K(%g)/π − 1", q), ellipticExcess(q), 2/math.Pi*mathext.CompleteK(q*q)-1, 1e-8*q*q+4e-16)
	}
	for _, q := range []float64{1e-3, 1e-7, 1e-12} { // the series, DLMF 19.5.1
		nearly(t, fmt.Sprintf("2K(%g)/π − 1", q), ellipticExcess(q), q*q/4+9*math.Pow(q, 4)/64, 1e-11)
	}
}

// TestOnsagerTextbook compares with Onsager's formulas as he printed them, which lose digits far from T_c.
func TestOnsagerTextbook(t *testing.T) {
	for _, temperature := range []float64{1.5, 2, 2.2, 2.26, 2.28, 2.4, 3, 5} {
		k := 1 / temperature
		kappa := 2*math.Pow(math.Tanh(2*k), 2) - 1
		m := 1 - kappa*kappa
		first, second := mathext.CompleteK(m), mathext.CompleteE(m)
		coth := 1 / math.Tanh(2*k)
		energy := -coth * (1 + 2/math.Pi*kappa*first)
		heat := 2 / math.Pi * math.Pow(k*coth, 2) * (2*(first-second) - (1-kappa)*(math.Pi/2+kappa*first))

		e, c, _ := Onsager(temperature)
		near(t, fmt.Sprintf("e(%g)", temperature), e, energy, 1e-13)
		near(t, fmt.Sprintf("c(%g)", temperature), c, heat, 1e-11)
	}
}

// TestOnsagerDerivatives holds e = −d(ln Z)/dK and c = −K² de/dK by central differences.
func TestOnsagerDerivatives(t *testing.T) {
	for _, temperature := range []float64{0.5, 1, 1.7, 2.1, 2.4, 3, 8, 100} {
		k, step := 1/temperature, 1e-4/temperature
		at := func(steps float64) (e, c, z float64) { return Onsager(1 / (k + steps*step)) }
		e, c, _ := at(0)
		ep, _, zp := at(1)
		em, _, zm := at(-1)
		near(t, fmt.Sprintf("e(%g)", temperature), e, -(zp-zm)/(2*step), 1e-6*math.Abs(e)+1e-11/k)
		near(t, fmt.Sprintf("c(%g)", temperature), c, -k*k*(ep-em)/(2*step), 1e-6*c+1e-11*k)
	}
}

func TestOnsagerAtTc(t *testing.T) {
	catalan := 0.915965594177219
	e, c, z := Onsager(squareTc)
	near(t, "e(T_c)", e, -math.Sqrt2, 0)
	if !math.IsInf(c, 1) {
		t.Errorf("c(T_c) = %g, want +Inf", c)
	}
	near(t, "ln Z/N at T_c", z, math.Ln2/2+2*catalan/math.Pi, 4e-15)
	// Approached from both sides, e + √2 vanishes as ε ln ε, and c is (8/π) K_c² [−ln|ε| + ln(√2 T_c) − 1 − π/4].
	for _, epsilon := range []float64{1e-4, 1e-8, 1e-12} {
		below, heat, _ := Onsager(squareTc * (1 - epsilon))
		above, heatAbove, _ := Onsager(squareTc * (1 + epsilon))
		if !(below < -math.Sqrt2 && above > -math.Sqrt2) {
			t.Errorf("ε = %g: energies %.15g and %.15g not around −√2", epsilon, below, above)
		}
		amplitude := 8 / math.Pi / (squareTc * squareTc)
		nearly(t, "c below", heat, amplitude*(-math.Log(epsilon)+math.Log(squareTc*math.Sqrt2)-1-math.Pi/4), 3e-3)
		nearly(t, "c above", heatAbove, heat, 3e-3)
	}
}

func TestOnsagerLimits(t *testing.T) {
	for _, temperature := range []float64{10, 1e3, 1e6, 1e12, 1e200} { // e = −2K − (10/3)K³, c = 2K² + 10K⁴ to leading order
		k := 1 / temperature
		e, c, z := Onsager(temperature)
		nearly(t, fmt.Sprintf("e(%g)", temperature), e, -2*k*(1+5*k*k/3), 30*math.Pow(k, 4)+2e-15)
		nearly(t, fmt.Sprintf("c(%g)", temperature), c, 2*k*k*(1+5*k*k), 70*math.Pow(k, 4)+2e-15)
		near(t, fmt.Sprintf("ln Z(%g)", temperature), z, math.Ln2+k*k, 3*math.Pow(k, 4)+4e-16)
	}
	for _, temperature := range []float64{0.5, 0.2, 0.1, 0.02} { // single spins turned: ln Z/N = 2K + e^{−8K}
		k := 1 / temperature
		flip := math.Exp(-8 * k)
		e, c, z := Onsager(temperature)
		near(t, fmt.Sprintf("e(%g)", temperature), e, -2+8*flip, 30*math.Exp(-12*k)+5e-16)
		nearly(t, fmt.Sprintf("c(%g)", temperature), c, 64*k*k*flip, 6*math.Exp(-4*k)+1e-13)
		nearly(t, fmt.Sprintf("ln Z(%g)", temperature), z, 2*k+flip, 5*math.Exp(-12*k)+5e-16)
	}
	e, c, z := Onsager(0)
	if e != -2 || c != 0 || !math.IsInf(z, 1) {
		t.Errorf("T = 0: %g %g %g, want -2 0 +Inf", e, c, z)
	}
	e, c, z = Onsager(math.Inf(1))
	if e != 0 || c != 0 || z != math.Ln2 {
		t.Errorf("T = ∞: %g %g %g, want 0 0 ln 2", e, c, z)
	}
}

func TestYang(t *testing.T) {
	for _, c := range []struct{ temperature, want float64 }{
		{0, 1}, {1, 0.999275752}, {2, 0.911319377}, {squareTc, 0}, {2.3, 0}, {math.Inf(1), 0},
	} {
		near(t, fmt.Sprintf("m(%g)", c.temperature), Yang(c.temperature), c.want, 1e-9)
	}
	// m⁸ → 8√2 K_c ε at T_c, the exponent β = 1/8.
	nearly(t, "m near T_c", math.Pow(Yang(squareTc*(1-1e-7)), 8), 8*math.Sqrt2/squareTc*1e-7, 1e-5)
}

func TestTemperaturePanics(t *testing.T) {
	for _, temperature := range []float64{-1, math.NaN()} {
		mustPanic(t, "exact: a temperature is negative or NaN", func() { Onsager(temperature) })
		mustPanic(t, "exact: a temperature is negative or NaN", func() { Yang(temperature) })
		mustPanic(t, "exact: a temperature is negative or NaN", func() { Torus(4, 4, temperature) })
	}
	mustPanic(t, "exact: a side of a torus is below 3", func() { Torus(2, 4, 1) })
}

func mustPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		if got := recover(); got != want {
			t.Errorf("panic %v, want %q", got, want)
		}
	}()
	f()
}
