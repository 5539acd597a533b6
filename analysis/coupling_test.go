package analysis

import (
	"math"
	"math/rand/v2"
	"testing"

	"isingrbm/ising"
)

// bondMachine is the machine that is the Ising model at K = J/T: a hidden unit a
// bond, weights 4w and bias −4w, w = ½ arccosh(e^{2K}).
func bondMachine(l *ising.Lattice, k float64) (hidden int, weights, bias []float32) {
	bonds := l.Bonds()
	hidden = len(bonds)
	weights, bias = make([]float32, l.Sites()*hidden), make([]float32, hidden)
	w := float32(2 * math.Acosh(math.Exp(2*k)))
	for j, bond := range bonds {
		weights[int(bond.A)*hidden+j], weights[int(bond.B)*hidden+j] = w, w
		bias[j] = -w
	}
	return hidden, weights, bias
}

func TestCouplingOfTheBondMachine(t *testing.T) {
	for _, k := range []float64{0.01, 0.2, 0.44068679, 1, 3} {
		for _, l := range []*ising.Lattice{
			lattice(t, ising.Square, 4, ising.Periodic), lattice(t, ising.Chain, 5, ising.Open), lattice(t, ising.Cubic, 3, ising.Periodic),
		} {
			hidden, weights, bias := bondMachine(l, k)
			got := NearestNeighborCoupling(l, l.Sites(), hidden, weights, bias, nil)
			if math.Abs(got.Value-k) > 2e-6*(1+k) || got.Err > 1e-6 || !math.IsNaN(got.Tau) {
				t.Errorf("%s, K = %v: %v", l.Kind(), k, got)
			}
		}
	}
}

// The machine of the chain 0-1-2-…-8 has no coupling between the rows of a
// 3×3 lattice, and those along rows only where the chain runs along them.
func TestCouplingVanishesBetweenStrangers(t *testing.T) {
	chain, square := lattice(t, ising.Chain, 9, ising.Open), lattice(t, ising.Square, 3, ising.Open)
	hidden, weights, bias := bondMachine(chain, 0.5)
	got := NearestNeighborCoupling(square, 9, hidden, weights, bias, nil)
	within(t, "mean", got.Value, 0.5*6/12, 1e-5) // 6 of 12 bonds
	within(t, "error", got.Err, 0.25/math.Sqrt(11), 1e-5)
}

// Against the definition, ¼ ln of the ratio of four Boltzmann factors, on a random
// machine: with the other spins down, and with those of two configurations.
func TestCouplingAgainstTheFreeEnergy(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	l := lattice(t, ising.Chain, 4, ising.Periodic)
	const hidden = 4
	weights, bias := make([]float32, 4*hidden), make([]float32, hidden)
	for i := range weights {
		weights[i] = float32(rng.NormFloat64())
	}
	for j := range bias {
		bias[j] = float32(rng.NormFloat64())
	}
	logWeight := func(v uint64) float64 { // without visible biases, which cancel
		p := 1.0
		for j := range hidden {
			x := float64(bias[j])
			for i := range 4 {
				x += float64(v>>i&1) * float64(weights[i*hidden+j])
			}
			p *= 1 + math.Exp(x)
		}
		return math.Log(p)
	}
	coupling := func(v uint64) float64 {
		mean := 0.0
		for _, bond := range l.Bonds() {
			a, b := uint64(1)<<bond.A, uint64(1)<<bond.B
			none := v &^ (a | b)
			mean += (logWeight(none) + logWeight(none|a|b) - logWeight(none|a) - logWeight(none|b)) / 4 / 4
		}
		return mean
	}
	within(t, "K, other spins down", NearestNeighborCoupling(l, 4, hidden, weights, bias, nil).Value, coupling(0), 1e-12)
	drawn := []uint64{0b1011, 0b0110}
	want := (coupling(drawn[0]) + coupling(drawn[1])) / 2
	within(t, "K, averaged", NearestNeighborCoupling(l, 4, hidden, weights, bias, drawn).Value, want, 1e-12)
	if math.Abs(want-coupling(0)) < 0.01 {
		t.Errorf("the machine is no test: K = %v wherever it is measured", want)
	}
}

func TestCouplingOfHugeWeightsIsFinite(t *testing.T) {
	l := lattice(t, ising.Chain, 3, ising.Periodic)
	weights := []float32{1e4, -1e4, 1e4}
	if got := NearestNeighborCoupling(l, 3, 1, weights, []float32{-1e4}, nil); math.IsNaN(got.Value) || math.IsInf(got.Value, 0) {
		t.Errorf("%v", got)
	}
	expectPanic(t, "wrong shape", func() { NearestNeighborCoupling(l, 3, 2, weights, []float32{0}, nil) })
	expectPanic(t, "wrong lattice", func() { NearestNeighborCoupling(l, 2, 1, weights[:2], []float32{0}, nil) })
}
