package exact

import "math"

// coldCoupling is the K above which Torus uses the low-temperature form: the terms it leaves out are of the
// order of e^{−8K} in c on the narrowest torus, of side 3, and less on all others, the rounding errors of Kaufman's sums of
// the order of 10⁻¹⁷ e^{6K}. Here they are equal.
const coldCoupling = 3

// Torus returns the energy and the specific heat per spin and the total ln Z of the square lattice on a torus of the given
// sides at J = 1 (Kaufman 1949; Ferdinand and Fisher 1969). The two sides may be exchanged.
//
// The temperature is from 0 to +Inf; its ends give the limits, with ln Z infinite at 0. It panics if a side is below 3, where
// bonds would be double, or if the temperature is negative or NaN.
func Torus(rows, columns int, temperature float64) (energy, specificHeat, logZ float64) {
	mustBeTemperature(temperature)
	if rows < 3 || columns < 3 {
		panic("exact: a side of a torus is below 3")
	}
	coupling := 1 / temperature
	if coupling >= coldCoupling {
		return coldTorus(rows, columns, coupling)
	}
	spins := float64(rows) * float64(columns)
	if coupling == 0 {
		return 0, 0, spins * math.Ln2
	}
	f := kaufman(min(rows, columns), max(rows, columns), coupling, kaufmanMode)
	return -f.d / spins, coupling * coupling * f.dd / spins, f.v
}

// coldTorus returns what Torus does, for K ≥ coldCoupling: that of the infinite lattice, two ground states instead of one,
// and the first excitations that wind around the torus, two straight domain walls of n or m bonds each in one of C(m,2)
// or C(n,2) places.
func coldTorus(rows, columns int, coupling float64) (energy, specificHeat, logZ float64) {
	spins := float64(rows) * float64(columns)
	energy, specificHeat, logZ = Onsager(1 / coupling)
	logZ = spins*logZ + math.Ln2
	for _, side := range [][2]float64{{float64(rows), float64(columns)}, {float64(columns), float64(rows)}} {
		wall, places := 4*side[0], side[1]*(side[1]-1)/2
		weight := places * math.Exp(-wall*coupling)
		if weight == 0 {
			continue // K may be infinite
		}
		logZ += weight
		energy += wall * weight / spins
		specificHeat += math.Pow(wall*coupling, 2) * weight / spins
	}
	return energy, specificHeat, logZ
}

// A jet is a function of the coupling K at one K: its value and its first and second derivatives.
type jet struct{ v, d, dd float64 }

func (a jet) plus(b jet) jet  { return jet{a.v + b.v, a.d + b.d, a.dd + b.dd} }
func (a jet) minus(b jet) jet { return jet{a.v - b.v, a.d - b.d, a.dd - b.dd} }

func (a jet) times(x float64) jet { return jet{x * a.v, x * a.d, x * a.dd} }

// exp returns e^a·t.
func (a jet) exp(t jet) jet {
	w := math.Exp(a.v)
	return jet{w * t.v, w * (a.d*t.v + t.d), w * ((a.dd+a.d*a.d)*t.v + 2*a.d*t.d + t.dd)}
}

// log returns ln a, for a > 0.
func (a jet) log() jet {
	d := a.d / a.v
	return jet{math.Log(a.v), d, a.dd/a.v - d*d}
}

// onePlus returns ln(1 + σ e^{−a}) for σ = ±1 and a > 0.
func (a jet) onePlus(sigma float64) jet {
	decay := math.Exp(-a.v)
	f := sigma * decay / (1 + sigma*decay)
	if sigma < 0 {
		f = 1 / math.Expm1(a.v) * sigma // 1 − e^{−a} cancels where a is small
	}
	return jet{math.Log1p(sigma * decay), -f * a.d, f * (a.d*a.d/(1+sigma*decay) - a.dd)}
}

// kaufmanModes returns γ_l with its sign and g_l = ln(2 sinh 2K) + |γ_l| for l = 0 … 2n−1.
type kaufmanModes func(l, n int, coupling float64) (g, gamma jet)

// kaufman returns ln Z of the n×m torus,
//
//	Z = ½ (2 sinh 2K)^{nm/2} (Z₁ + Z₂ + Z₃ + Z₄)
//	Z₁, Z₂ = Π_r 2 cosh ½mγ_{2r+1}, Π_r 2 sinh ½mγ_{2r+1}        Z₃, Z₄ = the same with γ_{2r},   r = 0 … n−1.
//
// Every product is written as e^{½mΣ|γ|} Π (1 ± e^{−m|γ|}), the large factors are kept as logarithms relative to those of
// Z₁, and the sign of γ₀, the only one that can be negative, is that of Z₄. Since Z₄ vanishes at T_c while its derivative
// does not, its factor r = 0 is carried as a number, not as a logarithm.
func kaufman(n, m int, coupling float64, mode kaufmanModes) jet {
	side := float64(m)
	odd, oddCosh, oddSinh := jet{}, jet{}, jet{}
	even, evenCosh, evenSinh := jet{}, jet{}, jet{}
	for l := 1; l < 2*n; l++ {
		g, gamma := mode(l, n, coupling)
		z := gamma.times(side)
		if l%2 == 1 {
			odd, oddCosh, oddSinh = odd.plus(g), oddCosh.plus(z.onePlus(1)), oddSinh.plus(z.onePlus(-1))
		} else {
			even, evenCosh, evenSinh = even.plus(g), evenCosh.plus(z.onePlus(1)), evenSinh.plus(z.onePlus(-1))
		}
	}
	g0, gamma0 := mode(0, n, coupling)
	sign := math.Copysign(1, gamma0.v)
	z0 := gamma0.times(sign * side)
	even, evenCosh = even.plus(g0), evenCosh.plus(z0.onePlus(1))

	z1 := odd.times(side / 2).plus(oddCosh)
	relative := even.minus(odd).times(side / 2).minus(oddCosh)
	one := jet{v: 1}
	sum := one.plus(oddSinh.minus(oddCosh).exp(one))
	sum = sum.plus(relative.plus(evenCosh).exp(one))
	sum = sum.plus(relative.plus(evenSinh).exp(z0.oneMinus(sign)))
	total := z1.plus(sum.log())
	total.v -= math.Ln2
	return total
}

// oneMinus returns σ (1 − e^{−a}) for σ = ±1 and a ≥ 0.
func (a jet) oneMinus(sigma float64) jet {
	decay := math.Exp(-a.v)
	return jet{-sigma * math.Expm1(-a.v), sigma * decay * a.d, sigma * decay * (a.dd - a.d*a.d)}
}

// kaufmanMode returns γ_l with its sign and g_l = ln(2 sinh 2K) + |γ_l|, where cosh γ_l = cosh 2K coth 2K − cos(πl/n).
//
// With s = sinh 2K, y = (1−s)²/s and κ = 2 sin²(πl/2n), cosh γ is 1 + y + κ: γ is precise however close to T_c. Its
// derivatives are taken along ln s in the cold, and as those of g in the heat, where γ itself diverges: each the form in
// which the large terms have been canceled on paper.
func kaufmanMode(l, n int, coupling float64) (g, gamma jet) {
	if l == 0 {
		return kaufmanZeroMode(coupling)
	}
	s, c := math.Sinh(2*coupling), math.Cosh(2*coupling)
	half := math.Sin(math.Pi * float64(l) / float64(2*n))
	kappa := 2 * half * half
	logSinh := jet{math.Log(2 * s), 2 * c / s, -4 / (s * s)}
	if s < 1 {
		g = hotMode(s, c, kappa)
		gamma = g.minus(logSinh)
		gamma.v = 2 * math.Asinh(math.Sqrt(((1-s)*(1-s)/s+kappa)/2))
	} else {
		gamma = coldMode(s, kappa, logSinh)
		g = gamma.plus(logSinh)
	}
	return g, gamma
}

// hotMode returns g = ln 2(u + r) with u = s cosh γ and r = s sinh γ, regular at s = 0.
func hotMode(s, c, kappa float64) jet {
	ds, dds := 2*c, 4*s
	gap := (1-s)*(1-s) + s*kappa // u − s
	slope := 2*(s-1) + kappa     // du/ds − 1
	u := gap + s
	r := math.Sqrt(gap * (gap + 2*s))
	du := ds * (1 + slope)
	dr := (gap*du + s*ds*slope) / r
	ddu := 2*ds*ds + dds*(1+slope)
	ddr := (u*ddu + du*du - s*dds - ds*ds - dr*dr) / r
	d := (du + dr) / (u + r)
	return jet{math.Log(2 * (u + r)), d, (ddu+ddr)/(u+r) - d*d}
}

// coldMode returns γ from its derivatives along p = ln s,
//
//	γ_p = (s − 1/s)/sinh γ,   γ_pp = [κ(4 + 2y + 2κ + κy + y²) − y²]/sinh³γ.
func coldMode(s, kappa float64, p jet) jet {
	y := (1 - s) * (1 - s) / s
	sinh := math.Sqrt((y + kappa) * (y + kappa + 2))
	first := (s - 1/s) / sinh
	second := (kappa*(4+2*y+2*kappa+kappa*y+y*y) - y*y) / (sinh * sinh * sinh)
	return jet{2 * math.Asinh(math.Sqrt((y+kappa)/2)), first * p.d, second*p.d*p.d + first*p.dd}
}

// kaufmanZeroMode returns γ₀ = 2K + ln tanh K, negative above T_c, and g₀ = ln(2 sinh 2K) + |γ₀|. The inverse of cosh γ₀
// would lose the sign; ½γ₀ = asinh((s−1)/√(2s)), s = sinh 2K, keeps it, and is precise at T_c, where the sum cancels.
func kaufmanZeroMode(coupling float64) (g, gamma jet) {
	s, c := math.Sinh(2*coupling), math.Cosh(2*coupling)
	gamma = jet{2 * math.Asinh((s-1)/math.Sqrt(2*s)), 2 + 2/s, -4 * c / (s * s)}
	if gamma.v >= 0 {
		sinh := math.Sinh(coupling)
		return jet{math.Log(4*sinh*sinh) + 2*coupling, 2/math.Tanh(coupling) + 2, -2 / (sinh * sinh)}, gamma
	}
	cosh := math.Cosh(coupling)
	return jet{math.Log(4*cosh*cosh) - 2*coupling, 2*math.Tanh(coupling) - 2, 2 / (cosh * cosh)}, gamma
}
