package ising

import (
	"math"
	"slices"

	"isingrbm/ising/internal/multispin"
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
	differ  uint64          // ones if satisfied bonds are antiparallel
	odds    *multispin.Odds // that a satisfied bond is missing
	ends    [][2]int32      // of lattice.bonds
	bonds   []lanes         // drawn, in the order of lattice.bonds, and one more, which is never drawn
	reached []lanes         // the chains in which a site belongs to the cluster
	rows    []row
	reach   int // how many sites further along a row a side leads at most
}

// A row is the L sites along the first axis from some site on.
type row struct {
	multispin.Row
	around []int32        // the rows that its sides lead to
	open   multispin.Span // where these have grown since the row last took them in
}

// none is the empty span.
var none = multispin.Span{From: math.MaxInt, To: -1}

func newWolff(m Model, temperature float64) *cluster {
	l := m.Lattice
	c := &cluster{lattice: l, bonds: make([]lanes, len(l.bonds)+1), reached: make([]lanes, l.sites)}
	c.odds = multispin.NewOdds(threshold(math.Exp(-2 * math.Abs(m.Coupling) / temperature)))
	if m.Coupling < 0 {
		c.differ = ^uint64(0)
	}
	for _, bond := range l.bonds {
		c.ends = append(c.ends, [2]int32{bond.A, bond.B})
	}
	c.connect()
	return c
}

// offset is the place of a site or bond in a slice of lanes, in bytes.
func offset(i int) uint32 { return laneWords * 8 * uint32(i) }

// connect sorts the bonds into those along rows and those between them. Where one is missing, at an open edge, stands the
// bond that is never drawn.
func (c *cluster) connect() {
	l := c.lattice
	never := offset(len(l.bonds))
	sides := make([][][2]uint32, l.sites)
	c.rows = make([]row, l.sites/l.size)
	for y := range c.rows {
		c.rows[y].Row = multispin.Row{First: y * l.size, Size: l.size, Degree: 2 * (len(l.directions) - 1)}
		c.rows[y].Along = slices.Repeat([]uint32{never}, l.size)
		c.rows[y].open = none
	}
	for b, bond := range l.bonds {
		from, to := int(bond.A), int(bond.B)
		if from/l.size == to/l.size {
			c.rows[from/l.size].Along[from%l.size] = offset(b)
			continue
		}
		sides[from] = append(sides[from], [2]uint32{offset(to), offset(b)})
		sides[to] = append(sides[to], [2]uint32{offset(from), offset(b)})
	}
	for _, v := range l.directions[1:] {
		c.reach = max(c.reach, v[0])
	}
	for y := range c.rows {
		r := &c.rows[y]
		r.around = c.rowsAround(sides[r.First : r.First+r.Size])
		for x := range r.Size {
			own := sides[r.First+x]
			for len(own) < r.Degree {
				own = append(own, [2]uint32{offset(r.First + x), never})
			}
			r.Sides = append(r.Sides, own...)
		}
	}
}

// rowsAround returns the rows that the sides of a row lead to, each once.
func (c *cluster) rowsAround(sides [][][2]uint32) []int32 {
	var rows []int32
	for _, side := range slices.Concat(sides...) {
		if other := int32(side[0] / offset(c.lattice.size)); !slices.Contains(rows, other) {
			rows = append(rows, other)
		}
	}
	return rows
}

func (c *cluster) step(spins []lanes, s *stream) {
	c.drawBonds(spins, s)
	c.grow(s.shared.IntN(len(spins)), s.kernel)
	for i := range spins {
		for l, flip := range &c.reached[i] {
			spins[i][l] ^= flip
		}
	}
}

// drawBonds draws the bonds of all chains.
func (c *cluster) drawBonds(spins []lanes, s *stream) {
	s.kernel.DrawBonds(c.bonds[:len(c.ends)], spins, c.ends, c.odds, c.differ, &s.state)
}

// grow finds the sites that bonds connect to a site.
func (c *cluster) grow(site int, k *multispin.Kernel) {
	clear(c.reached)
	for l := range c.reached[site] {
		c.reached[site][l] = ^uint64(0)
	}
	start := &c.rows[site/c.lattice.size]
	start.Close(c.reached, c.bonds)
	c.reopen(start, multispin.Span{From: 0, To: c.lattice.size - 1})
	for more := true; more; {
		more = false
		for y := range c.rows {
			more = c.advance(&c.rows[y], k) || more
		}
		for y := len(c.rows) - 1; y >= 0; y-- {
			more = c.advance(&c.rows[y], k) || more
		}
	}
}

// advance grows the cluster in a row where the rows around it have grown, and reports whether it did.
func (c *cluster) advance(r *row, k *multispin.Kernel) bool {
	if r.open == none {
		return false
	}
	grown := k.Grow(c.reached, c.bonds, &r.Row, r.open)
	r.open = none
	if grown.To < grown.From {
		return false
	}
	c.reopen(r, grown)
	return true
}

// reopen tells the rows around a row where it has grown.
func (c *cluster) reopen(r *row, grown multispin.Span) {
	if c.reach > 0 {
		grown = multispin.Span{From: grown.From - c.reach, To: grown.To + c.reach}
		if grown.From < 0 || grown.To >= r.Size {
			grown = multispin.Span{From: 0, To: r.Size - 1}
		}
	}
	for _, y := range r.around {
		open := &c.rows[y].open
		open.From, open.To = min(open.From, grown.From), max(open.To, grown.To)
	}
}
