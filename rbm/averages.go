package rbm

// Averages are means over configurations v and hidden units drawn from p(h|v), a row
// each. ⟨v_i h_j⟩, ⟨v_i⟩ and ⟨h_j⟩ are −⟨∂E/∂λ⟩ for λ = W_ij, b_i and c_j: over the data the
// one term of the gradient of the log-likelihood, over samples of the machine the other.
type Averages struct {
	Rows           int
	Pairs          []float64 // ⟨v_i h_j⟩, n_v × n_h, row-major
	Visible        []float64 // ⟨v_i⟩
	Hidden         []float64 // ⟨h_j⟩
	Energy         float64   // ⟨E(v,h)⟩
	EnergyVariance float64   // of Σ_h p(h|v) E(v,h) over the rows, unbiased; 0 for one row
}

// Averages returns the averages over the given rows, in which hidden units are summed
// out, not sampled. It panics unless there is at least one whole row.
func (m *Machine) Averages(rows []uint64) *Averages {
	words := Words(m.Visible)
	if len(rows) == 0 || len(rows)%words != 0 {
		panic("rbm: Averages needs whole rows")
	}
	a := &Averages{Rows: len(rows) / words, Pairs: make([]float64, len(m.Weights)), Visible: make([]float64, m.Visible), Hidden: make([]float64, m.Hidden)}
	energies, h := make([]float64, a.Rows), make([]float64, m.Hidden)
	for r := range a.Rows {
		energies[r] = m.addRow(a, rows[r*words:][:words], h)
	}
	n := float64(a.Rows)
	for _, sums := range [][]float64{a.Pairs, a.Visible, a.Hidden} {
		for k := range sums {
			sums[k] /= n
		}
	}
	for _, e := range energies {
		a.Energy += e / n
	}
	for _, e := range energies {
		a.EnergyVariance += float64((e-a.Energy)*(e-a.Energy)) / max(n-1, 1)
	}
	return a
}

// addRow adds one row to the sums and returns Σ_h p(h|v) E(v,h); h is scratch.
func (m *Machine) addRow(a *Averages, v []uint64, h []float64) float64 {
	energy := -m.visibleField(v)
	for j, x := range m.hiddenActivations(v, h) {
		h[j] = sigmoid(x)
		a.Hidden[j] += h[j]
		energy -= float64(x * h[j])
	}
	forEachBit(v, func(i int) {
		a.Visible[i]++
		pairs := a.Pairs[i*m.Hidden:][:m.Hidden]
		for j, mean := range h {
			pairs[j] += mean
		}
	})
	return energy
}
