package rbm

import "math"

// PseudoLogLikelihood returns the mean over the given configurations of
// Σ_i ln p(v_i | all other v), in nats per configuration, over all units (not a
// sample of them). Divide by Visible for the value per unit. Weights beyond ±700
// count as ±700. It is NaN without configurations, and panics if rows are not whole or
// have bits beyond the units.
//
// With s_j = p(h_j = 1 | v), flipping unit i multiplies p(v) by
// e^{±b_i} Π_j (1 − s_j + s_j e^{±W_ij}): no exponentials but those of the weights.
func (m *Machine) PseudoLogLikelihood(rows []uint64) float64 {
	if !areRows(rows, m.Visible) {
		panic("rbm: PseudoLogLikelihood needs whole rows without bits beyond their units")
	}
	words := Words(m.Visible)
	p := newPseudoLikelihood(m)
	sum, n := 0.0, len(rows)/words
	for r := range n {
		sum += p.of(rows[r*words:][:words])
	}
	return sum / float64(n)
}

type pseudoLikelihood struct {
	machine  *Machine
	factors  [2][]float64 // e^{−W} (for bits that are set) and e^{W}, swapped to index by bit
	together int          // factors whose product cannot overflow
	on, off  []float64    // hidden means and their complements
}

func newPseudoLikelihood(m *Machine) *pseudoLikelihood {
	const most = 700 // exponents that float64 holds
	p := &pseudoLikelihood{machine: m, on: make([]float64, m.Hidden), off: make([]float64, m.Hidden)}
	p.factors = [2][]float64{make([]float64, len(m.Weights)), make([]float64, len(m.Weights))}
	largest := 0.0
	for k, w := range m.Weights {
		x := max(-most, min(float64(w), most))
		largest = max(largest, math.Abs(x))
		p.factors[0][k], p.factors[1][k] = exp(x), exp(-x)
	}
	p.together = m.Hidden
	if largest*float64(m.Hidden) > most {
		p.together = int(most / largest)
	}
	return p
}

// of returns Σ_i ln p(v_i | all other v) of one configuration.
func (p *pseudoLikelihood) of(v []uint64) float64 {
	m := p.machine
	for j, x := range m.hiddenActivations(v, p.on) {
		p.on[j], p.off[j] = sigmoid(x), sigmoid(-x)
	}
	sum := 0.0
	for i, b := range m.VisibleBias {
		bit := v[i/64] >> (i % 64) & 1
		change := float64(b)
		if bit == 1 {
			change = -change
		}
		sum -= softplus(change + p.logRatio(p.factors[bit][i*m.Hidden:][:m.Hidden]))
	}
	return sum
}

// logRatio returns Σ_j ln(off_j + on_j·factor_j).
func (p *pseudoLikelihood) logRatio(factors []float64) float64 {
	sum := 0.0
	for from := 0; from < len(factors); from += p.together {
		to := min(from+p.together, len(factors))
		sum += log(mixedProduct(p.off[from:to], p.on[from:to], factors[from:to]))
	}
	return sum
}

// mixedProduct returns Π_j (off_j + on_j·factor_j), as four products side by side
// because a single one waits for every multiplication.
func mixedProduct(off, on, factors []float64) float64 {
	var products [4]float64
	for k := range products {
		products[k] = 1
	}
	n := len(factors)
	off, on = off[:n], on[:n]
	j := 0
	for ; j+4 <= n; j += 4 {
		products[0] *= off[j] + float64(on[j]*factors[j])
		products[1] *= off[j+1] + float64(on[j+1]*factors[j+1])
		products[2] *= off[j+2] + float64(on[j+2]*factors[j+2])
		products[3] *= off[j+3] + float64(on[j+3]*factors[j+3])
	}
	for ; j < n; j++ {
		products[0] *= off[j] + float64(on[j]*factors[j])
	}
	return float64(products[0]*products[1]) * float64(products[2]*products[3])
}
