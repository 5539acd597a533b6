package pipeline

import (
	"fmt"
	"math"

	"isingrbm/ising"
	"isingrbm/rbm"
)

// BondMachine builds, without training, the machine whose visible marginal is
// exactly the Boltzmann distribution of a ferromagnet: one hidden unit a bond,
// coupled to its two spins with
//
//	w = ½ arccosh(e^{2K}), K = J/T
//
// in ±1 units; in {0,1} units that is W = 4w, a hidden bias of −4w, and a
// visible bias of −2w a bond of the site, plus 2h/T. Its partition function
// is that of exact.BondMachine.
func BondMachine(m ising.Model, temperature float64) (*rbm.Machine, error) {
	if !(m.Coupling > 0) || !(temperature > 0) {
		return nil, fmt.Errorf("the bond machine exists for J > 0 and T > 0, not for J = %v, T = %v", m.Coupling, temperature)
	}
	bonds := m.Lattice.Bonds()
	machine := rbm.NewMachine(m.Lattice.Sites(), len(bonds))
	for site := range machine.VisibleBias {
		machine.VisibleBias[site] = float32(2 * m.Field / temperature)
	}
	w := math.Acosh(math.Exp(2*m.Coupling/temperature)) / 2
	for j, bond := range bonds {
		machine.HiddenBias[j] = float32(-4 * w)
		for _, site := range []int32{bond.A, bond.B} {
			machine.Weights[int(site)*machine.Hidden+j] = float32(4 * w)
			machine.VisibleBias[site] += float32(-2 * w)
		}
	}
	return machine, nil
}
