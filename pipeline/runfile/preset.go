package runfile

import "slices"

// Scales of the initial weights, by distribution. The uniform one is that of
// Torlai and Melko, PRB 94, 165134 (2016), after Glorot and Bengio (2010).
const (
	gaussianScale = 0.01
	uniformScale  = 4.0
)

// presets is the single place of the settings of each preset. Chains of 0
// follow the batch, a final rate of 0 the rate.
var presets = []Training{
	// Measured at L = 8 with n_h = 64, T from 1.5 to 3.2. A large first rate is
	// what lets the ordered phase learn its rare fluctuations (from rate 1, χ at
	// T = 1.5 stays a third too small); from rate 10, machines above T_c fall into
	// an ordered state that they never leave. The last rate and the average keep
	// the noise of the last updates below a percent in e and m.
	{
		Preset:          "recommended",
		Algorithm:       "pcd",
		Steps:           3,
		Batch:           200,
		Updates:         40_000,
		Rate:            4.0,
		FinalRate:       0.02,
		Schedule:        "exponential",
		Optimizer:       "sgd",
		Centered:        true,
		Symmetry:        "flip",
		AverageFraction: 0.2,
		Translations:    true,
		Flips:           true,
		Shuffle:         true,
		Initial:         "gaussian",
		InitialScale:    gaussianScale,
		VisibleBias:     "data",
		Threads:         1,
	},
	// The published settings of Torlai and Melko, PRB 94, 165134 (2016).
	{
		Preset:       "torlai-melko-2016",
		Algorithm:    "cd",
		Steps:        20,
		Batch:        50,
		Epochs:       2000,
		Rate:         0.01,
		Schedule:     "constant",
		Optimizer:    "sgd",
		Symmetry:     "none",
		Initial:      "uniform",
		InitialScale: uniformScale,
		VisibleBias:  "zero",
		Threads:      1,
	},
}

func presetNames() []string {
	names := make([]string, len(presets))
	for i, p := range presets {
		names[i] = p.Preset
	}
	return names
}

// preset returns the settings of a preset that exists.
func preset(name string) Training {
	return presets[slices.IndexFunc(presets, func(p Training) bool { return p.Preset == name })]
}
