package ising

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// autoregressive returns chains x' = φx + √(1−φ²) ξ in equilibrium, for which ρ(t) = φ^t and τ = ½ (1+φ)/(1−φ).
func autoregressive(rng *rand.Rand, phi float64, chains, steps int) [][]float64 {
	data := make([][]float64, chains)
	for c := range data {
		data[c] = make([]float64, steps)
		x := rng.NormFloat64()
		for i := range data[c] {
			data[c][i] = 3 + 0.1*x
			x = phi*x + math.Sqrt(1-phi*phi)*rng.NormFloat64()
		}
	}
	return data
}

// phiOf is the φ of an autocorrelation time.
func phiOf(tau float64) float64 { return (2*tau - 1) / (2*tau + 1) }

// Many chains and one chain, short and long times: over 20 series the mean of τ is right within 4.5 standard errors and the
// bias of at most 3 % that a finite window leaves (7·10⁻⁶ a case), and the scatter is that which the errors state, within the
// factor 1.6 for an error known to 16 %.
func TestAutocorrelationTimeOfAnAR1Series(t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 52))
	for _, c := range []struct {
		tau           float64
		chains, steps int
	}{{0.5, 512, 32}, {0.75, 512, 32}, {1.5, 512, 32}, {3, 512, 32}, {0.5, 1, 20000}, {2, 1, 20000}, {20, 1, 50000},
		{5, 7, 3000}, {0.3, 512, 32}, {0.1, 1, 20000}} {
		t.Run(fmt.Sprintf("tau=%v-%dx%d", c.tau, c.chains, c.steps), func(t *testing.T) {
			const n = 20
			var sum, squares, errs float64
			for range n {
				tau, err := AutocorrelationTime(autoregressive(rng, phiOf(c.tau), c.chains, c.steps))
				sum += tau / n
				squares += (tau - c.tau) * (tau - c.tau) / n
				errs += err * err / n
			}
			if deviation := math.Abs(sum - c.tau); deviation > 0.03*c.tau+4.5*math.Sqrt(errs/n) {
				t.Errorf("mean τ %v, want %v", sum, c.tau)
			}
			if ratio := math.Sqrt(squares / errs); ratio > 1.6 || ratio < 0.5 {
				t.Errorf("the true error is %.2f times that stated", ratio)
			}
		})
	}
}

// The control: a τ that ignores all correlations, ½, is rejected by the same comparison.
func TestAutocorrelationTimeIsNotHalf(t *testing.T) {
	tau, err := AutocorrelationTime(autoregressive(rand.New(rand.NewPCG(53, 54)), phiOf(1), 512, 32))
	if (tau-0.5)/err < 10 {
		t.Errorf("τ = %v ± %v cannot be told from ½", tau, err)
	}
}

// Chains much shorter than τ give no number to trust, and say so by their error.
func TestAutocorrelationTimeOfShortChains(t *testing.T) {
	rng := rand.New(rand.NewPCG(55, 56))
	for _, c := range []struct{ tau float64 }{{30}, {200}, {2000}} {
		tau, err := AutocorrelationTime(autoregressive(rng, phiOf(c.tau), 512, 32))
		if tau < 10 || err < tau/4 {
			t.Errorf("τ = %v from 32 steps: %v ± %v", c.tau, tau, err)
		}
	}
}

// Pooled chains have one mean: a difference between chains that lasts is correlation.
func TestAutocorrelationTimeSeesFrozenChains(t *testing.T) {
	rng := rand.New(rand.NewPCG(57, 58))
	data := autoregressive(rng, 0, 64, 100)
	for c := range data {
		for i := range data[c] {
			data[c][i] += float64(c % 2)
		}
	}
	if tau, err := AutocorrelationTime(data); tau < 20 || err < tau/4 {
		t.Errorf("τ = %v ± %v", tau, err)
	}
}

func TestAutocorrelationTimeOfDegenerateSeries(t *testing.T) {
	constant := func(x float64, lengths ...int) (chains [][]float64) {
		for _, n := range lengths {
			chains = append(chains, make([]float64, n))
			for i := range chains[len(chains)-1] {
				chains[len(chains)-1][i] = x
			}
		}
		return chains
	}
	for name, chains := range map[string][][]float64{
		"nil": nil, "empty chains": {{}, {}}, "one value": {{3}}, "single values": {{1}, {2}, {4}},
		"constant": constant(0.1, 1000), "constant chains": constant(-1.0/3, 32, 32, 7), "zero": constant(0, 5),
	} {
		if tau, err := AutocorrelationTime(chains); tau != 0.5 || err != 0 {
			t.Errorf("%s: %v ± %v, want ½ ± 0", name, tau, err)
		}
	}
	for name, chains := range map[string][][]float64{
		"two values": {{1, 2}}, "one jump": {{0, 0, 0, 0, 1}}, "alternating": {{1, -1, 1, -1, 1, -1, 1, -1}},
		"trend": {{1, 2, 3, 4, 5, 6, 7, 8}}, "ragged": {{1, 5, 2}, {3}, {}, {4, 4, 1, 2, 2, 7}}, "tiny": {{1, 1 + 1e-15, 1}},
	} {
		if tau, err := AutocorrelationTime(chains); !(tau > 0) || !(err >= 0) || math.IsInf(tau, 0) || math.IsInf(err, 0) {
			t.Errorf("%s: %v ± %v", name, tau, err)
		}
	}
}

// A shift and a scale change nothing, even where the fluctuations are small against the mean; the data stay as they are.
func TestAutocorrelationTimeIsInvariant(t *testing.T) {
	data := autoregressive(rand.New(rand.NewPCG(59, 60)), phiOf(2), 4, 500)
	want, wantErr := AutocorrelationTime(data)
	first := data[0][0]
	for c := range data {
		for i := range data[c] {
			data[c][i] = 1e6 - 1e-3*data[c][i]
		}
	}
	tau, err := AutocorrelationTime(data)
	if math.Abs(tau-want) > 1e-4*want || math.Abs(err-wantErr) > 1e-4*wantErr {
		t.Errorf("%v ± %v, want %v ± %v", tau, err, want, wantErr)
	}
	if data[0][0] != 1e6-1e-3*first {
		t.Error("the series was changed")
	}
}

// The products come from Fourier transforms: they are the plain sums.
func TestAutocovarianceIsThePlainSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(61, 62))
	chains := [][]float64{autoregressive(rng, 0.5, 1, 33)[0], autoregressive(rng, 0.5, 1, 20)[0], {3.2}}
	gamma, n := autocovariance(chains)
	if n != 54 {
		t.Fatalf("%v data", n)
	}
	mean := 0.0
	for _, c := range chains {
		for _, x := range c {
			mean += x / n
		}
	}
	for lag := range gamma {
		sum, pairs := 0.0, 0.0
		for _, c := range chains {
			for i := 0; i+lag < len(c); i++ {
				sum += (c[i] - mean) * (c[i+lag] - mean)
				pairs++
			}
		}
		if math.Abs(gamma[lag]-sum/pairs) > 1e-15 {
			t.Errorf("Γ(%d) = %v, want %v", lag, gamma[lag], sum/pairs)
		}
	}
	if len(gamma) < 17 {
		t.Errorf("only %d lags", len(gamma))
	}
}
