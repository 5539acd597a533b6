package rbm

import (
	"math"
	"testing"
)

// The visible distribution of the machine is the mixture that it is made from.
func TestNewMixture(t *testing.T) {
	first, second, share := []float64{0.9, 0.2, 0.5}, []float64{0.05, 0.6, 0.5}, 0.3
	m, err := NewMixture(first, second, share)
	if err != nil {
		t.Fatal(err)
	}
	for v, p := range visibleDistribution(m) {
		a, b := share, 1-share
		for i := range first {
			if v>>i&1 == 1 {
				a, b = a*first[i], b*second[i]
			} else {
				a, b = a*(1-first[i]), b*(1-second[i])
			}
		}
		if !near(p, a+b, 1e-6) {
			t.Errorf("p(%03b) = %v, want %v", v, p, a+b)
		}
	}
	half := []float64{0.5}
	for _, bad := range [][]float64{{1}, {0}, {math.NaN()}, {}, {0.5, 0.5}} {
		if _, err := NewMixture(bad, half, 0.5); err == nil {
			t.Errorf("probabilities %v passed", bad)
		}
	}
	if _, err := NewMixture(half, half, 1); err == nil {
		t.Error("a share of 1 passed")
	}
}

// States of the hidden layer are drawn with their probabilities: χ² within 6 standard
// deviations, a false alarm in less than 1 of 10⁶ seeds.
func TestBaseStates(t *testing.T) {
	m := randomMachine(6, 5, 3, 1)
	s := newBaseStates(m)
	if logZ, err := m.LogPartition(); err != nil || !near(s.logZ, logZ, 1e-10) {
		t.Errorf("ln Z = %v, want %v (%v)", s.logZ, logZ, err)
	}
	p := make([]float64, 8)
	for g := range p {
		p[g] = exp(m.hiddenState(uint64(g)) - s.logZ)
	}
	const n = 20_000
	rows, counts := packed{make([]uint64, 2*n), 70}, make([]int, 8)
	s.draw(rows, 63, newStream([32]byte{7}))
	for r := range n {
		counts[rows.rows[2*r]>>63|rows.rows[2*r+1]<<1]++
	}
	if x := chiSquared(counts, p); math.Abs(x) > 6 {
		t.Errorf("χ² is %.1f standard deviations off", x)
	}
}
