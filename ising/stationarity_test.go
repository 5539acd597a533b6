package ising

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"testing"

	"isingrbm/ising/internal/multispin"
)

// A sampler is right if it leaves the Boltzmann distribution as it is. So many chains are started from that distribution
// exactly, by enumeration, taken a few steps on, and their states counted: χ² against the same distribution. A sampler that
// never moved would pass, so the share of chains that moved is looked at too.

// tooRare is the p-value below which a right sampler is reported wrong. The tests below make some 60 comparisons, so that one
// of them errs in one of 1700 seeds; the seeds are fixed.
const tooRare = 1e-5

// stationary returns the p-value of the states of 512·blocks chains after the given number of steps from an exact start, and
// the share of chains that are elsewhere than at the start.
func stationary(m Model, temperature float64, step func(spins []lanes, s *stream), steps, blocks int) (p, moved float64) {
	weights := newSlow(m).boltzmann(temperature)
	cumulative := make([]float64, len(weights))
	sum := 0.0
	for state, w := range weights {
		sum += w
		cumulative[state] = sum
	}
	rng := rand.New(rand.NewPCG(11, 12))
	s := testStream([32]byte{13})
	observed := make([]int, len(weights))
	for range blocks {
		spins := make([]lanes, m.Lattice.sites)
		var before [Lanes]int
		for c := range Lanes {
			before[c] = min(sort.SearchFloat64s(cumulative, rng.Float64()*sum), len(weights)-1)
			for i := range spins {
				spins[i][c/64] |= uint64(before[c]) >> i & 1 << (c % 64)
			}
		}
		for range steps {
			step(spins, s)
		}
		for c, state := range states(spins) {
			observed[state]++
			if state != before[c] {
				moved++
			}
		}
	}
	expected := make([]float64, len(weights))
	for state, w := range weights {
		expected[state] = w * float64(blocks*Lanes)
	}
	return pearson(observed, expected), moved / float64(blocks*Lanes)
}

// states returns every chain's state as a number, site i being bit i.
func states(spins []lanes) (n [Lanes]int) {
	for i := range spins {
		for c := range n {
			n[c] |= int(spins[i][c/64]>>(c%64)&1) << i
		}
	}
	return n
}

// stationaryModels are small models of all kinds, each with a temperature.
func stationaryModels(t *testing.T) []struct {
	m Model
	t float64
} {
	type entry = struct {
		m Model
		t float64
	}
	var all []entry
	for _, c := range []struct {
		kind     Kind
		size     int
		boundary Boundary
	}{{Chain, 5, Periodic}, {Chain, 6, Periodic}, {Chain, 6, Open}, {Square, 3, Periodic}, {Square, 2, Open},
		{Square, 3, Open}, {Triangular, 3, Periodic}, {Triangular, 3, Open}, {Cubic, 2, Open}} {
		l := mustLattice(t, c.kind, c.size, c.boundary)
		warm := 1.0
		if c.kind == Triangular {
			warm = 2 // three times as many bonds as sites: colder at the same T
		}
		all = append(all, entry{Model{l, 1, 0}, 2.5 * warm}, entry{Model{l, -0.8, 0}, 1.9 * warm},
			entry{Model{l, 1, 0.3}, 3 * warm}, entry{Model{l, -1, -0.7}, 2.2 * warm})
	}
	return all
}

func TestSamplersKeepTheBoltzmannDistribution(t *testing.T) {
	for _, c := range stationaryModels(t) {
		for _, algorithm := range []Algorithm{Metropolis, HeatBath, Wolff, SwendsenWang, MetropolisWolff} {
			if CheckAlgorithm(c.m, algorithm, c.t) != nil {
				continue
			}
			t.Run(fmt.Sprintf("%v/%s", c.m, algorithm), func(t *testing.T) {
				step := func(spins []lanes, s *stream) {
					for _, sampler := range mustSamplers(t, c.m, c.t, algorithm) {
						sampler.step(spins, s)
					}
				}
				p, moved := stationary(c.m, c.t, step, 2, 20)
				if p < tooRare {
					t.Errorf("p = %.1g", p)
				}
				if moved < 0.5 {
					t.Errorf("only %.2f of the chains moved", moved)
				}
			})
		}
	}
}

// The control: samplers that are a little wrong must fail the same test, and clearly.
func TestWrongSamplersDoNotKeepIt(t *testing.T) {
	square := Model{mustLattice(t, Square, 3, Open), 1, 0}
	torus := Model{mustLattice(t, Square, 3, Periodic), 1, 0}
	field := Model{mustLattice(t, Square, 3, Open), 1, 0.3}
	oneClass := newHeatBath(torus, 2.5)
	oneClass.classes = []class{{degree: 4, sites: []int32{0, 1, 2, 3, 4, 5, 6, 7, 8}}}
	clear(oneClass.quick[:])
	lost := newHeatBath(field, 2.5)
	for _, r := range lost.rules {
		if r != nil {
			for k := range r.patterns {
				r.patterns[k].down, r.patterns[k].any = 0, ^uint64(0) // both spins have the same odds
			}
		}
	}
	biased := newWolff(square, 2.5)
	biased.odds = multispin.NewOdds(threshold(math.Exp(-1.7 / 2.5)))
	fewer := newSwendsenWang(square, 2.5)
	fewer.odds = biased.odds
	everyBond := newWolff(square, 2.5)
	everyBond.differ = ^uint64(0)
	for _, c := range []struct {
		name string
		m    Model
		step func(spins []lanes, s *stream)
	}{
		{"metropolis, J/T 10 % off", square, newMetropolis(square, 2.5/1.1).step},
		{"heat bath, J/T 10 % off", square, newHeatBath(square, 2.5/1.1).step},
		{"heat bath, neighbors updated at once", torus, oneClass.step},
		{"heat bath, spins not told apart in a field", field, lost.step},
		{"acceptance 1 for ΔE = 2J", square, newSweep(square, func(cost float64) float64 {
			if cost <= 2 {
				return 0
			}
			return math.Exp(-cost / 2.5)
		}, visits{1, 3}).step},
		{"Wolff, wrong bond probability", square, biased.step},
		{"Wolff, unsatisfied bonds", square, everyBond.step},
		{"Swendsen-Wang, wrong bond probability", square, fewer.step},
		{"reversal of the wrong field", field, newReversal(Model{field.Lattice, 1, -0.1}, 2.5).step},
	} {
		t.Run(c.name, func(t *testing.T) {
			if p, _ := stationary(c.m, 2.5, c.step, 2, 20); p > tooRare/1000 {
				t.Errorf("passes with p = %.1g", p)
			}
		})
	}
}
