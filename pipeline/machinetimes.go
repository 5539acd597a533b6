package pipeline

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"math/rand/v2"
	"runtime"
	"time"

	"isingrbm/analysis"
	"isingrbm/ising"
	"isingrbm/ising/exact"
	"isingrbm/rbm"
)

// machineTimes is how long the steps of a machine's stages take on one core.
type machineTimes struct {
	update      time.Duration // of the parameters
	record      time.Duration // of the training so far
	gibbs       time.Duration // of the chains that are sampled
	store       time.Duration // of a configuration of each of them
	energy      time.Duration // F(v) of a configuration
	average     time.Duration // over both layers, given a configuration
	enumeration time.Duration // of ln Z, 0 where it is annealed
	annealing   time.Duration // of the chains for ln Z, in both directions; 0 where it is summed
}

// timeMachine times a few steps of each kind on random data.
func (w *Workspace) timeMachine(cell Cell) (t machineTimes, err error) {
	run, model := w.Run, w.Plan.Model(cell)
	seed := stream(run, cell, "calibration", 0)
	settings := trainerSettings(run, model)
	data := randomRows(rand.New(rand.NewChaCha8(seed)), max(4*settings.Batch, divergenceRows), model.Lattice.Sites())
	trainer, err := rbm.NewTrainer(settings, model.Lattice.Sites(), cell.Hidden, data, seed)
	if err != nil {
		return t, err
	}
	if t.update, err = timedUpdate(trainer); err != nil {
		return t, err
	}
	if settings.Optimizer == "natural" { // its first updates measure a metric, later ones share one
		settings.Optimizer, settings.FinalDamping = "sgd", 0
		plain, err := rbm.NewTrainer(settings, model.Lattice.Sites(), cell.Hidden, data, seed)
		if err != nil {
			return t, err
		}
		alone, err := timedUpdate(plain)
		if err != nil {
			return t, err
		}
		t.update = alone + (t.update-alone)/rbm.MetricInterval
	}
	j := &job{spec: run, task: Task{Stage: Train, Cell: cell}, model: model, log: slog.New(slog.DiscardHandler)}
	j.timeRecord(&t, trainer, data)
	if err := j.timeSampling(&t, trainer.Machine(), seed); err != nil {
		return t, err
	}
	return t, j.timeLogZ(&t, trainer.Machine(), data, seed)
}

// timeRecord times a record, whatever it says of random data.
func (j *job) timeRecord(t *machineTimes, trainer *rbm.Trainer, data []uint64) {
	recorded := &training{job: j, trainer: trainer, data: data, validation: data}
	t.record = timed(func() { recorded.record() })
}

func (j *job) timeSampling(t *machineTimes, machine *rbm.Machine, seed [32]byte) error {
	chains, err := rbm.NewGibbs(machine, j.spec.Sampling.Chains, seed)
	if err != nil {
		return err
	}
	t.gibbs = timed(func() { chains.Step(1) })
	rows, words := chains.Visible(), ising.Words(machine.Visible)
	t.store = timed(func() {
		for r := 0; r < len(rows); r += words {
			j.model.Energy(rows[r:][:words])
			j.model.Magnetization(rows[r:][:words])
		}
	})
	some := rows[:min(len(rows), 512*words)]
	n := time.Duration(len(some) / words)
	t.energy = timed(func() { machine.FreeEnergies(some) }) / n
	few := rows[:words]
	t.average = timed(func() { machine.Averages(few) })
	return nil
}

// timeLogZ times a step of the annealing, or extrapolates from fewer states than there are.
func (j *job) timeLogZ(t *machineTimes, machine *rbm.Machine, data []uint64, seed [32]byte) (err error) {
	if exactLogZ(machine.Visible, machine.Hidden) {
		const few = 12 // units whose states take no time
		beyond := max(0, min(machine.Visible, machine.Hidden)-few)
		small := rbm.NewMachine(max(few, machine.Visible-beyond), max(few, machine.Hidden-beyond))
		once := timed(func() { _, err = small.LogPartition() })
		terms := float64(machine.Visible*machine.Hidden) / float64(small.Visible*small.Hidden)
		t.enumeration = time.Duration(float64(once) * terms * math.Exp2(float64(beyond)))
		return err
	}
	base, err := annealingBase(j.model, machine, data)
	if err != nil {
		return err
	}
	schedule := []float64{0, 0.25, 0.5, 0.75, 1}
	whole := timed(func() {
		_, err = machine.AnnealLogPartition(context.Background(), data, rbm.Annealing{Base: base, Schedule: schedule}, seed)
	})
	t.annealing = whole / time.Duration(len(schedule)-1)
	return err
}

// timeCollecting times what the analysis does with a configuration.
func (w *Workspace) timeCollecting(cell Cell) (time.Duration, error) {
	model := w.Plan.Model(cell)
	words := ising.Words(model.Lattice.Sites())
	rows := randomRows(rand.New(rand.NewPCG(1, 2)), 512, model.Lattice.Sites())
	collector, chain := analysis.NewCollector(model, float64(cell.Temperature)), int32(0)
	took := timed(func() {
		for r := 0; r < len(rows); r += words {
			row := rows[r:][:words]
			collector.Add(chain, model.Energy(row), int32(model.Magnetization(row)), row)
			chain = (chain + 1) % ising.Lanes
		}
	})
	return took / 512, nil
}

// timeExact times the exact answer, once: it may take seconds.
func (w *Workspace) timeExact(cell Cell) (time.Duration, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	start := threadTime()
	if _, err := solve(w.Run, w.Plan.Model(cell), cell.Temperature); err != nil && !errors.Is(err, exact.ErrUnknown) {
		return 0, err
	}
	return threadTime() - start, nil
}

// timedUpdate times an update of a trainer.
func timedUpdate(trainer *rbm.Trainer) (took time.Duration, err error) {
	took = timed(func() {
		if updateErr := trainer.Update(); updateErr != nil {
			err = updateErr
		}
	})
	return took, err
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

// timed returns the mean processor time of a step, repeated until calibration is over:
// other processes of a busy machine do not count. Where the system does not say, it is
// the time that went by.
func timed(step func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	step() // the first one fills caches
	start, used := time.Now(), threadTime()
	n := 0
	for n == 0 || time.Since(start) < calibration {
		step()
		n++
	}
	took := threadTime() - used
	if took == 0 {
		took = time.Since(start)
	}
	return took / time.Duration(n)
}
