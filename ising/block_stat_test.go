//go:build stat

package ising

import (
	"fmt"
	"math"
	"testing"
)

// The long version of TestBlocksAgainstEnumeration: 10⁶ configurations a case, up to 16 sites, all kinds, boundaries, signs,
// fields, temperatures and algorithms. Some 460 cases with 7 moments each, most of them correlated: |z| > 5.2 for any has a
// probability below 0.1 % over seeds. The rms of the deviations of the energies must be that of a standard normal within 4σ of
// its own error (and within 0.8 to 1.2).
func TestStatBlocksAgainstEnumeration(t *testing.T) {
	lattices := []*Lattice{mustLattice(t, Chain, 9, Periodic), mustLattice(t, Chain, 10, Open),
		mustLattice(t, Square, 3, Periodic), mustLattice(t, Square, 4, Periodic), mustLattice(t, Square, 4, Open),
		mustLattice(t, Triangular, 3, Periodic), mustLattice(t, Triangular, 4, Periodic), mustLattice(t, Triangular, 3, Open),
		mustLattice(t, Cubic, 2, Open)}
	var energies sample
	for k, c := range grid(t, lattices) {
		t.Run(c.String(), func(t *testing.T) {
			z := compareWithEnumeration(t, c, byte(k+100), 2000, 5.2)
			if c.temperature > 0 {
				energies.add(z[0])
			}
		})
	}
	rms := math.Sqrt(energies.squares / energies.n)
	t.Logf("%v comparisons of energies: rms %.3f", energies.n, rms)
	if limit := min(0.2, 4/math.Sqrt(2*energies.n)); math.Abs(rms-1) > limit {
		t.Errorf("rms of the deviations is %.3f, want 1 ± %.2f", rms, limit)
	}
}

// On the 8×8 torus energies and order parameters agree with Kaufman and the transfer matrix, 10⁶ configurations a case, and
// the energies of the 4×4 torus have the distribution that enumeration gives (χ² of chains that are far apart). |z| > 4.8 for
// any of 40 has a probability of 6·10⁻⁵ over seeds, p < 10⁻⁵ for any of 240 of 2·10⁻³.
func TestStatSquareLattice(t *testing.T) {
	m := Model{mustLattice(t, Square, 8, Periodic), 1, 0}
	for _, c := range []struct{ temperature, energy, order float64 }{
		{1.0, -1.9971602, 0.9992758}, {2.0, -1.7456832, 0.9114523}, {2.269185314213022, -1.4915891, 0.7773311},
		{2.6, -1.1189710, 0.5319316}, {3.0, -0.8413154, 0.3460346}} {
		for _, algorithm := range []Algorithm{Metropolis, HeatBath, Wolff, SwendsenWang, MetropolisWolff} {
			t.Run(fmt.Sprintf("T=%.3f-%s", c.temperature, algorithm), func(t *testing.T) {
				energy, order := chainMeans(t, m, c.temperature, algorithm, 2000)
				if z := energy.deviation(64 * c.energy); math.Abs(z) > 4.8 {
					t.Errorf("energy off by %.1fσ", z)
				}
				if z := order.deviation(64 * c.order); math.Abs(z) > 4.8 {
					t.Errorf("order parameter off by %.1fσ", z)
				}
			})
		}
	}
	small := Model{mustLattice(t, Square, 4, Periodic), 1, 0}
	for _, temperature := range []float64{1.5, 2.269, 3.5} {
		for _, algorithm := range []Algorithm{Metropolis, HeatBath, Wolff, SwendsenWang, MetropolisWolff} {
			b := mustBlock(t, small, temperature, algorithm, 81)
			var spins []lanes
			worst := 1.0
			for range 20 {
				for range 100 {
					b.Step()
				}
				spins = b.spins
				worst = min(worst, energyPValue(small, temperature, spins))
			}
			if worst < tooRare {
				t.Errorf("T = %v %s: p = %.1g", temperature, algorithm, worst)
			}
		}
	}
}

// chainMeans returns the means of the energy and the |order parameter| of every chain over stored steps.
func chainMeans(t *testing.T, m Model, temperature float64, algorithm Algorithm, stored int) (energy, order sample) {
	s := mustPilot(t, m, temperature, algorithm, 83)
	b := mustBlock(t, m, temperature, algorithm, 84)
	for range s.Thermalization {
		b.Step()
	}
	energies, orders := make([]float64, Lanes), make([]int32, Lanes)
	var sums [2][Lanes]float64
	for range stored {
		for range s.Thinning {
			b.Step()
		}
		b.Energies(energies)
		b.OrderParameters(orders)
		for c := range Lanes {
			sums[0][c] += energies[c] / float64(stored)
			sums[1][c] += math.Abs(float64(orders[c])) / float64(stored)
		}
	}
	for c := range Lanes {
		energy.add(sums[0][c])
		order.add(sums[1][c])
	}
	return energy, order
}
