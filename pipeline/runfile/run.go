package runfile

import (
	"time"

	"isingrbm/ising"
)

// Run is a validated run file with every default and preset resolved.
type Run struct {
	Seed       uint64 // of every random stream; below 2^63
	Lattice    Lattice
	Sweep      Sweep
	Data       Data
	MonteCarlo MonteCarlo
	RBM        *RBM     // nil in a Monte Carlo study
	Training   Training // zero in a Monte Carlo study
	Sampling   Sampling // zero in a Monte Carlo study
	Flow       Flow     // zero in a Monte Carlo study
	Analysis   Analysis
	Output     Output
	Slurm      Slurm // changes no result

	// Brought is what the files of [data] hold; nil in a run that generates its
	// data, and until the files were looked at: see Complete.
	Brought *Brought

	file  *parsedFile
	given map[string]bool // the keys that the file sets
}

// Lattice is the section [lattice]: H = −J Σ_<ij> σ_i σ_j − h Σ_i σ_i.
type Lattice struct {
	Kind     ising.Kind
	Sizes    []int // sites along a side, ascending, each once
	Boundary ising.Boundary
	Coupling float64 // J, not 0
	Field    float64 // h
}

// Sweep is the section [sweep].
type Sweep struct {
	Temperatures []Temperature // ascending, each key once
}

// Data is the section [data].
type Data struct {
	Configurations string // pattern of files, seen from the run file; "": they are generated
	Column         string // of a foreign file; "": the only one there is
	Cells          []DataCell
	Validation     float64 // share held out, the last of each cell
	Reference      string  // "exact" | "data"
}

// MonteCarlo is the section [monte_carlo].
type MonteCarlo struct {
	Algorithm      ising.Algorithm
	Configurations int    // for training
	Validation     int    // held out
	Thermalization int    // steps; 0: measured by a pilot run, in the file "auto"
	Thinning       int    // steps between stored configurations; 0: as above
	Independence   string // "thinned" | "chain", one configuration of each chain
}

// RBM is the section [rbm].
type RBM struct {
	Hidden   []Hidden
	Replicas int
}

// Training is the section [training]: its preset with the file's own settings
// on top.
type Training struct {
	Preset          string
	Algorithm       string // "cd" | "pcd" | "ptt" | "exact"
	Steps           int    // k, Gibbs steps an update
	Batch           int    // configurations an update
	Chains          int    // of the negative phase; the batch for "cd"
	Updates         int    // in all; follows from Epochs where those are given
	Epochs          int    // passes over the data, of ⌈configurations/batch⌉ updates each; 0: not given
	Rate, FinalRate float64
	Schedule        string  // "constant" | "linear" | "exponential" | "cosine" | "staircase", from Rate to FinalRate
	Optimizer       string  // "sgd" | "adam" | "natural"
	FinalDamping    float64 // of the metric of "natural" at the last update; 0 for the trainer's own, and with other optimizers
	Momentum        float64
	WeightDecay     float64 // L2
	L1Decay         float64
	ShapeDecay      float64 // of a machine with a warm start
	Centered        bool
	Symmetry        string  // "none" | "flip" | "translation" | "translation+flip"
	AverageFraction float64 // last part of the updates whose weights are averaged
	Translations    bool    // augment by the lattice's translations
	Flips           bool    // augment by global flips
	Shuffle         bool
	Initial         string  // "gaussian" | "uniform"
	InitialScale    float64 // standard deviation; or multiple of √(6/(n_v+n_h))
	InitialRange    float64 // of localized filters, in lattice spacings; 0 for none
	VisibleBias     string  // "data" | "zero", at the start
	WarmStart       bool    // from the machine of the next higher finite temperature, where there is one
	Pool            bool    // one machine for all temperatures together
	Snapshots       int     // most machines kept along the training
	Threads         int     // of one machine; changes no result
}

// Sampling is the section [sampling].
type Sampling struct {
	Algorithm      string // "auto" | "gibbs" | "tempering" | "ladder" | "trajectory"
	Machines       int    // between which "tempering", "ladder" and "trajectory" exchange configurations, at most
	Configurations int
	Chains         int
	BurnIn         int    // steps of each chain before the first configuration; 0: measured, in the file "auto"
	Thinning       int    // steps between stored configurations; 0: as above
	Start          string // "random" | "data"
	Annealing      int    // steps of the annealing for ln Z, at most
}

// Starts are temperatures that a flow starts from.
type Starts []Temperature

// Flow is the section [flow]: repeated reconstruction.
type Flow struct {
	From       Starts // of the sweep, in the order of the file; none: no flow
	Iterations int
	Chains     int // from each temperature
}

// Analysis is the section [analysis]: the tolerances of the verdict, relative
// to the reference but for the last, which is absolute.
type Analysis struct {
	Energy           float64
	AbsMagnetization float64
	SpecificHeat     float64
	Susceptibility   float64
	UpFraction       float64
}

// Output is the section [output].
type Output struct {
	Format      string // "parquet" | "arrow"
	Compression string // "auto" | "none" | "zstd"
	Figures     []string
}

// Slurm is the section [slurm]: what a batch system is asked for. None of it
// changes a result.
type Slurm struct {
	Account, Partition, QOS, Constraint string // "": the site's default

	Time         time.Duration // of a task
	Memory       int64         // bytes of a task; 0: by the estimate, in the file "auto"
	CPUs         int           // of a task
	MaxRunning   int           // tasks of a stage that run at a time; 0: no limit
	CellsPerTask int           // 0: by the estimate, in the file "auto"
	Grace        int           // seconds before the end at which a task saves and stops
	MaxRequeues  int           // of a task, at the end of its time

	Setup   []string // lines of shell before the program
	Scratch string   // folder of temporary files on the node's own disk; "": none
	Extra   []string // further options of the batch system
}

// KeyValue is a key of a resolved run, "section.name", with the canonical text
// of its value.
type KeyValue struct{ Key, Value string }

// Keys lists the resolved run, in the order of the table of keys. Two runs
// with one list are the same run. The sections that need [rbm] are left out
// of a Monte Carlo study, [data] or [monte_carlo] of a run that has its data
// from the other, and [slurm] always: where a run is carried out is no part of it.
func (r *Run) Keys() []KeyValue {
	return r.list(func(section string) bool {
		switch section {
		case slurmSection:
			return false
		case "data":
			return r.Brings()
		case "monte_carlo":
			return !r.Brings()
		}
		return r.RBM != nil || !needsRBM(section)
	})
}

// Brings reports whether the run has its data from files instead of Monte Carlo.
func (r *Run) Brings() bool { return r.Data.Configurations != "" }

// SlurmKeys lists the section [slurm] likewise.
func (r *Run) SlurmKeys() []KeyValue {
	return r.list(func(section string) bool { return section == slurmSection })
}

func (r *Run) list(wanted func(section string) bool) []KeyValue {
	var list []KeyValue
	for _, k := range keys {
		if wanted(k.Section()) {
			list = append(list, KeyValue{k.Path, canonical(k, k.field(r))})
		}
	}
	return list
}

// slurmSection is the section that says how a batch system carries a run out.
const slurmSection = "slurm"

// needsRBM reports whether a section means anything only beside [rbm].
func needsRBM(section string) bool {
	return section == "rbm" || section == "training" || section == "sampling" || section == "flow"
}
