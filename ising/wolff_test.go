package ising

import (
	"math"
	"math/rand/v2"
	"testing"
)

// On random bonds every site joins the cluster in exactly those chains in which a search along the bonds finds it, also when
// clusters wind around the lattice and from one step to the next.
func TestGrowFindsConnectedSites(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	everyLattice(t, func(t *testing.T, l *Lattice) {
		c := newWolff(Model{l, 1, 0}, 2)
		for range 4 {
			for b := range c.ends {
				for w := range c.bonds[b] {
					c.bonds[b][w] = rng.Uint64() // half of the bonds: many sizes on all these lattices
					if w%2 == 1 {
						c.bonds[b][w] |= rng.Uint64()
					}
				}
			}
			site := rng.IntN(l.sites)
			c.grow(site, testStream([32]byte{}).kernel)
			for chain := range Lanes {
				found := search(c, site, chain)
				for i := range found {
					if got := c.reached[i][chain/64]>>(chain%64)&1 == 1; got != found[i] {
						t.Fatalf("from %d in chain %d: site %d reached %v, want %v", site, chain, i, got, found[i])
					}
				}
			}
		}
	})
}

// search finds the sites connected to one in one chain.
func search(c *cluster, site, chain int) []bool {
	neighbors := make([][]int32, c.lattice.sites)
	for b, bond := range c.lattice.bonds {
		if c.bonds[b][chain/64]>>(chain%64)&1 == 1 {
			neighbors[bond.A] = append(neighbors[bond.A], bond.B)
			neighbors[bond.B] = append(neighbors[bond.B], bond.A)
		}
	}
	found := make([]bool, c.lattice.sites)
	found[site] = true
	for queue := []int32{int32(site)}; len(queue) > 0; queue = queue[1:] {
		for _, n := range neighbors[queue[0]] {
			if !found[n] {
				found[n] = true
				queue = append(queue, n)
			}
		}
	}
	return found
}

// Bonds are drawn where satisfied only, with probability 1 − e^{−2|J|/T}. n satisfied bonds make a binomial number; |z| > 4.5
// for either sign has probability 1.4·10⁻⁵.
func TestDrawnBonds(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 24))
	l := mustLattice(t, Square, 8, Periodic)
	for _, coupling := range []float64{1, -0.7} {
		c := newWolff(Model{l, coupling, 0}, 2.269)
		s := testStream([32]byte{25})
		var n, drawn float64
		for range 10 {
			spins := randomSpins(rng, l.sites)
			c.drawBonds(spins, s)
			for b, bond := range l.bonds {
				for chain := range Lanes {
					bit := func(u lanes) uint64 { return u[chain/64] >> (chain % 64) & 1 }
					satisfied := (bit(spins[bond.A]) == bit(spins[bond.B])) == (coupling > 0)
					if satisfied {
						n++
						drawn += float64(bit(c.bonds[b]))
					} else if bit(c.bonds[b]) == 1 {
						t.Fatal("an unsatisfied bond is drawn")
					}
				}
			}
		}
		p := 1 - math.Exp(-2*math.Abs(coupling)/2.269)
		if z := (drawn - n*p) / math.Sqrt(n*p*(1-p)); math.Abs(z) > 4.5 {
			t.Errorf("J = %v: %v bonds of %v, %.1fσ", coupling, drawn, n, z)
		}
	}
}
