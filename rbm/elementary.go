package rbm

import "math"

// The functions of this file repeat package math with every rounding written out.
// math.Exp and math.Log differ in their last bits between processors (on amd64 the
// former uses a fused multiply-add where there is one), and what is stored or
// trained here must not. Both follow FreeBSD's e_exp.c and e_log.c; errors stay
// below 1 unit in the last place.

const (
	ln2High = 6.93147180369123816490e-01 // its last 32 bits are zero
	ln2Low  = 1.90821492927058770002e-10
)

// exp returns eˣ.
func exp(x float64) float64 {
	switch {
	case x > 709.782712893383973096:
		return math.Inf(1)
	case x < -745.133219101941108420:
		return 0
	}
	k := math.RoundToEven(float64(x * math.Log2E))
	high := x - float64(k*ln2High)
	low := float64(k * ln2Low)
	r := high - low
	t := float64(r * r)
	p := float64(t*4.13813679705723846039e-08) - 1.65339022054652515390e-06
	p = float64(t*p) + 6.61375632143793436117e-05
	p = float64(t*p) - 2.77777777770155933842e-03
	p = float64(t*p) + 1.66666666666666657415e-01
	c := r - float64(t*p)
	y := 1 - ((low - float64(r*c)/(2-c)) - high)
	return scaleByPower(y, int(k))
}

// scaleByPower returns y·2ᵏ for y near 1.
func scaleByPower(y float64, k int) float64 {
	if -1000 < k && k < 1000 {
		return math.Float64frombits(math.Float64bits(y) + uint64(k)<<52)
	}
	return math.Ldexp(y, k)
}

// log returns ln x for finite x > 0.
func log(x float64) float64 {
	m, exponent := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m *= 2
		exponent--
	}
	f, k := m-1, float64(exponent)
	s := f / (2 + f)
	s2 := float64(s * s)
	s4 := float64(s2 * s2)
	odd := float64(s4*1.479819860511658591e-01) + 1.818357216161805012e-01
	odd = float64(s4*odd) + 2.857142874366239149e-01
	odd = float64(s4*odd) + 6.666666666666735130e-01
	even := float64(s4*1.531383769920937332e-01) + 2.222219843214978396e-01
	even = float64(s4*even) + 3.999999999940941908e-01
	rest := float64(s2*odd) + float64(s4*even)
	half := float64(float64(0.5*f) * f)
	return float64(k*ln2High) - ((half - (float64(s*(half+rest)) + float64(k*ln2Low))) - f)
}

// cosPi returns cos πx for x in [0, 1] by the series of the cosine or, near ½, of the
// sine, to 12 terms or so: beyond π/4 by symmetry.
func cosPi(x float64) float64 {
	switch {
	case x > 0.5:
		return -cosPi(1 - x)
	case x > 0.25:
		y := math.Pi * (0.5 - x)
		return float64(y * alternating(float64(y*y), 1))
	}
	y := math.Pi * x
	return alternating(float64(y*y), 0)
}

// alternating returns Σ_k (−z)ᵏ first!/(2k+first)!, for z up to 0.62 to rounding.
func alternating(z float64, first int) float64 {
	sum := 1.0
	for k := 10; k >= 1; k-- {
		n := 2*k + first
		sum = 1 - float64(z*sum)/float64(n*(n-1))
	}
	return sum
}

// sigmoid returns 1/(1+e⁻ˣ).
func sigmoid(x float64) float64 { return 1 / (1 + exp(-x)) }

// softplus returns ln(1+eˣ).
func softplus(x float64) float64 { return max(x, 0) + log(1+exp(-math.Abs(x))) }

// sumSoftplus returns Σ ln(1+eˣ) with one logarithm for many terms.
func sumSoftplus(xs []float64) float64 {
	const most = 1000 // factors of at most 2 before a product overflows
	sum := 0.0
	for len(xs) > 0 {
		part := xs[:min(len(xs), most)]
		xs = xs[len(part):]
		product := 1.0
		for _, x := range part {
			sum += max(x, 0)
			product *= 1 + exp(-math.Abs(x))
		}
		sum += log(product)
	}
	return sum
}
