package ising

import (
	"math"

	"isingrbm/ising/internal/multispin"
)

// A quickRule is a rule that a kernel has a loop for: it gives the same bits as the general one.
type quickRule struct {
	rule   multispin.Rule
	odds   *multispin.Odds
	differ uint64 // ones if satisfied bonds are antiparallel
}

// newQuickRule returns the quick form of [newRule], or nil if there is none.
func newQuickRule(m Model, degree int, unlikely func(cost float64) float64) *quickRule {
	if m.Field != 0 || degree != 4 && degree != 6 {
		return nil
	}
	var t [maxDegree + 1]uint64 // by number of neighbors whose bonds are not satisfied
	for number := range degree + 1 {
		t[number] = threshold(unlikely(2 * float64(math.Abs(m.Coupling)*float64(degree-2*number))))
	}
	q := &quickRule{}
	if m.Coupling < 0 {
		q.differ = ^uint64(0)
	}
	certain := t[degree/2] == 0 && t[degree/2+1] == 0 && t[degree] == 0
	switch {
	case certain && degree == 4:
		q.rule, q.odds = multispin.Metropolis4, multispin.NewOdds(t[0], t[0]^t[1])
	case certain && degree == 6 && t[5] == 0:
		q.rule, q.odds = multispin.Metropolis6, multispin.NewOdds(t[0], t[1]^t[2], t[0]^t[1])
	case degree == 4 && t[0] == t[4] && t[1] == t[3]:
		q.rule, q.odds = multispin.HeatBath4, multispin.NewOdds(t[0], t[0]^t[1], t[0]^t[2])
	default:
		return nil
	}
	return q
}

func (q *quickRule) update(l *Lattice, spins []lanes, sites []int32, s *stream) {
	all := multispin.Sites{Spins: spins, First: l.first, Neighbors: l.neighbors, Differ: q.differ}
	s.kernel.Flip(q.rule, &all, sites, q.odds, &s.state)
}
