package ising

import (
	"math"
	"math/rand/v2"
	"testing"
)

// For every chain of random configurations the rules give the flip the probability of the formula, min(1, e^{−ΔE/T}) or
// 1/(1 + e^{ΔE/T}), with ΔE from the scalar energies before and after. 1e-14 is
// the rounding of those energies.
func TestRulesGiveTheFormulas(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	const temperature = 2.3
	formulas := map[Algorithm]func(cost float64) float64{
		Metropolis: func(cost float64) float64 { return min(1, math.Exp(-cost/temperature)) },
		HeatBath:   func(cost float64) float64 { return 1 / (1 + math.Exp(cost/temperature)) },
	}
	for _, c := range stationaryModels(t) {
		for algorithm, formula := range formulas {
			w := mustSamplers(t, c.m, temperature, algorithm)[0].(*sweep)
			spins := randomSpins(rng, c.m.Lattice.sites)
			for site := range spins {
				neighbors := c.m.Lattice.Neighbors(site)
				r := w.rules[len(neighbors)]
				counts := antiparallel(spins, int32(site), neighbors)
				flips := r.classify(&counts, &spins[site], &w.group, 0)
				for chain, state := range states(spins) {
					want := formula(flipCost(c.m, uint64(state), site))
					got := flipProbability(r, w, flips, chain)
					if math.Abs(got-want) > 1e-14 {
						t.Fatalf("%v %s: site %d of state %b flips with %v, want %v", c.m, algorithm, site, state, got, want)
					}
				}
			}
		}
	}
}

func randomSpins(rng *rand.Rand, sites int) []lanes {
	spins := make([]lanes, sites)
	for i := range spins {
		for l := range spins[i] {
			spins[i][l] = rng.Uint64()
		}
	}
	return spins
}

// flipCost is the energy after a flip less that before.
func flipCost(m Model, state uint64, site int) float64 {
	s := newSlow(m)
	before, _, _ := s.measure(spinOf(state))
	after, _, _ := s.measure(spinOf(state ^ 1<<site))
	return after - before
}

// flipProbability reads a chain's probability out of the group's first member and the rule's odds.
func flipProbability(r *rule, w *sweep, flips lanes, chain int) float64 {
	l, bit := chain/64, chain%64
	p := float64(flips[l] >> bit & 1)
	if w.group.open[0][l]>>bit&1 == 0 {
		return p
	}
	for class := range r.odds.classes {
		if w.group.class[0][l][class]>>bit&1 == 0 {
			continue
		}
		unlikely := 0.0
		for k := range r.odds.bit {
			unlikely += float64(r.odds.bit[k][class]&1) * math.Ldexp(1, -1-k)
		}
		return math.Abs(p - unlikely)
	}
	return math.NaN()
}

func TestVisits(t *testing.T) {
	s := testStream([32]byte{17})
	sites := make([]int32, 100)
	for i := range sites {
		sites[i] = int32(i)
	}
	if got := (visits{1, 0}).choose(nil, sites, s); len(got) != len(sites) {
		t.Errorf("all visits: %d of %d sites", len(got), len(sites))
	}
	// n binomial choices with probability 1 − 2^−skip: |z| > 4.5 has probability 7·10⁻⁶.
	for skip := 1; skip <= 3; skip++ {
		const rounds = 1000
		visited := 0
		var last int32 = -1
		for range rounds {
			chosen := visits{1, skip}.choose(nil, sites, s)
			visited += len(chosen)
			last = -1
			for _, site := range chosen {
				if site <= last {
					t.Fatalf("sites out of order: %v", chosen)
				}
				last = site
			}
		}
		p, n := 1-math.Ldexp(1, -skip), float64(rounds*len(sites))
		if z := (float64(visited) - n*p) / math.Sqrt(n*p*(1-p)); math.Abs(z) > 4.5 {
			t.Errorf("skip %d: %d of %v visits, %.1fσ", skip, visited, n, z)
		}
	}
}
