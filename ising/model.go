package ising

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// A Model is the Ising Hamiltonian H(σ) = −J Σ_<ij> σ_i σ_j − h Σ_i σ_i on a lattice, every bond counted once.
//
// Its methods take a packed configuration: Words(N) words, site i in bit i%64 of word i/64, 1 for σ = +1, no bits above
// site N−1. They panic if the configuration has another length.
type Model struct {
	Lattice  *Lattice
	Coupling float64 // J, in the units of k_B T; ferromagnetic if positive; finite, not 0
	Field    float64 // h, in the units of k_B T; finite
}

// Validate reports everything that is wrong with the model, or nil.
func (m Model) Validate() error {
	var problems []error
	if m.Lattice == nil {
		problems = append(problems, errors.New("ising: a model needs a lattice"))
	}
	if m.Coupling == 0 || math.IsNaN(m.Coupling) || math.IsInf(m.Coupling, 0) {
		problems = append(problems, fmt.Errorf("ising: coupling %v: want a finite number other than 0", m.Coupling))
	}
	if math.IsNaN(m.Field) || math.IsInf(m.Field, 0) {
		problems = append(problems, fmt.Errorf("ising: field %v: want a finite number", m.Field))
	}
	return errors.Join(problems...)
}

// Energy returns H(σ), the total energy, not that per spin.
func (m Model) Energy(spins []uint64) float64 {
	m.mustFit(spins)
	unequal := 0
	for _, b := range m.Lattice.bonds {
		unequal += int((spins[b.A>>6]>>(b.A&63) ^ spins[b.B>>6]>>(b.B&63)) & 1)
	}
	if m.Field == 0 {
		return m.energy(unequal, 0)
	}
	return m.energy(unequal, m.Magnetization(spins))
}

// energy returns the energy of a configuration with the given number of antiparallel bonds and Σσ. Both products are
// rounded before they are added, so that every processor gives the same bits.
func (m Model) energy(unequal, magnetization int) float64 {
	bonds := len(m.Lattice.bonds) - 2*unequal
	return float64(-m.Coupling*float64(bonds)) - float64(m.Field*float64(magnetization))
}

// Magnetization returns M = Σ σ_i, from −N to N.
func (m Model) Magnetization(spins []uint64) int {
	m.mustFit(spins)
	up := 0
	for _, w := range spins {
		up += bits.OnesCount64(w)
	}
	return 2*up - m.Lattice.sites
}

// StaggeredMagnetization returns Σ ±σ_i, with + on sublattice 0 and − on sublattice 1, from −N to N.
func (m Model) StaggeredMagnetization(spins []uint64) int {
	m.mustFit(spins)
	up := 0
	for w, odd := range m.Lattice.odd {
		up += bits.OnesCount64(spins[w] ^ odd)
	}
	return 2*up - m.Lattice.sites
}

// OrderParameter returns the magnetization that orders below the critical temperature: the staggered one for J < 0 on a
// bipartite lattice, else Σ σ_i.
func (m Model) OrderParameter(spins []uint64) int {
	if m.staggered() {
		return m.StaggeredMagnetization(spins)
	}
	return m.Magnetization(spins)
}

// Frustrated reports whether no configuration satisfies all bonds: J < 0 on a lattice that is not bipartite.
func (m Model) Frustrated() bool { return m.Coupling < 0 && !m.Lattice.Bipartite() }

// staggered reports whether the model's order parameter is the staggered magnetization.
func (m Model) staggered() bool { return m.Coupling < 0 && m.Lattice.Bipartite() }

func (m Model) mustFit(spins []uint64) {
	if len(spins) != Words(m.Lattice.sites) {
		panic("ising: a configuration has the wrong length")
	}
}
