package exact

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"isingrbm/ising"
)

func solve(t *testing.T, m ising.Model, temperature float64) Values {
	t.Helper()
	v, err := Solve(m, temperature)
	if err != nil {
		t.Fatalf("%s: %v", describe(m, temperature), err)
	}
	return v
}

func TestSolveTable(t *testing.T) {
	for _, row := range squareTable {
		v := solve(t, model(t, ising.Square, row.size, ising.Periodic, 1, 0), row.temperature)
		what := fmt.Sprintf("L = %d, T = %g: ", row.size, row.temperature)
		near(t, what+"e", v.Energy, row.e, row.tolerance*1.01)
		near(t, what+"c", v.SpecificHeat, row.c, row.tolerance*1.01)
		if row.size <= 8 {
			near(t, what+"m", v.AbsMagnetization, row.m, row.toleranceM*1.01)
			near(t, what+"χ", v.Susceptibility, row.chi, row.toleranceM*1.01)
			near(t, what+"U", v.Binder, row.binder, row.toleranceM*1.01)
		}
		if v.Magnetization != 0 || v.UpFraction != 0.5 {
			t.Errorf("%sm = %g, p₊ = %g in zero field", what, v.Magnetization, v.UpFraction)
		}
	}
}

// TestSolveChains holds chains against the slow oracle: closed forms, transfer matrix and two-point function.
func TestSolveChains(t *testing.T) {
	for _, boundary := range []ising.Boundary{ising.Periodic, ising.Open} {
		for _, size := range []int{3, 4, 7, 8} {
			for _, coupling := range []float64{1, -1, 2.5, -0.6} {
				for _, field := range []float64{0, 0.4, -1.1} {
					m := model(t, ising.Chain, size, boundary, coupling, field)
					for _, temperature := range []float64{0.7, 2, 10} {
						sameValues(t, describe(m, temperature), solve(t, m, temperature), brute(m, temperature), 2e-11)
					}
				}
			}
		}
	}
}

// TestSolveSquare holds the torus and the transfer matrix, which enumeration hides from Solve at these sizes.
func TestSolveSquare(t *testing.T) {
	for _, size := range []int{3, 4} {
		for _, coupling := range []float64{1, -1, 1.7, -0.6} {
			for _, field := range []float64{0, 0.4, -1.1} {
				m := model(t, ising.Square, size, ising.Periodic, coupling, field)
				e, err := Enumerate(m)
				if err != nil {
					t.Fatal(err)
				}
				for _, temperature := range []float64{0.4, 0.9, squareTc, 10, 1000} {
					got, err := square(m, temperature)
					if err != nil {
						t.Fatal(err)
					}
					var optional []string
					if staggered(m) && field != 0 {
						optional = []string{"|m|", "U"}
					}
					sameValues(t, describe(m, temperature), got, e.Values(temperature), 1e-10, optional...)
				}
			}
		}
	}
}

// TestSolveScales: only J/T and h/T matter.
func TestSolveScales(t *testing.T) {
	for _, c := range []struct {
		kind ising.Kind
		size int
	}{{ising.Square, 6}, {ising.Square, 20}, {ising.Chain, 30}, {ising.Triangular, 4}} {
		unit := solve(t, model(t, c.kind, c.size, ising.Periodic, 1, 0), 1.9)
		got := solve(t, model(t, c.kind, c.size, ising.Periodic, 2, 0), 3.8)
		unit.Energy *= 2
		unit.Susceptibility /= 2
		unit.SusceptibilityZero /= 2
		sameValues(t, string(c.kind), got, unit, 1e-13)
	}
}

// TestSolveSignOfCoupling: on a bipartite lattice in zero field J → −J turns every other spin over, and changes nothing.
func TestSolveSignOfCoupling(t *testing.T) {
	for _, size := range []int{4, 8, 30} {
		for _, kind := range []ising.Kind{ising.Square, ising.Chain} {
			got := solve(t, model(t, kind, size, ising.Periodic, -1, 0), 1.9)
			sameValues(t, fmt.Sprintf("%s %d", kind, size), got, solve(t, model(t, kind, size, ising.Periodic, 1, 0), 1.9), 1e-14)
		}
	}
}

// TestSolveFrustrated: an odd torus with J < 0 cannot satisfy all bonds, and T = 0 energies show how many.
func TestSolveFrustrated(t *testing.T) {
	v := solve(t, model(t, ising.Square, 5, ising.Periodic, -1, 0), 0.15)
	near(t, "e", v.Energy, -2+4.0/5, 1e-4) // every row and column has a broken bond
	hot := solve(t, model(t, ising.Square, 5, ising.Periodic, -1, 0), 1e3)
	ferro := solve(t, model(t, ising.Square, 5, ising.Periodic, 1, 0), 1e3)
	near(t, "e in the heat", hot.Energy, ferro.Energy, 1e-10)
	near(t, "χ₀ ratio in the heat", hot.SusceptibilityZero/ferro.SusceptibilityZero, 1-8e-3, 1e-4)
}

// TestSolveFrustratedRing: an odd ring has one broken bond anywhere, 2N ground states, however cold.
func TestSolveFrustratedRing(t *testing.T) {
	for _, temperature := range []float64{0.1, 0.02, 0.005, 0.0035} {
		v := solve(t, model(t, ising.Chain, 25, ising.Periodic, -1, 0), temperature)
		near(t, "e", v.Energy, -23.0/25, 1e-13)
		nearly(t, "ln Z", v.LogZ, 23/temperature+math.Log(50), 1e-14)
		near(t, "|m|", v.AbsMagnetization, 1.0/25, 1e-13)
	}
}

// TestSolveField holds m = −df/dh and χ = dm/dh by differences on a lattice too large to enumerate.
func TestSolveField(t *testing.T) {
	for _, coupling := range []float64{1, -1} {
		const step, temperature, n = 1e-4, 2.4, 36
		at := func(field float64) Values {
			return solve(t, model(t, ising.Square, 6, ising.Periodic, coupling, field), temperature)
		}
		v, up, down := at(0.3), at(0.3+step), at(0.3-step)
		near(t, "m", v.Magnetization, temperature*(up.LogZ-down.LogZ)/(2*step*n), 1e-7)
		if coupling > 0 {
			near(t, "χ", v.Susceptibility, (up.Magnetization-down.Magnetization)/(2*step), 1e-6)
		}
		turned := at(-0.3)
		near(t, "m(−h)", turned.Magnetization, -v.Magnetization, 1e-14)
		near(t, "p₊(−h)", turned.UpFraction, 1-v.UpFraction, 1e-14)
	}
}

func TestSolveZeroTemperature(t *testing.T) {
	n := math.NaN()
	two := 2.0 / 3
	for _, c := range []struct {
		m    ising.Model
		want Values
	}{
		{model(t, ising.Square, 40, ising.Periodic, 1, 0), Values{-2, 1, 0, n, n, n, two, 0.5, n, n, ""}},
		{model(t, ising.Square, 40, ising.Periodic, -1.5, 0), Values{-3, 1, 0, n, n, n, two, 0.5, n, n, ""}},
		{model(t, ising.Square, 40, ising.Periodic, 1, -0.5), Values{-2.5, 1, -1, n, n, n, two, 0, n, n, ""}},
		{model(t, ising.Square, 40, ising.Periodic, -1, 3.5), Values{-2, 1, 0, n, n, n, two, 0.5, n, n, ""}},
		{model(t, ising.Square, 40, ising.Periodic, -1, 4.5), Values{2 - 4.5, 0, 1, n, n, n, n, 0.5, n, n, ""}},
		{model(t, ising.Square, 41, ising.Periodic, -1, 4.5), Values{2 - 4.5, 1, 1, n, n, n, two, 1, n, n, ""}},
		{model(t, ising.Cubic, 8, ising.Open, 1, 0), Values{-2.625, 1, 0, n, n, n, two, 0.5, n, n, ""}},
		{model(t, ising.Triangular, 9, ising.Periodic, 1, 0), Values{-3, 1, 0, n, n, n, two, 0.5, n, n, ""}},
		{model(t, ising.Chain, 31, ising.Open, -1, 2.5), Values{30.0/31 - 2.5, 1.0 / 31, 1, n, n, n, two, 1, n, n, ""}},
	} {
		sameValues(t, describe(c.m, 0), solve(t, c.m, 0), c.want, 1e-15)
	}
	// What is known by argument must be what enumeration counts.
	for _, m := range smallModels(t) {
		e, err := Enumerate(m)
		if err != nil {
			t.Fatal(err)
		}
		sameValues(t, describe(m, 0), solve(t, m, 0), e.Values(0), 1e-14)
	}
}

// TestSolveCold: T → 0 leads to T = 0.
func TestSolveCold(t *testing.T) {
	for _, m := range []ising.Model{
		model(t, ising.Square, 8, ising.Periodic, 1, 0), model(t, ising.Square, 40, ising.Periodic, -1, 0),
		model(t, ising.Square, 6, ising.Periodic, 1, 0.1), model(t, ising.Chain, 50, ising.Periodic, 1, 0),
		model(t, ising.Chain, 50, ising.Open, -1, 0), model(t, ising.Chain, 50, ising.Periodic, 1, -0.1),
	} {
		zero, cold := solve(t, m, 0), solve(t, m, 0.01)
		near(t, describe(m, 0.01)+": e", cold.Energy, zero.Energy, 1e-14)
		near(t, describe(m, 0.01)+": c", cold.SpecificHeat, 0, 1e-12)
		if !math.IsNaN(cold.AbsMagnetization) {
			near(t, describe(m, 0.01)+": |m|", cold.AbsMagnetization, zero.AbsMagnetization, 1e-14)
			near(t, describe(m, 0.01)+": χ", cold.Susceptibility, 0, 1e-10)
		}
	}
}

// TestSolveColdInField: an antiferromagnet in a weak field, whose Néel states the field does not split.
func TestSolveColdInField(t *testing.T) {
	v := solve(t, model(t, ising.Square, 6, ising.Periodic, -1, 0.5), 0.1)
	near(t, "e", v.Energy, -2, 1e-13)
	near(t, "m", v.Magnetization, 0, 1e-13)
	near(t, "ln Z", v.LogZ, 720+math.Ln2, 1e-11)
	near(t, "χ", v.Susceptibility, 360, 1e-9) // <M²>/(N T) of the staggered magnetization
}

func TestSolveInfiniteTemperature(t *testing.T) {
	for _, m := range smallModels(t) {
		e, err := Enumerate(m)
		if err != nil {
			t.Fatal(err)
		}
		inf := math.Inf(1)
		sameValues(t, describe(m, inf), solve(t, m, inf), e.Values(inf), 1e-13)
	}
	v := solve(t, model(t, ising.Cubic, 50, ising.Periodic, 1, 3), math.Inf(1))
	nearly(t, "<|M|>/N", v.AbsMagnetization, math.Sqrt(2/math.Pi/125000), 1e-5)
	nearly(t, "ln Z", v.LogZ, 125000*math.Ln2, 1e-15)
	// T → ∞ leads to T = ∞.
	hot := solve(t, model(t, ising.Square, 8, ising.Periodic, 1, 0), 1e6)
	free := solve(t, model(t, ising.Square, 8, ising.Periodic, 1, 0), math.Inf(1))
	near(t, "|m|", hot.AbsMagnetization, free.AbsMagnetization, 1e-6)
	near(t, "U", hot.Binder, free.Binder, 1e-6)
	near(t, "ln Z", hot.LogZ, free.LogZ, 1e-9)
}

func TestSolveMethods(t *testing.T) {
	for _, c := range []struct {
		m           ising.Model
		temperature float64
		want        string
	}{
		{model(t, ising.Square, 8, ising.Periodic, 1, 0), 2, "Kaufman torus + transfer matrix"},
		{model(t, ising.Square, 16, ising.Periodic, 1, 0), 2, "Kaufman torus"},
		{model(t, ising.Square, 6, ising.Periodic, 1, 1), 2, "transfer matrix"},
		{model(t, ising.Square, 4, ising.Open, 1, 1), 2, "enumeration"},
		{model(t, ising.Chain, 100, ising.Periodic, 1, 1), 2, "transfer matrix"},
		{model(t, ising.Chain, 10000, ising.Periodic, 1, 0), 2, "closed form"},
		{model(t, ising.Cubic, 4, ising.Periodic, 1, 0), 0, "ground states"},
		{model(t, ising.Cubic, 4, ising.Periodic, 1, 0), math.Inf(1), "independent spins"},
	} {
		if got := solve(t, c.m, c.temperature).Method; got != c.want {
			t.Errorf("%s: %q, want %q", describe(c.m, c.temperature), got, c.want)
		}
	}
}

func TestSolveUnknown(t *testing.T) {
	for _, c := range []struct {
		m           ising.Model
		temperature float64
	}{
		{model(t, ising.Cubic, 4, ising.Periodic, 1, 0), 4},
		{model(t, ising.Square, 8, ising.Open, 1, 0), 2},
		{model(t, ising.Square, 16, ising.Periodic, 1, 0.1), 2},
		{model(t, ising.Square, 17, ising.Periodic, -1, 0), 2},
		{model(t, ising.Square, 16, ising.Periodic, -1, 4), 0},
		{model(t, ising.Triangular, 6, ising.Periodic, -1, 0), 0},
		{model(t, ising.Chain, 5000, ising.Periodic, 1, 0.1), 1},
		{model(t, ising.Chain, 25, ising.Periodic, -1, 0), 0.002}, // so does the broken bond
		{model(t, ising.Square, 10, ising.Periodic, -1, 5), 0.05}, // the saturated state underflows
	} {
		v, err := Solve(c.m, c.temperature)
		if !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), string(c.m.Lattice.Kind())) {
			t.Errorf("%s: %v, want ErrUnknown with the model's name", describe(c.m, c.temperature), err)
		}
		if !math.IsNaN(v.Energy) || !math.IsNaN(v.LogZ) {
			t.Errorf("%s: values beside an error", describe(c.m, c.temperature))
		}
	}
}

func TestSolveRefuses(t *testing.T) {
	for _, temperature := range []float64{-1, math.NaN()} {
		if _, err := Solve(model(t, ising.Square, 8, ising.Periodic, 1, 0), temperature); err == nil || errors.Is(err, ErrUnknown) {
			t.Errorf("T = %g: %v", temperature, err)
		}
	}
	if _, err := Solve(ising.Model{}, 1); err == nil || errors.Is(err, ErrUnknown) {
		t.Errorf("no lattice: %v", err)
	}
}

func BenchmarkSolve(b *testing.B) {
	for _, c := range []struct {
		size  int
		field float64
	}{{4, 0}, {8, 0}, {10, 0}, {10, 0.1}} {
		m := model(b, ising.Square, c.size, ising.Periodic, 1, c.field)
		b.Run(fmt.Sprintf("L=%d/h=%g", c.size, c.field), func(b *testing.B) {
			for b.Loop() {
				if _, err := Solve(m, squareTc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
