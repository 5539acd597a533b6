package ising

import "math/bits"

// A partitioner is the Swendsen-Wang algorithm (Phys. Rev. Lett. 58, 86 (1987)). A step draws the bonds of the Fortuin-Kasteleyn
// representation in all chains at once, as a step of Wolff does, and flips every connected cluster with probability ½. The
// clusters of each chain are then found by itself, by union and find; the coin of a cluster is that drawn for its first site.
type partitioner struct {
	*cluster              // its bonds
	coins    []lanes      // of all sites
	packed   [64][]uint64 // the bonds of 64 chains, then the clusters that flip
	parent   []int32      // a site of the same cluster, never later in order; the cluster's first site is its own
}

func newSwendsenWang(m Model, temperature float64) *partitioner {
	p := &partitioner{cluster: newWolff(m, temperature), coins: make([]lanes, m.Lattice.sites)}
	for c := range p.packed {
		p.packed[c] = make([]uint64, Words(max(len(p.ends), m.Lattice.sites)))
	}
	p.parent = make([]int32, m.Lattice.sites)
	return p
}

func (p *partitioner) step(spins []lanes, s *stream) {
	p.drawBonds(spins, s)
	for i := range p.coins {
		p.coins[i] = s.draw()
	}
	for l := range laneWords {
		pack(&p.packed, p.bonds[:len(p.ends)], l)
		for c := range p.packed {
			p.join(p.packed[c])
			p.toss(p.packed[c], l, c)
		}
		flipPacked(spins, &p.packed, l)
	}
}

// join finds the clusters of a chain with the given bonds.
func (p *partitioner) join(bonds []uint64) {
	for i := range p.parent {
		p.parent[i] = int32(i)
	}
	for w := range Words(len(p.ends)) {
		for drawn := bonds[w]; drawn != 0; drawn &= drawn - 1 {
			ends := &p.ends[64*w+bits.TrailingZeros64(drawn)]
			a, b := p.find(ends[0]), p.find(ends[1])
			p.parent[max(a, b)] = min(a, b)
		}
	}
}

// find returns the first site that is known to be in the cluster of a site.
func (p *partitioner) find(site int32) int32 {
	for p.parent[site] != site {
		p.parent[site] = p.parent[p.parent[site]]
		site = p.parent[site]
	}
	return site
}

// toss sets flips to the sites of chain c of word l whose cluster's coin is 1.
func (p *partitioner) toss(flips []uint64, l, c int) {
	clear(flips)
	for i := range p.parent {
		first := p.parent[p.parent[i]] // earlier sites have their cluster's first site as parent by now
		p.parent[i] = first
		flips[i>>6] |= p.coins[first][l] >> c & 1 << (i & 63)
	}
}

// pack sets rows to word l of the lanes of all bonds or sites, a chain a row.
func pack(rows *[64][]uint64, all []lanes, l int) {
	for from := 0; from < len(all); from += 64 {
		var square [64]uint64
		for i, v := range all[from:min(from+64, len(all))] {
			square[i] = v[l]
		}
		transpose(&square)
		for c, row := range square {
			rows[c][from>>6] = row
		}
	}
}

// flipPacked flips the spins of word l that rows, a chain a row, say.
func flipPacked(spins []lanes, rows *[64][]uint64, l int) {
	for from := 0; from < len(spins); from += 64 {
		var square [64]uint64
		for c := range square {
			square[c] = rows[c][from>>6]
		}
		transpose(&square)
		for i := range spins[from:min(from+64, len(spins))] {
			spins[from+i][l] ^= square[i]
		}
	}
}

// transpose exchanges rows and columns of a 64×64 matrix of bits, bit k of a word being column k, by exchanging blocks of half
// the size at a time (Warren, Hacker's Delight, section 7-3).
func transpose(a *[64]uint64) {
	mask := uint64(1<<32 - 1)
	for half := 32; half > 0; half >>= 1 {
		for k := 0; k < 64; k = (k + half + 1) &^ half {
			t := (a[k]>>half ^ a[k+half]) & mask
			a[k] ^= t << half
			a[k+half] ^= t
		}
		mask ^= mask << (half >> 1)
	}
}
