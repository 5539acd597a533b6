package analysis

import (
	"maps"
	"math"
	"slices"

	"isingrbm/ising"
)

// Coupling is what a machine's weights say about the coupling of all pairs of sites at
// one distance, J/T on the Ising model for neighbors and 0 for others. Its values are
// means over pairs, their errors those of the mean from the scatter of the pairs, and τ
// is NaN.
type Coupling struct {
	Distance float64 // in units of that of neighbors
	Pairs    int     // that were looked at
	// Leading is the two-body part of −F where all other spins are down, Corrected its
	// mean over all states of the other spins, which is the two-body part where −F is
	// expanded in products of spins, and Sampled its mean over the machine's own
	// configurations, that of [NearestNeighborCoupling].
	Leading, Corrected, Sampled Estimate
}

// CouplingRow is the coupling of one machine at one distance.
type CouplingRow struct {
	L               int
	T               float64
	Hidden, Replica int
	Exact           float64 // J/T, or 0 beyond neighbors
	Coupling
}

const (
	couplingWork  = 1 << 19 // pairs times hidden units that are looked at
	couplingReach = 16      // largest squared distance
)

// Couplings infers the couplings from a machine in {0,1} units, by distance, nearest
// first, up to four times the distance of neighbors. With D_j(θ) the second difference
//
//	D_j(θ) = ¼ ln[(1 + e^θ) (1 + e^{θ+W_aj+W_bj}) / ((1 + e^{θ+W_aj}) (1 + e^{θ+W_bj}))],
//
// the leading term is Σ_j D_j(c_j), and the corrected one Σ_j ⟨D_j(c_j + Σ_k W_kj v_k)⟩
// over independent fair bits v_k of all other sites k, whose sum is taken as Gaussian:
// of mean ½ Σ_k W_kj and variance ¼ Σ_k W_kj² (Decelle et al. 2024); the sampled one
// has v from configurations of the machine, NaN without any. Where there are very many
// pairs, those of evenly spaced sites are taken.
//
// Shapes are those of NearestNeighborCoupling; it panics like it.
func Couplings(l *ising.Lattice, visible, hidden int, weights, hiddenBias []float32, configurations []uint64) []Coupling {
	if visible != l.Sites() || len(weights) != visible*hidden || len(hiddenBias) != hidden {
		panic("analysis: weights of the wrong shape")
	}
	m := newCouplingMachine(visible, hidden, weights, hiddenBias)
	pairs := make(map[int][][2]int) // by squared distance
	for _, p := range couplingPairs(l, hidden) {
		d := l.SquaredDistance(p[0], p[1])
		pairs[d] = append(pairs[d], p)
	}
	var list []Coupling
	for _, d := range slices.Sorted(maps.Keys(pairs)) {
		c := Coupling{math.Sqrt(float64(d)), len(pairs[d]), meanOverPairs(m.averaged(pairs[d], nil)), meanOverPairs(m.corrected(pairs[d])), Undefined()}
		if len(configurations) > 0 {
			c.Sampled = meanOverPairs(m.averaged(pairs[d], configurations))
		}
		list = append(list, c)
	}
	return list
}

// couplingPairs lists the pairs within reach of evenly spaced first sites, each once.
func couplingPairs(l *ising.Lattice, hidden int) (pairs [][2]int) {
	sites := l.Sites()
	near := 0
	for b := range sites {
		if d := l.SquaredDistance(0, b); 0 < d && d <= couplingReach {
			near++
		}
	}
	origins := min(sites, max(1, couplingWork/(max(1, near)*hidden)))
	all := origins == sites
	for k := range origins {
		a := k * sites / origins
		for b := range sites {
			if d := l.SquaredDistance(a, b); d == 0 || d > couplingReach || all && b < a {
				continue
			}
			pairs = append(pairs, [2]int{a, b})
		}
	}
	return pairs
}

// couplingMachine is a machine with the sums over all sites of each hidden unit.
type couplingMachine struct {
	visible, hidden int
	weights         []float32
	bias            []float32
	mean, variance  []float64 // of c_j + Σ_k W_kj v_k over fair bits
}

func newCouplingMachine(visible, hidden int, weights, bias []float32) *couplingMachine {
	m := &couplingMachine{visible, hidden, weights, bias, make([]float64, hidden), make([]float64, hidden)}
	for j, c := range bias {
		m.mean[j] = float64(c)
	}
	for k, w := range weights {
		m.mean[k%hidden] += float64(w) / 2
		m.variance[k%hidden] += float64(w) * float64(w) / 4
	}
	return m
}

// weightsOf are those of a site.
func (m *couplingMachine) weightsOf(site int) []float32 {
	return m.weights[site*m.hidden:][:m.hidden]
}

// corrected is Σ_j ⟨D_j⟩ of each pair of sites.
func (m *couplingMachine) corrected(pairs [][2]int) []float64 {
	couplings := make([]float64, len(pairs))
	for k, pair := range pairs {
		first, second := m.weightsOf(pair[0]), m.weightsOf(pair[1])
		for j := range m.hidden {
			a, b := float64(first[j]), float64(second[j])
			mean := m.mean[j] - (a+b)/2
			deviation := math.Sqrt(max(0, m.variance[j]-(a*a+b*b)/4))
			for _, node := range gaussNodes {
				couplings[k] += node.weight * secondDifference(mean+deviation*node.at, a, b)
			}
		}
	}
	return couplings
}

// secondDifference is D(θ).
func secondDifference(theta, a, b float64) float64 {
	return (softplus(theta) + softplus(theta+a+b) - softplus(theta+a) - softplus(theta+b)) / 4
}

// gaussNodes integrate a polynomial of degree 13 exactly over the standard normal
// distribution: the roots of the Hermite polynomial He₇ (Abramowitz and Stegun, Table
// 25.10, whose abscissas are these by √2 and whose weights are these times √π).
var gaussNodes = []struct{ at, weight float64 }{
	{0, 16.0 / 35},
	{1.1544053947399682, 0.24012317860501272}, {-1.1544053947399682, 0.24012317860501272},
	{2.3667594107345416, 0.030757123967586497}, {-2.3667594107345416, 0.030757123967586497},
	{3.7504397177257425, 0.00054826885597221791}, {-3.7504397177257425, 0.00054826885597221791},
}
