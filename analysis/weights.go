package analysis

import "math"

// WeightStatistics describes the weights of a machine.
type WeightStatistics struct {
	Mean, Deviation float64 // of all W_ij
	Min, Max        float64
	Kurtosis        float64 // in excess of that of a normal distribution, NaN where all are equal
	Dead            int     // hidden units that no configuration moves: Σ_i |W_ij| below deadWeight
	Participation   float64 // mean over hidden units of (Σ_i W²)²/(N Σ_i W⁴): 1 where all sites take part, 1/N where one does
}

// deadWeight is the sum of a hidden unit's |W_ij| below which it takes no part:
// its probability moves by 1 % at most.
const deadWeight = 0.04

// WeightsOf returns the statistics of visible × hidden weights, row-major.
func WeightsOf(visible, hidden int, weights []float32) WeightStatistics {
	if len(weights) != visible*hidden || len(weights) == 0 {
		panic("analysis: weights of the wrong shape")
	}
	n := float64(len(weights))
	s := WeightStatistics{Min: math.Inf(1), Max: math.Inf(-1)}
	for _, w := range weights {
		x := float64(w)
		s.Mean += x / n
		s.Min, s.Max = min(s.Min, x), max(s.Max, x)
	}
	second, fourth := 0.0, 0.0
	for _, w := range weights {
		d := (float64(w) - s.Mean) * (float64(w) - s.Mean)
		second += d / n
		fourth += float64(d*d) / n
	}
	s.Deviation = math.Sqrt(second)
	s.Kurtosis = fourth/float64(second*second) - 3
	for j := range hidden {
		sum, squares, fourths := 0.0, 0.0, 0.0
		for i := range visible {
			x := math.Abs(float64(weights[i*hidden+j]))
			sum += x
			squares += float64(x * x)
			fourths += float64(x * x * x * x)
		}
		if sum < deadWeight {
			s.Dead++
		}
		if squares > 0 {
			s.Participation += squares * squares / (float64(visible) * fourths) / float64(hidden)
		}
	}
	return s
}
