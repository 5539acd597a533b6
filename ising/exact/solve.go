package exact

import (
	"errors"
	"fmt"
	"math"

	"isingrbm/ising"
)

// ErrUnknown reports that nothing is known exactly of a model at a temperature.
var ErrUnknown = errors.New("exact: no exact answer is known")

// Solve returns what is known exactly of a model at a temperature from 0 to +Inf, by the best method there is:
//
//	T = 0, ∞                              all that exists
//	chain                                 everything; up to 4096 sites in a field, above without <|M|> and U
//	at most 24 sites                      everything, by enumeration
//	periodic square lattice, L ≤ 12       everything, but in a field with J < 0 and L even nothing of the staggered order but ξ
//	the same, L > 12, h = 0, unfrustrated e, c and ln Z
//
// It takes a millisecond or less but for enumeration (0.5 s at 24 sites), the square lattice (0.1 s at L = 10, 1 s at 12; four
// times that in a field or under frustration) and long chains (0.5 s). For any other model the error is ErrUnknown, also where
// J < 0 competes with a strong field in a cold that underflows; for an invalid model or temperature it is another.
func Solve(m ising.Model, temperature float64) (Values, error) {
	if err := m.Validate(); err != nil {
		return unknown(""), err
	}
	if !(temperature >= 0) {
		return unknown(""), fmt.Errorf("exact: temperature %v: want 0 or more", temperature)
	}
	l := m.Lattice
	switch {
	case math.IsInf(temperature, 1):
		return independent(m), nil
	case temperature == 0:
		return groundStates(m)
	case l.Kind() == ising.Chain:
		return chain(m, temperature)
	case l.Sites() <= maxEnumeratedSites:
		e, err := Enumerate(m)
		if err != nil {
			return unknown(""), err
		}
		return e.Values(temperature), nil
	case l.Kind() == ising.Square && l.Boundary() == ising.Periodic:
		return square(m, temperature)
	}
	return unknown(""), notKnown(m, temperature)
}

func notKnown(m ising.Model, temperature float64) error {
	l := m.Lattice
	return fmt.Errorf("%w: %s %s lattice, L = %d, J = %v, h = %v, T = %v", ErrUnknown, l.Boundary(), l.Kind(), l.Size(),
		m.Coupling, m.Field, temperature)
}

// staggered reports whether the model's order parameter is the staggered magnetization.
func staggered(m ising.Model) bool { return m.Coupling < 0 && m.Lattice.Bipartite() }

// independent returns the values at T = ∞, where every state is equally likely.
func independent(m ising.Model) Values {
	v := unknown("independent spins")
	sites := m.Lattice.Sites()
	n := float64(sites)
	v.Energy, v.Magnetization, v.UpFraction, v.CorrelationLength = 0, 0, 0.5, 0
	v.Binder = 2 / (3 * n)
	v.LogZ = n * math.Ln2
	v.AbsMagnetization = 1 // C(2k, k)/4^k with k = ⌊N/2⌋
	for j := 1; j <= sites/2; j++ {
		v.AbsMagnetization *= 1 - 0.5/float64(j)
	}
	if m.Lattice.Boundary() != ising.Periodic {
		v.CorrelationLength = math.NaN()
	}
	return v
}

// groundStates returns the values at T = 0. They are known where the ground states satisfy every term of the energy written
// as a sum over bonds, −J σ_i σ_j − h (σ_i/z_i + σ_j/z_j) with z the numbers of neighbors, and wherever they can be counted.
func groundStates(m ising.Model) (Values, error) {
	v := unknown("ground states")
	least, most := neighbors(m.Lattice)
	coupling, field := math.Abs(m.Coupling), math.Abs(m.Field)
	spins, bonds := float64(m.Lattice.Sites()), float64(len(m.Lattice.Bonds()))
	switch {
	case m.Field == 0 && !m.Frustrated() || staggered(m) && least == most && field < float64(most)*coupling:
		v.Energy = -coupling * bonds / spins
		v.setSaturated(0, 1, true)
	case m.Coupling > 0 || field > float64(most)*coupling:
		v.Energy = -m.Coupling*bonds/spins - field
		sign := math.Copysign(1, m.Field)
		v.setSaturated(sign, sign*alignedOrder(m), false)
	case m.Lattice.Sites() <= maxEnumeratedSites:
		e, err := Enumerate(m)
		if err != nil {
			return unknown(""), err
		}
		return e.Values(0), nil
	default:
		return unknown(""), notKnown(m, 0)
	}
	return v, nil
}

// setSaturated fills in the magnetizations of a ground state whose order parameter is given per spin, or of that state and
// the one with all spins turned over.
func (v *Values) setSaturated(magnetization, order float64, twofold bool) {
	v.AbsMagnetization = math.Abs(order)
	v.Magnetization, v.UpFraction = magnetization, 0.5
	if order != 0 {
		v.Binder = 2.0 / 3
	}
	if order != 0 && !twofold {
		v.UpFraction += math.Copysign(0.5, order)
	}
}

// alignedOrder returns the order parameter per spin of the state with all spins up.
func alignedOrder(m ising.Model) float64 {
	if !staggered(m) {
		return 1
	}
	sum, sites := 0, m.Lattice.Sites()
	for site := range sites {
		sum += 1 - 2*m.Lattice.Sublattice(site)
	}
	return float64(sum) / float64(sites)
}

// neighbors returns the smallest and the largest number of neighbors of a site.
func neighbors(l *ising.Lattice) (least, most int) {
	least = l.Sites()
	for site := range l.Sites() {
		n := len(l.Neighbors(site))
		least, most = min(least, n), max(most, n)
	}
	return least, most
}

// chain solves a chain between T = 0 and ∞.
func chain(m ising.Model, temperature float64) (Values, error) {
	v := unknown("transfer matrix")
	l := m.Lattice
	closed := m.Field == 0 && !m.Frustrated()
	long := l.Sites() > maxChainTally
	lost := m.Frustrated() && math.Exp(2*m.Coupling/temperature) < chainNegligible // the broken bond of every ground state
	if !closed && (long || lost) {
		return unknown(""), notKnown(m, temperature)
	}
	if closed {
		v.Method = "closed form"
		v.setClosedChain(m, temperature)
	} else {
		t, scale := chainTally(m, temperature, false)
		v.setTally(t, m, temperature, scale)
	}
	if !long {
		v.Method = "transfer matrix"
		t, _ := chainTally(m, temperature, staggered(m))
		v.setOrder(t.distribution(), temperature, m.Field)
	}
	v.setSymmetry(m.Field)
	if l.Boundary() == ising.Periodic {
		zero, first := ringStructure(l.Sites(), m.Coupling/temperature, m.Field/temperature, staggered(m))
		v.setCorrelation(zero, first, l)
	}
	return v, nil
}

// setClosedChain fills in the energy, the specific heat, ln Z and χ₀ of a chain in zero field without frustration.
func (v *Values) setClosedChain(m ising.Model, temperature float64) {
	strength, solve := math.Abs(m.Coupling), ring
	if m.Lattice.Boundary() == ising.Open {
		solve = openChain
	}
	v.Energy, v.SpecificHeat, v.LogZ, v.SusceptibilityZero = solve(m.Lattice.Sites(), temperature/strength)
	v.Energy *= strength
	v.SusceptibilityZero /= strength
}

// square solves a periodic square lattice between T = 0 and ∞.
func square(m ising.Model, temperature float64) (Values, error) {
	size := m.Lattice.Size()
	small := size <= maxDistributionSize
	switch {
	case m.Field == 0 && !m.Frustrated():
		v := unknown("Kaufman torus")
		strength := math.Abs(m.Coupling)
		v.Energy, v.SpecificHeat, v.LogZ = Torus(size, size, temperature/strength)
		v.Energy *= strength
		if small {
			v.Method = "Kaufman torus + transfer matrix"
			t := squareTally(size, strength/temperature, false, 1)
			zero := v.setOrder(t.distribution(), temperature, 0)
			_, first := squareStructure(size, strength/temperature, 0, false)
			v.setCorrelation(zero, first, m.Lattice)
		}
		v.setSymmetry(0)
		return v, nil
	case small:
		return squareInField(m, temperature)
	}
	return unknown(""), notKnown(m, temperature)
}

// squareInField solves a periodic square lattice of size ≤ maxDistributionSize by the transfer matrix alone. Of the staggered
// order in a field only what symmetry and the structure factor say is known.
func squareInField(m ising.Model, temperature float64) (Values, error) {
	v := unknown("transfer matrix")
	size, k, h := m.Lattice.Size(), math.Abs(m.Coupling)/temperature, m.Field/temperature
	t := squareTally(size, k, m.Coupling < 0, 3)
	scale, ok := t.inField(h)
	if !ok {
		return unknown(""), notKnown(m, temperature)
	}
	v.setTally(t, m, temperature, scale)
	zero, first := squareStructure(size, k, h, m.Coupling < 0)
	if staggered(m) {
		v.Susceptibility = zero / temperature
		v.UpFraction = 0.5
	} else {
		zero = v.setOrder(t.distribution(), temperature, m.Field)
	}
	v.setSymmetry(m.Field)
	v.setCorrelation(zero, first, m.Lattice)
	return v, nil
}
