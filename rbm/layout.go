package rbm

// Layout is the convention in which another program holds the parameters of a
// machine: the names and the order of its arrays, their precision, and the values
// that its units take.
type Layout struct {
	Name        string // for commands and messages
	Weights     string // name of the array of weights
	VisibleBias string // name of the array of visible biases
	HiddenBias  string // name of the array of hidden biases
	HiddenFirst bool   // weights are n_h × n_v, else n_v × n_h; row-major
	Single      bool   // the program computes in float32, else in float64
	Spins       bool   // units are σ_i, τ_j = ±1, else {0, 1}
}

// Layouts lists the layouts that are known:
//
//   - qucumber: QuCumber's BinaryRBM (Beach et al., SciPost Phys. 7, 009 (2019)), by
//     the keys of its state dictionary;
//   - sklearn: the fitted attributes of scikit-learn's BernoulliRBM;
//   - rbms: the named parameters of class BBRBM of the package rbms (Béreux, Decelle,
//     Furtlehner, Rosset, Seoane);
//   - spins: the Hamiltonian of statistical physics,
//     E(σ,τ) = −Σ_ij w_ij σ_i τ_j − Σ_i a_i σ_i − Σ_j b_j τ_j with σ_i, τ_j = ±1.
//
// The first three have the energy of [Machine].
func Layouts() []Layout {
	return []Layout{
		{Name: "qucumber", Weights: "weights", VisibleBias: "visible_bias", HiddenBias: "hidden_bias", HiddenFirst: true},
		{Name: "sklearn", Weights: "components_", VisibleBias: "intercept_visible_", HiddenBias: "intercept_hidden_", HiddenFirst: true},
		{Name: "rbms", Weights: "weight_matrix", VisibleBias: "vbias", HiddenBias: "hbias", Single: true},
		{Name: "spins", Weights: "w", VisibleBias: "a", HiddenBias: "b", Spins: true},
	}
}

// LaidOut holds the parameters of a machine in some layout. Float64 holds float32
// exactly.
type LaidOut struct {
	Visible, Hidden int
	Weights         []float64 // Visible × Hidden, or Hidden × Visible, row-major
	VisibleBias     []float64 // Visible
	HiddenBias      []float64 // Hidden
}

// WeightShape is the shape of the weights of a machine in this layout.
func (l Layout) WeightShape(visible, hidden int) []int {
	if l.HiddenFirst {
		return []int{hidden, visible}
	}
	return []int{visible, hidden}
}

// Export returns the machine's parameters in this layout, and the constant that is to
// be added to the layout's energies to get the machine's. Units in {0, 1} leave every
// parameter as it is, and the constant is 0. With v = (1+σ)/2 and h = (1+τ)/2
//
//	w_ij = ¼ W_ij,   a_i = ½ b_i + ¼ Σ_j W_ij,   b_j = ½ c_j + ¼ Σ_i W_ij
//	E(v,h) = E(σ,τ) − ¼ Σ_ij W_ij − ½ Σ_i b_i − ½ Σ_j c_j
func (l Layout) Export(m *Machine) (p LaidOut, constant float64) {
	p = LaidOut{m.Visible, m.Hidden, widened(m.Weights), widened(m.VisibleBias), widened(m.HiddenBias)}
	if l.Spins {
		constant = m.toSpins(&p)
	}
	if l.HiddenFirst {
		p.Weights = transposed(p.Weights, m.Visible, m.Hidden)
	}
	return p, constant
}

func (m *Machine) toSpins(p *LaidOut) (constant float64) {
	rows, columns := m.halfSums() // halves are exact: only the sums round
	for i, sum := range rows {
		constant -= 0.5 * (p.VisibleBias[i] + sum)
		p.VisibleBias[i] = 0.5 * (p.VisibleBias[i] + sum)
	}
	for j, sum := range columns {
		constant -= 0.5 * p.HiddenBias[j]
		p.HiddenBias[j] = 0.5 * (p.HiddenBias[j] + sum)
	}
	for k := range p.Weights {
		p.Weights[k] *= 0.25
	}
	return constant
}

// Import returns the machine whose parameters these are, and whether float32 holds
// all of them exactly. It is an error if one is not finite in float32; it panics if
// the lengths do not fit the numbers of units. What Export made of a machine in {0, 1}
// comes back bit by bit; from spins the weights do, and the biases up to the rounding
// of the sums in
//
//	W_ij = 4 w_ij,   b_i = 2 a_i − 2 Σ_j w_ij,   c_j = 2 b_j − 2 Σ_i w_ij
func (l Layout) Import(p LaidOut) (m *Machine, exact bool, err error) {
	if len(p.Weights) != p.Visible*p.Hidden || len(p.VisibleBias) != p.Visible || len(p.HiddenBias) != p.Hidden {
		panic("rbm: the lengths of laid out parameters differ from the numbers of units")
	}
	if l.HiddenFirst {
		p.Weights = transposed(p.Weights, p.Hidden, p.Visible)
	}
	if l.Spins {
		p = p.fromSpins()
	}
	m = NewMachine(p.Visible, p.Hidden)
	exact = narrow(m.Weights, p.Weights)
	exact = narrow(m.VisibleBias, p.VisibleBias) && exact
	exact = narrow(m.HiddenBias, p.HiddenBias) && exact
	return m, exact, m.Validate()
}

// fromSpins is the inverse of toSpins, in fresh slices.
func (p LaidOut) fromSpins() LaidOut {
	bits := LaidOut{p.Visible, p.Hidden, make([]float64, len(p.Weights)), make([]float64, p.Visible), make([]float64, p.Hidden)}
	for k, w := range p.Weights {
		bits.Weights[k] = 4 * w
		bits.VisibleBias[k/p.Hidden] += w
		bits.HiddenBias[k%p.Hidden] += w
	}
	for i, sum := range bits.VisibleBias {
		bits.VisibleBias[i] = 2 * (p.VisibleBias[i] - sum)
	}
	for j, sum := range bits.HiddenBias {
		bits.HiddenBias[j] = 2 * (p.HiddenBias[j] - sum)
	}
	return bits
}

func widened(values []float32) []float64 {
	out := make([]float64, len(values))
	for k, x := range values {
		out[k] = float64(x)
	}
	return out
}

// narrow rounds values to dst and reports whether none of them changed.
func narrow(dst []float32, values []float64) bool {
	exact := true
	for k, x := range values {
		dst[k] = float32(x)
		exact = exact && float64(dst[k]) == x
	}
	return exact
}

// transposed returns the columns of a row-major matrix as rows.
func transposed(values []float64, rows, columns int) []float64 {
	out := make([]float64, len(values))
	for i := range rows {
		for j := range columns {
			out[j*rows+i] = values[i*columns+j]
		}
	}
	return out
}
