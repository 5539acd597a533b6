package figure

import (
	"isingrbm/analysis"
	"isingrbm/ising"
)

// Data is what figures are drawn from; each takes what it needs.
type Data struct {
	Lattice             ising.Kind
	Coupling            float64        // J
	Rows                []analysis.Row // all sources, in any order
	Curve               []analysis.Row // exact values on a fine grid of temperatures
	CriticalTemperature float64        // of the infinite lattice, in the units of T; 0 or NaN where there is none
	Comparisons         []analysis.Comparison
	Sources             []Source
	Machines            []Machine
	Flows               []Flow
	Scaling             *analysis.Scaling // nil where sizes or temperatures do not suffice
}

// Source is what was measured of one source at one place beside its row.
type Source struct {
	Key
	Correlations     []analysis.Correlation
	Autocorrelations []analysis.Autocorrelation
	Energy, Order    float64         // the size of a cell of the joint distribution, a spin
	Cells            []analysis.Cell // the joint distribution
	Samples          [][]uint64      // some configurations, packed
}

// Machine is what is known of a machine beside its samples.
type Machine struct {
	Key
	Weights   []float32 // n_v × n_h, row-major; site i in row i
	Training  Training
	States    *States                // where all states can be listed
	Stages    []Stage                // along the training, likewise
	Couplings []analysis.CouplingRow // by distance
}

// Key says which source, at which place of the sweep.
type Key struct {
	L               int
	T               float64
	Hidden, Replica int // analysis.None where there is no machine
	Source          string
}

// Training is the record of a training, a value a recorded step; NaN stands for
// what was not known.
type Training struct {
	Step                                 []float64
	KLTraining, KLValidation             []float64 // nats a configuration
	LogLikelihoodTraining                []float64
	LogLikelihoodValidation              []float64
	PseudoTraining, PseudoValidation     []float64 // pseudo-log-likelihoods
	Energy, AbsMagnetization, UpFraction []float64 // of the chains
}

// States holds the probability of every state, state k having site i up if bit i
// of k is 1.
type States struct{ Exact, Machine []float64 }
