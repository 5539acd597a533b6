package ising

import (
	"math"
	"math/bits"

	"gonum.org/v1/gonum/dsp/fourier"
)

// AutocorrelationTime returns the integrated autocorrelation time τ = ½ + Σ_{t≥1} ρ(t) of a stationary series, in units of
// its step, and the standard error of τ. It is ½ for independent data: n values have the statistical weight of n/(2τ)
// independent ones.
//
// The series may be one chain or many independent ones with the same mean, of any lengths; the mean of all data is taken from
// each. The sum ends at the window that balances statistical and systematic error, and the bias from the unknown mean is
// corrected (Wolff, Comput. Phys. Commun. 156, 143 (2004), section 3.3, S = 1.5). Where all lags that the chains allow, up to
// three quarters of their length, are too few for that, the rest is extrapolated by an exponential and its whole amount added
// to the error: an error as large as τ says that the chains are too short. A series without fluctuations gives ½ and 0.
func AutocorrelationTime(chains [][]float64) (tau, err float64) {
	gamma, n := autocovariance(chains)
	if len(gamma) < 2 || !(gamma[0] > 0) {
		return 0.5, 0
	}
	tau = 0.5
	window := len(gamma) - 1
	resolved := false
	for w := 1; w < len(gamma) && !resolved; w++ {
		tau += gamma[w] / gamma[0]
		if resolved = windowEnds(tau, w, n); resolved {
			window = w
		}
	}
	tail := 0.0
	if !resolved {
		tail = tailBeyond(gamma)
	}
	// The mean of the data has variance 2τ Γ(0)/n, which every Γ(t) lacks.
	bias := 2 * tau / n
	tau = (tau + float64(bias*(float64(window)+0.5))) / (1 + bias)
	tau = max(tau+tail, 1/n)
	err = tau * math.Sqrt(max(4/n*(float64(window)+0.5-tau), 2/n))
	return tau, math.Hypot(err, tail)
}

// autocovariance returns Γ(t), the mean product of the deviations of two data t steps apart, and the number of data. Lags go
// as far as a quarter of the data has a partner, at least to 1 if any data have.
func autocovariance(chains [][]float64) (gamma []float64, n float64) {
	longest := 0
	for _, c := range chains {
		longest = max(longest, len(c))
		n += float64(len(c))
	}
	if longest < 2 {
		return nil, n
	}
	pairs := make([]float64, 0, longest)
	for t := range longest {
		count := 0
		for _, c := range chains {
			count += max(0, len(c)-t)
		}
		if t > 1 && float64(count) < n/4 {
			break
		}
		pairs = append(pairs, float64(count))
	}
	gamma = products(chains, n, len(pairs), longest)
	for t := range gamma {
		gamma[t] /= pairs[t]
	}
	return gamma, n
}

// products returns Σ δ_i δ_{i+t} over all chains for the given number of lags t, from the sum of the power spectra of the
// chains, which are padded with zeros so that no product wraps around.
func products(chains [][]float64, n float64, lags, longest int) []float64 {
	shift, mean := 0.0, 0.0
	for _, c := range chains {
		for _, x := range c {
			if n > 0 && mean == 0 && shift == 0 {
				shift = x
			}
			mean += (x - shift) / n
		}
	}
	size := 1 << bits.Len(uint(longest+lags-1))
	transform := fourier.NewFFT(size)
	padded := make([]float64, size)
	power := make([]complex128, size/2+1)
	coefficients := make([]complex128, size/2+1)
	for _, c := range chains {
		clear(padded)
		for i, x := range c {
			padded[i] = x - shift - mean
		}
		for k, f := range transform.Coefficients(coefficients, padded) {
			power[k] += complex(float64(real(f)*real(f))+float64(imag(f)*imag(f)), 0)
		}
	}
	sums := transform.Sequence(padded, power)[:lags]
	for t := range sums {
		sums[t] /= float64(size)
	}
	return sums
}

// windowEnds reports whether the derivative of the total error of τ by the window changes sign at w: the systematic error
// falls as e^{−w/τ'}, τ' being S times the exponential time that belongs to τ (of |ρ| where τ < ½), and the statistical one
// grows as sqrt(w/n).
func windowEnds(tau float64, w int, n float64) bool {
	const s = 1.5
	rho := (2*tau - 1) / (2*tau + 1) // of an exponential decay with this τ
	if tau <= 0 || rho == 0 {
		return rho == 0
	}
	decay := -s / math.Log(math.Abs(rho))
	return math.Exp(-float64(w)/decay) < decay/math.Sqrt(float64(w)*n)
}

// tailBeyond estimates the sum of ρ(t) over the lags that gamma does not hold from the decay over its last half.
func tailBeyond(gamma []float64) float64 {
	last := len(gamma) - 1
	half := last / 2
	if gamma[last] <= 0 {
		return 0
	}
	decay := float64(len(gamma)) // the longest time that the chains could show
	if ratio := gamma[half] / gamma[last]; ratio > 1 {
		decay = min(decay*10, float64(last-half)/math.Log(ratio))
	}
	return gamma[last] / gamma[0] / math.Expm1(1/decay)
}
