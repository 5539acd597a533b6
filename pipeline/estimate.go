package pipeline

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"isingrbm/ising"
	"isingrbm/pipeline/runfile"
	"isingrbm/rbm"
)

// Estimate is what a stage is expected to take, for all its cells together.
type Estimate struct {
	Stage  Stage
	Cells  int
	Work   time.Duration // on one core
	Disk   int64         // bytes written, uncompressed
	Memory int64         // bytes a worker needs for the largest cell
}

// Bytes of a row of a configuration file beside its spins, at most.
const rowOverhead = 4 + 8 + 8 + 4

// calibration is how long one kind of step is timed.
const calibration = 50 * time.Millisecond

// CellSchedule is what a pilot run decides for a data cell; generate will use
// it.
type CellSchedule struct {
	Cell Cell
	ising.Schedule
	took time.Duration
}

// Schedules makes the pilot run of every data cell.
func (w *Workspace) Schedules() ([]CellSchedule, error) {
	var list []CellSchedule
	for _, cell := range w.Plan.Cells(false) {
		j := &job{spec: w.Run, task: Task{Stage: Generate, Cell: cell}, model: w.Plan.Model(cell)}
		if w.Run.Brings() {
			list = append(list, CellSchedule{cell, ising.Schedule{Algorithm: brought, Reason: j.broughtReason()}, 0})
			continue
		}
		start := time.Now()
		schedule, err := j.schedule()
		if err != nil {
			return nil, err
		}
		list = append(list, CellSchedule{cell, schedule, time.Since(start)})
	}
	return list, nil
}

// Estimates times a few steps of every stage on this machine and extrapolates
// to the whole run, done or not, given the schedules of its data cells.
// Nothing is written.
func (w *Workspace) Estimates(schedules []CellSchedule) ([]Estimate, error) {
	generate, err := w.estimateGenerate(schedules)
	if err != nil || w.Run.RBM == nil {
		return []Estimate{generate}, err
	}
	train, sample, err := w.estimateMachines()
	return []Estimate{generate, train, sample}, err
}

func (w *Workspace) estimateGenerate(schedules []CellSchedule) (Estimate, error) {
	e := Estimate{Stage: Generate}
	for _, schedule := range schedules {
		cell := schedule.Cell
		e.Cells++
		sites := int64(w.Plan.Model(cell).Lattice.Sites())
		training, validation := storedCounts(w.Run, cell)
		e.Disk += int64(training+validation) * (sites/8 + 1 + rowOverhead)
		if w.Run.Brings() {
			took, err := w.timeReading(cell, training+validation)
			if err != nil {
				return e, err
			}
			e.Work += took
			e.Memory = max(e.Memory, 4096*9*sites)
			continue
		}
		block, err := ising.NewBlock(w.Plan.Model(cell), float64(cell.Temperature), schedule.Algorithm, stream(w.Run, cell, "calibration", 0))
		if err != nil {
			return e, err
		}
		step := timed(block.Step)
		var steps float64
		for _, count := range []int{training, validation} {
			stored := math.Ceil(float64(count) / ising.Lanes)
			blocks := math.Ceil(stored / float64(perChain(w.Run.MonteCarlo)))
			steps += blocks*float64(schedule.Thermalization) + (stored-blocks)*float64(schedule.Thinning)
		}
		e.Work += schedule.took + time.Duration(steps*float64(step))
		e.Memory = max(e.Memory, 8*ising.Lanes*sites)
	}
	return e, nil
}

// brought stands for the algorithm where data are brought.
const brought ising.Algorithm = "brought"

// broughtReason says where the configurations of a cell come from.
func (j *job) broughtReason() string {
	cell := j.brought()
	training, heldOut := cell.Split(j.spec.Data.Validation)
	names := cell.Files[0].Name
	if more := len(cell.Files) - 1; more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("%d configurations and %d held out, from %s", training, heldOut, names)
}

// timeReading reads a few of a cell's brought configurations, and extrapolates.
func (w *Workspace) timeReading(cell Cell, rows int) (time.Duration, error) {
	const few = 1000
	j := &job{spec: w.Run, task: Task{Stage: Generate, Cell: cell}, model: w.Plan.Model(cell)}
	in := &broughtRows{job: j, files: j.brought().Files}
	defer in.close()
	start := time.Now()
	batch, err := in.next(few)
	return time.Since(start) * time.Duration(rows) / time.Duration(max(1, batch.Rows())), err
}

// estimateMachines times training and sampling once for every machine shape.
func (w *Workspace) estimateMachines() (train, sample Estimate, err error) {
	type shape struct{ size, hidden int }
	type steps struct{ update, gibbs time.Duration }
	known := make(map[shape]steps)
	train.Stage, sample.Stage = Train, Sample
	s := w.Run.Sampling
	gibbsSteps := samplingSteps(w.Run)
	for _, cell := range w.Plan.Cells(true) {
		model := w.Plan.Model(cell)
		sites := int64(model.Lattice.Sites())
		key := shape{cell.Size, cell.Hidden}
		t, ok := known[key]
		if !ok {
			if t.update, t.gibbs, err = calibrate(w.Run, model, cell); err != nil {
				return train, sample, err
			}
			known[key] = t
		}
		train.Cells++
		sample.Cells++
		train.Work += time.Duration(w.Run.Training.Updates) * t.update
		sample.Work += time.Duration(gibbsSteps) * t.gibbs
		weights := 4 * sites * int64(cell.Hidden)
		train.Disk += weights
		sample.Disk += int64(s.Configurations) * (sites/8 + 1 + rowOverhead)
		training, validation := storedCounts(w.Run, cell)
		data := int64(training+validation) * int64(8*ising.Words(int(sites)))
		metric := int64(0)
		if w.Run.Training.Optimizer == "natural" { // two triangles, for as many parameters as there are hidden units
			metric = 8 * int64(cell.Hidden) * int64(cell.Hidden)
		}
		train.Memory = max(train.Memory, data+8*weights+4*sites*sites+metric)
		sample.Memory = max(sample.Memory, 4*weights+int64(s.Chains)*(sites+int64(cell.Hidden)))
	}
	return train, sample, nil
}

// samplingSteps guesses the Gibbs steps of a cell's chains, pilot run included, before
// anything is measured: some hundred until starts agree, and ten between configurations.
func samplingSteps(run *runfile.Run) int {
	const burnIn, thinning = 256, 10
	s := run.Sampling
	steps := cmp.Or(s.BurnIn, burnIn) + (s.Configurations+s.Chains-1)/s.Chains*cmp.Or(s.Thinning, thinning) + 4*burnIn*pilotChains/s.Chains
	if s.Algorithm != "gibbs" && s.Algorithm != "auto" {
		steps *= s.Machines
	}
	return steps
}

// calibrate times an update and a Gibbs step of a machine of the cell's shape
// on random data.
func calibrate(run *runfile.Run, model ising.Model, cell Cell) (update, gibbs time.Duration, err error) {
	seed := stream(run, cell, "calibration", 0)
	settings := trainerSettings(run, model)
	data := randomRows(rand.New(rand.NewChaCha8(seed)), 4*settings.Batch, model.Lattice.Sites())
	trainer, err := rbm.NewTrainer(settings, model.Lattice.Sites(), cell.Hidden, data, seed)
	if err != nil {
		return 0, 0, err
	}
	update = timedUpdate(trainer, &err)
	if settings.Optimizer == "natural" { // its first updates measure a metric, later ones share one
		settings.Optimizer = "sgd"
		plain, plainErr := rbm.NewTrainer(settings, model.Lattice.Sites(), cell.Hidden, data, seed)
		if plainErr != nil {
			return 0, 0, plainErr
		}
		alone := timedUpdate(plain, &err)
		update = alone + (update-alone)/rbm.MetricInterval
	}
	chains, gibbsErr := rbm.NewGibbs(trainer.Machine(), run.Sampling.Chains, seed)
	if gibbsErr != nil {
		return 0, 0, gibbsErr
	}
	return update, timed(func() { chains.Step(1) }), err
}

// timedUpdate times an update of a trainer, and keeps its error.
func timedUpdate(trainer *rbm.Trainer, err *error) time.Duration {
	return timed(func() {
		if updateErr := trainer.Update(); updateErr != nil {
			*err = updateErr
		}
	})
}

// randomRows makes n configurations of independent bits.
func randomRows(r *rand.Rand, n, sites int) []uint64 {
	words := ising.Words(sites)
	rows := make([]uint64, n*words)
	for i := range rows {
		rows[i] = r.Uint64()
		if last := sites % 64; last != 0 && i%words == words-1 {
			rows[i] &= 1<<last - 1
		}
	}
	return rows
}

// timed returns the mean time of a step, repeated until calibration is over.
func timed(step func()) time.Duration {
	step() // the first one fills caches
	start := time.Now()
	n := 0
	for n == 0 || time.Since(start) < calibration {
		step()
		n++
	}
	return time.Since(start) / time.Duration(n)
}
