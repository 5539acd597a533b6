package multispin

// A Row is sites in a line, of which each is joined to the next, and perhaps to sites in other rows. Bonds and sites are
// given by their offset in bytes, 64 times their number; a bond that does not exist is one that is never drawn.
type Row struct {
	First, Size int         // sites
	Along       []uint32    // bond from each site to the next, the last being that to the first
	Sides       [][2]uint32 // site and bond, Degree of them for each site in order
	Degree      int         // even
}

// A Span is the sites From ≤ x ≤ To of a row. It is empty if To < From.
type Span struct{ From, To int }

// A walk grows a cluster in a row.
type walk struct {
	*Row
	row, bonds []Lanes
	grown      Span
}

// grow is [Kernel.Grow] in Go.
func (r *Row) grow(reached, bonds []Lanes, open Span) Span {
	w := walk{r, reached[r.First : r.First+r.Size], bonds, Span{r.Size, -1}}
	carry := w.takeIn(reached, open)
	if w.grown.To < 0 {
		return w.grown
	}
	if last := w.forth(carry, open.To+1); last > open.To {
		w.grown.To = last
	}
	for x := w.grown.To - 1; x >= w.grown.From; x-- {
		carry = w.follow(&w.row[x+1], x)
		include(&w.row[x], &carry)
	}
	w.grown.From = w.back(&w.row[w.grown.From], w.grown.From-1)
	if w.across() {
		w.forth(w.follow(&w.row[r.Size-1], r.Size-1), 0)
		w.back(&w.row[0], r.Size-1)
		return Span{0, r.Size - 1}
	}
	return w.grown
}

// takeIn adds, in the open span, what the sides bring, passes it on along the row, and returns what comes out at the end.
func (w *walk) takeIn(reached []Lanes, open Span) (carry Lanes) {
	for x := open.From; x <= open.To; x++ {
		now := carry
		for _, side := range w.Sides[x*w.Degree : (x+1)*w.Degree] {
			from, bond := &reached[side[0]/64], &w.bonds[side[1]/64]
			for l := range now {
				now[l] |= from[l] & bond[l]
			}
		}
		if include(&w.row[x], &now) {
			w.grown = Span{min(w.grown.From, x), x}
		}
		carry = w.follow(&w.row[x], x)
	}
	return carry
}

// follow returns what of v passes the bond from site x to the next.
func (w *walk) follow(v *Lanes, x int) (passed Lanes) {
	bond := &w.bonds[w.Along[x]/64]
	for l := range passed {
		passed[l] = v[l] & bond[l]
	}
	return passed
}

// forth passes on what comes to site x as long as that is new, and returns the last new site.
func (w *walk) forth(carry Lanes, x int) (last int) {
	for ; x < w.Size && include(&w.row[x], &carry); x++ {
		carry = w.follow(&w.row[x], x)
	}
	return x - 1
}

// back passes on v to the sites from x down as long as that is new, and returns the first new one.
func (w *walk) back(v *Lanes, x int) (first int) {
	for ; x >= 0; x-- {
		carry := w.follow(v, x)
		if !include(&w.row[x], &carry) {
			break
		}
		v = &w.row[x]
	}
	return x + 1
}

// across reports whether the bond between the last site and the first leads to anything new.
func (w *walk) across() bool {
	var new uint64
	for l, bond := range &w.bonds[w.Along[w.Size-1]/64] {
		new |= (w.row[0][l] ^ w.row[w.Size-1][l]) & bond
	}
	return new != 0
}

// include is z |= x; it reports whether that changed z.
func include(z, x *Lanes) bool {
	var new uint64
	for l, w := range x {
		new |= w &^ z[l]
		z[l] |= w
	}
	return new != 0
}

// Close adds to the reached sites of a row those that are connected with them along the row.
func (r *Row) Close(reached, bonds []Lanes) {
	w := walk{r, reached[r.First : r.First+r.Size], bonds, Span{}}
	for range 2 { // the second time for what crosses the boundary
		for x := range w.row {
			carry := w.follow(&w.row[x], x)
			include(&w.row[(x+1)%r.Size], &carry)
		}
		for x := r.Size - 1; x >= 0; x-- {
			carry := w.follow(&w.row[(x+1)%r.Size], x)
			include(&w.row[x], &carry)
		}
	}
}
