package exact

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Onsager returns the energy, the specific heat and ln Z of the infinite square lattice at J = 1, each per spin.
//
// The temperature is from 0 to +Inf; its ends give the limits, with ln Z infinite at 0. At T_c the specific heat is
// infinite; T_c is what CriticalTemperature returns, to the last bit or two. It panics if the temperature is negative or NaN.
func Onsager(temperature float64) (energy, specificHeat, logZPerSpin float64) {
	mustBeTemperature(temperature)
	coupling := 1 / temperature
	switch {
	case coupling > 200: // the first excitation, 16 e^{−8K}, underflows
		return -2, 0, 2 * coupling
	case coupling < 1e-150: // sinh² 2K underflows
		return -2 * coupling, 0, math.Ln2
	}
	energy, specificHeat = onsagerEnergy(coupling)
	return energy, specificHeat, onsagerLogZ(coupling)
}

// onsagerEnergy returns the energy and the specific heat per spin at coupling K.
//
// Onsager's formulas subtract numbers that nearly cancel in both limits. With the modulus q = sinh² 2K above T_c and its
// inverse below (Landen's transformation of the usual k = 2 sinh 2K/cosh² 2K), F = 2K(q)/π = 1 + δ and d = 2D(q)/π, where
// D = ∫ sin²φ/√(1 − q² sin²φ) dφ over a quarter turn, they become
//
//	T > T_c:  e = −coth 2K [q − (1−q) δ],      c = 2K² [F + δ/q + 2qd]
//	T < T_c:  e = −coth 2K [1 + (1−q) F],      c = 2K² q [δ + q (F + 2d)]
//
// and in c nothing cancels.
func onsagerEnergy(coupling float64) (energy, specificHeat float64) {
	coth := 1 / math.Tanh(2*coupling)
	sinh := math.Sinh(2 * coupling)
	if math.Abs(sinh-1) < 1e-15 { // T_c, rounded
		return -math.Sqrt2, math.Inf(1)
	}
	k2 := 2 * coupling * coupling
	if sinh < 1 {
		q := sinh * sinh
		delta := ellipticExcess(q)
		d := 2 / math.Pi * mathext.CompleteD(q*q)
		return -coth * (q - (1-q)*delta), k2 * (1 + delta + delta/q + 2*q*d)
	}
	q := 1 / (sinh * sinh)
	delta := ellipticExcess(q)
	d := 2 / math.Pi * mathext.CompleteD(q*q)
	return -coth * (1 + (1-q)*(1+delta)), k2 * q * (delta + q*(1+delta+2*d))
}

// ellipticExcess returns 2K(q)/π − 1 for a modulus 0 ≤ q < 1 to full relative precision, which a difference of the
// complete integral has not where q is small. It descends by Landen's transformation, K(q) = (1 + q₁) K(q₁) with
// q₁ = (1 − q′)/(1 + q′) (DLMF 19.8.12), until K is π/2 to the last bit.
func ellipticExcess(q float64) float64 {
	complement := math.Sqrt((1 - q) * (1 + q))
	excess := 0.0
	for q*q > 1e-20 {
		q = q / (1 + complement)
		q *= q
		complement = 2 * math.Sqrt(complement) / (1 + complement)
		excess += q * (1 + excess)
	}
	return excess + q*q/4*(1+excess)
}

// onsagerLogZ returns ln Z per spin,
//
//	ln(2 cosh 2K) + (1/π) ∫₀^{π/2} ln ½[1 + √(sin²θ + κ² cos²θ)] dθ,   κ = 2 tanh² 2K − 1.
//
// At T_c, κ = 0, the integrand has a kink at θ = 0, and near T_c almost one: tanh-sinh quadrature, which crowds its nodes
// at the ends, takes both.
func onsagerLogZ(coupling float64) float64 {
	tanh := math.Tanh(2 * coupling)
	kappa := 2*tanh*tanh - 1
	const step, nodes = 1.0 / 16, 58 // beyond ±3.6 the weights are below 1e-22
	sum := 0.0
	for i := -nodes; i <= nodes; i++ {
		t := step * float64(i)
		decay := math.Exp(-math.Pi * math.Sinh(t))
		theta := math.Pi / 2 / (1 + decay)
		weight := math.Pi / 2 * math.Pi * math.Cosh(t) * decay / ((1 + decay) * (1 + decay))
		sin, cos := math.Sincos(theta)
		sum += weight * math.Log((1+math.Hypot(sin, kappa*cos))/2)
	}
	return 2*coupling + math.Log1p(math.Exp(-4*coupling)) + step*sum/math.Pi
}

// Yang returns the spontaneous magnetization per spin of the infinite square lattice at J = 1: (1 − sinh⁻⁴ 2K)^{1/8} below
// T_c, else 0. It panics if the temperature is negative or NaN.
func Yang(temperature float64) float64 {
	mustBeTemperature(temperature)
	inverse := 1 / math.Sinh(2/temperature)
	if !(inverse < 1) {
		return 0
	}
	return math.Pow((1-inverse)*(1+inverse)*(1+inverse*inverse), 0.125)
}

func mustBeTemperature(temperature float64) {
	if !(temperature >= 0) {
		panic("exact: a temperature is negative or NaN")
	}
}
