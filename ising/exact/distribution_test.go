package exact

import (
	"fmt"
	"math"
	"math/bits"
	"testing"

	"isingrbm/ising"
)

// TestDistributionTable holds <|M|>, χ and U of the exact table, as moments of the distribution.
func TestDistributionTable(t *testing.T) {
	for _, row := range squareTable {
		if math.IsNaN(row.m) {
			continue
		}
		p, err := MagnetizationDistribution(row.size, row.temperature)
		if err != nil {
			t.Fatal(err)
		}
		var v Values
		v.setOrder(p, row.temperature, 0)
		what := fmt.Sprintf("L = %d, T = %g: ", row.size, row.temperature)
		near(t, what+"m", v.AbsMagnetization, row.m, row.toleranceM*1.01)
		near(t, what+"χ", v.Susceptibility, row.chi, row.toleranceM*1.01)
		near(t, what+"U", v.Binder, row.binder, row.toleranceM*1.01)
	}
}

// bruteDistribution returns P(n_up) of the L×L torus at J = ±1 from all its states.
func bruteDistribution(m ising.Model, temperature float64) []float64 {
	p := make([]float64, m.Lattice.Sites()+1)
	lowest := -float64(len(m.Lattice.Bonds()))
	for state := range 1 << m.Lattice.Sites() {
		energy := m.Energy([]uint64{uint64(state)})
		p[bits.OnesCount(uint(state))] += math.Exp(-(energy - lowest) / temperature)
	}
	return normalized(p)
}

func TestDistributionEnumerated(t *testing.T) {
	for _, size := range []int{3, 4} {
		m := model(t, ising.Square, size, ising.Periodic, 1, 0)
		for _, temperature := range []float64{0.2, 1, squareTc, 5, 1e6} {
			got, err := MagnetizationDistribution(size, temperature)
			if err != nil {
				t.Fatal(err)
			}
			for n, want := range bruteDistribution(m, temperature) {
				nearly(t, fmt.Sprintf("L = %d, T = %g: P(%d)", size, temperature, n), got[n], want, 1e-12)
			}
		}
	}
}

// TestTallyEnumerated holds the moments of the broken bonds too, for both signs of J.
func TestTallyEnumerated(t *testing.T) {
	for _, size := range []int{3, 4} {
		for _, antiferro := range []bool{false, true} {
			m := model(t, ising.Square, size, ising.Periodic, 1, 0)
			want := newTally(size * size)
			for state := range 1 << (size * size) {
				broken := int(m.Energy([]uint64{uint64(state)})+float64(2*size*size)) / 2
				if antiferro {
					broken = 2*size*size - broken
				}
				for j := range want {
					want[j][bits.OnesCount(uint(state))] += math.Exp(-2*0.4*float64(broken)) * choose(broken, j)
				}
			}
			got := squareTally(size, 0.4, antiferro, 3)
			for j := range want {
				for n := range want[j] {
					nearly(t, fmt.Sprintf("L = %d, J < 0: %v, moment %d of n = %d", size, antiferro, j, n), got[j][n], want[j][n], 1e-11)
				}
			}
		}
	}
}

// TestDistributionAgainstTorus: two methods that share nothing give one ln Z, e and c.
func TestDistributionAgainstTorus(t *testing.T) {
	for _, size := range []int{5, 6, 7, 8, 9} {
		for _, temperature := range []float64{0.3, 1, squareTc, 3, 50} {
			m := model(t, ising.Square, size, ising.Periodic, 1, 0)
			var v Values
			v.setTally(squareTally(size, 1/temperature, false, 3), m, temperature, 0)
			e, c, z := Torus(size, size, temperature)
			what := fmt.Sprintf("L = %d, T = %g: ", size, temperature)
			near(t, what+"e", v.Energy, e, 1e-14)
			nearly(t, what+"c", v.SpecificHeat, c, 1e-10)
			nearly(t, what+"ln Z", v.LogZ, z, 1e-14)
		}
	}
}

func TestDistributionSymmetry(t *testing.T) {
	for _, size := range []int{3, 6, 8, 10} {
		p, err := MagnetizationDistribution(size, 2.1)
		if err != nil {
			t.Fatal(err)
		}
		if len(p) != size*size+1 {
			t.Fatalf("L = %d: %d probabilities", size, len(p))
		}
		sum := 0.0
		for n, x := range p {
			sum += x
			if x != p[len(p)-1-n] || !(x > 0) {
				t.Errorf("L = %d: P(%d) = %g, P(%d) = %g", size, n, x, len(p)-1-n, p[len(p)-1-n])
			}
		}
		near(t, "Σ P", sum, 1, 1e-14)
	}
}

// TestDistributionLimits: independent spins at T = ∞, two states at T = 0, single turned spins above it.
func TestDistributionLimits(t *testing.T) {
	p, err := MagnetizationDistribution(6, math.Inf(1))
	if err != nil {
		t.Fatal(err)
	}
	binomial := math.Exp2(-36)
	for n := range p {
		nearly(t, fmt.Sprintf("P(%d) at T = ∞", n), p[n], binomial, 1e-13)
		binomial *= float64(36-n) / float64(n+1)
	}
	for _, temperature := range []float64{0, 1e-3} {
		p, err = MagnetizationDistribution(6, temperature)
		if err != nil || p[0] != 0.5 || p[36] != 0.5 || p[1] != 0 || p[18] != 0 {
			t.Errorf("T = %g: P(0) = %g, P(1) = %g, %v", temperature, p[0], p[1], err)
		}
	}
	for _, size := range []int{8, 10} {
		p, err = MagnetizationDistribution(size, 0.1)
		if err != nil {
			t.Fatal(err)
		}
		flip := math.Exp(-80)
		nearly(t, "P(1)/P(0) in the cold", p[1]/p[0], float64(size*size)*flip, 1e-12)
		// A straight strip, the cheapest way to turn over half the spins: in 2L places.
		nearly(t, "P(N/2)/P(0) in the cold", p[size*size/2]/p[0], float64(2*size)*math.Exp(-4*float64(size)/0.1), 1e-6)
	}
}

func TestDistributionRefuses(t *testing.T) {
	for _, c := range []struct {
		size        int
		temperature float64
	}{{2, 1}, {13, 1}, {8, -1}, {8, math.NaN()}} {
		if _, err := MagnetizationDistribution(c.size, c.temperature); err == nil {
			t.Errorf("L = %d at T = %g is accepted", c.size, c.temperature)
		}
	}
}

func BenchmarkMagnetizationDistribution(b *testing.B) {
	for _, size := range []int{8, 10, 12} {
		b.Run(fmt.Sprintf("L=%d", size), func(b *testing.B) {
			for b.Loop() {
				if _, err := MagnetizationDistribution(size, squareTc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
