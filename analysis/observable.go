package analysis

// Positions of the observables in Observables and in Row.Values.
const (
	Energy = iota
	AbsMagnetization
	Magnetization
	SpecificHeat
	Susceptibility
	SusceptibilityZero
	Binder
	UpFraction
	CorrelationLength
	observableCount
)

// Observable describes one measured quantity: what a column, an axis or a
// line of metadata needs to say about it.
type Observable struct {
	Name       string // column and key: lower case, words joined by underscores
	Title      string // in words, for headings and axes
	Symbol     string // as in a formula, plain Unicode
	Unit       string // empty for a pure number; J is the unit of energy, k_B = 1
	Definition string // in words and symbols, per spin where it is
	Citation   string // key of an entry of References, empty for textbook quantities
}

// Observables lists every observable in the order of all tables. The slice is
// the caller's.
func Observables() []Observable {
	return []Observable{
		Energy: {
			Name: "energy", Title: "Energy", Symbol: "e", Unit: "J",
			Definition: "⟨E⟩/N",
		},
		AbsMagnetization: {
			Name: "abs_magnetization", Title: "Absolute magnetization", Symbol: "m",
			Definition: "⟨|M|⟩/N; M is the staggered magnetization where J < 0 on a bipartite lattice",
		},
		Magnetization: {
			Name: "magnetization", Title: "Magnetization", Symbol: "Σσ/N",
			Definition: "⟨Σσ⟩/N, uniform and signed",
		},
		SpecificHeat: {
			Name: "specific_heat", Title: "Specific heat", Symbol: "c", Unit: "k_B",
			Definition: "(⟨E²⟩ − ⟨E⟩²)/(N T²)",
		},
		Susceptibility: {
			Name: "susceptibility", Title: "Susceptibility", Symbol: "χ", Unit: "1/J",
			Definition: "(⟨M²⟩ − ⟨|M|⟩²)/(N T) in zero field, (⟨M²⟩ − ⟨M⟩²)/(N T) in a field",
		},
		SusceptibilityZero: {
			Name: "susceptibility_zero", Title: "Susceptibility of the disordered phase", Symbol: "χ₀", Unit: "1/J",
			Definition: "⟨M²⟩/(N T), in zero field only",
		},
		Binder: {
			Name: "binder", Title: "Binder cumulant", Symbol: "U",
			Definition: "1 − ⟨M⁴⟩/(3⟨M²⟩²)", Citation: "Binder1981",
		},
		UpFraction: {
			Name: "up_fraction", Title: "Up fraction", Symbol: "p₊",
			Definition: "P(M > 0) + ½ P(M = 0); ½ in zero field",
		},
		CorrelationLength: {
			Name: "correlation_length", Title: "Correlation length", Symbol: "ξ", Unit: "a",
			Definition: "second moment: √(S(0)/S(2π/L) − 1)/(2 sin(π/L)), S the structure factor along the axes, a the lattice spacing",
			Citation:   "Cooper1982",
		},
	}
}
