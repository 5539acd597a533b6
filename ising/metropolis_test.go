package ising

import (
	"math"
	"testing"
)

// reachesOrder returns the states from which Metropolis sweeps over all sites in fixed order can lead to all spins up. Flips
// with ΔE ≤ 0 always happen and others may.
func reachesOrder(l *Lattice) []bool {
	var order []int32
	for _, c := range partition(l) {
		order = append(order, c.sites...)
	}
	reaches := make([]bool, 1<<l.sites)
	reaches[len(reaches)-1] = true
	next := make([]bool, len(reaches))
	for before, count := 0, 1; count != before; {
		before = count
		for k := len(order) - 1; k >= 0; k-- {
			site := int(order[k])
			for state := range reaches {
				next[state] = reaches[state^1<<site]
				if alignment(l, state, site) > 0 {
					next[state] = next[state] || reaches[state]
				}
			}
			reaches, next = next, reaches
		}
		count = 0
		for _, r := range reaches {
			if r {
				count++
			}
		}
	}
	return reaches
}

// alignment is σ_i Σ_j σ_j, half of what the flip of site i costs at J = 1.
func alignment(l *Lattice, state, site int) int {
	sum := 0
	for _, n := range l.Neighbors(site) {
		sum += 1 - 2*((state>>site^state>>n)&1)
	}
	return sum
}

// Why some sites are left out of every Metropolis sweep: in fixed order a ring is cut into many parts, and a 4×4 torus loses
// 36 states, those in which no flip costs or gains energy.
func TestMetropolisInFixedOrderIsNotErgodic(t *testing.T) {
	lost := func(l *Lattice) (n int) {
		for state, reaches := range reachesOrder(l) {
			if reaches {
				continue
			}
			n++
			for site := range l.sites {
				if l.kind == Square && alignment(l, state, site) != 0 {
					t.Errorf("%016b is lost, but the flip of site %d has ΔE ≠ 0", state, site)
				}
			}
		}
		return n
	}
	if n := lost(mustLattice(t, Chain, 8, Periodic)); n != 116 {
		t.Errorf("ring of 8: %d states of 256 never order, want 116", n)
	}
	if n := lost(mustLattice(t, Square, 4, Periodic)); n != 36 {
		t.Errorf("4×4 torus: %d states of 65536 never order, want 36", n)
	}
}

// Chains that start in the lost states come to the Boltzmann distribution of the energy nevertheless; with all sites visited
// in order, they must not. The relaxation takes some 100 steps at most; 1000 leave nothing of the start. p < 10⁻⁵ is a false
// alarm in one of 10⁵ seeds.
func TestMetropolisLeavesEveryState(t *testing.T) {
	ring, torus := mustLattice(t, Chain, 8, Periodic), mustLattice(t, Square, 4, Periodic)
	for _, c := range []struct {
		l           *Lattice
		start       uint64
		temperature float64
	}{{ring, 0b00010001, 1}, {torus, 0b1001_1100_0110_0011, 2.5}} {
		m := Model{c.l, 1, 0}
		run := func(w *sweep) float64 {
			spins := make([]lanes, c.l.sites)
			for i := range spins {
				for l := range spins[i] {
					spins[i][l] = -(c.start >> i & 1)
				}
			}
			s := testStream([32]byte{19})
			for range 1000 {
				w.step(spins, s)
			}
			return energyPValue(m, c.temperature, spins)
		}
		w := newMetropolis(m, c.temperature)
		if p := run(w); p < tooRare {
			t.Errorf("%v: p = %.1g", m, p)
		}
		w.visits = visits{passes: 1}
		if p := run(w); p > tooRare/1000 {
			t.Errorf("%v in fixed order: passes with p = %.1g", m, p)
		}
	}
}

// energyPValue compares the energies of all chains with the Boltzmann distribution by χ².
func energyPValue(m Model, temperature float64, spins []lanes) float64 {
	s := newSlow(m)
	level := func(state uint64) int {
		e, _, _ := s.measure(spinOf(state))
		return int(math.Round(e)) + len(s.bonds)
	}
	expected := make([]float64, 2*len(s.bonds)+1)
	for state, p := range s.boltzmann(temperature) {
		expected[level(uint64(state))] += p * Lanes
	}
	observed := make([]int, len(expected))
	for _, state := range states(spins) {
		observed[level(uint64(state))]++
	}
	return pearson(observed, expected)
}
