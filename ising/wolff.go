package ising

import (
	"math"
	"slices"
)

// A cluster is the Wolff algorithm (Phys. Rev. Lett. 62, 361 (1989)) in all chains at once. A step draws the bonds of the
// Fortuin-Kasteleyn representation, every satisfied bond with probability 1 − e^{−2|J|/T}, and flips the connected cluster of
// one site. A bond is satisfied where its spins agree with the sign of J, so that for J < 0 clusters are staggered. The site
// is the same in all chains: it is drawn without regard to the spins, so every chain by itself sees a uniformly drawn site.
//
// The clusters of all chains grow together: a row takes in what reaches it from other rows and spreads it along itself, row
// by row forth and back until nothing grows.
type cluster struct {
	lattice *Lattice
	differ  uint64  // ones if satisfied bonds are antiparallel
	odds    odds    // that a satisfied bond is missing
	group   group   // of bonds
	bonds   []lanes // drawn, in the order of lattice.bonds
	reached []lanes // the chains in which a site belongs to the cluster
	rows    []row
	sides   []side // of all sites of all rows
	clock   int    // counts the rows that grew
}

// A row is the L sites along the first axis, from number first on. Site i has the sides sides[from[i]:from[i+1]].
type row struct {
	first  int
	along  []int32 // the bond from each site to the next of the row, the last being that across the boundary, or -1
	from   []int32
	around []int32 // the rows that the sides lead to
	grown  int     // the clock when the row last grew
	done   int     // the clock when the row last took in its neighbors
}

// A side leads to a neighbor in another row.
type side struct{ site, bond int32 }

func newWolff(m Model, temperature float64) *cluster {
	l := m.Lattice
	c := &cluster{lattice: l, bonds: make([]lanes, len(l.bonds)), reached: make([]lanes, l.sites)}
	c.odds = newOdds([]uint64{threshold(math.Exp(-2 * math.Abs(m.Coupling) / temperature))})
	if m.Coupling < 0 {
		c.differ = ^uint64(0)
	}
	c.connect()
	return c
}

// connect sorts the bonds into those along rows and those between them.
func (c *cluster) connect() {
	l := c.lattice
	sides := make([][]side, l.sites)
	c.rows = make([]row, l.sites/l.size)
	for y := range c.rows {
		c.rows[y] = row{first: y * l.size, along: make([]int32, l.size), from: []int32{int32(len(c.sides))}}
		for x := range l.size {
			c.rows[y].along[x] = -1
		}
	}
	for b, bond := range l.bonds {
		if int(bond.A)/l.size == int(bond.B)/l.size {
			c.rows[int(bond.A)/l.size].along[int(bond.A)%l.size] = int32(b)
			continue
		}
		sides[bond.A] = append(sides[bond.A], side{bond.B, int32(b)})
		sides[bond.B] = append(sides[bond.B], side{bond.A, int32(b)})
	}
	for y := range c.rows {
		r := &c.rows[y]
		r.from[0] = int32(len(c.sides))
		for x := range l.size {
			c.sides = append(c.sides, sides[r.first+x]...)
			r.from = append(r.from, int32(len(c.sides)))
		}
		r.around = c.rowsAround(y)
	}
}

// rowsAround returns the rows that the sides of a row lead to, each once.
func (c *cluster) rowsAround(y int) []int32 {
	var rows []int32
	r := &c.rows[y]
	for _, s := range c.sides[r.from[0]:r.from[len(r.from)-1]] {
		if other := s.site / int32(c.lattice.size); !slices.Contains(rows, other) {
			rows = append(rows, other)
		}
	}
	return rows
}

func (c *cluster) step(spins []lanes, s *stream) {
	c.drawBonds(spins, s)
	c.grow(s.shared.IntN(len(spins)))
	for i := range spins {
		for l, flip := range &c.reached[i] {
			spins[i][l] ^= flip
		}
	}
}

// drawBonds draws the bonds of all chains, a group at a time.
func (c *cluster) drawBonds(spins []lanes, s *stream) {
	g := &c.group
	for from := 0; from < len(c.bonds); from += groupSize {
		drawn := c.bonds[from:min(from+groupSize, len(c.bonds))]
		g.size = len(drawn)
		for j := range drawn {
			bond := c.lattice.bonds[from+j]
			a, b := &spins[bond.A], &spins[bond.B]
			for l, w := range a {
				satisfied := ^(w ^ b[l] ^ c.differ)
				drawn[j][l], g.open[j][l], g.class[j][l][0] = satisfied, satisfied, satisfied
			}
		}
		g.decide(&c.odds, s)
		for j := range drawn {
			for l, missing := range &g.yes[j] {
				drawn[j][l] &^= missing
			}
		}
	}
}

// grow finds the sites that bonds connect to a site.
func (c *cluster) grow(site int) {
	clear(c.reached)
	for l := range c.reached[site] {
		c.reached[site][l] = ^uint64(0)
	}
	start := &c.rows[site/c.lattice.size]
	c.clock++
	start.grown = c.clock
	c.spread(start)
	for before := 0; before != c.clock; {
		before = c.clock
		for y := range c.rows {
			c.advance(&c.rows[y])
		}
		for y := len(c.rows) - 1; y >= 0; y-- {
			c.advance(&c.rows[y])
		}
	}
}

// advance grows the cluster in a row unless the row has taken in everything around it.
func (c *cluster) advance(r *row) {
	stale := true
	for _, y := range r.around {
		stale = stale && c.rows[y].grown <= r.done
	}
	if stale {
		return
	}
	r.done = c.clock
	if c.takeIn(r) {
		c.spread(r)
		c.clock++
		r.grown = c.clock
	}
}

// takeIn adds the sites of a row that are connected to the cluster's sites in other rows, and reports whether there were new
// ones.
func (c *cluster) takeIn(r *row) bool {
	var grew uint64
	for x := range c.lattice.size {
		sides := c.sides[r.from[x]:r.from[x+1]]
		reached := &c.reached[r.first+x]
		old := *reached
		for _, s := range sides {
			bond, other := &c.bonds[s.bond], &c.reached[s.site]
			for l := range reached {
				reached[l] |= bond[l] & other[l]
			}
		}
		for l := range old {
			grew |= reached[l] ^ old[l]
		}
	}
	return grew != 0
}

// spread extends the cluster along a row, forth and back. Two rounds let it pass the boundary in either direction.
func (c *cluster) spread(r *row) {
	last := c.lattice.size - 1
	rounds := 1
	if r.along[last] >= 0 {
		rounds = 2
	}
	for range rounds {
		for x := range last {
			c.pass(r, x, x, x+1)
		}
		c.pass(r, last, last, 0)
		c.pass(r, last, 0, last)
		for x := last; x > 0; x-- {
			c.pass(r, x-1, x, x-1)
		}
	}
}

// pass extends the cluster from one site of a row to another by a bond along the row.
func (c *cluster) pass(r *row, bond, from, to int) {
	if r.along[bond] < 0 {
		return
	}
	drawn, source, target := &c.bonds[r.along[bond]], &c.reached[r.first+from], &c.reached[r.first+to]
	for l := range target {
		target[l] |= drawn[l] & source[l]
	}
}
