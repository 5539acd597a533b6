package ising

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// What a block says of its chains is what the model says of their configurations.
func TestBlockMeasuresItsConfigurations(t *testing.T) {
	everyLattice(t, func(t *testing.T, l *Lattice) {
		for _, m := range []Model{{l, 1, 0}, {l, -1, 0}, {l, 0.7, 0.3}, {l, -1.3, -2.1}} {
			b := mustBlock(t, m, 3, HeatBath, 31)
			b.Step()
			energies, magnetizations, orders := make([]float64, Lanes), make([]int32, Lanes), make([]int32, Lanes)
			rows := make([]uint64, Lanes*Words(l.Sites()))
			b.Energies(energies)
			b.Magnetizations(magnetizations)
			b.OrderParameters(orders)
			b.Configurations(rows)
			for c := range Lanes {
				row := rows[c*Words(l.Sites()) : (c+1)*Words(l.Sites())]
				if row[len(row)-1]>>((l.Sites()-1)%64)>>1 != 0 {
					t.Fatalf("%v: chain %d has bits above the last site", m, c)
				}
				if m.Energy(row) != energies[c] || m.Magnetization(row) != int(magnetizations[c]) ||
					m.OrderParameter(row) != int(orders[c]) {
					t.Fatalf("%v: chain %d: %v %v %v, want %v %v %v", m, c, energies[c], magnetizations[c], orders[c],
						m.Energy(row), m.Magnetization(row), m.OrderParameter(row))
				}
			}
		}
	})
}

// The grids of models and algorithms below are compared with enumeration through everything that a user calls: a pilot, a
// block with its schedule, random flips in zero field. The mean of each of 512 independent chains over the stored steps is one
// datum, so that the standard error needs no autocorrelation time.

// deviations returns, in standard errors, how far the means of momentNames of a block's chains are from the exact ones. The
// standard errors are at least those of independent configurations, for excitations so rare that none may have been seen.
func deviations(t *testing.T, b *Block, s Schedule, temperature float64, stored int) []float64 {
	t.Helper()
	// 1e-3 stands for T = 0: excitations have the weight e^{−100} and less.
	want, spread := newSlow(b.model).exactMoments(max(temperature, 1e-3))
	for range s.Thermalization {
		b.Step()
	}
	sums := make([][Lanes]float64, len(want))
	energies, orders, magnetizations := make([]float64, Lanes), make([]int32, Lanes), make([]int32, Lanes)
	rows := make([]uint64, Lanes*Words(b.model.Lattice.sites))
	for range stored {
		for range s.Thinning {
			b.Step()
		}
		if b.model.Field == 0 {
			b.FlipAtRandom()
		}
		b.Energies(energies)
		b.Magnetizations(magnetizations)
		b.OrderParameters(orders)
		b.Configurations(rows)
		for c := range Lanes {
			row := rows[c*len(rows)/Lanes : (c+1)*len(rows)/Lanes]
			staggered := b.model.StaggeredMagnetization(row)
			for k, x := range momentsOf(energies[c], int(magnetizations[c]), int(orders[c]), staggered) {
				sums[k][c] += x
			}
		}
	}
	z := make([]float64, len(want))
	for k := range want {
		mean, squares := 0.0, 0.0
		for _, x := range sums[k] {
			mean += x / float64(stored) / Lanes
		}
		for _, x := range sums[k] {
			squares += (x/float64(stored) - mean) * (x/float64(stored) - mean)
		}
		difference := mean - want[k]
		if math.Abs(difference) > 1e-10*(1+math.Abs(want[k])) {
			variance := max(squares/(Lanes-1), spread[k]*spread[k]/float64(stored))
			z[k] = difference / math.Sqrt(variance/Lanes)
		}
	}
	return z
}

// gridCase is one comparison.
type gridCase struct {
	m           Model
	temperature float64
	algorithm   Algorithm
}

func (c gridCase) String() string { return fmt.Sprintf("%v T=%v %s", c.m, c.temperature, c.algorithm) }

// grid returns all valid combinations of the given lattices with couplings, fields, temperatures and algorithms.
func grid(t *testing.T, lattices []*Lattice) []gridCase {
	var cases []gridCase
	for _, l := range lattices {
		for _, m := range []Model{{l, 1, 0}, {l, -1, 0}, {l, 1, 0.15}, {l, -0.9, 1.1}} {
			for _, temperature := range []float64{0, 1.1, 2.269, 4, math.Inf(1)} {
				for _, algorithm := range []Algorithm{Auto, Metropolis, HeatBath, Wolff, SwendsenWang, MetropolisWolff} {
					if algorithm != Auto && (temperature == 0 || temperature > 4) {
						continue // all are the same
					}
					if CheckAlgorithm(m, algorithm, temperature) == nil {
						cases = append(cases, gridCase{m, temperature, algorithm})
					}
				}
			}
		}
	}
	return cases
}

// Some 250 cases with 7 moments each, many of them correlated or exact: |z| > 4.8 for any has a probability below 0.3 % over
// seeds, and the seeds are fixed.
func TestBlocksAgainstEnumeration(t *testing.T) {
	lattices := []*Lattice{mustLattice(t, Chain, 7, Periodic), mustLattice(t, Chain, 8, Open),
		mustLattice(t, Square, 3, Periodic), mustLattice(t, Square, 3, Open),
		mustLattice(t, Triangular, 3, Periodic), mustLattice(t, Triangular, 3, Open), mustLattice(t, Cubic, 2, Open)}
	for k, c := range grid(t, lattices) {
		t.Run(c.String(), func(t *testing.T) { compareWithEnumeration(t, c, byte(k), 20, 4.8) })
	}
}

func compareWithEnumeration(t *testing.T, c gridCase, seed byte, stored int, limit float64) []float64 {
	t.Helper()
	schedule, err := Pilot(context.Background(), c.m, c.temperature, c.algorithm, [32]byte{seed, 1})
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewBlock(c.m, c.temperature, schedule.Algorithm, [32]byte{seed, 2})
	if err != nil {
		t.Fatal(err)
	}
	z := deviations(t, b, schedule, c.temperature, stored)
	for k, name := range momentNames {
		if !(math.Abs(z[k]) < limit) {
			t.Errorf("%s is off by %.1fσ (%+v)", name, z[k], schedule)
		}
	}
	return z
}

// The control: 5 % in the temperature must show.
func TestTheGridSeesAWrongTemperature(t *testing.T) {
	m := Model{mustLattice(t, Square, 3, Open), 1, 0}
	b := mustBlock(t, m, 2.269*1.05, Metropolis, 35)
	z := deviations(t, b, Schedule{Thermalization: 50, Thinning: 5}, 2.269, 20)
	if math.Abs(z[0]) < 6 {
		t.Errorf("the energy at a temperature 5 %% too high is only %.1fσ off", z[0])
	}
}

// Different chains share no randomness: the square of the overlap (1/N) Σ σ_i σ_i' of two chains has the mean
// (1/N²) Σ_ik <σ_i σ_k>² of independent ones, here by enumeration. Disjoint pairs of chains make independent data at every
// stored step; |z| > 4.5 has probability 7·10⁻⁶ for each algorithm. Chains that get the same random numbers, the usual
// shortcut, become one within a few hundred steps.
func TestChainsAreIndependent(t *testing.T) {
	m := Model{mustLattice(t, Square, 4, Periodic), 1, 0}
	const temperature = 2.269
	want := meanSquareOverlap(newSlow(m), temperature)
	for _, algorithm := range []Algorithm{Metropolis, HeatBath, Wolff, SwendsenWang, MetropolisWolff} {
		b := mustBlock(t, m, temperature, algorithm, 37)
		if z := overlapDeviation(m, want, func() []lanes {
			for range 20 {
				b.Step()
			}
			b.FlipAtRandom()
			return b.spins
		}); math.Abs(z) > 4.5 {
			t.Errorf("%s: overlap off by %.1fσ", algorithm, z)
		}
	}
	rng := rand.New(rand.NewPCG(38, 39))
	shared := randomSpins(rng, m.Lattice.sites)
	if z := overlapDeviation(m, want, func() []lanes {
		for range 100 {
			sharedSweep(m, temperature, shared, rng)
		}
		return shared
	}); math.Abs(z) < 20 {
		t.Errorf("with shared random numbers the overlap is only %.1fσ off", z)
	}
}

// overlapDeviation returns how far the mean square overlap of pairs of chains is from the expected one, in standard errors.
func overlapDeviation(m Model, want float64, next func() []lanes) float64 {
	sum, squares, n := 0.0, 0.0, 0.0
	for range 20 {
		all := states(next())
		for c := 0; c < Lanes; c += 2 {
			q := 0.0
			for i := range m.Lattice.sites {
				q += 1 - 2*float64((all[c]>>i^all[c+1]>>i)&1)
			}
			q /= float64(m.Lattice.sites)
			sum += q * q
			squares += q * q * q * q
			n++
		}
	}
	variance := (squares - sum*sum/n) / (n - 1)
	return (sum/n - want) / math.Sqrt(max(variance, 1e-6)/n)
}

func meanSquareOverlap(s slow, temperature float64) float64 {
	correlation := make([]float64, s.sites*s.sites)
	for state, p := range s.boltzmann(temperature) {
		for i := range s.sites {
			for k := range s.sites {
				correlation[i*s.sites+k] += p * float64(1-2*((state>>i^state>>k)&1))
			}
		}
	}
	sum := 0.0
	for _, c := range correlation {
		sum += c * c
	}
	return sum / float64(s.sites*s.sites)
}

// sharedSweep is a heat-bath sweep that compares one random number with the probabilities of all chains.
func sharedSweep(m Model, temperature float64, spins []lanes, rng *rand.Rand) {
	for i := range spins {
		u := rng.Float64()
		for c := range Lanes {
			sum := 0.0
			for _, n := range m.Lattice.Neighbors(i) {
				sum += 2*float64(spins[n][c/64]>>(c%64)&1) - 1
			}
			spins[i][c/64] &^= 1 << (c % 64)
			if u < 1/(1+math.Exp(-2*sum/temperature)) {
				spins[i][c/64] |= 1 << (c % 64)
			}
		}
	}
}

// FlipAtRandom flips half of the chains, all spins or none; more than 5σ from half has probability 6·10⁻⁷.
func TestFlipAtRandom(t *testing.T) {
	b := mustBlock(t, Model{mustLattice(t, Square, 3, Periodic), 1, 0}, 3, Metropolis, 41)
	before := states(b.spins)
	b.FlipAtRandom()
	flipped := 0
	for c, state := range states(b.spins) {
		switch state {
		case before[c]:
		case ^before[c] & (1<<9 - 1):
			flipped++
		default:
			t.Fatalf("chain %d went from %b to %b", c, before[c], state)
		}
	}
	if math.Abs(float64(flipped)-Lanes/2) > 5*math.Sqrt(Lanes)/2 {
		t.Errorf("%d of %d chains flipped", flipped, Lanes)
	}
}

func TestBlockPanicsOnMisuse(t *testing.T) {
	l := mustLattice(t, Square, 9, Periodic)
	inField, free := mustBlock(t, Model{l, 1, 0.1}, 3, Auto, 1), mustBlock(t, Model{l, 1, 0}, 3, Auto, 1)
	mustPanic(t, "FlipAtRandom", inField.FlipAtRandom)
	mustPanic(t, "Energies", func() { free.Energies(make([]float64, 511)) })
	mustPanic(t, "Magnetizations", func() { free.Magnetizations(nil) })
	mustPanic(t, "OrderParameters", func() { free.OrderParameters(make([]int32, 513)) })
	mustPanic(t, "Configurations", func() { free.Configurations(make([]uint64, Lanes)) })
}

// digest is a hash of the configurations of a block after some steps.
func digest(t *testing.T, m Model, temperature float64, algorithm Algorithm) string {
	b := mustBlock(t, m, temperature, algorithm, 43)
	for range 5 {
		b.Step()
	}
	if m.Field == 0 {
		b.FlipAtRandom()
	}
	rows := make([]uint64, Lanes*Words(m.Lattice.sites))
	b.Configurations(rows)
	data, _ := binary.Append(nil, binary.LittleEndian, rows)
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// The same seed gives the same bits for ever: what the other tests find right is pinned here. A change of any of these makes
// every configuration generated before irreproducible.
func TestBitsArePinned(t *testing.T) {
	square, odd := mustLattice(t, Square, 8, Periodic), mustLattice(t, Square, 5, Periodic)
	for _, c := range []struct {
		m           Model
		temperature float64
		algorithm   Algorithm
		want        string
	}{
		{Model{square, 1, 0}, 2.269, Metropolis, "779f1fa12ee41b5f"},
		{Model{square, 1, 0}, 2.269, HeatBath, "63302d54e79e5871"},
		{Model{square, 1, 0}, 2.269, Wolff, "cfb67ce2a8f571aa"},
		{Model{square, -1, 0}, 2.269, MetropolisWolff, "b7576b36d5938fcb"},
		{Model{square, 1, 0}, 2.269, SwendsenWang, "79087488d2525857"},
		{Model{square, 1, 0}, 3, Perfect, "80a43fbeb8efa111"},
		{Model{square, 1, 0.1}, 2, Metropolis, "6a59ab487017cf92"},
		{Model{odd, -1, -0.5}, 3, HeatBath, "2116e5d26161dc45"},
		{Model{mustLattice(t, Chain, 9, Periodic), 1, 0}, 1, Metropolis, "84ae46542281ab1b"},
		{Model{mustLattice(t, Triangular, 4, Open), -1, 0}, 2, Metropolis, "1ac7879ad2f9a214"},
		{Model{mustLattice(t, Cubic, 4, Periodic), 1, 0}, 4.5, Metropolis, "3fa3c0976c6b2af5"},
		{Model{square, 1, 0}, 0, Auto, "37aec45dcc974b73"},
		{Model{square, 1, 0}, math.Inf(1), Auto, "a5cd8ee75f436fe1"},
	} {
		got := digest(t, c.m, c.temperature, c.algorithm)
		if got != digest(t, c.m, c.temperature, c.algorithm) {
			t.Errorf("%v T=%v %s: two runs differ", c.m, c.temperature, c.algorithm)
		}
		if got != c.want {
			t.Errorf("%v T=%v %s: digest %s, want %s", c.m, c.temperature, c.algorithm, got, c.want)
		}
	}
}
