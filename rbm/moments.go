package rbm

// moments are averages over the exact distribution of a machine, by the walk that
// enumerates its smaller layer, of units s; l are the units of the larger one.
type moments struct {
	*enumeration
	logZ         float64
	pairs        [][]float64 // ⟨s l⟩
	small, large []float64   // ⟨s⟩, ⟨l⟩
	sums         [][]float64 // sums[k]: Σ p(state)·⟨l | state⟩ over the last subtree below k decided units
}

// newMoments computes the moments of a machine; its smaller layer has few units.
func newMoments(m *Machine) *moments {
	e := m.enumeration()
	e.walk(0, 0)
	n, other := len(e.bias), len(e.levels[0])
	r := &moments{enumeration: e, logZ: e.sum.log(), small: make([]float64, n),
		pairs: make([][]float64, n), sums: make([][]float64, n+1)}
	for k := range r.sums {
		r.sums[k] = make([]float64, other)
	}
	for k := range r.pairs {
		r.pairs[k] = make([]float64, other)
	}
	r.visit(0, 0)
	r.large = r.sums[0]
	return r
}

// visit goes through the states in which the first units are decided, with the given
// sum of their biases, and returns their probability.
func (r *moments) visit(decided int, field float64) float64 {
	x, sums := r.levels[decided], r.sums[decided]
	if decided == len(r.bias) {
		p := exp(field + sumSoftplus(x) - r.logZ)
		for l, activation := range x {
			sums[l] = float64(p * sigmoid(activation))
		}
		return p
	}
	next, part := r.levels[decided+1], r.sums[decided+1]
	copy(next, x)
	off := r.visit(decided+1, field)
	copy(sums, part)
	for l, w := range r.weights[decided] {
		next[l] = x[l] + w
	}
	on := r.visit(decided+1, field+r.bias[decided])
	pairs := r.pairs[decided]
	for l, s := range part {
		pairs[l] += s
		sums[l] += s
	}
	r.small[decided] += on
	return off + on
}

// subtract takes the moments of a machine from a gradient that holds those of the
// data.
func (g *parameters) subtract(m *moments) {
	visible, hidden, pair := m.small, m.large, func(i, j int) float64 { return m.pairs[i][j] }
	if g.hidden < g.visible {
		visible, hidden, pair = m.large, m.small, func(i, j int) float64 { return m.pairs[j][i] }
	}
	for i, mean := range visible {
		for j := range hidden {
			*g.weight(i, j) -= float32(pair(i, j))
		}
		*g.visibleBias(i) -= float32(mean)
	}
	for j, mean := range hidden {
		*g.hiddenBias(j) -= float32(mean)
	}
}
