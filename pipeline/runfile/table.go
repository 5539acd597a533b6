package runfile

import (
	"math"
	"slices"

	"isingrbm/ising"
)

// Sections lists the sections in the order of a run file.
func Sections() []Section { return slices.Clone(sections) }

var sections = []Section{
	{"lattice", "The model: H = -J sum_<ij> s_i s_j - h sum_i s_i with spins of ±1, every bond counted once."},
	{"sweep", "The temperatures, in units of the coupling over k_B. Each gets its own data and machines."},
	{"data", "Spins that you bring, instead of [monte_carlo]. Sizes and temperatures are then those of the files, unless the file says which to take."},
	{"monte_carlo", "The configurations that the machines learn from and are compared with."},
	{"rbm", "The machines, one for each size, temperature, n_h and replica. Without this section, [training] and [sampling] the run is a Monte Carlo study."},
	{"training", "A preset, and what is to differ from it."},
	{"sampling", "The configurations drawn from the trained machines."},
	{"flow", "The machine's flow: configurations reconstructed by it again and again, from those of some temperatures."},
	{"analysis", "The tolerances of the verdict."},
	{"output", "What is written, and how."},
	{slurmSection, "What `isingrbm submit` asks a batch system for. Nothing here changes a result."},
}

// Keys lists every key of the run file, section by section. It is the single
// place of types, units, ranges and defaults, but for those of presets.
func Keys() []Key { return slices.Clone(keys) }

// Bounds shared by several keys. The largest counts are far above what can be
// simulated or stored; they catch slipped digits.
var (
	fractions  = Interval{Min: 0, Max: 1, OpenMax: true}
	rates      = Interval{Min: 0, Max: 1000, OpenMin: true}
	tolerances = Interval{Min: 0, Max: 1, OpenMin: true}
	samples    = Interval{Min: minConfigurations, Max: 1e9}
)

// figures are the names that package figure knows; a test of package pipeline
// holds the two lists together.
var figures = []string{
	"thermodynamics", "specific-heat-vs-hidden", "training", "state-probabilities", "learning", "weight-histograms", "receptive-fields", "configurations",
	"energy-magnetization", "correlations", "couplings", "finite-size-scaling", "autocorrelation", "partition", "flow",
}

var keys = []Key{
	{
		Path: "seed", Type: Integer, Range: Interval{Min: 0, Max: math.Inf(1)}, Default: "1",
		Doc:   "Every random number of the run follows from it; the same seed gives the same bytes.",
		also:  []string{"random_seed", "rng"},
		field: func(r *Run) any { return &r.Seed },
	},

	{
		Path: "lattice.kind", Type: Word, Default: `"square"`, Required: true,
		Words: []string{string(ising.Chain), string(ising.Square), string(ising.Triangular), string(ising.Cubic)},
		Doc:   "Geometry.",
		also:  []string{"type", "geometry", "lattice"},
		field: func(r *Run) any { return (*string)(&r.Lattice.Kind) },
	},
	{
		Path: "lattice.sizes", Type: Integers, Unit: "lattice spacings", Range: Interval{Min: 2, Max: maxSites}, Default: "[8]", Required: true,
		Doc:   "Sites along a side; each size is a sweep of its own. A periodic side has at least 3.",
		also:  []string{"size", "length", "L", "side", "sides"},
		field: func(r *Run) any { return &r.Lattice.Sizes },
	},
	{
		Path: "lattice.boundary", Type: Word, Words: []string{string(ising.Periodic), string(ising.Open)}, Default: `"periodic"`,
		Doc:   "Boundary condition on every side.",
		also:  []string{"boundary_condition", "boundary_conditions", "bc", "pbc", "periodic"},
		field: func(r *Run) any { return (*string)(&r.Lattice.Boundary) },
	},
	{
		Path: "lattice.coupling", Type: Number, Unit: "energy", Range: Interval{Min: -1e6, Max: 1e6, NotZero: true}, Default: "1.0",
		Doc:   "J, above 0 ferromagnetic, below 0 antiferromagnetic.",
		also:  []string{"J", "interaction"},
		field: func(r *Run) any { return &r.Lattice.Coupling },
	},
	{
		Path: "lattice.field", Type: Number, Unit: "energy", Range: Interval{Min: -1e6, Max: 1e6}, Default: "0.0",
		Doc:   "h, the magnetic field.",
		also:  []string{"h", "H", "B", "magnetic_field", "external_field"},
		field: func(r *Run) any { return &r.Lattice.Field },
	},

	{
		Path: "sweep.temperatures", Type: Temperatures, Unit: "energy/k_B", Default: "{ from = 1.0, to = 3.54, count = 21 }", Required: true,
		Doc:   `A range { from, to, count }, or a list of numbers, "Tc" and "inf"; 0 means the ground states.`,
		also:  []string{"temperature", "T", "temps", "Ts"},
		field: func(r *Run) any { return &r.Sweep.Temperatures },
	},

	{
		Path: "data.configurations", Type: Text, Default: `""`,
		Doc:   `Files to read, such as "mine/*.parquet", seen from the run file: configurations of isingrbm, Parquet with a list column, or npz; "" generates them instead.`,
		also:  []string{"files", "path", "paths", "glob", "file"},
		field: func(r *Run) any { return &r.Data.Configurations },
	},
	{
		Path: "data.column", Type: Text, Default: `""`,
		Doc:   `The list column, or the array, that holds the spins, 0 and 1 or -1 and +1; "" takes the one called spins, or the only one there is.`,
		also:  []string{"array", "name", "key"},
		field: func(r *Run) any { return &r.Data.Column },
	},
	{
		Path: "data.cells", Type: DataCells, Default: "[]",
		Doc:   `L and T of files that do not say them in their metadata.`,
		also:  []string{"temperatures", "table", "cell"},
		field: func(r *Run) any { return &r.Data.Cells },
	},
	{
		Path: "data.validation", Type: Number, Range: Interval{Min: 0, Max: 0.9}, Default: "0.2",
		Doc:   "The last share of the configurations of each size and temperature, which is held out from training.",
		also:  []string{"test", "held_out", "holdout"},
		field: func(r *Run) any { return &r.Data.Validation },
	},
	{
		Path: "data.reference", Type: Word, Words: []string{"exact", "data"}, Default: `"exact"`,
		Doc:   `What machines are compared with: "exact" values of the model in [lattice], which the data must then be samples of, or the "data" alone.`,
		also:  []string{"compare", "comparison"},
		field: func(r *Run) any { return &r.Data.Reference },
	},

	{
		Path: "monte_carlo.algorithm", Type: Word, Default: `"auto"`,
		Words: []string{string(ising.Auto), string(ising.Metropolis), string(ising.HeatBath), string(ising.Wolff), string(ising.MetropolisWolff), string(ising.SwendsenWang), string(ising.Perfect)},
		Doc:   `How configurations are drawn; "auto" takes what suits the model and the temperature.`,
		also:  []string{"method", "sampler", "update"},
		field: func(r *Run) any { return (*string)(&r.MonteCarlo.Algorithm) },
	},
	{
		Path: "monte_carlo.configurations", Type: Integer, Unit: "configurations", Range: samples, Default: "100_000",
		Doc:   "Number to train on, at each size and temperature.",
		also:  []string{"samples", "n_samples", "train", "training"},
		field: func(r *Run) any { return &r.MonteCarlo.Configurations },
	},
	{
		Path: "monte_carlo.validation", Type: Integer, Unit: "configurations", Range: Interval{Min: 0, Max: 1e9}, Default: "20_000",
		Doc:   "Number held out from training, for likelihoods and divergences; at least 100 where machines are trained.",
		also:  []string{"test", "held_out", "holdout"},
		field: func(r *Run) any { return &r.MonteCarlo.Validation },
	},
	{
		Path: "monte_carlo.thermalization", Type: Integer, Unit: "steps", Range: Interval{Min: 1, Max: 1e9}, Words: []string{"auto"}, Default: `"auto"`,
		Doc:   `Steps before the first configuration; "auto" measures autocorrelation times in a pilot run.`,
		also:  []string{"equilibration", "burn_in", "burnin", "warmup"},
		field: func(r *Run) any { return &r.MonteCarlo.Thermalization },
	},
	{
		Path: "monte_carlo.thinning", Type: Integer, Unit: "steps", Range: Interval{Min: 1, Max: 1e9}, Words: []string{"auto"}, Default: `"auto"`,
		Doc:   `Steps between stored configurations; "auto" as above.`,
		also:  []string{"interval", "stride", "skip"},
		field: func(r *Run) any { return &r.MonteCarlo.Thinning },
	},
	{
		Path: "monte_carlo.independence", Type: Word, Words: []string{"thinned", "chain"}, Default: `"thinned"`,
		Doc:   `How configurations come to be independent: "thinned", by the steps between them, or "chain", as each is the only one of its chain, which takes several times longer.`,
		also:  []string{"independent"},
		field: func(r *Run) any { return &r.MonteCarlo.Independence },
	},

	{
		Path: "rbm.hidden", Type: UnitCounts, Unit: "units", Range: Interval{Min: 1, Max: maxHidden}, Default: "[64]", Required: true,
		Doc:   `Hidden units n_h; "2N" is two for each site. Each entry is a machine of its own.`,
		also:  []string{"hidden_units", "n_h", "nh", "n_hidden", "num_hidden"},
		field: func(r *Run) any { return &r.RBM.Hidden },
	},
	{
		Path: "rbm.replicas", Type: Integer, Unit: "machines", Range: Interval{Min: 1, Max: 1000}, Default: "1",
		Doc:   "Machines that differ only in initial weights and training streams, for the error due to training.",
		also:  []string{"replica", "repeats", "copies"},
		field: func(r *Run) any { return &r.RBM.Replicas },
	},

	{
		Path: "training.preset", Type: Word, Words: presetNames(), Default: `"recommended"`,
		Doc:   `The settings that hold unless given here; "recommended" has others where symmetry is "translation" or "translation+flip". "torlai-melko-2016" is the published training alone: the authors' sampling stands in runs/paper/torlai-melko-2016-fig4-authors.toml.`,
		also:  []string{"recipe"},
		field: func(r *Run) any { return &r.Training.Preset },
	},
	{
		Path: "training.algorithm", Type: Word, Words: []string{"cd", "pcd", "ptt", "exact"},
		Doc:   `Negative phase: "cd" starts its chains at the data, "pcd" goes on with them, "ptt" exchanges them with chains of earlier machines of the training; "exact" enumerates the smaller layer, of at most 20 units.`,
		also:  []string{"method", "trainer"},
		field: func(r *Run) any { return &r.Training.Algorithm },
	},
	{
		Path: "training.steps", Type: Integer, Unit: "Gibbs steps", Range: Interval{Min: 1, Max: 1e6},
		Doc:   "k, Gibbs steps of the negative phase in one update.",
		also:  []string{"k", "cd_k", "gibbs_steps"},
		field: func(r *Run) any { return &r.Training.Steps },
	},
	{
		Path: "training.batch", Type: Integer, Unit: "configurations", Range: Interval{Min: 1, Max: 1e6},
		Doc:   "Configurations in one update.",
		also:  []string{"batch_size", "minibatch"},
		field: func(r *Run) any { return &r.Training.Batch },
	},
	{
		Path: "training.chains", Type: Integer, Unit: "chains", Range: Interval{Min: 0, Max: 1e6},
		Doc:   "Chains of the negative phase; 0 means as many as the batch has configurations.",
		also:  []string{"particles", "fantasy_particles"},
		field: func(r *Run) any { return &r.Training.Chains },
	},
	{
		Path: "training.updates", Type: Integer, Unit: "updates", Range: Interval{Min: 1, Max: maxUpdates},
		Doc:   "Updates of the parameters in all; or give epochs.",
		also:  []string{"iterations"},
		field: func(r *Run) any { return &r.Training.Updates },
	},
	{
		Path: "training.epochs", Type: Integer, Unit: "passes", Range: Interval{Min: 1, Max: 1e6}, Example: "40",
		Doc:   "Passes over the data, instead of updates.",
		also:  []string{"passes"},
		field: func(r *Run) any { return &r.Training.Epochs },
	},
	{
		Path: "training.rate", Type: Number, Range: rates,
		Doc:   "Learning rate at the first update; at most 1 for \"natural\".",
		also:  []string{"learning_rate", "lr", "eta"},
		field: func(r *Run) any { return &r.Training.Rate },
	},
	{
		Path: "training.final_rate", Type: Number, Range: rates,
		Doc:   "Learning rate at the last update, at most rate; only where the schedule is not constant.",
		also:  []string{"final_learning_rate", "end_rate"},
		field: func(r *Run) any { return &r.Training.FinalRate },
	},
	{
		Path: "training.schedule", Type: Word, Words: []string{"constant", "linear", "exponential", "cosine", "staircase"},
		Doc:   "How the learning rate goes from rate to final_rate.",
		also:  []string{"decay", "rate_schedule"},
		field: func(r *Run) any { return &r.Training.Schedule },
	},
	{
		Path: "training.optimizer", Type: Word, Words: []string{"sgd", "adam", "natural"},
		Doc:   `"sgd" follows the gradient, "adam" divides each component by its running size; "natural", for symmetry "translation" or "translation+flip", follows the natural gradient, of whose step the rate is a fraction.`,
		also:  []string{"optimiser"},
		field: func(r *Run) any { return &r.Training.Optimizer },
	},
	{
		Path: "training.final_damping", Type: Number, Range: Interval{Min: 0, Max: 0.1},
		Doc:   `What is added to the metric of "natural" at the last update, in units of its mean diagonal, to hold directions that the data hardly know; it falls to it from 0.1 exponentially, 0 means to 0.001.`,
		also:  []string{"damping"},
		field: func(r *Run) any { return &r.Training.FinalDamping },
	},
	{
		Path: "training.momentum", Type: Number, Range: fractions,
		Doc:   "Share of the last update that is repeated in the next.",
		field: func(r *Run) any { return &r.Training.Momentum },
	},
	{
		Path: "training.weight_decay", Type: Number, Range: fractions,
		Doc:   "Strength of the pull of weights towards 0.",
		also:  []string{"l2", "regularization"},
		field: func(r *Run) any { return &r.Training.WeightDecay },
	},
	{
		Path: "training.l1_decay", Type: Number, Range: fractions,
		Doc:   "Strength of a pull of weights towards 0 that does not depend on their size.",
		also:  []string{"l1", "lasso"},
		field: func(r *Run) any { return &r.Training.L1Decay },
	},
	{
		Path: "training.shape_decay", Type: Number, Range: fractions,
		Doc:   "Strength of the pull of each hidden unit's weights to a multiple of those of the warm start, whatever multiple fits best. It is for T < 1.6 J, where data say little; hotter machines are free.",
		also:  []string{"anchor", "l2_sp"},
		field: func(r *Run) any { return &r.Training.ShapeDecay },
	},
	{
		Path: "training.centered", Type: Boolean,
		Doc:   "Take units relative to their running means in the gradient.",
		also:  []string{"centred", "centering", "centring"},
		field: func(r *Run) any { return &r.Training.Centered },
	},
	{
		Path: "training.symmetry", Type: Word, Words: []string{"none", "flip", "translation", "translation+flip"},
		Doc:   `Exact symmetries of the machine: "flip" of all spins (not in a field); "translation" repeats each filter at every site (n_h a multiple of N).`,
		also:  []string{"symmetric"},
		field: func(r *Run) any { return &r.Training.Symmetry },
	},
	{
		Path: "training.average", Type: Number, Range: fractions,
		Doc:   "The last part of the updates whose weights are averaged into the machine; 0 takes the last weights.",
		also:  []string{"averaging", "average_fraction"},
		field: func(r *Run) any { return &r.Training.AverageFraction },
	},
	{
		Path: "training.translations", Type: Boolean,
		Doc:   "Move each configuration by a random translation of the lattice; false on open lattices.",
		also:  []string{"augment_translations", "shifts"},
		field: func(r *Run) any { return &r.Training.Translations },
	},
	{
		Path: "training.flips", Type: Boolean,
		Doc:   "Flip all spins of a configuration with probability 1/2; false in a field.",
		also:  []string{"augment_flips"},
		field: func(r *Run) any { return &r.Training.Flips },
	},
	{
		Path: "training.shuffle", Type: Boolean,
		Doc:   "Take the configurations of each pass in random order.",
		also:  []string{"shuffling"},
		field: func(r *Run) any { return &r.Training.Shuffle },
	},
	{
		Path: "training.initial", Type: Word, Words: []string{"gaussian", "uniform"},
		Doc:   "Distribution of the initial weights around 0.",
		also:  []string{"init", "initialization"},
		field: func(r *Run) any { return &r.Training.Initial },
	},
	{
		Path: "training.initial_scale", Type: Number, Range: Interval{Min: 0, Max: 100, OpenMin: true},
		Doc:   "Standard deviation of gaussian weights; uniform ones reach ± this times sqrt(6/(n_v + n_h)).",
		also:  []string{"init_scale", "scale", "sigma"},
		field: func(r *Run) any { return &r.Training.InitialScale },
	},
	{
		Path: "training.initial_range", Type: Number, Unit: "lattice spacings", Range: Interval{Min: 0, Max: 1e6},
		Doc:   "Distance from a filter's site over which its initial weights fall off (a Gaussian); only for tied machines, 0 means everywhere alike.",
		also:  []string{"localization", "receptive_field"},
		field: func(r *Run) any { return &r.Training.InitialRange },
	},
	{
		Path: "training.visible_bias", Type: Word, Words: []string{"data", "zero"},
		Doc:   `Visible biases at the start: "data", the log-odds of each spin in the data, or "zero".`,
		also:  []string{"bias", "biases", "initial_bias"},
		field: func(r *Run) any { return &r.Training.VisibleBias },
	},
	{
		Path: "training.warm_start", Type: Boolean,
		Doc:   "Start each machine from the finished one of the next higher finite temperature of the sweep; the hottest starts at random.",
		also:  []string{"warmstart", "warm", "anneal", "continue"},
		field: func(r *Run) any { return &r.Training.WarmStart },
	},
	{
		Path: "training.pool", Type: Boolean,
		Doc:   "Train one machine on the configurations of all temperatures together, instead of one at each; it has a flow, but no samples to compare with any temperature.",
		also:  []string{"pooled", "joint", "all_temperatures"},
		field: func(r *Run) any { return &r.Training.Pool },
	},
	{
		Path: "training.snapshots", Type: Integer, Unit: "machines", Range: Interval{Min: 0, Max: 1000}, Example: "16",
		Doc:   `Most machines kept along the training, for "ptt" and for sampling along the trajectory, which take 16 unless told; else 0.`,
		also:  []string{"snapshot", "saved_machines"},
		field: func(r *Run) any { return &r.Training.Snapshots },
	},
	{
		Path: "training.threads", Type: Integer, Unit: "threads", Range: Interval{Min: 1, Max: 1024},
		Doc:   "Threads of one machine's training, beside those of other cells; changes no result.",
		also:  []string{"cores"},
		field: func(r *Run) any { return &r.Training.Threads },
	},

	{
		Path: "sampling.algorithm", Type: Word, Words: []string{"auto", "gibbs", "tempering", "ladder", "trajectory"}, Default: `"auto"`,
		Doc:   `"gibbs" runs chains of the machine alone; "tempering" exchanges with it at higher temperatures of its own, "ladder" with the machines of higher temperatures of the sweep, "trajectory" with those of its own training; "auto" is "gibbs" where a pilot run finds it equilibrated, else "tempering".`,
		also:  []string{"method", "sampler"},
		field: func(r *Run) any { return &r.Sampling.Algorithm },
	},
	{
		Path: "sampling.machines", Type: Integer, Unit: "machines", Range: Interval{Min: 2, Max: 1000}, Default: "16",
		Doc:   `Most machines between which configurations are exchanged; each takes as long as one alone. Not for "gibbs".`,
		also:  []string{"rungs", "replicas", "temperatures"},
		field: func(r *Run) any { return &r.Sampling.Machines },
	},
	{
		Path: "sampling.configurations", Type: Integer, Unit: "configurations", Range: samples, Default: "200_000",
		Doc:   "Number drawn from each machine.",
		also:  []string{"samples", "n_samples"},
		field: func(r *Run) any { return &r.Sampling.Configurations },
	},
	{
		Path: "sampling.chains", Type: Integer, Unit: "chains", Range: Interval{Min: 1, Max: 1e6}, Default: "1024",
		Doc:   "Gibbs chains side by side; many of them show a machine that has lost a phase.",
		field: func(r *Run) any { return &r.Sampling.Chains },
	},
	{
		Path: "sampling.burn_in", Type: Integer, Unit: "Gibbs steps", Range: Interval{Min: 1, Max: 1e9}, Words: []string{"auto"}, Default: `"auto"`,
		Doc:   `Gibbs steps of each chain before its first configuration; "auto" takes those after which chains from random and from data starts agree in a pilot run. A number lets that run go on for as long, where 8192 steps, fewer of a large machine, are not enough.`,
		also:  []string{"burnin", "warmup", "thermalization", "equilibration"},
		field: func(r *Run) any { return &r.Sampling.BurnIn },
	},
	{
		Path: "sampling.thinning", Type: Integer, Unit: "Gibbs steps", Range: Interval{Min: 1, Max: 1e9}, Words: []string{"auto"}, Default: `"auto"`,
		Doc:   `Gibbs steps between stored configurations of a chain; "auto" takes twice the autocorrelation time of the pilot run, or, where that was not equilibrated, what the burn-in takes for all.`,
		also:  []string{"interval", "stride", "skip"},
		field: func(r *Run) any { return &r.Sampling.Thinning },
	},
	{
		Path: "sampling.start", Type: Word, Words: []string{"random", "data"}, Default: `"data"`,
		Doc:   "Where chains start: spins up or down at random, or held-out configurations, which the machine has not seen.",
		also:  []string{"initial", "init"},
		field: func(r *Run) any { return &r.Sampling.Start },
	},
	{
		Path: "sampling.annealing", Type: Integer, Unit: "steps", Range: Interval{Min: 1, Max: 1e9}, Default: "32_768",
		Doc:   "Most steps of the annealing that estimates ln Z of a machine, which takes as many as its tolerance needs.",
		also:  []string{"ais", "ais_steps", "annealing_steps", "betas"},
		field: func(r *Run) any { return &r.Sampling.Annealing },
	},

	{
		Path: "flow.from", Type: TemperatureList, Unit: "energy/k_B", Default: "[]",
		Doc:   "Temperatures of the sweep from whose held-out configurations a flow starts; none means no flow.",
		also:  []string{"start", "starts", "temperatures"},
		field: func(r *Run) any { return &r.Flow.From },
	},
	{
		Path: "flow.iterations", Type: Integer, Unit: "iterations", Range: Interval{Min: 1, Max: 1e6}, Default: "20",
		Doc:   "Reconstructions v -> h -> v, one after the other.",
		also:  []string{"steps", "reconstructions"},
		field: func(r *Run) any { return &r.Flow.Iterations },
	},
	{
		Path: "flow.chains", Type: Integer, Unit: "chains", Range: Interval{Min: minConfigurations, Max: 1e6}, Default: "1_000",
		Doc:   "Configurations that are followed, each on a chain of its own; at most as many as are held out.",
		also:  []string{"configurations", "samples"},
		field: func(r *Run) any { return &r.Flow.Chains },
	},

	{
		Path: "analysis.energy", Type: Number, Unit: "relative", Range: tolerances, Default: "0.02",
		Doc:   "Largest deviation of <E>/N that passes.",
		field: func(r *Run) any { return &r.Analysis.Energy },
	},
	{
		Path: "analysis.abs_magnetization", Type: Number, Unit: "relative", Range: tolerances, Default: "0.02",
		Doc:   "Largest deviation of <|M|>/N that passes.",
		also:  []string{"magnetization", "m"},
		field: func(r *Run) any { return &r.Analysis.AbsMagnetization },
	},
	{
		Path: "analysis.specific_heat", Type: Number, Unit: "relative", Range: tolerances, Default: "0.10",
		Doc:   "Largest deviation of (<E^2> - <E>^2)/(N T^2) that passes.",
		also:  []string{"c", "heat_capacity"},
		field: func(r *Run) any { return &r.Analysis.SpecificHeat },
	},
	{
		Path: "analysis.susceptibility", Type: Number, Unit: "relative", Range: tolerances, Default: "0.15",
		Doc:   "Largest deviation of (<M^2> - <|M|>^2)/(N T) that passes.",
		also:  []string{"chi"},
		field: func(r *Run) any { return &r.Analysis.Susceptibility },
	},
	{
		Path: "analysis.up_fraction", Type: Number, Unit: "absolute", Range: tolerances, Default: "0.1",
		Doc:   "Largest deviation of P(M > 0) + P(M = 0)/2 that passes.",
		also:  []string{"up"},
		field: func(r *Run) any { return &r.Analysis.UpFraction },
	},

	{
		Path: "output.format", Type: Word, Words: []string{"parquet", "arrow"}, Default: `"parquet"`,
		Doc:   "File format of configurations; spins are packed, one bit each, in both.",
		field: func(r *Run) any { return &r.Output.Format },
	},
	{
		Path: "output.compression", Type: Word, Words: []string{"auto", "none", "zstd"}, Default: `"auto"`,
		Doc:   `Compression of configurations; "auto" compresses Parquet where it pays, at low temperatures, and leaves Arrow as it lies in memory.`,
		field: func(r *Run) any { return &r.Output.Compression },
	},
	{
		Path: "output.figures", Type: Words, Words: figures, Default: `["thermodynamics"]`,
		Doc:   "Figures to draw; `isingrbm report --figure NAME` draws others later.",
		also:  []string{"plots", "figure"},
		field: func(r *Run) any { return &r.Output.Figures },
	},

	{
		Path: "slurm.account", Type: Text, Default: `""`, texts: bareName,
		Doc:   "Account that pays; empty takes the default of the site, here and below.",
		also:  []string{"project", "A"},
		field: func(r *Run) any { return &r.Slurm.Account },
	},
	{
		Path: "slurm.partition", Type: Text, Default: `""`, texts: bareName,
		Doc:   "Partition, or several with commas between; other systems call it a queue.",
		also:  []string{"queue", "p"},
		field: func(r *Run) any { return &r.Slurm.Partition },
	},
	{
		Path: "slurm.qos", Type: Text, Default: `""`, texts: bareName,
		Doc:   "Quality of service.",
		also:  []string{"q", "quality_of_service"},
		field: func(r *Run) any { return &r.Slurm.QOS },
	},
	{
		Path: "slurm.constraint", Type: Text, Default: `""`,
		Doc:   "Features that a node must have.",
		also:  []string{"constraints", "feature", "features", "C"},
		field: func(r *Run) any { return &r.Slurm.Constraint },
	},
	{
		Path: "slurm.time", Type: Duration, Unit: "days-hours:minutes:seconds", Range: Interval{Min: 60, Max: 366 * 86400}, Default: `"2:00:00"`,
		Doc:   "Time of a task. What is not finished then is saved and goes on in another.",
		also:  []string{"walltime", "time_limit", "timelimit", "wall_time", "t"},
		field: func(r *Run) any { return &r.Slurm.Time },
	},
	{
		Path: "slurm.memory", Type: Size, Unit: "bytes", Range: Interval{Min: 16 << 20, Max: 1 << 46}, Words: []string{"auto"}, Default: `"auto"`,
		Doc:   `Memory of a task; "auto" takes what check estimates.`,
		also:  []string{"mem", "ram"},
		field: func(r *Run) any { return &r.Slurm.Memory },
	},
	{
		Path: "slurm.cpus", Type: Integer, Unit: "processors", Range: Interval{Min: 1, Max: 1024}, Default: "1",
		Doc:   "Processors of a task; its cells are worked on side by side.",
		also:  []string{"cores", "cpus_per_task", "processors", "threads", "ntasks"},
		field: func(r *Run) any { return &r.Slurm.CPUs },
	},
	{
		Path: "slurm.max_running", Type: Integer, Unit: "tasks", Range: Interval{Min: 0, Max: 1e6}, Default: "0",
		Doc:   "Tasks of one stage that run at a time; 0 means as many as the site lets.",
		also:  []string{"max_jobs", "throttle", "jobs", "concurrency"},
		field: func(r *Run) any { return &r.Slurm.MaxRunning },
	},
	{
		Path: "slurm.cells_per_task", Type: Integer, Unit: "cells", Range: Interval{Min: 1, Max: 1e5}, Words: []string{"auto"}, Default: `"auto"`,
		Doc:   `Cells in a task; "auto" bundles short ones into tasks of some minutes, by the estimate of check.`,
		also:  []string{"tasks_per_job", "bundle", "group_size", "chunk"},
		field: func(r *Run) any { return &r.Slurm.CellsPerTask },
	},
	{
		Path: "slurm.grace", Type: Integer, Unit: "seconds", Range: Interval{Min: 10, Max: 3600}, Default: "120",
		Doc:   "Before the end of its time at which a task saves its work and queues itself again.",
		also:  []string{"signal", "warning"},
		field: func(r *Run) any { return &r.Slurm.Grace },
	},
	{
		Path: "slurm.max_requeues", Type: Integer, Unit: "times", Range: Interval{Min: 0, Max: 1000}, Default: "20",
		Doc:   "How often a task may queue itself again; one that made no progress never does.",
		also:  []string{"max_timeouts", "requeues", "requeue", "max_retries", "retries"},
		field: func(r *Run) any { return &r.Slurm.MaxRequeues },
	},
	{
		Path: "slurm.setup", Type: Texts, Default: "[]",
		Doc:   "Lines of shell before the program, such as a module to load.",
		also:  []string{"prologue", "modules", "module", "init"},
		field: func(r *Run) any { return &r.Slurm.Setup },
	},
	{
		Path: "slurm.scratch", Type: Text, Default: `""`, texts: folderName,
		Doc:   "A folder on the node's own disk for files that are not finished, such as $TMPDIR; empty writes them beside the finished ones.",
		also:  []string{"tmpdir", "tmp", "local", "local_scratch"},
		field: func(r *Run) any { return &r.Slurm.Scratch },
	},
	{
		Path: "slurm.extra", Type: Texts, Default: "[]", texts: batchOption,
		Doc:   "Further options of sbatch, or of the batch system that --system names.",
		also:  []string{"options", "flags", "sbatch"},
		field: func(r *Run) any { return &r.Slurm.Extra },
	},
}

// find returns the key of a path.
func find(path string) (Key, bool) {
	i := slices.IndexFunc(keys, func(k Key) bool { return k.Path == path })
	if i < 0 {
		return Key{}, false
	}
	return keys[i], true
}

// inSection lists the keys of a section.
func inSection(section string) []Key {
	var list []Key
	for _, k := range keys {
		if k.Section() == section {
			list = append(list, k)
		}
	}
	return list
}
