package ising

import (
	"fmt"
	"math"
)

// ground is the set of a model's ground states, one or two: all spins equal, or equal on each sublattice and opposite between
// them. A step draws one of them for every chain afresh.
type ground struct {
	lattice   *Lattice
	staggered bool
	sign      int // of the spins of sublattice 0; 0 if there are two ground states, with either sign
}

// groundStates returns the ground states of a model, or an error where there are others than these.
//
// Written as a sum over bonds, H has the terms −J σ_i σ_j − h (σ_i/z_i + σ_j/z_j), z being the numbers of neighbors. A state
// that minimizes every term is a ground state, and for J > 0 or |h| > z|J| that is the one along the field. For J < 0 on a
// bipartite lattice of equal z it is the staggered ones if |h| < z|J|, and at |h| = z|J| there are many more.
func groundStates(m Model) (*ground, error) {
	g := &ground{lattice: m.Lattice, sign: sign(m.Field)}
	least, most := degrees(m.Lattice)
	field, coupling := math.Abs(m.Field), math.Abs(m.Coupling)
	switch {
	case m.Coupling > 0 || field > float64(most)*coupling:
		return g, nil
	case m.Frustrated():
		return nil, fmt.Errorf("ising: at T = 0 this model is frustrated and has many ground states: " +
			"a coupling J < 0 needs an open or even chain, square or cubic lattice")
	case m.Field == 0 || least == most && field < float64(most)*coupling:
		g.staggered, g.sign = true, 0
		return g, nil
	}
	return nil, fmt.Errorf("ising: at T = 0 the ground states are not known for J = %v in a field h = %v: "+
		"want h = 0, or |h| above %v", m.Coupling, m.Field, float64(most)*coupling)
}

func sign(x float64) int {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// degrees returns the smallest and the largest number of neighbors of a site.
func degrees(l *Lattice) (least, most int) {
	least = maxDegree
	for site := range l.sites {
		n := len(l.Neighbors(site))
		least, most = min(least, n), max(most, n)
	}
	return least, most
}

func (g *ground) step(spins []lanes, s *stream) {
	var up lanes
	switch g.sign {
	case 0:
		up = s.draw()
	case 1:
		up = not(up)
	}
	down := not(up)
	for i := range spins {
		spins[i] = up
		if g.staggered && g.lattice.Sublattice(i) == 1 {
			spins[i] = down
		}
	}
}
