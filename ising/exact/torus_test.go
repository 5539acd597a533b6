package exact

import (
	"fmt"
	"math"
	"testing"
)

// squareTable holds exact values of the L×L torus, NaN where there is none: energy, specific heat, <|M|>/N, susceptibility,
// Binder cumulant and ln Z, with the digits to which they are given.
var squareTable = []struct {
	size                              int
	temperature                       float64
	e, c, m, chi, binder, logZ        float64
	tolerance, toleranceM, tolerateLn float64
}{
	{4, squareTc, -1.565624, 0.783267, 0.843860, 0.347321, 0.617199, nan, 5e-7, 5e-7, 5e-7},
	{8, 1.0, -1.9971602, 0.0233796, 0.9992758, 0.0015694, 0.6666351, 128.7154373, 5e-8, 5e-8, 1e-7},
	{8, 2.0, -1.7456832, 0.7141226, 0.9114523, 0.3496304, 0.6546186, 66.3445819, 5e-8, 5e-8, 1e-7},
	{8, squareTc, -1.4915891, 1.1455592, 0.7773311, 1.2034049, 0.6130454, 60.1417808, 5e-8, 5e-8, 1e-7},
	{8, 2.6, -1.1189710, 0.9614402, 0.5319316, 1.7220484, 0.4729551, 55.4472345, 5e-8, 5e-8, 1e-7},
	{8, 3.0, -0.8413154, 0.4839665, 0.3460346, 1.0788748, 0.2798399, 52.2614097, 5e-8, 5e-8, 1e-7},
	{16, squareTc, -1.453065, 1.498705, nan, nan, nan, nan, 5e-7, 5e-7, 5e-7},
	{32, squareTc, -1.433658, 1.846768, nan, nan, nan, nan, 5e-7, 5e-7, 5e-7},
	{64, squareTc, -1.423938, 2.192211, nan, nan, nan, nan, 5e-7, 5e-7, 5e-7},
}

var nan = math.NaN()

func TestTorusTable(t *testing.T) {
	for _, row := range squareTable {
		e, c, z := Torus(row.size, row.size, row.temperature)
		what := fmt.Sprintf("L = %d, T = %g: ", row.size, row.temperature)
		near(t, what+"e", e, row.e, row.tolerance*1.01)
		near(t, what+"c", c, row.c, row.tolerance*1.01)
		if !math.IsNaN(row.logZ) {
			near(t, what+"ln Z", z, row.logZ, row.tolerateLn)
		}
	}
}

// bruteTorus returns e, c and ln Z of the n×m torus at J = 1 from all its states, with none of this package's code.
func bruteTorus(n, m int) func(temperature float64) (energy, heat, logZ float64) {
	spins := n * m
	states := make([]float64, 2*spins+1) // by the number of unequal neighbors
	for state := range 1 << spins {
		unequal := 0
		for y := range n {
			for x := range m {
				spin := state >> (y*m + x)
				unequal += (spin ^ state>>(y*m+(x+1)%m)) & 1
				unequal += (spin ^ state>>((y+1)%n*m+x)) & 1
			}
		}
		states[unequal]++
	}
	return func(temperature float64) (energy, heat, logZ float64) {
		var sum, first, second float64
		for unequal, count := range states {
			above := float64(2 * unequal) // energy above the ground state
			w := count * math.Exp(-above/temperature)
			sum += w
			first += w * above
			second += w * above * above
		}
		first, second = first/sum, second/sum
		n, ground := float64(spins), float64(-2*spins)
		return (ground + first) / n, (second - first*first) / (n * temperature * temperature), math.Log(sum) - ground/temperature
	}
}

func TestTorusEnumerated(t *testing.T) {
	for _, side := range [][2]int{{3, 3}, {3, 4}, {4, 4}, {3, 5}} {
		brute := bruteTorus(side[0], side[1])
		for _, temperature := range []float64{0.1, 0.3, 0.35, 0.41, 1, 2, squareTc, 2.3, 3, 10, 1e6} {
			e, c, z := Torus(side[0], side[1], temperature)
			wantE, wantC, wantZ := brute(temperature)
			what := fmt.Sprintf("%v, T = %g: ", side, temperature)
			near(t, what+"e", e, wantE, 1e-13)
			nearly(t, what+"c", c, wantC, 2e-9)
			nearly(t, what+"ln Z", z, wantZ, 1e-13)
		}
	}
}

// TestTorusWrongSign is the negative control: with |γ₀| for γ₀, as an inverse hyperbolic cosine gives it, the comparison with
// enumeration must fail above T_c, and cannot below.
func TestTorusWrongSign(t *testing.T) {
	wrong := func(l, n int, coupling float64) (g, gamma jet) {
		g, gamma = kaufmanMode(l, n, coupling)
		if gamma.v < 0 {
			gamma = gamma.times(-1)
		}
		return g, gamma
	}
	brute := bruteTorus(4, 4)
	for _, c := range []struct {
		temperature float64
		wrong       bool
	}{{1.5, false}, {2.2, false}, {2.3, true}, {2.6, true}, {4, true}} {
		got := kaufman(4, 4, 1/c.temperature, wrong)
		e, _, z := brute(c.temperature)
		off := math.Abs(got.v-z) > 1e-3 && math.Abs(-got.d/16-e) > 1e-3
		if off != c.wrong {
			t.Errorf("T = %g: |γ₀| is found wrong: %v, want %v (ln Z %.6f against %.6f)", c.temperature, off, c.wrong, got.v, z)
		}
	}
}

// TestTorusZeroMode holds ½γ₀ against its definition 2K + ln tanh K, on both sides of T_c.
func TestTorusZeroMode(t *testing.T) {
	for _, temperature := range []float64{0.5, 1, 2, squareTc, 2.4, 5, 100} {
		k := 1 / temperature
		_, gamma := kaufmanMode(0, 8, k)
		near(t, fmt.Sprintf("γ₀ at T = %g", temperature), gamma.v, 2*k+math.Log(math.Tanh(k)), 1e-14+1e-15*math.Abs(gamma.v))
		if (gamma.v < 0) != (temperature > squareTc) && temperature != squareTc {
			t.Errorf("T = %g: γ₀ = %g has the wrong sign", temperature, gamma.v)
		}
	}
}

// TestTorusModes holds the derivatives of every γ and g by differences, in the cold and the hot form.
func TestTorusModes(t *testing.T) {
	const n, step = 7, 1e-5
	for _, k := range []float64{0.05, 0.3, 0.43, 0.45, 0.8, 2} {
		for l := range 2 * n {
			g, gamma := kaufmanMode(l, n, k)
			gp, gammaP := kaufmanMode(l, n, k+step)
			gm, gammaM := kaufmanMode(l, n, k-step)
			what := fmt.Sprintf("K = %g, l = %d: ", k, l)
			tolerance := 1e-6 * (1 + math.Abs(gamma.dd))
			near(t, what+"g′", g.d, (gp.v-gm.v)/(2*step), tolerance)
			near(t, what+"g″", g.dd, (gp.d-gm.d)/(2*step), tolerance)
			near(t, what+"γ′", gamma.d, (gammaP.v-gammaM.v)/(2*step), tolerance)
			near(t, what+"γ″", gamma.dd, (gammaP.d-gammaM.d)/(2*step), tolerance)
			cosh := math.Cosh(2*k)/math.Tanh(2*k) - math.Cos(math.Pi*float64(l)/n)
			nearly(t, what+"cosh γ", math.Cosh(gamma.v), cosh, 1e-13)
			near(t, what+"g − |γ|", g.v-math.Abs(gamma.v), math.Log(2*math.Sinh(2*k)), 1e-13)
		}
	}
}

// TestTorusDerivatives holds e and c as derivatives of ln Z, on both sides of T_c and on it.
func TestTorusDerivatives(t *testing.T) {
	for _, size := range []int{3, 8, 33, 128} {
		for _, temperature := range []float64{0.8, 2, 2.26, squareTc, 2.28, 3, 50} {
			k, spins := 1/temperature, float64(size*size)
			step := 1e-5 * math.Min(1, 10/float64(size))
			e, c, _ := Torus(size, size, temperature)
			ep, _, zp := Torus(size, size, 1/(k+step))
			em, _, zm := Torus(size, size, 1/(k-step))
			what := fmt.Sprintf("L = %d, T = %g: ", size, temperature)
			near(t, what+"e", e, -(zp-zm)/(2*step*spins), 1e-6)
			near(t, what+"c", c, -k*k*(ep-em)/(2*step), 1e-6)
		}
	}
}

// TestTorusCold holds the low-temperature form against Kaufman's where both are precise, at their border.
func TestTorusCold(t *testing.T) {
	for _, side := range [][2]int{{3, 3}, {3, 7}, {4, 4}, {8, 8}, {5, 64}} {
		spins := float64(side[0] * side[1])
		f := kaufman(side[0], side[1], coldCoupling, kaufmanMode)
		e, c, z := coldTorus(side[0], side[1], coldCoupling)
		what := fmt.Sprintf("%v: ", side)
		nearly(t, what+"e", e, -f.d/spins, 1e-15)
		nearly(t, what+"c", c, coldCoupling*coldCoupling*f.dd/spins, 2e-9)
		nearly(t, what+"ln Z", z, f.v, 1e-14)
	}
}

func TestTorusExchangesSides(t *testing.T) {
	for _, temperature := range []float64{0.2, 1, squareTc, 4} {
		e, c, z := Torus(5, 12, temperature)
		e2, c2, z2 := Torus(12, 5, temperature)
		if e != e2 || c != c2 || z != z2 {
			t.Errorf("T = %g: 5×12 and 12×5 differ", temperature)
		}
		// Kaufman's product over the long side is another sum with the same value.
		f, g := kaufman(5, 12, 1/temperature, kaufmanMode), kaufman(12, 5, 1/temperature, kaufmanMode)
		nearly(t, "ln Z", f.v, g.v, 1e-14)
		nearly(t, "its slope", f.d, g.d, 1e-13)
	}
}

// TestTorusLimits: a large torus is the infinite lattice with one ground state too many below T_c, and at T_c its ln Z
// differs by ln(2^{1/4} + 2^{−1/2}) for L×L, and c is 0.494538 ln L + 0.138150 + O(1/L) (Ferdinand and Fisher 1969).
func TestTorusLimits(t *testing.T) {
	for _, size := range []int{128, 1024, 2048} {
		spins := float64(size) * float64(size)
		for _, temperature := range []float64{0.1, 0.5, 1, 1.8, 2.7, 4, 100, 1e6} {
			e, c, z := Torus(size, size, temperature)
			wantE, wantC, wantZ := Onsager(temperature)
			wantZ *= spins
			if temperature < squareTc {
				wantZ += math.Ln2
			}
			what := fmt.Sprintf("L = %d, T = %g: ", size, temperature)
			nearly(t, what+"e", e, wantE, 1e-9)
			nearly(t, what+"c", c, wantC, 1e-8)
			near(t, what+"ln Z", z, wantZ, 1e-6+2e-14*wantZ)
		}
		_, c, z := Torus(size, size, squareTc)
		_, _, bulk := Onsager(squareTc)
		near(t, fmt.Sprintf("L = %d: ln Z − bulk at T_c", size), z-spins*bulk, math.Log(math.Pow(2, 0.25)+math.Sqrt(0.5)), 1e-5+1e-14*z)
		near(t, fmt.Sprintf("L = %d: c at T_c", size), c, 0.494538*math.Log(float64(size))+0.138150, 0.2/float64(size))
	}
	e, c, z := Torus(7, 9, 0)
	if e != -2 || c != 0 || !math.IsInf(z, 1) {
		t.Errorf("T = 0: %g %g %g, want -2 0 +Inf", e, c, z)
	}
	e, c, z = Torus(7, 9, math.Inf(1))
	if e != 0 || c != 0 || z != 63*math.Ln2 {
		t.Errorf("T = ∞: %g %g %g, want 0 0 63 ln 2", e, c, z)
	}
}

func BenchmarkTorus(b *testing.B) {
	for _, size := range []int{8, 64, 1024} {
		b.Run(fmt.Sprintf("L=%d", size), func(b *testing.B) {
			for b.Loop() {
				Torus(size, size, squareTc)
			}
		})
	}
}
