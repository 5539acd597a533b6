package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"isingrbm/ising"
	"isingrbm/ising/exact"
	"isingrbm/pipeline/runfile"
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
func (w *Workspace) Schedules(ctx context.Context) ([]CellSchedule, error) {
	var list []CellSchedule
	for _, cell := range w.Plan.Cells(false) {
		j := &job{spec: w.Run, task: Task{Stage: Generate, Cell: cell}, model: w.Plan.Model(cell)}
		if w.Run.Brings() {
			list = append(list, CellSchedule{cell, ising.Schedule{Algorithm: brought, Reason: j.broughtReason()}, 0})
			continue
		}
		start := time.Now()
		schedule, err := j.schedule(ctx)
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
	if err != nil {
		return nil, err
	}
	list := []Estimate{generate}
	if w.Run.RBM != nil {
		machines, err := w.estimateMachines()
		if err != nil {
			return nil, err
		}
		list = append(list, machines...)
	}
	analyse, err := w.estimateAnalysis()
	return append(list, analyse), err
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

// estimateMachines times training, sampling and flow once for every machine shape.
func (w *Workspace) estimateMachines() ([]Estimate, error) {
	type shape struct{ size, hidden int }
	known := make(map[shape]machineTimes)
	train, sample, flow := Estimate{Stage: Train}, Estimate{Stage: Sample}, Estimate{Stage: Flow}
	for _, cell := range w.Plan.Cells(true) {
		key := shape{cell.Size, cell.Hidden}
		times, ok := known[key]
		if !ok {
			var err error
			if times, err = w.timeMachine(cell); err != nil {
				return nil, err
			}
			known[key] = times
		}
		w.addMachine(&train, &sample, cell, times)
		w.addFlow(&flow, cell, times)
	}
	none := func(e Estimate) bool { return e.Cells == 0 }
	return slices.DeleteFunc([]Estimate{train, sample, flow}, none), nil
}

// addFlow adds the flow of a machine, if it has one.
func (w *Workspace) addFlow(flow *Estimate, cell Cell, t machineTimes) {
	f := w.Run.Flow
	if len(f.From) == 0 {
		return
	}
	chains := float64(f.Chains) / float64(w.Run.Sampling.Chains)
	flow.Cells++
	flow.Work += time.Duration(float64(len(f.From)*f.Iterations) * chains * float64(t.gibbs+t.store))
	flow.Memory = max(flow.Memory, 4*int64(w.Plan.Model(cell).Lattice.Sites())*int64(cell.Hidden)+heldBytes(w.Plan.Model(cell), w.Run.MonteCarlo.Validation))
}

// addMachine adds what a machine takes whose steps take these times.
func (w *Workspace) addMachine(train, sample *Estimate, cell Cell, t machineTimes) {
	model, s := w.Plan.Model(cell), w.Run.Sampling
	sites, hidden := int64(model.Lattice.Sites()), int64(cell.Hidden)
	weights := 4 * sites * hidden
	training, validation := storedCounts(w.Run, cell)
	train.Cells++
	train.Work += time.Duration(w.Run.Training.Updates)*t.update + recordsPerTraining*t.record
	train.Disk += weights
	data := heldBytes(model, training) + heldBytes(model, validation)
	metric := int64(0)
	if w.Run.Training.Optimizer == "natural" { // two triangles, for as many parameters as there are hidden units
		metric = 8 * hidden * hidden
	}
	train.Memory = max(train.Memory, data+orderBytes*int64(training)+8*weights+4*sites*sites+metric)
	if cell.Pooled { // it has no samples, and its flow takes seconds
		return
	}
	sample.Cells++
	stored := (s.Configurations + s.Chains - 1) / s.Chains
	sample.Work += time.Duration(samplingSteps(w.Run))*t.gibbs + time.Duration(stored)*t.store +
		time.Duration(2*training+3*validation)*t.energy + time.Duration(2*averagedRows(cell.Hidden*int(sites), training))*t.average +
		t.enumeration + time.Duration(annealingSteps(w.Run, model, cell))*t.annealing
	sample.Disk += int64(s.Configurations) * (sites/8 + 1 + rowOverhead)
	sample.Memory = max(sample.Memory, data+orderBytes*int64(training)+seriesBytes*int64(validation)+4*weights+int64(s.Chains)*(sites+hidden))
}

// What a configuration takes in memory beyond its spins, whether those are held or lie
// on the disk: its place in the order of an epoch, or of the distinct ones; and if it is
// held out its F − E/T, in a series and all together.
const (
	orderBytes  = 4
	seriesBytes = 16
)

// heldBytes is what so many configurations take in memory: beyond DefaultHeld they lie on
// the disk.
func heldBytes(model ising.Model, configurations int) int64 {
	return min(DefaultHeld, int64(configurations)*int64(8*ising.Words(model.Lattice.Sites())))
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

// annealingSteps guesses the steps of the annealing for ln Z of a trained machine, all
// schedules together; 0 where ln Z is summed. What they are shows only when they are
// taken: the guess may be wrong by a factor of four. It rests on machines of L = 8, whose
// last schedule had some 2¹⁴·⁵ steps at 1.07 T_c, 2¹³ at 0.9 and at 1.25 T_c, 2¹¹ at 0.8
// and at 1.5 T_c. The variance of ln w is in proportion to the sites and to 1/steps, and
// what matters is that over the tolerance squared; on lattices below L = 8 it falls faster.
func annealingSteps(run *runfile.Run, model ising.Model, cell Cell) int {
	sites := float64(model.Lattice.Sites())
	if exactLogZ(model.Lattice.Sites(), cell.Hidden) {
		return 0
	}
	const hardest, least, schedules = 18_000, 64, 1.3
	tolerance := logZTolerance(model.Lattice.Sites()) / toleranceOfLogZ
	steps := hardest * hardness(model, float64(cell.Temperature)) * sites / 64 / (tolerance * tolerance)
	if sites < 64 {
		steps *= sites * sites / (64 * 64)
	}
	return int(schedules * max(least, min(steps, float64(run.Sampling.Annealing))))
}

// Anneals reports whether ln Z of any machine of the run is annealed.
func (w *Workspace) Anneals() bool {
	return slices.ContainsFunc(w.Plan.Cells(true), func(c Cell) bool {
		return !exactLogZ(w.Plan.Model(c).Lattice.Sites(), c.Hidden)
	})
}

// hardness is how many steps the annealing takes at a temperature, 1 near the transition.
// A chain, which has none, is as hard as its correlation length ξ = −1/ln tanh(J/T) makes
// it; in a field it is easy everywhere.
func hardness(model ising.Model, temperature float64) float64 {
	const far = 0.1
	coupling := math.Abs(model.Coupling)
	critical, ok := exact.CriticalTemperature(model.Lattice.Kind())
	switch {
	case model.Field != 0 || coupling == 0:
		return far
	case !ok:
		length := -1 / math.Log(math.Tanh(coupling/temperature))
		return min(1, length*length/20)
	}
	distance := temperature/(critical*coupling) - 1.07
	if distance < 0 {
		return math.Exp(-distance * distance / (2 * 0.127 * 0.127))
	}
	return 1 / (1 + distance*distance/(0.15*0.15))
}

// estimateAnalysis times what the analysis does with a configuration and with the exact
// answer, for every size, and the page with its figures.
func (w *Workspace) estimateAnalysis() (Estimate, error) {
	e := Estimate{Stage: Analyse, Cells: 1, Work: time.Duration(1+len(w.Run.Output.Figures)) * figureTime}
	collecting := make(map[int]time.Duration)
	for _, cell := range w.Plan.AllCells() {
		took, ok := collecting[cell.Size]
		if !ok {
			var err error
			if took, err = w.timeCollecting(cell); err != nil {
				return e, err
			}
			exactly, err := w.timeExact(cell)
			if err != nil {
				return e, err
			}
			e.Work += time.Duration(curvePoints(cell.Size)+len(w.Run.Sweep.Temperatures)) * exactly
			collecting[cell.Size] = took
		}
		rows, _ := storedCounts(w.Run, cell)
		if cell.IsMachine() {
			rows = w.Run.Sampling.Configurations
		}
		e.Work += time.Duration(rows) * took
	}
	return e, nil
}

// figureTime is what a figure takes, in all its formats; so does the page.
const figureTime = 300 * time.Millisecond
