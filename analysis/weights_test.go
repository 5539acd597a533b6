package analysis

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestWeightsOf(t *testing.T) {
	// Three hidden units over four sites: one that sees all alike, one that sees
	// one site, one that sees none.
	w := []float32{1, 2, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0}
	s := WeightsOf(4, 3, w)
	if s.Dead != 1 || s.Min != 0 || s.Max != 2 || math.Abs(s.Mean-0.5) > 1e-12 {
		t.Errorf("%+v", s)
	}
	within(t, "participation", s.Participation, (1+0.25)/3, 1e-12)
	within(t, "deviation", s.Deviation, math.Sqrt((4+4)/12.0-0.25), 1e-12)
	rng := rand.New(rand.NewPCG(1, 2))
	normal := make([]float32, 40000)
	for i := range normal {
		normal[i] = float32(rng.NormFloat64())
	}
	if k := WeightsOf(200, 200, normal).Kurtosis; math.Abs(k) > 4.5*math.Sqrt(24.0/40000) {
		t.Errorf("kurtosis %v of a normal distribution", k)
	}
	expectPanic(t, "wrong shape", func() { WeightsOf(3, 3, w) })
}
