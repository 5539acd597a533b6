package rbm

import (
	"math"
	"testing"
)

// Gaussian weights that obey the fluctuation theorem, forward of mean Δ − s²/2 and
// backward of mean Δ + s²/2, both of deviation s, where Δ is known.
func gaussianWeights(random *stream, n, m int, delta, s float64) (forward, backward []float64) {
	forward, backward = make([]float64, n), make([]float64, m)
	for r := range forward {
		forward[r] = delta - s*s/2 + s*random.normal()
	}
	for r := range backward {
		backward[r] = delta + s*s/2 + s*random.normal()
	}
	return forward, backward
}

// Estimates from 400 repetitions deviate from Δ by what their errors say: the mean of z
// within 4/√400, that of z² within 4·√(2/400) of 1, a false alarm in 8 000 seeds for
// each of the three cases and two means.
func TestBennett(t *testing.T) {
	const repeats, delta = 400, 3.0
	random := newStream([32]byte{1})
	for _, c := range []struct {
		n, m int
		s    float64
	}{{200, 200, 0.5}, {200, 200, 2}, {400, 100, 1}} {
		mean, square := 0.0, 0.0
		for range repeats {
			forward, backward := gaussianWeights(random, c.n, c.m, delta, c.s)
			x, err := bennett(forward, backward)
			z := (x - delta) / err
			mean += z / repeats
			square += z * z / repeats
		}
		if math.Abs(mean) > 4/math.Sqrt(repeats) || math.Abs(square-1) > 4*math.Sqrt(2.0/repeats) {
			t.Errorf("%v: z of mean %.3f and mean square %.3f, want 0 and 1", c, mean, square)
		}
	}
}

// Weights whose backward half is shifted by 1, against the theorem, do not give Δ.
func TestBennettControl(t *testing.T) {
	forward, backward := gaussianWeights(newStream([32]byte{2}), 1000, 1000, 3, 0.5)
	for r := range backward {
		backward[r]++
	}
	if x, err := bennett(forward, backward); math.Abs(x-3) < 4*err {
		t.Errorf("shifted weights give %v ± %v", x, err)
	}
}

// A bound is the logarithm of a mean, below or above, and its error that of the
// relative error of the mean.
func TestNewBound(t *testing.T) {
	xs := []float64{0, math.Log(3), math.Log(2), math.Log(2)}
	up, down := newBound(xs, 1, 100), newBound(xs, -1, 100)
	if !near(up.Value, 100+math.Log(2), 1e-12) || !near(up.ESS, 64.0/18, 1e-12) {
		t.Errorf("got %v", up)
	}
	if want := math.Sqrt(2.0/3/4) / 2; !near(up.Err, want, 1e-12) { // variance 2/3 of 1, 3, 2, 2
		t.Errorf("error %v, want %v", up.Err, want)
	}
	if want := 100 - math.Log((1+1.0/3+0.5+0.5)/4); !near(down.Value, want, 1e-12) {
		t.Errorf("got %v, want %v", down.Value, want)
	}
}
