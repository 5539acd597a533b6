package ising

import "slices"

// A sampler takes all chains of a block one Monte Carlo step further, leaving the Boltzmann distribution as it is.
type sampler interface {
	step(spins []lanes, s *stream)
}

// A sweep flips single spins with a probability that depends on the energy ΔE that the flip costs: the Metropolis and the
// heat-bath algorithm. It goes through the classes of the lattice in order.
type sweep struct {
	lattice *Lattice
	classes []class
	rules   [maxDegree + 1]*rule // by number of neighbors
	quick   [maxDegree + 1]*quickRule
	visits  visits
	group   group
	flips   [groupSize]lanes // the likelier outcomes of a group
	chosen  []int32
}

// maxDegree is the largest number of neighbors of a site.
const maxDegree = 6

// newSweep returns the sweep of a model in which a flip that costs ΔE has the probability unlikely(ΔE) if ΔE > 0, and
// 1 − unlikely(ΔE) if ΔE ≤ 0.
func newSweep(m Model, unlikely func(cost float64) float64, v visits) *sweep {
	w := &sweep{lattice: m.Lattice, classes: partition(m.Lattice), visits: v}
	for _, c := range w.classes {
		if w.rules[c.degree] == nil {
			w.rules[c.degree] = newRule(m, c.degree, unlikely)
			w.quick[c.degree] = newQuickRule(m, c.degree, unlikely)
		}
	}
	return w
}

func (w *sweep) step(spins []lanes, s *stream) {
	for range w.visits.passes {
		for _, c := range w.classes {
			w.chosen = w.visits.choose(w.chosen[:0], c.sites, s)
			if q := w.quick[c.degree]; q != nil {
				q.update(w.lattice, spins, w.chosen, s)
			} else {
				w.update(spins, w.chosen, w.rules[c.degree], s)
			}
		}
	}
}

// update flips sites of one class, a group at a time.
func (w *sweep) update(spins []lanes, sites []int32, r *rule, s *stream) {
	g := &w.group
	for len(sites) > 0 {
		g.size = min(groupSize, len(sites))
		for j, site := range sites[:g.size] {
			counts := antiparallel(spins, site, w.lattice.Neighbors(int(site)))
			w.flips[j] = r.classify(&counts, &spins[site], g, j)
		}
		g.decide(&r.odds, s)
		for j, site := range sites[:g.size] {
			spin, flips, unlikely := &spins[site], &w.flips[j], &g.yes[j]
			for l := range spin {
				spin[l] ^= flips[l] ^ unlikely[l]
			}
		}
		sites = sites[g.size:]
	}
}

// counts is a number from 0 to 7 for every chain: its bits 0, 1 and 2.
type counts [3]lanes

// antiparallel counts the neighbors of a site that differ from it.
func antiparallel(spins []lanes, site int32, neighbors []int32) (n counts) {
	spin := &spins[site]
	switch len(neighbors) {
	case 4:
		p, q, r, t := &spins[neighbors[0]], &spins[neighbors[1]], &spins[neighbors[2]], &spins[neighbors[3]]
		for l, w := range spin {
			a, b, c, d := w^p[l], w^q[l], w^r[l], w^t[l]
			ab, cd := a^b, c^d
			n[0][l] = ab ^ cd
			n[1][l] = a&b ^ c&d ^ ab&cd
			n[2][l] = a & b & c & d
		}
	default:
		for _, i := range neighbors {
			neighbor := &spins[i]
			for l, w := range spin {
				carry := w ^ neighbor[l]
				n[0][l], carry = n[0][l]^carry, n[0][l]&carry
				n[1][l], carry = n[1][l]^carry, n[1][l]&carry
				n[2][l] ^= carry
			}
		}
	}
	return n
}

// A rule tells the chains of a site apart by its number of antiparallel neighbors and, in a field, its spin.
type rule struct {
	patterns []pattern
	odds     odds // of the less likely outcome
}

// A pattern is a number of antiparallel neighbors and a spin, and what becomes of it. The words are all ones or all zeros.
type pattern struct {
	invert [3]uint64 // ones where the number has a 0 bit
	down   uint64    // ones for a spin that is down
	any    uint64    // ones if the spin does not matter
	flips  bool      // the likelier outcome
	class  int       // whose odds decide, or certain
}

// certain marks a pattern of which the likelier outcome always happens.
const certain = -1

// newRule returns the rule of the sites with the given number of neighbors.
func newRule(m Model, degree int, unlikely func(cost float64) float64) *rule {
	r := &rule{}
	var thresholds []uint64
	for number := range degree + 1 {
		for _, spin := range spinsOf(m) {
			// Flipping σ_i costs 2σ_i (J Σ_j σ_j + h), and σ_i Σ_j σ_j = degree − 2·number.
			cost := 2 * (float64(m.Coupling*float64(degree-2*number)) + float64(m.Field*float64(spin)))
			p := newPattern(m, number, spin)
			p.flips = cost <= 0
			p.class = certain
			if t := threshold(unlikely(cost)); t != 0 {
				p.class = slices.Index(thresholds, t)
				if p.class < 0 {
					p.class = len(thresholds)
					thresholds = append(thresholds, t)
				}
			}
			if !p.flips || p.class != certain {
				r.patterns = append(r.patterns, p)
			}
		}
	}
	r.odds = newOdds(thresholds)
	return r
}

// spinsOf returns the spins that a rule tells apart: both in a field, else one that stands for either.
func spinsOf(m Model) []int {
	if m.Field == 0 {
		return []int{1}
	}
	return []int{1, -1}
}

func newPattern(m Model, number, spin int) (p pattern) {
	for bit := range p.invert {
		if number>>bit&1 == 0 {
			p.invert[bit] = ^uint64(0)
		}
	}
	if spin < 0 {
		p.down = ^uint64(0)
	}
	if m.Field == 0 {
		p.any = ^uint64(0)
	}
	return p
}

// classify makes a site member j of a group and returns the chains whose likelier outcome is a flip.
func (r *rule) classify(n *counts, spin *lanes, g *group, j int) (flips lanes) {
	for l := range flips {
		flips[l] = ^uint64(0)
	}
	g.class[j] = [laneWords][maxClasses]uint64{}
	var open lanes
	for i := range r.patterns {
		p := &r.patterns[i]
		for l, w := range spin {
			is := (n[0][l] ^ p.invert[0]) & (n[1][l] ^ p.invert[1]) & (n[2][l] ^ p.invert[2]) & (w ^ p.down | p.any)
			if !p.flips {
				flips[l] &^= is
			}
			if p.class != certain {
				g.class[j][l][p.class&(maxClasses-1)] |= is
				open[l] |= is
			}
		}
	}
	g.open[j] = open
	return flips
}

// visits says which sites a step attempts: every pass attempts each site with probability 1 − 2^−skip, or every site if skip
// is 0. The choice is common to all chains and independent of their spins.
type visits struct{ passes, skip int }

// choose appends to chosen the sites that a pass attempts.
func (v visits) choose(chosen, sites []int32, s *stream) []int32 {
	if v.skip == 0 {
		return append(chosen, sites...)
	}
	n := len(chosen)
	chosen = append(chosen, sites...)
	for len(sites) > 0 {
		skipped := ^uint64(0)
		for range v.skip {
			skipped &= s.shared.Uint64()
		}
		visited := ^skipped
		for _, site := range sites[:min(64, len(sites))] {
			chosen[n] = site
			n += int(visited & 1)
			visited >>= 1
		}
		sites = sites[min(64, len(sites)):]
	}
	return chosen[:n]
}
