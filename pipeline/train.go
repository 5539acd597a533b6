package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"isingrbm/ising"
	"isingrbm/ising/exact"
	"isingrbm/pipeline/runfile"
	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

const (
	checkpointInterval = 2 * time.Minute
	recordsPerTraining = 100
	updatesPerLook     = 16 // between looks at the context and the clock
)

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
	trainer, err := rbm.NewTrainer(trainerSettings(j.spec, j.model), j.model.Lattice.Sites(), j.task.Cell.Hidden, data, stream(j.spec, j.task.Cell, "training", 0))
	if err != nil {
		return err
	}
	t := &training{job: j, trainer: trainer, data: data, validation: validation, saved: time.Now()}
	if t.logZ, err = isingLogZ(j.model, float64(j.task.Cell.Temperature)); err != nil {
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

// isingLogZ is ln Z of the Ising model, NaN where it is not known.
func isingLogZ(model ising.Model, temperature float64) (float64, error) {
	values, err := exact.Solve(model, temperature)
	if errors.Is(err, exact.ErrUnknown) {
		return math.NaN(), nil
	}
	return values.LogZ, err
}

// readSpins reads all spins of one of the data cell's files, after verifying
// its checksum.
func (j *job) readSpins(file string) ([]uint64, error) {
	dir := j.task.Cell.Data().dir(j.out)
	if err := store.Verify(dir, file); err != nil {
		return nil, err
	}
	var spins []uint64
	err := readConfigurations(filepath.Join(dir, file), j.model.Lattice.Sites(), func(batch store.ConfigurationBatch) error {
		spins = append(spins, batch.Spins...)
		return nil
	})
	return spins, err
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
	}
	if t.Translations {
		s.Permutations = model.Lattice.Translations()
	}
	if strings.HasPrefix(t.Symmetry, "translation") {
		s.Group = model.Lattice.Translations()
		s.Permutations = nil // the gradient is averaged over them already
	}
	return s
}

// training is a training at work: the trainer, and what was recorded of it.
type training struct {
	*job
	trainer    *rbm.Trainer
	data       []uint64 // packed configurations
	validation []uint64 // held out
	logZ       float64  // of the Ising model, NaN where it is not known
	records    []trainingRecord
	saved      time.Time // of the last checkpoint
}

// trainingRecord is what is recorded of a training at one step: the trainer's
// own numbers, and the physics of its chains.
type trainingRecord struct {
	rbm.Record
	Energy           float64 // of the chains, per spin
	AbsMagnetization float64
	UpFraction       float64
	KLTraining       float64 // absolute, in nats a configuration; NaN where it cannot be enumerated
	KLValidation     float64
}

func (t *training) run(ctx context.Context) error {
	total := t.trainer.Total()
	every := max(1, total/recordsPerTraining)
	for t.trainer.Updates() < total {
		if t.trainer.Updates()%updatesPerLook == 0 {
			if err := t.look(ctx); err != nil {
				return err
			}
		}
		if err := t.trainer.Update(); err != nil {
			return err
		}
		if n := t.trainer.Updates(); n%every == 0 || n == total {
			t.record()
		}
		t.advance(1)
	}
	return nil
}

// look saves a checkpoint when one is due or when the run is interrupted.
func (t *training) look(ctx context.Context) error {
	interrupted := ctx.Err()
	if interrupted == nil && time.Since(t.saved) < checkpointInterval {
		return nil
	}
	if err := t.checkpoint(); err != nil {
		return err
	}
	t.saved = time.Now()
	return interrupted
}

func (t *training) record() {
	r := trainingRecord{Record: t.trainer.Record(t.validation)}
	chains := t.trainer.Chains()
	sites := t.model.Lattice.Sites()
	words := ising.Words(sites)
	n := len(chains) / words
	for i := range n {
		row := chains[i*words : (i+1)*words]
		order := t.model.OrderParameter(row)
		r.Energy += t.model.Energy(row)
		r.AbsMagnetization += float64(max(order, -order))
		switch {
		case order > 0:
			r.UpFraction++
		case order == 0:
			r.UpFraction += 0.5
		}
	}
	r.Energy /= float64(n * sites)
	r.AbsMagnetization /= float64(n * sites)
	r.UpFraction /= float64(n)
	r.KLTraining, r.KLValidation = t.divergences(r.LogPartition)
	t.records = append(t.records, r)
	t.log.Info("training", "step", r.Step, "energy", r.Energy, "abs_magnetization", r.AbsMagnetization,
		"up_fraction", r.UpFraction, "free_energy_gap", r.FreeEnergyValidation-r.FreeEnergyTraining)
}

// divergenceRows bounds the configurations that a record's divergences use.
const divergenceRows = 4096

// divergences are the absolute divergences over the training and over the
// validation configurations, where ln Z of the machine and of the Ising model
// are both known. A gap between the two is overfitting.
func (t *training) divergences(logPartition float64) (training, validation float64) {
	if math.IsNaN(logPartition) || math.IsNaN(t.logZ) {
		return math.NaN(), math.NaN()
	}
	machine := t.trainer.Machine()
	over := func(rows []uint64) float64 {
		d := newDivergence(machine, t.model, float64(t.task.Cell.Temperature))
		d.add(rows[:min(len(rows), divergenceRows*ising.Words(machine.Visible))])
		return d.cross().Value + logPartition - t.logZ
	}
	return over(t.data), over(t.validation)
}

// finish writes the machine and the record of its training, and removes the
// checkpoint.
func (t *training) finish() error {
	table := trainingTable(t.records)
	err := store.WriteFile(filepath.Join(t.dir, trainingFile), func(w io.Writer) error {
		return table.WriteParquet(w, store.Metadata{{Key: "content", Value: "training"}, {Key: "cell", Value: t.task.Cell.ID()}})
	})
	if err != nil {
		return err
	}
	m := t.trainer.Average()
	arrays := store.MachineArrays{Visible: m.Visible, Hidden: m.Hidden, Weights: m.Weights, VisibleBias: m.VisibleBias, HiddenBias: m.HiddenBias}
	if err := store.WriteMachine(filepath.Join(t.dir, machineFile), arrays, t.machineMetadata()); err != nil {
		return err
	}
	return t.removeCheckpoint()
}

func (t *training) machineMetadata() store.Metadata {
	meta := store.Metadata{
		{Key: "cell", Value: t.task.Cell.ID()},
		{Key: "units", Value: "{0,1}; v_i = 1 is spin up"},
		{Key: "definition_energy", Value: "E(v,h) = -sum_ij W_ij v_i h_j - sum_i b_i v_i - sum_j c_j h_j"},
		{Key: "updates", Value: strconv.Itoa(t.trainer.Updates())},
	}
	for _, in := range stageInputs(t.spec, Train) {
		meta = append(meta, store.KeyValue{Key: in.Key, Value: in.Value})
	}
	return meta
}

// trainingTable is training.parquet: a row a recorded step.
func trainingTable(records []trainingRecord) store.Table {
	column := func(name string, value func(trainingRecord) float64) store.Column {
		values := make([]float64, len(records))
		for i, r := range records {
			values[i] = value(r)
		}
		return store.Column{Name: name, Kind: store.Float, Floats: values}
	}
	steps := make([]int64, len(records))
	for i, r := range records {
		steps[i] = int64(r.Step)
	}
	return store.Table{Columns: []store.Column{
		{Name: "step", Kind: store.Int, Ints: steps},
		column("rate", func(r trainingRecord) float64 { return r.Rate }),
		column("reconstruction_error", func(r trainingRecord) float64 { return r.ReconstructionError }),
		column("pseudo_log_likelihood_training", func(r trainingRecord) float64 { return r.PseudoLogLikelihoodTraining }),
		column("pseudo_log_likelihood_validation", func(r trainingRecord) float64 { return r.PseudoLogLikelihoodValidation }),
		column("free_energy_training", func(r trainingRecord) float64 { return r.FreeEnergyTraining }),
		column("free_energy_validation", func(r trainingRecord) float64 { return r.FreeEnergyValidation }),
		column("log_likelihood_training", func(r trainingRecord) float64 { return r.LogLikelihoodTraining }),
		column("log_likelihood_validation", func(r trainingRecord) float64 { return r.LogLikelihoodValidation }),
		column("gradient_norm", func(r trainingRecord) float64 { return r.GradientNorm }),
		column("weight_norm", func(r trainingRecord) float64 { return r.WeightNorm }),
		column("saturated_fraction", func(r trainingRecord) float64 { return r.SaturatedFraction }),
		column("energy", func(r trainingRecord) float64 { return r.Energy }),
		column("abs_magnetization", func(r trainingRecord) float64 { return r.AbsMagnetization }),
		column("kl_training", func(r trainingRecord) float64 { return r.KLTraining }),
		column("kl_validation", func(r trainingRecord) float64 { return r.KLValidation }),
		column("up_fraction", func(r trainingRecord) float64 { return r.UpFraction }),
	}}
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
