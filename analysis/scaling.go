package analysis

import (
	"cmp"
	"math"
	"slices"
)

// Scaling is what the finite-size scaling of several lattices says about the
// infinite one: the critical temperature from the Binder cumulants, which are
// equal there for all sizes, and the exponents from the powers of L with which
// observables grow at that temperature (Binder 1981).
type Scaling struct {
	Crossings           []Crossing // of each size with the next larger
	CriticalTemperature Estimate   // from the collapse of the Binder cumulants
	Binder              Estimate   // at T_c
	InverseNu           Estimate   // 1/ν, from the same collapse
	SmallestBinder      int        // the smallest size in that collapse
	Points              []ScalingPoint
	GammaNu, BetaNu     Exponent
}

// Crossing is where the Binder cumulants of two sizes are equal.
type Crossing struct {
	Small, Large int
	Temperature  Estimate
}

// ScalingPoint holds the observables of one size at the critical temperature.
type ScalingPoint struct {
	L                                    int
	AbsMagnetization, SusceptibilityZero Estimate
}

// Exponent is that of a power law L^x, from the sizes that follow it.
type Exponent struct {
	Estimate
	Amplitude  float64
	Smallest   int // size in the fit
	ChiSquared float64
	Degrees    int // of freedom
}

const (
	scalingSizes        = 3 // sizes needed
	scalingTemperatures = 3 // temperatures needed around the crossing
	nearest             = 7 // temperatures used, those nearest to the crossing
	degree              = 3 // of the polynomials in T, and in (T − T_c) L^{1/ν}
)

// CorrectionExponent is ω of the leading correction L^{−ω} to the scaling of the
// Binder cumulant: in two dimensions 7/4, that of the regular part of ⟨M²⟩, in
// three 0.83 (Ferrenberg, Xu and Landau 2018). It is 0 where there is no
// transition.
func CorrectionExponent(dimension int) float64 {
	switch dimension {
	case 2:
		return 7.0 / 4
	case 3:
		return 0.83
	}
	return 0
}

// ScalingOf analyses the Monte Carlo rows of several sizes near their critical
// temperature, with corrections of exponent ω > 0. It returns nil where they do
// not suffice: fewer than three sizes or temperatures, or Binder cumulants that do
// not cross.
func ScalingOf(rows []Row, correction float64) *Scaling {
	sizes := monteCarloBySize(rows)
	if len(sizes) < scalingSizes || !(correction > 0) {
		return nil
	}
	center, ok := crossingOfLargest(sizes)
	if !ok {
		return nil
	}
	for i := range sizes {
		sizes[i] = around(sizes[i], center)
	}
	s := &Scaling{}
	for i := range sizes[1:] {
		if c, ok := crossing(sizes[i], sizes[i+1], center); ok {
			s.Crossings = append(s.Crossings, c)
		}
	}
	if !s.collapse(sizes, center, correction) {
		return nil
	}
	s.exponents(sizes)
	return s
}

// monteCarloBySize sorts rows with all that scaling needs, by size, then
// temperature; sizes with too few temperatures are left out.
func monteCarloBySize(rows []Row) (sizes [][]Row) {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r Row) bool {
		for _, i := range []int{Binder, AbsMagnetization, SusceptibilityZero} {
			if r.Source != SourceMonteCarlo || !(r.Values[i].Err > 0) || !(r.Values[i].Value > 0) {
				return true
			}
		}
		return math.IsInf(r.T, 1)
	})
	slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Or(a.L-b.L, cmp.Compare(a.T, b.T)) })
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].L == rows[0].L {
			n++
		}
		if n >= scalingTemperatures {
			sizes = append(sizes, rows[:n])
		}
		rows = rows[n:]
	}
	return sizes
}

// crossingOfLargest finds between which temperatures the Binder cumulants of the
// two largest sizes change their order, as they do from one phase to the other.
func crossingOfLargest(sizes [][]Row) (temperature float64, ok bool) {
	small, large := sizes[len(sizes)-2], sizes[len(sizes)-1]
	type difference struct{ t, u, z float64 }
	var list []difference
	for _, a := range small {
		for _, b := range large {
			if a.T == b.T {
				d := b.Values[Binder].Value - a.Values[Binder].Value
				list = append(list, difference{a.T, d, d / math.Hypot(a.Values[Binder].Err, b.Values[Binder].Err)})
			}
		}
	}
	// The change of sign between the most significant difference below and above.
	best := 0.0
	for i := range max(0, len(list)-1) {
		a, b := list[i], list[i+1]
		if a.u > 0 && b.u <= 0 {
			if weight := a.z - b.z; weight > best {
				best, temperature = weight, a.t+(b.t-a.t)*a.u/(a.u-b.u)
			}
		}
	}
	return temperature, best > 0
}

// around keeps the rows nearest to a temperature.
func around(rows []Row, center float64) []Row {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Compare(math.Abs(a.T-center), math.Abs(b.T-center)) })
	rows = rows[:min(len(rows), nearest)]
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Compare(a.T, b.T) })
	return rows
}

// polynomial fits a function of one observable in T − center.
func polynomial(rows []Row, center float64, of func(Row) Estimate) (fit, bool) {
	n := min(degree, len(rows)-1)
	var x [][]float64
	var y, sigma []float64
	for _, r := range rows {
		e := of(r)
		x, y, sigma = append(x, powersOf(r.T-center, n)), append(y, e.Value), append(sigma, e.Err)
	}
	return leastSquares(x, y, sigma)
}

func binderOf(r Row) Estimate { return r.Values[Binder] }

// crossing solves U_small(T) = U_large(T) by Newton's method from the center.
func crossing(small, large []Row, center float64) (Crossing, bool) {
	a, ok := polynomial(small, center, binderOf)
	b, also := polynomial(large, center, binderOf)
	if !ok || !also {
		return Crossing{}, false
	}
	x, slope := 0.0, 0.0
	for range 50 {
		f, _ := a.at(powersOf(x, len(a.coefficients)-1))
		g, _ := b.at(powersOf(x, len(b.coefficients)-1))
		slope = derivative(b.coefficients, x) - derivative(a.coefficients, x)
		step := (g - f) / slope
		x -= step
		if math.Abs(step) < 1e-12 {
			break
		}
	}
	low, high := min(small[0].T, large[0].T), max(small[len(small)-1].T, large[len(large)-1].T)
	if t := center + x; !(t >= low && t <= high) || !(slope < 0) {
		return Crossing{}, false
	}
	_, errA := a.at(powersOf(x, len(a.coefficients)-1))
	_, errB := b.at(powersOf(x, len(b.coefficients)-1))
	return Crossing{small[0].L, large[0].L, Estimate{center + x, math.Hypot(errA, errB) / math.Abs(slope), math.NaN()}}, true
}

func derivative(coefficients []float64, x float64) float64 {
	sum := 0.0
	for k := len(coefficients) - 1; k > 0; k-- {
		sum = float64(sum*x) + float64(k)*coefficients[k]
	}
	return sum
}

// collapse fits U_L(T) = Σ_k a_k ((T − T_c) L^{1/ν})^k + b L^{−ω} to all sizes,
// without the smallest where those deviate.
func (s *Scaling) collapse(sizes [][]Row, center, correction float64) bool {
	for first := 0; first+scalingSizes <= len(sizes); first++ {
		c := collapse{center: center, correction: correction, rows: slices.Concat(sizes[first:]...)}
		if !c.solve() {
			continue
		}
		s.SmallestBinder = sizes[first][0].L
		s.CriticalTemperature = Estimate{c.temperature, c.errors[0], math.NaN()}
		s.InverseNu = Estimate{c.inverseNu, c.errors[1], math.NaN()}
		s.Binder = Estimate{c.inner.coefficients[0], c.errors[2], math.NaN()}
		if c.outer.believable() {
			break
		}
	}
	return s.SmallestBinder > 0
}

// collapse is a nonlinear fit by Gauss and Newton: linear in a_k and b, iterated in
// T_c and 1/ν.
type collapse struct {
	center                 float64
	correction             float64 // ω
	rows                   []Row
	temperature, inverseNu float64
	inner, outer           fit        // of a_k and b; of all parameters, T_c and 1/ν last
	errors                 [3]float64 // of T_c, 1/ν and a_0
}

func (c *collapse) solve() bool {
	c.temperature, c.inverseNu = c.center, 1
	for range 100 {
		if !c.step() {
			return false
		}
		dt, dn := c.outer.coefficients[degree+2], c.outer.coefficients[degree+3]
		limit := min(1, 0.2/math.Abs(dn)) // of a step
		c.temperature += limit * dt
		c.inverseNu += limit * dn
		if math.Abs(dt) < 1e-10*c.center && math.Abs(dn) < 1e-8 {
			c.errors = [3]float64{c.outer.error(degree + 2), c.outer.error(degree + 3), c.outer.error(0)}
			return c.temperature > c.rows[0].T/2 && c.inverseNu > 0.1
		}
	}
	return false
}

// step linearizes the model about the present T_c and 1/ν.
func (c *collapse) step() bool {
	var design, jacobian [][]float64
	var y, sigma []float64
	for _, r := range c.rows {
		x := (r.T - c.temperature) * math.Pow(float64(r.L), c.inverseNu)
		design = append(design, append(powersOf(x, degree), math.Pow(float64(r.L), -c.correction)))
		y, sigma = append(y, r.Values[Binder].Value), append(sigma, r.Values[Binder].Err)
	}
	var ok bool
	if c.inner, ok = leastSquares(design, y, sigma); !ok {
		return false
	}
	for i, r := range c.rows {
		scale := math.Pow(float64(r.L), c.inverseNu)
		x := (r.T - c.temperature) * scale
		slope := derivative(c.inner.coefficients[:degree+1], x)
		jacobian = append(jacobian, append(design[i], -slope*scale, float64(slope*x)*math.Log(float64(r.L))))
	}
	c.outer, ok = leastSquares(jacobian, y, sigma)
	return ok
}

// exponents fits the powers of L of ⟨|M|⟩/N and χ₀ at T_c; what the error of T_c
// does to them is added to their errors.
func (s *Scaling) exponents(sizes [][]Row) {
	tc := s.CriticalTemperature
	s.Points = pointsAt(sizes, tc.Value)
	low, high := pointsAt(sizes, tc.Value-tc.Err), pointsAt(sizes, tc.Value+tc.Err)
	magnetization := func(p ScalingPoint) Estimate { return p.AbsMagnetization }
	susceptibility := func(p ScalingPoint) Estimate { return p.SusceptibilityZero }
	s.BetaNu = powerLaw(s.Points, low, high, magnetization)
	s.GammaNu = powerLaw(s.Points, low, high, susceptibility)
	s.BetaNu.Value = -s.BetaNu.Value
}

// pointsAt interpolates the logarithms of the observables of every size.
func pointsAt(sizes [][]Row, temperature float64) (points []ScalingPoint) {
	at := func(rows []Row, observable int) Estimate {
		f, ok := polynomial(rows, temperature, func(r Row) Estimate {
			e := r.Values[observable]
			return Estimate{Value: math.Log(e.Value), Err: e.Err / e.Value}
		})
		if !ok {
			return Undefined()
		}
		value := math.Exp(f.coefficients[0])
		return Estimate{value, value * f.error(0), math.NaN()}
	}
	for _, rows := range sizes {
		points = append(points, ScalingPoint{rows[0].L, at(rows, AbsMagnetization), at(rows, SusceptibilityZero)})
	}
	return points
}

// powerLaw fits an observable by A L^x over the sizes that follow a power law:
// the smallest are left out until the fit is believable.
func powerLaw(points, low, high []ScalingPoint, of func(ScalingPoint) Estimate) (e Exponent) {
	for first := 0; first+scalingSizes <= len(points); first++ {
		f, ok := logarithmicFit(points[first:], of)
		if !ok {
			continue
		}
		a, _ := logarithmicFit(low[first:], of)
		b, _ := logarithmicFit(high[first:], of)
		shift := 0.0
		if a.coefficients != nil && b.coefficients != nil {
			shift = (b.coefficients[1] - a.coefficients[1]) / 2
		}
		e = Exponent{
			Estimate:  Estimate{f.coefficients[1], math.Hypot(f.error(1), shift), math.NaN()},
			Amplitude: math.Exp(f.coefficients[0]), Smallest: points[first].L, ChiSquared: f.chiSquared, Degrees: f.degrees,
		}
		if f.believable() {
			break
		}
	}
	return e
}

func logarithmicFit(points []ScalingPoint, of func(ScalingPoint) Estimate) (fit, bool) {
	var x [][]float64
	var y, sigma []float64
	for _, p := range points {
		e := of(p)
		if !(e.Value > 0) || !(e.Err > 0) {
			return fit{}, false
		}
		x, y, sigma = append(x, []float64{1, math.Log(float64(p.L))}), append(y, math.Log(e.Value)), append(sigma, e.Err/e.Value)
	}
	return leastSquares(x, y, sigma)
}
