package ising

import "math"

// start sets the chains to where they begin: to a ground state below the temperature at which the model orders, to random
// spins above.
//
// A random start below that temperature leaves stripes and walls behind that live for very long.
func start(m Model, temperature float64, spins []lanes, s *stream) {
	if temperature < orderingTemperature(m) {
		g, err := groundStates(m)
		if err != nil {
			g = &ground{lattice: m.Lattice, staggered: true} // a field that is neither weak nor strong
		}
		g.step(spins, s)
		return
	}
	for i := range spins {
		spins[i] = s.draw()
	}
}

// orderingTemperature returns the temperature, in the units of J, below which a model is ordered over all its size: the
// critical one of the infinite lattice where there is one, that at which the correlation length e^{2|J|/T}/2 of the infinite
// chain is L for a chain, and 0 for a frustrated model.
func orderingTemperature(m Model) float64 {
	coupling := math.Abs(m.Coupling)
	switch {
	case m.Frustrated():
		return 0
	case m.Lattice.kind == Chain:
		return 2 * coupling / math.Log(2*float64(m.Lattice.size))
	case m.Lattice.kind == Square:
		return 2 * coupling / math.Log1p(math.Sqrt2) // Onsager, Phys. Rev. 65, 117 (1944)
	case m.Lattice.kind == Triangular:
		return 4 * coupling / math.Log(3) // Houtappel, Physica 16, 425 (1950)
	default:
		return coupling / 0.221654626 // cubic: Ferrenberg, Xu and Landau, Phys. Rev. E 97, 043301 (2018)
	}
}
