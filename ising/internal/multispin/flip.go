package multispin

// A Rule is a Monte Carlo algorithm at sites with a certain number of neighbors, in zero field. A neighbor disagrees if its
// bond to the site is not satisfied.
type Rule int

// The rules, with what the planes of their odds tell apart by the number of neighbors that disagree.
const (
	// Metropolis4 flips from two on; plane 0 is one.
	Metropolis4 Rule = iota
	// Metropolis6 flips from three on; plane 0 is two, plane 1 one or two.
	Metropolis6
	// HeatBath4 flips, or not by the odds, from two on, and below does not, or does by the odds; plane 0 is one or three,
	// plane 1 two.
	HeatBath4
	rules
)

// Degree returns the number of neighbors of the rule's sites.
func (r Rule) Degree() int {
	if r == Metropolis6 {
		return 6
	}
	return 4
}

// Sites are the sites of a lattice and their spins. Site i has the neighbors Neighbors[First[i]:First[i+1]].
type Sites struct {
	Spins            []Lanes
	First, Neighbors []int32
	Differ           uint64 // ones if satisfied bonds are antiparallel, else 0
}

// flip updates sites, a group at a time.
func flip(r Rule, s *Sites, sites []int32, o *Odds, state *State) {
	var g group
	for len(sites) > 0 {
		g.size = min(groupSize, len(sites))
		for j, site := range sites[:g.size] {
			n := s.Neighbors[s.First[site]:]
			switch r {
			case Metropolis4:
				g.metropolis4(j, s, site, (*[4]int32)(n))
			case Metropolis6:
				g.metropolis6(j, s, site, (*[6]int32)(n))
			case HeatBath4:
				g.heatBath4(j, s, site, (*[4]int32)(n))
			}
		}
		g.decide(o, state)
		for j, site := range sites[:g.size] {
			spin := &s.Spins[site]
			for l, flips := range &g.flips[j] {
				spin[l] ^= flips
			}
		}
		sites = sites[g.size:]
	}
}

func (g *group) metropolis4(j int, s *Sites, site int32, n *[4]int32) {
	p, q, r, t := &s.Spins[n[0]], &s.Spins[n[1]], &s.Spins[n[2]], &s.Spins[n[3]]
	for l, w := range &s.Spins[site] {
		w ^= s.Differ
		a, b, c, d := w^p[l], w^q[l], w^r[l], w^t[l]
		ab, cd := a|b, c|d
		flips := a&b | c&d | ab&cd
		g.flips[j][l], g.open[j][l], g.planes[0][j][l] = flips, ^flips, ab|cd
	}
}

func (g *group) metropolis6(j int, s *Sites, site int32, n *[6]int32) {
	for l, w := range &s.Spins[site] {
		w ^= s.Differ
		sum, carry := add3(w^s.Spins[n[0]][l], w^s.Spins[n[1]][l], w^s.Spins[n[2]][l])
		sum2, carry2 := add3(w^s.Spins[n[3]][l], w^s.Spins[n[4]][l], w^s.Spins[n[5]][l])
		two, any := carry|carry2, sum|sum2
		flips := carry&carry2 | two&any
		g.flips[j][l], g.open[j][l] = flips, ^flips
		g.planes[0][j][l], g.planes[1][j][l] = two|sum&sum2, any|two
	}
}

func (g *group) heatBath4(j int, s *Sites, site int32, n *[4]int32) {
	p, q, r, t := &s.Spins[n[0]], &s.Spins[n[1]], &s.Spins[n[2]], &s.Spins[n[3]]
	for l, w := range &s.Spins[site] {
		w ^= s.Differ
		sum, carry := add3(w^p[l], w^q[l], w^r[l])
		last := w ^ t[l]
		odd, carry2 := sum^last, sum&last
		g.flips[j][l], g.open[j][l] = carry|carry2, ^uint64(0)
		g.planes[0][j][l], g.planes[1][j][l] = odd, (carry^carry2)&^odd
	}
}

// add3 returns the sum and the carry of three bits.
func add3(x, y, z uint64) (sum, carry uint64) { return x ^ y ^ z, x&y | (x|y)&z }
