package ising

import (
	"fmt"
	"math"
)

// Algorithm names a Monte Carlo algorithm. Algorithms are the names that run files and file metadata use.
type Algorithm string

// The algorithms, with what one step of theirs is. In a field every step but that of Perfect ends with the proposal to flip
// all spins of a chain. At T = 0 and T = ∞ a step of any of them draws independent configurations.
const (
	// Auto stands for what [Choose] returns.
	Auto Algorithm = "auto"
	// Metropolis is a sweep over the lattice that leaves out a random eighth of the sites; in one dimension it is two
	// sweeps that each leave out a random half.
	Metropolis Algorithm = "metropolis"
	// HeatBath is a sweep over all sites.
	HeatBath Algorithm = "heat-bath"
	// Wolff is the flip of one cluster, that of a random site. It needs zero field and a model that is not frustrated.
	Wolff Algorithm = "wolff"
	// SwendsenWang is the flip of every cluster with probability ½. It needs what Wolff needs, and serves comparison: the
	// clusters of each chain are found one chain after the other, which takes much longer than a step of the others.
	SwendsenWang Algorithm = "swendsen-wang"
	// Perfect draws independent configurations exactly, by coupling from the past. It needs J > 0, and a temperature at which
	// chains forget their start soon: [NewBlock] and [Pilot] refuse others with an estimate, after a few seconds.
	Perfect Algorithm = "perfect"
	// MetropolisWolff is a step of Metropolis followed by one of Wolff: the sweep decorrelates what is small, the cluster
	// what is large. It needs what Wolff needs.
	MetropolisWolff Algorithm = "metropolis+wolff"
)

// CheckAlgorithm returns nil if an algorithm is right for a model at a temperature, T ≥ 0 or +Inf, and otherwise an error
// that says what is wrong and what is right.
func CheckAlgorithm(m Model, algorithm Algorithm, temperature float64) error {
	if err := m.Validate(); err != nil {
		return err
	}
	if !(temperature >= 0) {
		return fmt.Errorf("ising: temperature %v: want 0 or more, or +Inf", temperature)
	}
	switch algorithm {
	case Auto, Metropolis, HeatBath:
	case Wolff, SwendsenWang, MetropolisWolff:
		if m.Field != 0 {
			return fmt.Errorf("ising: algorithm %q has no cluster flips in a field (h = %v): want %q, %q or %q",
				algorithm, m.Field, Auto, Metropolis, HeatBath)
		}
		if m.Frustrated() {
			return fmt.Errorf("ising: algorithm %q has no useful clusters where J < 0 is frustrated: want %q, %q or %q",
				algorithm, Auto, Metropolis, HeatBath)
		}
	case Perfect:
		if m.Coupling < 0 {
			return fmt.Errorf("ising: algorithm %q needs a ferromagnet, J > 0: want %q, %q or %q", algorithm, Auto, Metropolis, HeatBath)
		}
	default:
		return fmt.Errorf("ising: no algorithm %q: want %q, %q, %q, %q, %q, %q or %q",
			algorithm, Auto, Metropolis, HeatBath, Wolff, SwendsenWang, MetropolisWolff, Perfect)
	}
	if temperature == 0 {
		_, err := groundStates(m)
		return err
	}
	return nil
}

// Choose returns the algorithm that Auto stands for, never Auto itself, and the reason in one sentence. It supposes a model
// and temperature that [CheckAlgorithm] accepts.
//
// The choice goes by measured costs of an independent configuration, 2τ steps. Cluster flips pay where the correlation
// length is tens of lattice spacings. At high temperature a Metropolis step flips nearly every spin, so that what it leaves
// to chance is mainly which sites it leaves out, and the heat bath takes over.
func Choose(m Model, temperature float64) (algorithm Algorithm, reason string) {
	_, most := degrees(m.Lattice)
	hot := 2 * (float64(most)*math.Abs(m.Coupling) + math.Abs(m.Field))
	switch {
	case temperature == 0:
		return HeatBath, "at T = 0 the ground states are drawn directly"
	case math.IsInf(temperature, 1):
		return HeatBath, "at infinite temperature all spins are drawn independently"
	case temperature >= hot:
		return HeatBath, "at high temperature the heat bath draws nearly independent spins"
	case m.Field != 0:
		return Metropolis, "in a field single spins are flipped, as clusters do not apply"
	case m.Frustrated():
		return Metropolis, "in a frustrated model single spins are flipped, as clusters do not apply"
	case clustersPay(m, temperature):
		return MetropolisWolff, "near the critical temperature cluster flips beat critical slowing down"
	}
	return Metropolis, "away from the critical temperature sweeps of single flips decorrelate quickest"
}

// clustersPay reports whether a cluster flip is worth its cost of one to two sweeps. On a chain that is where the correlation
// length exceeds a few spacings; else in a window around the critical temperature, for lattices large enough to slow down.
// Open lattices order later, so that their window is wider, and have walls that end at edges.
func clustersPay(m Model, temperature float64) bool {
	critical := orderingTemperature(m)
	switch {
	case m.Lattice.kind == Chain:
		return temperature < 1.5*math.Abs(m.Coupling)
	case m.Lattice.boundary == Open:
		return temperature > 0.5*critical && temperature < 1.2*critical
	default:
		return m.Lattice.size >= 12 && temperature > 0.82*critical && temperature < 1.2*critical
	}
}
