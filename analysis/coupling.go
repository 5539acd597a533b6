package analysis

import (
	"math"

	"isingrbm/ising"
)

// CouplingSamples is the largest number of configurations over which a coupling is
// averaged. Fewer are taken where there are many pairs, as those average as well.
const CouplingSamples = 64

const (
	couplingTerms        = 1 << 19 // configurations times pairs times hidden units
	leastCouplingSamples = 4
)

// NearestNeighborCoupling infers J/T from a machine in {0,1} units and configurations
// v of it, rows of ising.Words(visible) words. For each bond (a, b) of the lattice it is
//
//	J_ab/T = −¼ ⟨F(v₁₁) + F(v₀₀) − F(v₁₀) − F(v₀₁)⟩
//
// with F the free energy and v_st the configuration v but for v_a = s, v_b = t: the
// two-body part of −F among the spins that the machine has, where the data taught it.
// Without configurations all other spins are down (Cossu et al. 2019), which few are
// above the critical temperature: what a machine makes of that its data hardly say.
//
// The value is the mean over the bonds, the error that of the mean from their
// scatter, and τ is NaN. On the machine with one hidden unit a bond that is the
// Ising model each bond gives J/T exactly. Of many configurations the first are taken.
//
// weights has visible × hidden entries, row-major, site i in row i, and
// hiddenBias hidden entries. It panics if they have not, or if visible is not
// the number of sites.
func NearestNeighborCoupling(l *ising.Lattice, visible, hidden int, weights, hiddenBias []float32, configurations []uint64) Estimate {
	if visible != l.Sites() || len(weights) != visible*hidden || len(hiddenBias) != hidden {
		panic("analysis: weights of the wrong shape")
	}
	pairs := make([][2]int, len(l.Bonds()))
	for k, bond := range l.Bonds() {
		pairs[k] = [2]int{int(bond.A), int(bond.B)}
	}
	return meanOverPairs(newCouplingMachine(visible, hidden, weights, hiddenBias).averaged(pairs, configurations))
}

// averaged returns the coupling of each pair, averaged over configurations, or with
// all other spins down if there are none.
func (m *couplingMachine) averaged(pairs [][2]int, configurations []uint64) []float64 {
	words := ising.Words(m.visible)
	n := min(len(configurations)/words, CouplingSamples, max(leastCouplingSamples, couplingTerms/(len(pairs)*m.hidden)))
	if n == 0 {
		n, configurations = 1, make([]uint64, words)
	}
	couplings := make([]float64, len(pairs))
	flips := newFlips(m)
	for r := range n {
		flips.begin(configurations[r*words:][:words])
		for k, pair := range pairs {
			couplings[k] += flips.secondDifference(pair[0], pair[1]) / (4 * float64(n))
		}
	}
	return couplings
}

// flips holds what second differences at one configuration have in common.
type flips struct {
	*couplingMachine
	up     []float64 // v_i
	theta  []float64 // θ_j = c_j + Σ_i W_ij v_i
	none   float64   // Σ_j ln(1 + e^{θ_j})
	single []float64 // the same with site i turned over; NaN if not known yet
}

func newFlips(m *couplingMachine) *flips {
	return &flips{couplingMachine: m, up: make([]float64, m.visible), theta: make([]float64, m.hidden), single: make([]float64, m.visible)}
}

// begin turns to a configuration.
func (f *flips) begin(configuration []uint64) {
	for j, c := range f.bias {
		f.theta[j] = float64(c)
	}
	for i := range f.up {
		f.single[i] = math.NaN()
		f.up[i] = float64(configuration[i/64] >> (i % 64) & 1)
		if f.up[i] == 1 {
			for j, w := range f.weightsOf(i) {
				f.theta[j] += float64(w)
			}
		}
	}
	f.none = 0
	for _, x := range f.theta {
		f.none += softplus(x)
	}
}

// secondDifference is −F(v₁₁) − F(v₀₀) + F(v₁₀) + F(v₀₁) of sites a and b, whose
// visible biases cancel.
func (f *flips) secondDifference(a, b int) float64 {
	sum := 0.0
	da, db := 1-2*f.up[a], 1-2*f.up[b]
	wb := f.weightsOf(b)
	for j, w := range f.weightsOf(a) {
		sum += softplus(f.theta[j] + float64(da*float64(w)) + float64(db*float64(wb[j])))
	}
	return da * db * (sum + f.none - f.turned(a) - f.turned(b))
}

// turned is Σ_j ln(1 + e^{θ_j}) with site i turned over.
func (f *flips) turned(i int) float64 {
	if math.IsNaN(f.single[i]) {
		sum, d := 0.0, 1-2*f.up[i]
		for j, w := range f.weightsOf(i) {
			sum += softplus(f.theta[j] + float64(d*float64(w)))
		}
		f.single[i] = sum
	}
	return f.single[i]
}

func meanOverPairs(couplings []float64) Estimate {
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
