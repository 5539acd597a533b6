package analysis

import (
	"math"
	"math/rand/v2"
	"testing"

	"isingrbm/ising"
)

// All formulas give K for neighbors and 0 for all others on the bond machine.
func TestCouplingsOfTheBondMachine(t *testing.T) {
	for _, l := range []*ising.Lattice{
		lattice(t, ising.Square, 6, ising.Periodic), lattice(t, ising.Triangular, 4, ising.Open), lattice(t, ising.Chain, 7, ising.Periodic),
	} {
		hidden, weights, bias := bondMachine(l, 0.44)
		spins := []uint64{1<<l.Sites() - 1, 0x5a3c96f1 & (1<<l.Sites() - 1)}
		list := Couplings(l, l.Sites(), hidden, weights, bias, spins)
		pairs := 0
		for i, c := range list {
			want := 0.0
			if i == 0 {
				want = 0.44
				if c.Distance != 1 || c.Pairs != len(l.Bonds()) {
					t.Errorf("%s: %d pairs at distance %v", l.Kind(), c.Pairs, c.Distance)
				}
			}
			within(t, "leading", 1+c.Leading.Value, 1+want, 1e-5)
			within(t, "corrected", 1+c.Corrected.Value, 1+want, 1e-5)
			within(t, "sampled", 1+c.Sampled.Value, 1+want, 1e-5)
			pairs += c.Pairs
		}
		if n := l.Sites(); len(list) < 3 || pairs > n*(n-1)/2 {
			t.Errorf("%s: %d pairs at %d distances", l.Kind(), pairs, len(list))
		}
	}
}

// The corrected coupling is the average of the second difference of −F over the states
// of all other spins, up to the Gaussian approximation of their field: on a machine of
// 12 sites with many small weights to 2 %, where the leading term is 10 % off.
func TestCorrectedCouplingAgainstEnumeration(t *testing.T) {
	const sites, hidden = 12, 3
	rng := rand.New(rand.NewPCG(5, 6))
	weights, bias := make([]float32, sites*hidden), []float32{-1, -2, 0.5}
	for k := range weights {
		weights[k] = float32(0.5 + 0.2*rng.NormFloat64())
	}
	m := newCouplingMachine(sites, hidden, weights, bias)
	mean := 0.0
	for v := range 1 << sites {
		if v&3 != 0 {
			continue // sites 0 and 1 are the pair
		}
		for j := range hidden {
			theta := float64(bias[j])
			for k := 2; k < sites; k++ {
				theta += float64(v>>k&1) * float64(weights[k*hidden+j])
			}
			mean += secondDifference(theta, float64(weights[j]), float64(weights[hidden+j])) / (1 << (sites - 2))
		}
	}
	if got := m.corrected([][2]int{{0, 1}})[0]; math.Abs(got/mean-1) > 0.02 {
		t.Errorf("corrected coupling %v, want %v", got, mean)
	}
	if got := m.averaged([][2]int{{0, 1}}, nil)[0]; math.Abs(got/mean-1) < 0.1 {
		t.Errorf("the leading term %v is no control: it should be far from %v", got, mean)
	}
}

// The nodes have the moments of a normal distribution, 1, 1, 3, 15 … up to degree 13.
func TestGaussNodes(t *testing.T) {
	want := 1.0
	for degree := 0; degree <= 12; degree += 2 {
		sum := 0.0
		for _, node := range gaussNodes {
			sum += node.weight * math.Pow(node.at, float64(degree))
		}
		within(t, "moment", sum/want, 1, 1e-12)
		want *= float64(degree + 1)
	}
}

// Of a large machine the pairs of some sites are looked at, at all distances.
func TestCouplingsOfALargeMachine(t *testing.T) {
	l := lattice(t, ising.Square, 16, ising.Periodic)
	const hidden = 2048
	list := Couplings(l, 256, hidden, make([]float32, 256*hidden), make([]float32, hidden), nil)
	if len(list) != 9 || list[8].Distance != 4 || list[0].Pairs >= len(l.Bonds()) || list[0].Pairs < 4 {
		t.Errorf("%+v", list)
	}
	expectPanic(t, "wrong shape", func() { Couplings(l, 256, 2, nil, nil, nil) })
}
