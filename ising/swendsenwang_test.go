package ising

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// On random bonds all sites of a cluster, as a search along the bonds finds it, flip together, and by the coin of its first.
func TestJoinFindsConnectedSites(t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 52))
	everyLattice(t, func(t *testing.T, l *Lattice) {
		p := newSwendsenWang(Model{l, 1, 0}, 2)
		copy(p.bonds, randomSpins(rng, len(p.ends)))
		copy(p.coins, randomSpins(rng, l.sites))
		for _, chain := range []int{0, 63, 64, 511} {
			pack(&p.packed, p.bonds[:len(p.ends)], chain/64)
			p.join(p.packed[chain%64])
			flips := make([]uint64, Words(l.sites))
			p.toss(flips, chain/64, chain%64)
			for i := range l.sites {
				first := slices.Index(search(p.cluster, i, chain), true)
				want := p.coins[first][chain/64] >> (chain % 64) & 1
				if got := flips[i/64] >> (i % 64) & 1; int(p.parent[i]) != first || got != want {
					t.Fatalf("chain %d: site %d is in the cluster of %d and flips %d, want %d and %d",
						chain, i, p.parent[i], got, first, want)
				}
			}
		}
	})
}

// With all bonds drawn a chain flips as a whole or not at all, half of the chains on average: |z| > 5 has probability 6·10⁻⁷.
func TestSwendsenWangAtLowTemperature(t *testing.T) {
	m := Model{mustLattice(t, Square, 9, Periodic), 1, 0}
	spins, s := make([]lanes, m.Lattice.sites), testStream([32]byte{53})
	newSwendsenWang(m, 1e-3).step(spins, s)
	up := tallyUp(m.Lattice, spins, false)
	flipped := 0.0
	for c, n := range up {
		if n != 0 && n != int32(m.Lattice.sites) {
			t.Fatalf("chain %d: %d sites flipped", c, n)
		}
		flipped += float64(n) / float64(m.Lattice.sites)
	}
	if z := (flipped - Lanes/2) / math.Sqrt(Lanes/4); math.Abs(z) > 5 {
		t.Errorf("%v chains flipped", flipped)
	}
}

func TestTranspose(t *testing.T) {
	rng := rand.New(rand.NewPCG(33, 34))
	var a [64]uint64
	for i := range a {
		a[i] = rng.Uint64()
	}
	b := a
	transpose(&b)
	for i := range a {
		for k := range b {
			if a[i]>>k&1 != b[k]>>i&1 {
				t.Fatalf("element (%d, %d) is not (%d, %d)", i, k, k, i)
			}
		}
	}
}
