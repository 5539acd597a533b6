//go:build stat

package ising_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"isingrbm/ising"
	"isingrbm/ising/exact"
)

// statCase is a comparison of a block with the exact answer.
type statCase struct {
	m           ising.Model
	temperature float64
	algorithm   ising.Algorithm
}

func (c statCase) String() string {
	l := c.m.Lattice
	return fmt.Sprintf("%s-%d-%s/J=%v/h=%v/T=%.3f/%s", l.Kind(), l.Size(), l.Boundary(), c.m.Coupling, c.m.Field, c.temperature,
		c.algorithm)
}

// statCases are lattices with exact answers: Kaufman's torus, the transfer matrix, the ring and enumeration.
func statCases(t *testing.T) (cases []statCase) {
	const critical = 2.269185314213022
	add := func(kind ising.Kind, size int, boundary ising.Boundary, coupling, field float64, temperatures []float64,
		algorithms ...ising.Algorithm) {
		l, err := ising.NewLattice(kind, size, boundary)
		if err != nil {
			t.Fatal(err)
		}
		for _, temperature := range temperatures {
			for _, a := range algorithms {
				cases = append(cases, statCase{ising.Model{Lattice: l, Coupling: coupling, Field: field}, temperature, a})
			}
		}
	}
	for _, size := range []int{8, 16, 32, 64} {
		add(ising.Square, size, ising.Periodic, 1, 0, []float64{1.5, 2, critical, 2.6, 3}, ising.Auto)
	}
	add(ising.Square, 8, ising.Periodic, 1, 0, []float64{2, critical, 3}, ising.Metropolis, ising.HeatBath, ising.Wolff,
		ising.SwendsenWang, ising.MetropolisWolff)
	add(ising.Square, 32, ising.Periodic, 1, 0, []float64{critical}, ising.Wolff, ising.SwendsenWang)
	add(ising.Square, 8, ising.Periodic, 1, 0, []float64{2.8, 4}, ising.Perfect)
	add(ising.Square, 10, ising.Periodic, -1, 0, []float64{2, critical, 3}, ising.Auto, ising.HeatBath)
	add(ising.Square, 9, ising.Periodic, -1, 0, []float64{2, 3}, ising.Metropolis, ising.HeatBath)
	add(ising.Square, 8, ising.Periodic, 1, 0.1, []float64{2, 3}, ising.Auto, ising.HeatBath)
	add(ising.Square, 4, ising.Open, 1, 0, []float64{1.5, critical}, ising.Auto)
	add(ising.Square, 4, ising.Open, 1, 0.4, []float64{2, 3}, ising.Auto, ising.Perfect)
	add(ising.Chain, 64, ising.Periodic, 1, 0, []float64{0.6, 1, 2}, ising.Auto, ising.HeatBath)
	add(ising.Chain, 50, ising.Open, -1, 0.3, []float64{1, 2}, ising.Metropolis)
	add(ising.Triangular, 4, ising.Periodic, 1, 0, []float64{3, 3.64, 6}, ising.Auto, ising.Wolff)
	add(ising.Triangular, 4, ising.Periodic, -1, 0, []float64{2, 4}, ising.Auto)
	add(ising.Cubic, 2, ising.Open, 1, 0, []float64{2, 4.5}, ising.Auto, ising.SwendsenWang)
	return cases
}

// chainSums are the means over the stored configurations of every chain: of E, E² and |M|, M being the order parameter.
func chainSums(t *testing.T, c statCase, seed byte, stored int) (sums [3][ising.Lanes]float64) {
	t.Helper()
	s, err := ising.Pilot(context.Background(), c.m, c.temperature, c.algorithm, [32]byte{seed, 1})
	if err != nil {
		t.Fatal(err)
	}
	b, err := ising.NewBlock(c.m, c.temperature, s.Algorithm, [32]byte{seed, 2})
	if err != nil {
		t.Fatal(err)
	}
	for range s.Thermalization {
		b.Step()
	}
	energies, orders := make([]float64, ising.Lanes), make([]int32, ising.Lanes)
	for range stored {
		for range s.Thinning {
			b.Step()
		}
		b.Energies(energies)
		b.OrderParameters(orders)
		for k, e := range energies {
			sums[0][k] += e / float64(stored)
			sums[1][k] += e * e / float64(stored)
			sums[2][k] += math.Abs(float64(orders[k])) / float64(stored)
		}
	}
	return sums
}

// meanAndError returns the mean of independent data and its standard error.
func meanAndError(x [ising.Lanes]float64) (mean, err float64) {
	for _, v := range x {
		mean += v / ising.Lanes
	}
	for _, v := range x {
		err += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(err / (ising.Lanes - 1) / ising.Lanes)
}

// Energy, specific heat and |order parameter| of 10⁶ configurations a case agree with the exact answers within 4σ. Each chain
// is one datum, so that no autocorrelation enters; the specific heat is linearized. Some 200 comparisons, many correlated: a
// false alarm in one of 80 seeds, and the seeds are fixed. The deviations of the energies have an rms within 0.8 to 1.2.
func TestStatBlocksAgainstExactAnswers(t *testing.T) {
	cases := statCases(t)
	squares, n := 0.0, 0.0
	for k, c := range cases {
		t.Run(c.String(), func(t *testing.T) {
			want, err := exact.Solve(c.m, c.temperature)
			if errors.Is(err, exact.ErrUnknown) {
				t.Fatal("a case without an answer")
			}
			sums := chainSums(t, c, byte(k), 2000)
			sites := float64(c.m.Lattice.Sites())
			energy, energyError := meanAndError(sums[0])
			var heat [ising.Lanes]float64
			for i := range heat {
				heat[i] = (sums[1][i] - 2*energy*sums[0][i] + energy*energy) / (sites * c.temperature * c.temperature)
			}
			z := (energy - sites*want.Energy) / energyError
			squares, n = squares+z*z, n+1
			check(t, "energy", z)
			mean, deviation := meanAndError(heat)
			check(t, "specific heat", (mean-want.SpecificHeat)/deviation)
			if !math.IsNaN(want.AbsMagnetization) {
				mean, deviation = meanAndError(sums[2])
				check(t, "|order parameter|", (mean-sites*want.AbsMagnetization)/deviation)
			}
		})
	}
	rms := math.Sqrt(squares / n)
	t.Logf("%v cases: rms of the energies' deviations %.3f", n, rms)
	if len(cases) < 60 || rms < 0.8 || rms > 1.2 {
		t.Errorf("%d cases, rms %.3f", len(cases), rms)
	}
}

func check(t *testing.T, name string, z float64) {
	t.Helper()
	if !(math.Abs(z) < 4) {
		t.Errorf("%s is off by %.1fσ", name, z)
	}
}

// P(M) of the torus, by Pearson's χ² of configurations 10 τ apart, whose correlation is below 10⁻⁸. 20 blocks make 10240 data,
// and χ² < k + 5√(2k) + 10 fails in fewer than one of 10⁵ seeds.
func TestStatMagnetizationDistribution(t *testing.T) {
	for _, size := range []int{4, 6, 8, 10} {
		for _, temperature := range []float64{2, 2.269185314213022, 3} {
			t.Run(fmt.Sprintf("L=%d/T=%.3f", size, temperature), func(t *testing.T) {
				l, _ := ising.NewLattice(ising.Square, size, ising.Periodic)
				m := ising.Model{Lattice: l, Coupling: 1}
				want, err := exact.MagnetizationDistribution(size, temperature)
				if err != nil {
					t.Fatal(err)
				}
				if chi2, cells := chiSquared(t, m, temperature, temperature, want); chi2 > excess(cells) {
					t.Errorf("χ² = %.0f with %v cells", chi2, cells)
				}
				if chi2, cells := chiSquared(t, m, temperature, 1.05*temperature, want); chi2 < excess(cells) {
					t.Errorf("5 %% off in temperature: χ² = %.0f with %v cells", chi2, cells)
				}
			})
		}
	}
}

func excess(cells float64) float64 { return cells + 5*math.Sqrt(2*cells) + 10 }

// chiSquared draws at one temperature, with the schedule of another, and compares the counts of M; cells with fewer than ten
// expected are joined to the next.
func chiSquared(t *testing.T, m ising.Model, scheduled, drawn float64, want []float64) (chi2, cells float64) {
	t.Helper()
	s, err := ising.Pilot(context.Background(), m, scheduled, ising.Auto, [32]byte{7})
	if err != nil {
		t.Fatal(err)
	}
	b, err := ising.NewBlock(m, drawn, s.Algorithm, [32]byte{8})
	if err != nil {
		t.Fatal(err)
	}
	observed := make([]float64, len(want))
	magnetizations := make([]int32, ising.Lanes)
	const blocks = 20
	for range blocks {
		for range s.Thermalization {
			b.Step()
		}
		b.FlipAtRandom()
		b.Magnetizations(magnetizations)
		for _, m := range magnetizations {
			observed[(int(m)+len(want)-1)/2]++
		}
	}
	expected, seen := 0.0, 0.0
	for k, p := range want {
		expected += p * blocks * ising.Lanes
		seen += observed[k]
		if expected >= 10 {
			chi2 += (seen - expected) * (seen - expected) / expected
			cells++
			expected, seen = 0, 0
		}
	}
	return chi2, cells
}
