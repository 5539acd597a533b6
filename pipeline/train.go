package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"isingrbm/ising"
	"isingrbm/ising/exact"
	"isingrbm/pipeline/runfile"
	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

const recordsPerTraining = 100

// stepsPerLook is how many steps of so many operations there are between looks at the
// context and the clock: 16, or fewer where each takes long.
func stepsPerLook(operations int) int {
	const most, between = 16, 1 << 32 // some hundredths of a second, and less than one without vectors
	return max(1, min(most, between/max(1, operations)))
}

// train fits the cell's machine to the data cell's configurations.
func (j *job) train(ctx context.Context) error {
	data, err := j.readSpins(configurationsFile)
	if err != nil {
		return err
	}
	validation, err := j.readSpins(validationFile)
	if err != nil {
		return err
	}
	settings := trainerSettings(j.spec, j.model)
	if settings.Start, err = j.startMachine(); err != nil {
		return err
	}
	settings.ShapeDecay = shapeDecay(j.spec, j.model, j.task.Cell)
	trainer, err := rbm.NewTrainer(settings, j.model.Lattice.Sites(), j.task.Cell.Hidden, data, stream(j.spec, j.task.Cell, "training", 0))
	if err != nil {
		return err
	}
	t := &training{job: j, trainer: trainer, data: data, validation: validation}
	if t.logZ, err = j.isingLogZ(); err != nil {
		return err
	}
	if err := t.resume(); err != nil {
		return err
	}
	if err := t.run(ctx); err != nil {
		return err
	}
	return t.finish()
}

// isingLogZ is ln Z of the Ising model, NaN where it is not known: a pooled machine is
// a model of no single temperature.
func (j *job) isingLogZ() (float64, error) {
	if j.task.Cell.Pooled {
		return math.NaN(), nil
	}
	values, err := solve(j.spec, j.model, j.task.Cell.Temperature)
	if errors.Is(err, exact.ErrUnknown) {
		return math.NaN(), nil
	}
	return values.LogZ, err
}

// trainerSettings turns the run file's [training] into a trainer's settings;
// the lattice's translations become plain permutations of visible units.
func trainerSettings(run *runfile.Run, model ising.Model) rbm.Settings {
	t := run.Training
	s := rbm.Settings{
		Algorithm:       t.Algorithm,
		Steps:           t.Steps,
		Batch:           t.Batch,
		Chains:          t.Chains,
		Updates:         t.Updates,
		Rate:            t.Rate,
		FinalRate:       t.FinalRate,
		Schedule:        t.Schedule,
		Optimizer:       t.Optimizer,
		Momentum:        t.Momentum,
		WeightDecay:     t.WeightDecay,
		L1Decay:         t.L1Decay,
		Centered:        t.Centered,
		Symmetry:        t.Symmetry,
		AverageFraction: t.AverageFraction,
		AugmentFlips:    t.Flips,
		Shuffle:         t.Shuffle,
		Initial:         t.Initial,
		InitialScale:    t.InitialScale,
		VisibleBias:     t.VisibleBias,
		Snapshots:       t.Snapshots,
		Threads:         t.Threads,
	}
	if t.Optimizer == "natural" {
		s.FinalDamping = t.FinalDamping
	}
	if t.Translations {
		s.Permutations = model.Lattice.Translations()
	}
	if t.InitialRange > 0 {
		s.InitialEnvelope = envelope(model.Lattice, t.InitialRange)
	}
	if strings.HasPrefix(t.Symmetry, "translation") {
		s.Group = model.Lattice.Translations()
		s.Permutations = nil // the gradient is averaged over them already
	}
	return s
}

// envelope is a Gaussian about the first site: the copy of a filter that belongs to
// that site begins there, and every other copy at its own. The scale is in units of
// the distance between neighbors.
func envelope(lattice *ising.Lattice, scale float64) []float64 {
	e := make([]float64, lattice.Sites())
	for site := range e {
		e[site] = math.Exp(-float64(lattice.SquaredDistance(0, site)) / (2 * scale * scale))
	}
	return e
}

// training is a training at work: the trainer, and what was recorded of it.
type training struct {
	*job
	trainer    *rbm.Trainer
	data       []uint64 // packed configurations
	validation []uint64 // held out
	logZ       float64  // of the Ising model, NaN where it is not known
	records    []trainingRecord
}

func (t *training) run(ctx context.Context) error {
	total := t.trainer.Total()
	every := max(1, total/recordsPerTraining)
	s := t.spec.Training
	perLook := stepsPerLook(2 * max(s.Batch, s.Chains, 1) * (s.Steps + 1) * t.model.Lattice.Sites() * t.task.Cell.Hidden)
	for t.trainer.Updates() < total {
		if t.trainer.Updates()%perLook == 0 {
			if err := t.look(ctx); err != nil {
				return err
			}
		}
		if err := t.trainer.Update(); err != nil {
			return err
		}
		if n := t.trainer.Updates(); n%every == 0 || n == total {
			if err := t.record(); err != nil {
				return err
			}
		}
		t.advance(1)
	}
	return nil
}

// look saves a checkpoint when one is due or when the run is interrupted.
func (t *training) look(ctx context.Context) error {
	if ctx.Err() == nil && !t.checkpointDue() {
		return nil
	}
	return errors.Join(ctx.Err(), t.checkpoint())
}

// checkpoint saves the training so far.
func (t *training) checkpoint() error {
	state, err := t.trainer.MarshalBinary()
	if err != nil {
		return err
	}
	return t.saveCheckpoint(checkpointContent{Records: t.records, Trainer: state})
}

// resume continues from the cell's checkpoint if there is one.
func (t *training) resume() error {
	content, err := t.loadCheckpoint()
	if err != nil || content == nil {
		return err
	}
	t.records = content.Records
	if err := t.trainer.UnmarshalBinary(content.Trainer); err != nil {
		return t.refuse(err)
	}
	t.advance(t.trainer.Updates())
	t.log.Info("continued", "step", t.trainer.Updates())
	return nil
}

// snapshotFile is the name of one of the machines kept along a training.
func snapshotFile(k int) string { return fmt.Sprintf("snapshot_%02d.npz", k) }

// snapshotFiles lists those of a run, oldest first.
func snapshotFiles(run *runfile.Run) (names []string) {
	settings := rbm.Settings{Updates: run.Training.Updates, Snapshots: run.Training.Snapshots}
	for k := range settings.SnapshotUpdates() {
		names = append(names, snapshotFile(k))
	}
	return names
}

// finish writes the machine and the record of its training.
func (t *training) finish() error {
	table := trainingTable(t.records)
	err := store.WriteFile(t.desk(trainingFile), func(w io.Writer) error {
		return table.WriteParquet(w, store.Metadata{{Key: "content", Value: "training"}, {Key: "cell", Value: t.task.Cell.ID()}})
	})
	if err != nil {
		return err
	}
	for k, m := range t.trainer.Trajectory() {
		if err := store.WriteMachine(t.desk(snapshotFile(k)), arraysOf(m), t.machineMetadata()); err != nil {
			return err
		}
	}
	return store.WriteMachine(t.desk(machineFile), arraysOf(t.trainer.Average()), t.machineMetadata())
}

func (t *training) machineMetadata() store.Metadata {
	meta := append(store.Metadata{{Key: "cell", Value: t.task.Cell.ID()}}, machineConventions()...)
	meta = append(meta, store.KeyValue{Key: "updates", Value: strconv.Itoa(t.trainer.Updates())})
	for _, in := range taskInputs(t.spec, t.task) {
		meta = append(meta, store.KeyValue{Key: in.Key, Value: in.Value})
	}
	return meta
}

// readConfigurations streams a configuration file of a lattice of the given
// number of sites to use, batch by batch; a batch is valid during its call.
func readConfigurations(path string, sites int, use func(store.ConfigurationBatch) error) error {
	const rowsAtOnce = 4096
	r, err := store.OpenConfigurations(path)
	if err != nil {
		return err
	}
	defer r.Close()
	if r.Sites() != sites {
		return fmt.Errorf("%s: configurations of %d sites, want %d", path, r.Sites(), sites)
	}
	for {
		batch, err := r.Next(rowsAtOnce)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := use(batch); err != nil {
			return err
		}
	}
}
