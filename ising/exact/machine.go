package exact

import (
	"fmt"
	"math"

	"isingrbm/ising"
)

// BondMachine returns the weight w and ln Z of the restricted Boltzmann machine whose visible units, σ_i = 2v_i − 1, are the
// spins of a ferromagnetic Ising model at a temperature above 0, exactly.
//
// It has one hidden unit per bond, with cosh 2w = e^{2K}, K = J/T. In {0,1} units, with the energy
// E(v, h) = −Σ W_ij v_i h_j − Σ b_i v_i − Σ c_j h_j, the weights between a bond's unit and its two sites are 4w, the hidden
// biases −4w and the visible biases −2w for each bond of a site plus 2h/T for the field. Then, for B bonds,
//
//	ln Z_RBM = ln Z_Ising + B [ln(1 + e^{−4w}) − K] + N h/T.
//
// The error is ErrUnknown where ln Z_Ising is not known, and another for J < 0, where there is no such machine, or T = 0.
func BondMachine(m ising.Model, temperature float64) (w, logZ float64, err error) {
	if m.Coupling < 0 || temperature == 0 {
		return math.NaN(), math.NaN(), fmt.Errorf("exact: no bond machine at J = %v, T = %v: want J > 0 and T > 0", m.Coupling, temperature)
	}
	values, err := Solve(m, temperature)
	if err != nil {
		return math.NaN(), math.NaN(), err
	}
	k := m.Coupling / temperature
	w = bondWeight(k)
	bonds, sites := float64(len(m.Lattice.Bonds())), float64(m.Lattice.Sites())
	return w, values.LogZ + bonds*(math.Log1p(math.Exp(-4*w))-k) + sites*m.Field/temperature, nil
}

// bondWeight returns w = ½ arccosh e^{2K}, for large K too.
func bondWeight(k float64) float64 {
	return k + math.Log1p(math.Sqrt(-math.Expm1(-4*k)))/2
}
