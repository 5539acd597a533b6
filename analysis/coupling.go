package analysis

import (
	"math"

	"isingrbm/ising"
)

// NearestNeighborCoupling infers J/T from a machine in {0,1} units: for each bond
// (a, b) of the lattice the leading term
//
//	J_ab/T = ¼ Σ_j ln[(1 + e^{c_j}) (1 + e^{c_j+W_aj+W_bj}) / ((1 + e^{c_j+W_aj}) (1 + e^{c_j+W_bj}))],
//
// the two-body part of the free energy with all other spins down (Cossu et al.
// 2019). The value is the mean over the bonds, the error that of the mean from
// their scatter, and τ is NaN. On the machine with one hidden unit a bond that is
// the Ising model it gives J/T exactly.
//
// weights has visible × hidden entries, row-major, site i in row i, and
// hiddenBias hidden entries. It panics if they have not, or if visible is not
// the number of sites.
func NearestNeighborCoupling(l *ising.Lattice, visible, hidden int, weights, hiddenBias []float32) Estimate {
	if visible != l.Sites() || len(weights) != visible*hidden || len(hiddenBias) != hidden {
		panic("analysis: weights of the wrong shape")
	}
	single := make([]float64, len(weights)) // ln(1 + e^{c_j+W_ij})
	for k, w := range weights {
		single[k] = softplus(float64(hiddenBias[k%hidden]) + float64(w))
	}
	couplings := make([]float64, len(l.Bonds()))
	for k, bond := range l.Bonds() {
		a, b := int(bond.A)*hidden, int(bond.B)*hidden
		sum := 0.0
		for j, c := range hiddenBias {
			both := float64(c) + float64(weights[a+j]) + float64(weights[b+j])
			sum += softplus(float64(c)) + softplus(both) - single[a+j] - single[b+j]
		}
		couplings[k] = sum / 4
	}
	return meanOverBonds(couplings)
}

func meanOverBonds(couplings []float64) Estimate {
	n := float64(len(couplings))
	mean, squares := 0.0, 0.0
	for _, k := range couplings {
		mean += k / n
	}
	for _, k := range couplings {
		d := k - mean
		squares += float64(d * d)
	}
	return Estimate{Value: mean, Err: math.Sqrt(squares / (n * (n - 1))), Tau: math.NaN()}
}

// softplus is ln(1 + eˣ) without overflow.
func softplus(x float64) float64 {
	return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}
