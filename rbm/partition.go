package rbm

import (
	"fmt"
	"math"
)

// enumerable is the largest smaller layer whose states LogPartition goes through;
// 2²⁵ of them with 64 units on the other side take some 5 s.
const enumerable = 25

// LogPartition returns ln Z = ln Σ_{v,h} e^{−E(v,h)}, exact up to rounding, by
// enumerating the smaller layer and summing out the other. It is an error if that
// layer has more than 25 units or the machine is not valid.
func (m *Machine) LogPartition() (float64, error) {
	if err := m.Validate(); err != nil {
		return 0, err
	}
	if smaller := min(m.Visible, m.Hidden); smaller > enumerable {
		return 0, fmt.Errorf("rbm: ln Z by enumeration needs a layer of at most %d units, the smaller one has %d", enumerable, smaller)
	}
	e := m.enumeration()
	if f := e.factors(); f != nil {
		f.walk(0, 1)
		return f.sum.log(), nil
	}
	e.walk(0, 0)
	return e.sum.log(), nil
}

// enumeration walks the tree of the states of one layer. levels[k] holds the
// activations of the other layer when the units below k are decided, so a state
// costs two vector additions on average and errors do not pile up.
type enumeration struct {
	bias    []float64   // of the enumerated layer
	weights [][]float64 // a row an enumerated unit
	levels  [][]float64
	sum     logSum
}

// enumeration prepares the walk over the smaller layer.
func (m *Machine) enumeration() *enumeration {
	if m.Hidden < m.Visible {
		return newEnumeration(m.HiddenBias, m.VisibleBias, func(j, i int) float32 { return m.Weights[i*m.Hidden+j] })
	}
	return newEnumeration(m.VisibleBias, m.HiddenBias, func(i, j int) float32 { return m.Weights[i*m.Hidden+j] })
}

func newEnumeration(small, large []float32, weight func(s, l int) float32) *enumeration {
	e := &enumeration{bias: make([]float64, len(small)), weights: make([][]float64, len(small)), levels: make([][]float64, len(small)+1)}
	for s, b := range small {
		e.bias[s] = float64(b)
		e.weights[s] = make([]float64, len(large))
		for l := range large {
			e.weights[s][l] = float64(weight(s, l))
		}
	}
	for k := range e.levels {
		e.levels[k] = make([]float64, len(large))
	}
	for l, b := range large {
		e.levels[0][l] = float64(b)
	}
	return e
}

// walk adds the states in which the first units are decided, with the given sum of
// their biases.
func (e *enumeration) walk(decided int, field float64) {
	x := e.levels[decided]
	if decided == len(e.bias) {
		e.sum.add(field + sumSoftplus(x))
		return
	}
	next := e.levels[decided+1]
	copy(next, x)
	e.walk(decided+1, field)
	for l, w := range e.weights[decided] {
		next[l] = x[l] + w
	}
	e.walk(decided+1, field+e.bias[decided])
}

// factorWalk is the walk of an enumeration in which a unit of the other layer is kept as
// eˣ, x its activation, so that another decided unit costs a multiplication and a state
// no exponential: its weight is Π (1 + eˣ), in products of as many factors as cannot
// overflow, times that of the biases.
type factorWalk struct {
	weights  [][]float64 // e^w
	bias     []float64   // e^b
	levels   [][]float64 // eˣ
	together int         // factors of a product
	sum      scaledSum
}

// factors returns the walk by factors, or nil where a single eˣ or the weight of the
// biases might overflow.
func (e *enumeration) factors() *factorWalk {
	const most = 600 // exponents that a product of float64 holds, with room to spare
	largest, biases := 0.0, 0.0
	for l, x := range e.levels[0] {
		up, down := max(x, 0), max(-x, 0)
		for s := range e.weights {
			up, down = up+max(e.weights[s][l], 0), down+max(-e.weights[s][l], 0)
		}
		largest = max(largest, up, down)
	}
	for _, b := range e.bias {
		biases += math.Abs(b)
	}
	if !(largest < most/2) || !(biases < most) {
		return nil
	}
	f := &factorWalk{bias: exponentials(e.bias), together: int(most / (largest + 1))}
	for _, w := range e.weights {
		f.weights = append(f.weights, exponentials(w))
	}
	for k := range e.levels {
		f.levels = append(f.levels, make([]float64, len(e.levels[k])))
	}
	f.levels[0] = exponentials(e.levels[0])
	return f
}

func exponentials(xs []float64) []float64 {
	ys := make([]float64, len(xs))
	for k, x := range xs {
		ys[k] = exp(x)
	}
	return ys
}

// walk adds the states in which the first units are decided, with the given product of
// the exponentials of their biases.
func (f *factorWalk) walk(decided int, field float64) {
	x := f.levels[decided]
	if decided == len(f.bias) {
		f.add(x, field)
		return
	}
	next, w := f.levels[decided+1][:len(x)], f.weights[decided][:len(x)]
	copy(next, x)
	f.walk(decided+1, field)
	for l := range x {
		next[l] = float64(x[l] * w[l])
	}
	f.walk(decided+1, float64(field*f.bias[decided]))
}

// add adds one state.
func (f *factorWalk) add(x []float64, field float64) {
	weight, exponent := math.Frexp(field)
	for len(x) > 0 {
		n := min(f.together, len(x))
		mantissa, e := math.Frexp(onePlus(x[:n]))
		weight, exponent = float64(weight*mantissa), exponent+e
		x = x[n:]
		if weight < 0x1p-500 {
			weight, exponent = weight*0x1p500, exponent-500
		}
	}
	f.sum.add(weight, exponent)
}

// onePlus returns Π (1 + y), as four products side by side because a single one waits
// for every multiplication.
func onePlus(ys []float64) float64 {
	a, b, c, d := 1.0, 1.0, 1.0, 1.0
	for len(ys) >= 4 {
		a *= 1 + ys[0]
		b *= 1 + ys[1]
		c *= 1 + ys[2]
		d *= 1 + ys[3]
		ys = ys[4:]
	}
	for _, y := range ys {
		a *= 1 + y
	}
	return float64(a*b) * float64(c*d)
}

// scaledSum is a sum of positive numbers, value·2^exponent.
type scaledSum struct {
	value    float64
	exponent int
}

// add adds x·2^exponent, x not far below 1. What is 2³⁰⁰ times smaller than the sum is
// left out.
func (s *scaledSum) add(x float64, exponent int) {
	d := exponent - s.exponent
	switch {
	case s.value == 0:
		s.value, s.exponent = x, exponent
	case d > 300:
		s.value, s.exponent = float64(s.value*math.Ldexp(1, -d))+x, exponent
	case d > -900:
		s.value += scaleByPower(x, d)
	}
}

func (s *scaledSum) log() float64 { return log(s.value) + float64(float64(s.exponent)*math.Ln2) }

// logSum is Σ exp(x) kept as exp(largest)·scaled.
type logSum struct{ largest, scaled float64 }

func (s *logSum) add(x float64) {
	switch {
	case s.scaled == 0:
		s.largest, s.scaled = x, 1
	case x <= s.largest:
		s.scaled += exp(x - s.largest)
	default:
		s.scaled = float64(s.scaled*exp(s.largest-x)) + 1
		s.largest = x
	}
}

func (s *logSum) log() float64 {
	if s.scaled == 0 {
		return math.Inf(-1)
	}
	return s.largest + log(s.scaled)
}
