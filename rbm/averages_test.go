package rbm

import (
	"math"
	"testing"
)

// Averages over all states, each as often as its probability says, are those of the
// joint distribution by enumeration of both layers.
func TestAveragesAgainstEnumeration(t *testing.T) {
	m := randomMachine(11, 4, 3, 0.8)
	rows := []uint64{0b0101, 0b0101, 0b1110, 0b0001}
	got := m.Averages(rows)
	pairs, hidden, energies := make([]float64, 12), make([]float64, 3), make([]float64, len(rows))
	for r, v := range rows {
		z := 0.0
		for h := range uint64(8) {
			z += math.Exp(-literalEnergy(m, []uint64{v}, []uint64{h}))
		}
		for h := range uint64(8) {
			e := literalEnergy(m, []uint64{v}, []uint64{h})
			p := math.Exp(-e) / z
			energies[r] += p * e
			for j := range 3 {
				hidden[j] += p * bitOf([]uint64{h}, j) / 4
				for i := range 4 {
					pairs[3*i+j] += p * bitOf([]uint64{v}, i) * bitOf([]uint64{h}, j) / 4
				}
			}
		}
	}
	mean, variance := meanDeviation(energies)
	if !near(got.Energy, mean, 1e-12) || !near(got.EnergyVariance, variance*variance, 1e-12) || got.Rows != 4 {
		t.Errorf("energy %v of variance %v, want %v and %v", got.Energy, got.EnergyVariance, mean, variance*variance)
	}
	for k, want := range pairs {
		if !near(got.Pairs[k], want, 1e-12) {
			t.Errorf("⟨v h⟩ %d is %v, want %v", k, got.Pairs[k], want)
		}
	}
	for j, want := range hidden {
		if !near(got.Hidden[j], want, 1e-12) {
			t.Errorf("⟨h⟩ %d is %v, want %v", j, got.Hidden[j], want)
		}
	}
	for i, want := range []float64{0.75, 0.25, 0.75, 0.25} {
		if got.Visible[i] != want {
			t.Errorf("⟨v⟩ %d is %v, want %v", i, got.Visible[i], want)
		}
	}
}

// The difference of the averages over data and over all states with the machine's
// probabilities is the gradient of the log-likelihood, by finite differences.
func TestAveragesAreTheGradient(t *testing.T) {
	m := randomMachine(12, 4, 3, 0.8)
	data := []uint64{0b0101, 0b1110, 0b0001, 0b0111}
	model := make([]float64, len(m.Weights))
	for v, p := range visibleDistribution(m) {
		for k, x := range m.Averages([]uint64{uint64(v)}).Pairs {
			model[k] += p * x
		}
	}
	logLikelihood := func() float64 {
		logZ, _ := m.LogPartition()
		return -m.meanFreeEnergy(data) - logZ
	}
	over := m.Averages(data)
	for _, k := range []int{0, 5, 11} {
		const step = 1.0 / 64
		w := m.Weights[k]
		m.Weights[k] = w + step
		high := logLikelihood()
		m.Weights[k] = w - step
		low := logLikelihood()
		m.Weights[k] = w
		if got, want := over.Pairs[k]-model[k], (high-low)/(2*step); !near(got, want, 1e-4) {
			t.Errorf("gradient of weight %d is %v, by differences %v", k, got, want)
		}
	}
}

func TestAveragesRefuseNothing(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no rows passed")
		}
	}()
	NewMachine(3, 3).Averages(nil)
}
