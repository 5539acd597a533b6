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
	// Found by the study of runs/study, whose README has the numbers. Warm starts
	// give a cold machine the clusters and domain walls that it would see too seldom
	// to learn; only then does the rate of 1 do, from which training is stable at
	// every temperature. A low last rate and the mean over half of the updates take
	// the noise out, and five Gibbs steps cost little beside the rest of an update.
	{
		Preset:          "recommended",
		Algorithm:       "pcd",
		Steps:           5,
		Batch:           200,
		Updates:         100_000,
		Rate:            1.0,
		FinalRate:       0.005,
		Schedule:        "exponential",
		Optimizer:       "sgd",
		Centered:        true,
		Symmetry:        "flip",
		AverageFraction: 0.5,
		Translations:    true,
		Flips:           true,
		Shuffle:         true,
		Initial:         "gaussian",
		InitialScale:    gaussianScale,
		VisibleBias:     "data",
		WarmStart:       true,
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

// tiedRecommended is what "recommended" means for a machine that is tied under the
// translations of the lattice: its few free parameters can follow the natural
// gradient. Filters that begin localized, within the range of a few bonds, find the
// bonds several times sooner than filters that begin everywhere alike, which have to
// get rid of all but one of many seeds, and soonest where it is hot: colder machines
// then have them from their warm start. runs/study/tied/README.md has the numbers.
var tiedRecommended = Training{
	Preset:          "recommended",
	Algorithm:       "pcd",
	Steps:           3,
	Batch:           500,
	Updates:         4000,
	Rate:            0.1,
	FinalRate:       0.005,
	Schedule:        "exponential",
	Optimizer:       "natural",
	FinalDamping:    0.003,
	ShapeDecay:      0.000_3,
	Centered:        true,
	Symmetry:        "translation+flip",
	AverageFraction: 0.2,
	Translations:    true,
	Flips:           true,
	Shuffle:         true,
	Initial:         "gaussian",
	InitialScale:    0.3,
	InitialRange:    1.5,
	VisibleBias:     "data",
	WarmStart:       true,
	Threads:         1,
}

func presetNames() []string {
	names := make([]string, len(presets))
	for i, p := range presets {
		names[i] = p.Preset
	}
	return names
}

// preset returns the settings of a preset that exists, for tied machines or others.
func preset(name string, tied bool) Training {
	if tied && name == tiedRecommended.Preset {
		return tiedRecommended
	}
	return presets[slices.IndexFunc(presets, func(p Training) bool { return p.Preset == name })]
}
