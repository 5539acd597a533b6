package rbm

import (
	"fmt"
	"math"
)

// enumerable is the largest smaller layer whose states LogPartition goes through;
// 2²⁵ of them with 64 units on the other side take some 20 s.
const enumerable = 25

// LogPartition returns ln Z = ln Σ_{v,h} e^{−E(v,h)}, exact up to rounding, by
// enumerating the smaller layer and summing out the other. It is an error if that
// layer has more than 25 units.
func (m *Machine) LogPartition() (float64, error) {
	if smaller := min(m.Visible, m.Hidden); smaller > enumerable {
		return 0, fmt.Errorf("rbm: ln Z by enumeration needs a layer of at most %d units, the smaller one has %d", enumerable, smaller)
	}
	e := m.enumeration()
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
