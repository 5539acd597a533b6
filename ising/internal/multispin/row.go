package multispin

// A Row is sites in a line, of which each is joined to the next, and perhaps to sites in other rows. Bonds and sites are
// given by their offset in bytes, 64 times their number; a bond that does not exist is one that is never drawn.
type Row struct {
	First, Size int         // sites
	Along       []uint32    // bond from each site to the next, the last being that to the first
	Sides       [][2]uint32 // site and bond, Degree of them for each site in order
	Degree      int         // even
}

// grow adds to the sites of a row those that are connected with reached ones by bonds from other rows and along the row, and
// reports whether there were any. The sites already reached must be all that are connected along the row, unless grew is
// ones.
func (r *Row) grow(reached, bonds []Lanes, grew uint64) bool {
	row := reached[r.First : r.First+r.Size]
	wrap := &bonds[r.Along[r.Size-1]/64]
	var carry Lanes
	for l := range carry {
		carry[l] = row[r.Size-1][l] & wrap[l]
	}
	sides := r.Sides
	for x := range row {
		now := row[x]
		for _, side := range sides[:r.Degree] {
			from, bond := &reached[side[0]/64], &bonds[side[1]/64]
			for l := range now {
				now[l] |= from[l] & bond[l]
			}
		}
		sides = sides[r.Degree:]
		bond := &bonds[r.Along[x]/64]
		for l, old := range &row[x] {
			now[l] |= carry[l]
			carry[l] = now[l] & bond[l]
			grew |= now[l] ^ old
		}
		row[x] = now
	}
	if grew == 0 {
		return false
	}
	for r.back(row, bonds) {
		r.forth(row, bonds)
	}
	return true
}

// back extends the cluster along the row from each site to the one before, and reports whether the bond between the last and
// the first then leads to anything new.
func (r *Row) back(row, bonds []Lanes) bool {
	next := row[0]
	for x := r.Size - 1; x >= 0; x-- {
		bond := &bonds[r.Along[x]/64]
		for l := range next {
			next[l] = row[x][l] | next[l]&bond[l]
		}
		row[x] = next
	}
	var across uint64
	for l, bond := range &bonds[r.Along[r.Size-1]/64] {
		across |= (row[0][l] ^ row[r.Size-1][l]) & bond
	}
	return across != 0
}

// forth extends the cluster along the row from each site to the next.
func (r *Row) forth(row, bonds []Lanes) {
	bond := &bonds[r.Along[r.Size-1]/64]
	previous := row[r.Size-1]
	for x := range row {
		for l := range previous {
			previous[l] = row[x][l] | previous[l]&bond[l]
		}
		row[x] = previous
		bond = &bonds[r.Along[x]/64]
	}
}
