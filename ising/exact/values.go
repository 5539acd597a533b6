package exact

import (
	"math"

	"isingrbm/ising"
)

// Values holds what is known exactly of a model at a temperature, per spin but for LogZ; NaN is what is not known or does
// not exist. The order parameter M is that of ising.Model.OrderParameter: the staggered magnetization for J < 0 on a
// bipartite lattice, else Σσ.
type Values struct {
	Energy             float64 // <E>/N
	AbsMagnetization   float64 // <|M|>/N
	Magnetization      float64 // <Σσ>/N, uniform and signed
	SpecificHeat       float64 // (<E²> − <E>²)/(N T²)
	Susceptibility     float64 // (<M²> − <|M|>²)/(N T) in zero field, (<M²> − <M>²)/(N T) in a field
	SusceptibilityZero float64 // <M²>/(N T), in zero field only
	Binder             float64 // 1 − <M⁴>/(3<M²>²)
	UpFraction         float64 // P(M > 0) + ½P(M = 0)
	CorrelationLength  float64 // √(S(0)/S(k) − 1)/k̂ of a periodic lattice, k = 2π/L along an axis, k̂ = 2 sin(π/L), times 2/√3 if it is
	// triangular; S is the structure factor of M, in a field the connected one
	LogZ   float64 // ln Z of the whole system
	Method string  // how, for reports: "transfer matrix"
}

// unknown returns Values of which nothing is known yet.
func unknown(method string) Values {
	nan := math.NaN()
	return Values{nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, method}
}

// setSymmetry fills in what symmetry alone gives in zero field: M and −M are equally likely.
func (v *Values) setSymmetry(field float64) {
	if field == 0 {
		v.Magnetization, v.UpFraction = 0, 0.5
	}
}

// setOrder fills in the observables of the order parameter, from its distribution: p[n], of sum 1, is the probability that
// M = 2n − N. The susceptibilities exist between T = 0 and ∞. It returns S(0), less <M>²/N in a field.
func (v *Values) setOrder(p []float64, temperature, field float64) (structure float64) {
	order := momentsOf(p, field < 0)
	spins := float64(len(p) - 1)
	v.AbsMagnetization = order.abs / spins
	v.Binder = 1 - order.fourth/(3*order.square*order.square)
	v.UpFraction = order.up
	finite := temperature > 0 && !math.IsInf(temperature, 1)
	if field != 0 {
		if finite {
			v.Susceptibility = order.variance / (spins * temperature)
		}
		return order.variance / spins
	}
	if finite {
		v.Susceptibility = order.absVariance / (spins * temperature)
		v.SusceptibilityZero = order.square / (spins * temperature)
	}
	return order.square / spins
}

// setCorrelation fills in the second-moment correlation length from the structure factors at 0, without <M>²/N in a field,
// and at k = 2π/L along an axis: ξ² = (S(0)/S(k) − 1)/k̂², where k̂² = (2d/z) Σ 4 sin² ½kδ over the z/2 bond
// vectors δ. It exists on a periodic lattice if S(0) is not the smaller one and the other is not 0; it is 0 if they
// differ by no more than rounding.
func (v *Values) setCorrelation(zero, first float64, l *ising.Lattice) {
	squared := zero/first - 1
	if math.Abs(squared) < 1e-14 {
		squared = 0
	}
	if l.Boundary() != ising.Periodic || !(squared >= 0 && first > 0) {
		return
	}
	momentum := 2 * math.Sin(math.Pi/float64(l.Size()))
	if l.Kind() == ising.Triangular {
		momentum *= 2 / math.Sqrt(3) // two of three bond vectors see k, and 2d/z = 2/3
	}
	v.CorrelationLength = math.Sqrt(squared) / momentum
}

// moments are those of a total magnetization M.
type moments struct {
	abs, mean, square, fourth float64 // <|M|>, <M>, <M²>, <M⁴>
	absVariance, variance     float64 // <M²> − <|M|>², <M²> − <M>²
	up                        float64 // P(M > 0) + ½P(M = 0)
}

// momentsOf returns the moments of M = 2n − N under the probabilities p[n], of sum 1. Variances are taken from the
// saturated state, the down one if told so, where a cold system spends its time: exponentially small ones keep their
// digits.
func momentsOf(p []float64, down bool) moments {
	var m moments
	spins := len(p) - 1
	var absLack, absLack2, lack, lack2 float64
	for n, weight := range p {
		signed := 2*n - spins
		m2 := float64(signed * signed)
		m.mean += weight * float64(signed)
		m.square += weight * m2
		m.fourth += weight * m2 * m2
		if signed > 0 {
			m.up += weight
		} else if signed == 0 {
			m.up += weight / 2
		}
		x := float64(spins) - math.Sqrt(m2)
		absLack += weight * x
		absLack2 += weight * x * x
		x = float64(spins - signed)
		if down {
			x = float64(spins + signed)
		}
		lack += weight * x
		lack2 += weight * x * x
	}
	m.abs = float64(spins) - absLack
	m.absVariance = absLack2 - absLack*absLack
	m.variance = lack2 - lack*lack
	return m
}

// A tally holds the Boltzmann weights of a model, relative to the state in which every bond is satisfied and every spin is
// along the field, by n, the number of up spins: tally[j][n] is the sum of weight·C(b, j) over all states, b the number of
// bonds that are not satisfied. All its terms are positive.
type tally [3][]float64

func newTally(spins int) tally {
	var t tally
	for j := range t {
		t[j] = make([]float64, spins+1)
	}
	return t
}

// setTally fills in the energy, the specific heat, <Σσ> and ln Z from a tally. logScale is the logarithm of what its entries
// were divided by.
func (v *Values) setTally(t tally, m ising.Model, temperature, logScale float64) {
	spins := float64(m.Lattice.Sites())
	bond, field := 2*math.Abs(m.Coupling), 2*math.Abs(m.Field)
	var a average
	up := 0.0
	for n, weight := range t[0] {
		zeeman := field * float64(against(m, n))
		a.sum += weight
		a.first += zeeman*weight + bond*t[1][n]
		a.second += zeeman*zeeman*weight + 2*zeeman*bond*t[1][n] + bond*bond*(2*t[2][n]+t[1][n])
		up += float64(n) * weight
	}
	v.Magnetization = 2*up/(a.sum*spins) - 1
	v.setEnergy(a, reference(m), spins, temperature)
	v.LogZ += logScale
}

// An average sums energies X above some energy over states: Σ w, Σ w X and Σ w X².
type average struct{ sum, first, second float64 }

// setEnergy fills in the energy, the specific heat and ln Z, given an average and the energy that it is relative to. c exists
// between T = 0 and ∞, ln Z above 0.
func (v *Values) setEnergy(a average, lowest, spins, temperature float64) {
	mean, square := a.first/a.sum, a.second/a.sum
	v.Energy = (lowest + mean) / spins
	if temperature == 0 {
		return
	}
	v.LogZ = math.Log(a.sum) - lowest/temperature
	if !math.IsInf(temperature, 1) {
		v.SpecificHeat = (square - mean*mean) / (spins * temperature * temperature)
	}
}

// against returns the number of spins against the field, the down ones if there is none.
func against(m ising.Model, up int) int {
	if m.Field < 0 {
		return up
	}
	return m.Lattice.Sites() - up
}

// reference returns the energy of all bonds satisfied and all spins along the field, whether or not there is such a state.
func reference(m ising.Model) float64 {
	return -math.Abs(m.Coupling)*float64(len(m.Lattice.Bonds())) - math.Abs(m.Field)*float64(m.Lattice.Sites())
}

// distribution returns P(n), the tally's weights normalized.
func (t tally) distribution() []float64 {
	return normalized(t[0])
}

// normalized returns the weights divided by their sum.
func normalized(weights []float64) []float64 {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	p := make([]float64, len(weights))
	for n, w := range weights {
		p[n] = w / sum
	}
	return p
}
