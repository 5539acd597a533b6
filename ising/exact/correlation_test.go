package exact

import (
	"fmt"
	"math"
	"testing"

	"isingrbm/ising"
)

func TestSquareStructureEnumerated(t *testing.T) {
	for _, size := range []int{3, 4} {
		for _, coupling := range []float64{1, -1} {
			for _, field := range []float64{0, 0.2, -1.5} {
				m := model(t, ising.Square, size, ising.Periodic, coupling, field)
				e, err := Enumerate(m)
				if err != nil {
					t.Fatal(err)
				}
				for _, temperature := range []float64{0.3, 1, squareTc, 10} {
					zero, first := squareStructure(size, 1/temperature, field/temperature, coupling < 0)
					wantZero, wantFirst := e.structure(temperature)
					nearly(t, describe(m, temperature)+": S(0)", zero, wantZero, 1e-12)
					nearly(t, describe(m, temperature)+": S(2π/L)", first, wantFirst, 1e-11)
				}
			}
		}
	}
}

// structure returns <M²>/N and S(2π/L) by enumeration.
func (e *Enumeration) structure(temperature float64) (zero, first float64) {
	n, sum := float64(e.model.Lattice.Sites()), 0.0
	for _, l := range e.levels {
		w := weight(l.energy, temperature)
		sum += w * l.states
		zero += w * l.states * math.Pow(2*float64(l.order)-n, 2)
		first += w * l.structure
	}
	return zero / (sum * n), first / (sum * n)
}

// TestSquareStructureMoments: S(0) is <M²>/N, which the distribution gives by another road.
func TestSquareStructureMoments(t *testing.T) {
	for _, size := range []int{6, 7, 8, 9, 10} {
		for _, temperature := range []float64{1, squareTc, 4} {
			p, err := MagnetizationDistribution(size, temperature)
			if err != nil {
				t.Fatal(err)
			}
			zero, first := squareStructure(size, 1/temperature, 0, false)
			nearly(t, fmt.Sprintf("L = %d, T = %g: S(0)", size, temperature), zero, momentsOf(p, false).square/float64(size*size), 1e-12)
			if !(first > 0 && first < zero) {
				t.Errorf("L = %d, T = %g: S(2π/L) = %g, S(0) = %g", size, temperature, first, zero)
			}
		}
	}
}

// TestSquareStructureCold: single turned spins give 4 e^{−8K} at every momentum but 0.
func TestSquareStructureCold(t *testing.T) {
	for _, temperature := range []float64{0.4, 0.2, 0.1} {
		_, first := squareStructure(8, 1/temperature, 0, false)
		nearly(t, "S(2π/8)", first, 4*math.Exp(-8/temperature), 10*math.Exp(-4/temperature)+1e-12)
	}
}

func BenchmarkSquareStructure(b *testing.B) {
	for _, size := range []int{8, 10, 12} {
		b.Run(fmt.Sprintf("L=%d", size), func(b *testing.B) {
			for b.Loop() {
				squareStructure(size, 1/squareTc, 0, false)
			}
		})
	}
}
