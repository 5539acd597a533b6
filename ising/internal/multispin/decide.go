package multispin

// The sizes that define the bits; how many draws are made before it is looked whether any chain is open is free.
const (
	groupSize   = 8
	aloneRounds = 5
	blockRounds = 4
)

// A group is the members whose chains are decided together. Words beyond size are not looked at.
type group struct {
	size   int
	open   [groupSize]Lanes    // not decided
	flips  [groupSize]Lanes    // what a decision with yes changes
	planes [2][groupSize]Lanes // that tell the classes of the open chains apart
	taken  [groupSize]Lanes    // open chains that decide for this member now
}

// decide decides every open chain. A decision with yes, by the probability of the chain's class, changes flips.
func (g *group) decide(o *Odds, s *State) {
	for l := range Words {
		Restore(s, l, g.alone(o, l, Generator(s, l)))
	}
	if o.rounds <= aloneRounds {
		return // what is still open has u ≥ t
	}
	for g.together(o, s) {
	}
}

// alone compares the first bits of each member's word l by itself.
func (g *group) alone(o *Odds, l int, x Xoshiro) Xoshiro {
	rows := o.rows[:min(aloneRounds, o.rounds)]
	var u uint64
	for j := range g.size {
		open, flips, a, b := g.open[j][l], g.flips[j][l], g.planes[0][j][l], g.planes[1][j][l]
		for k := range rows {
			row := &rows[k]
			u, x = x.Next()
			if row[3] == 0 {
				open &^= u
				continue
			}
			t := row[0] ^ a&row[1] ^ b&row[2]
			flips ^= open & t &^ u
			open &^= t ^ u
		}
		g.open[j][l], g.flips[j][l] = open, flips
	}
	return x
}

// together decides, of every chain, the first member that has it open, and reports whether other members are left.
func (g *group) together(o *Odds, s *State) (more bool) {
	var m merged
	var any, others uint64
	for l := range Words {
		others |= g.take(&m, l)
		any |= m.open[l]
	}
	for k := aloneRounds; any != 0 && k < o.rounds; {
		var draws int
		draws, any = m.compare(o.rows[k:min(k+blockRounds, o.rounds)], s)
		k += draws
	}
	for j := range g.size {
		for l, taken := range &g.taken[j] {
			g.flips[j][l] ^= m.flips[l] & taken
		}
	}
	return others != 0
}

// merged is the chains that a group decides together.
type merged struct {
	open, flips Lanes
	planes      [2]Lanes
}

// take moves the chains of word l from the first member that has them open to m. It returns those that others have open too.
func (g *group) take(m *merged, l int) (others uint64) {
	var open, a, b uint64
	for j := range g.size {
		left := g.open[j][l]
		taken := left &^ open
		left &= open
		open |= taken
		others |= left
		a |= taken & g.planes[0][j][l]
		b |= taken & g.planes[1][j][l]
		g.open[j][l], g.taken[j][l] = left, taken
	}
	m.open[l], m.planes[0][l], m.planes[1][l] = open, a, b
	return others
}

// compare makes as many draws as there are rows, or fewer if no chain is open any more. All generators draw equally often:
// they go on to the end of the rows, and back to where the last chain was decided.
func (m *merged) compare(rows [][4]uint64, s *State) (draws int, any uint64) {
	before := *s
	var left [blockRounds]uint64
	for l := range Words {
		x := Generator(s, l)
		open, flips, a, b := m.open[l], m.flips[l], m.planes[0][l], m.planes[1][l]
		var u uint64
		for k := range rows {
			row := &rows[k]
			u, x = x.Next()
			t := row[0] ^ a&row[1] ^ b&row[2]
			flips ^= open & t &^ u
			open &^= t ^ u
			left[k&(blockRounds-1)] |= open
		}
		m.open[l], m.flips[l] = open, flips
		Restore(s, l, x)
	}
	for draws = 1; draws < len(rows); draws++ {
		if left[draws-1] == 0 {
			for l := range Words {
				Restore(s, l, Generator(&before, l).Skip(draws))
			}
			return draws, 0
		}
	}
	return draws, left[draws-1]
}
