package rbm

import (
	"fmt"
	"slices"
)

// NewMixture returns the machine of one hidden unit whose visible distribution is a
// mixture of two in which units are independent: in the first, which has the given
// share, unit i is 1 with probability first[i], in the other with probability
// second[i]. All probabilities lie within (0, 1), or it is an error. Two equal ones
// make a machine of independent units.
func NewMixture(first, second []float64, share float64) (*Machine, error) {
	if len(first) == 0 || len(first) != len(second) {
		return nil, fmt.Errorf("rbm: a mixture of %d and %d units", len(first), len(second))
	}
	for _, p := range slices.Concat(first, second, []float64{share}) {
		if !(p > 0 && p < 1) {
			return nil, fmt.Errorf("rbm: a mixture with a probability of %v, want one within (0, 1)", p)
		}
	}
	m := NewMachine(len(first), 1)
	field := log(share / (1 - share))
	for i := range first {
		off, on := log(second[i]/(1-second[i])), log(first[i]/(1-first[i]))
		m.VisibleBias[i], m.Weights[i] = float32(off), float32(on-off)
		field += softplus(off) - softplus(on)
	}
	m.HiddenBias[0] = float32(field)
	return m, nil
}

// baseStates are the states of the hidden layer of a small machine.
type baseStates struct {
	units int
	upTo  []float64 // share of the states up to each
	logZ  float64
}

func newBaseStates(m *Machine) baseStates {
	s := baseStates{units: m.Hidden, upTo: make([]float64, 1<<m.Hidden)}
	var sum logSum
	for g := range s.upTo {
		s.upTo[g] = m.hiddenState(uint64(g))
		sum.add(s.upTo[g])
	}
	s.logZ = sum.log()
	share := 0.0
	for g, x := range s.upTo {
		share += exp(x - s.logZ)
		s.upTo[g] = share
	}
	return s
}

// hiddenState returns ln Σ_v e^{−E(v,h)} of a machine of at most 64 hidden units.
func (m *Machine) hiddenState(h uint64) float64 {
	sum := 0.0
	forEachBit([]uint64{h}, func(j int) { sum += float64(m.HiddenBias[j]) })
	fields := make([]float64, m.Visible)
	for i, b := range m.VisibleBias {
		fields[i] = float64(b)
		forEachBit([]uint64{h}, func(j int) { fields[i] += float64(m.row(i)[j]) })
	}
	return sum + sumSoftplus(fields)
}

// draw puts a random state of every row into the units of a layer from the given one on.
func (s baseStates) draw(rows packed, at int, random *stream) {
	words := Words(rows.units)
	for r := 0; r < len(rows.rows); r += words {
		g := s.find(random.unit())
		for k := range s.units {
			rows.rows[r+(at+k)/64] |= uint64(g>>k&1) << ((at + k) % 64)
		}
	}
}

// find returns the state of a number in [0, 1).
func (s baseStates) find(x float64) int {
	g, _ := slices.BinarySearch(s.upTo, x)
	return min(g, len(s.upTo)-1)
}
