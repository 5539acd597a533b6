package exact

import (
	"fmt"
	"math"
	"testing"

	"isingrbm/ising"
)

// TestRingTransfer compares the closed forms with the transfer matrix, which has nothing in common with them.
func TestRingTransfer(t *testing.T) {
	for _, boundary := range []ising.Boundary{ising.Periodic, ising.Open} {
		for _, size := range []int{3, 4, 10, 101} {
			for _, temperature := range []float64{0.1, 0.4, 1, 3, 100, 1e6} {
				m := model(t, ising.Chain, size, boundary, 1, 0)
				solve := ring
				if boundary == ising.Open {
					solve = openChain
				}
				e, c, z, chi := solve(size, temperature)
				var v Values
				count, scale := chainTally(m, temperature, false)
				v.setTally(count, m, temperature, scale)
				v.setOrder(count.distribution(), temperature, 0)
				what := describe(m, temperature)
				near(t, what+": e", e, v.Energy, 1e-13)
				nearly(t, what+": c", c, v.SpecificHeat, 1e-10*math.Max(1, temperature*temperature/1e6))
				nearly(t, what+": ln Z", z, v.LogZ, 1e-13)
				nearly(t, what+": χ₀", chi, v.SusceptibilityZero, 1e-12)
			}
		}
	}
}

// TestRingDerivatives holds e and c of the closed forms by differences of ln Z.
func TestRingDerivatives(t *testing.T) {
	for _, solve := range []func(int, float64) (e, c, z, chi float64){ring, openChain} {
		for _, temperature := range []float64{0.3, 1, 5} {
			const n, step = 7, 1e-5
			k := 1 / temperature
			e, c, _, _ := solve(n, temperature)
			ep, _, zp, _ := solve(n, 1/(k+step))
			em, _, zm, _ := solve(n, 1/(k-step))
			near(t, fmt.Sprintf("e(%g)", temperature), e, -(zp-zm)/(2*step*n), 1e-8)
			near(t, fmt.Sprintf("c(%g)", temperature), c, -k*k*(ep-em)/(2*step), 1e-8)
		}
	}
}

// TestRingInfinite: a long ring is the infinite chain, e = −tanh K, ξ of the second moment = 1/(2 sinh ½ξ₁⁻¹), ξ₁ = −1/ln tanh K.
func TestRingInfinite(t *testing.T) {
	const n = 100000
	for _, temperature := range []float64{0.5, 1, 4} {
		tanh := math.Tanh(1 / temperature)
		m := model(t, ising.Chain, n, ising.Periodic, 1, 0)
		v, err := Solve(m, temperature)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "e", v.Energy, -tanh, 1e-14)
		nearly(t, "χ₀", v.SusceptibilityZero, math.Exp(2/temperature)/temperature, 1e-13)
		nearly(t, "ξ", v.CorrelationLength, math.Sqrt(tanh)/(1-tanh), 1e-5)
		if !math.IsNaN(v.AbsMagnetization) || !math.IsNaN(v.Binder) {
			t.Errorf("a ring of %d spins has <|M|> = %g", n, v.AbsMagnetization)
		}
	}
}

// TestChainDistribution holds P(n_up) of rings and open chains against enumeration, in fields and for both signs of J.
func TestChainDistribution(t *testing.T) {
	for _, boundary := range []ising.Boundary{ising.Periodic, ising.Open} {
		for _, size := range []int{3, 6, 11} {
			for _, coupling := range []float64{1, -1} {
				for _, field := range []float64{0, 0.7, -3} {
					m := model(t, ising.Chain, size, boundary, coupling, field)
					got, _ := chainTally(m, 1.3, staggered(m))
					e, err := Enumerate(m)
					if err != nil {
						t.Fatal(err)
					}
					want := make([]float64, size+1)
					for _, l := range e.levels {
						want[l.order] += weight(l.energy, 1.3) * l.states
					}
					want = normalized(want)
					for n, p := range got.distribution() {
						near(t, fmt.Sprintf("%s: P(%d)", describe(m, 1.3), n), p, want[n], 1e-14)
					}
				}
			}
		}
	}
}

// TestChainLong holds a chain whose weights would overflow: 2^2000 states.
func TestChainLong(t *testing.T) {
	const n = 2000
	m := model(t, ising.Chain, n, ising.Periodic, 1, 0)
	count, scale := chainTally(m, 1e9, false)
	p := count.distribution()
	logBinomial, _ := math.Lgamma(n + 1)
	half, _ := math.Lgamma(n/2 + 1)
	nearly(t, "P(N/2) at T → ∞", p[n/2], math.Exp(logBinomial-2*half-n*math.Ln2), 1e-5)
	sum := 0.0
	for _, w := range count[0] {
		sum += w
	}
	nearly(t, "ln Z", math.Log(sum)+scale, n*math.Ln2, 1e-8)

	m.Field = 0.3 // the infinite chain in a field: m = sinh/√(sinh² + e^{−4K})
	v, err := Solve(m, 1.5)
	if err != nil {
		t.Fatal(err)
	}
	sinh := math.Sinh(0.2)
	nearly(t, "m in a field", v.Magnetization, sinh/math.Hypot(sinh, math.Exp(-2/1.5)), 1e-12)
	lambda := math.Exp(1/1.5)*math.Cosh(0.2) + math.Sqrt(math.Exp(2/1.5)*sinh*sinh+math.Exp(-2/1.5))
	nearly(t, "ln Z in a field", v.LogZ, n*math.Log(lambda), 1e-13)
}

// TestChainStrongField holds fields that would underflow: e^{−2·40·200}.
func TestChainStrongField(t *testing.T) {
	m := model(t, ising.Chain, 200, ising.Periodic, -1, 40)
	v, err := Solve(m, 1)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "e", v.Energy, 1-40, 1e-12)
	near(t, "m", v.Magnetization, 1, 1e-15)
	nearly(t, "ln Z", v.LogZ, 200*39, 1e-14)
	m.Field = 0.5
	v, err = Solve(m, 0.02) // the Néel states, each spin at e^{∓25}
	if err != nil {
		t.Fatal(err)
	}
	near(t, "e in a weak field", v.Energy, -1, 1e-12)
	near(t, "staggered m", v.AbsMagnetization, 1, 1e-12)
	nearly(t, "ln Z in a weak field", v.LogZ, 200/0.02+math.Ln2, 1e-14)
}

func BenchmarkChainTally(b *testing.B) {
	for _, size := range []int{64, 1024, 4096} {
		m := model(b, ising.Chain, size, ising.Periodic, 1, 0)
		b.Run(fmt.Sprintf("N=%d", size), func(b *testing.B) {
			for b.Loop() {
				chainTally(m, 1, false)
			}
		})
	}
}
