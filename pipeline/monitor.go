package pipeline

import (
	"fmt"
	"math"
	"strings"

	"isingrbm/ising"
	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

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

// record adds a row to the record of the training; it is an error if the row
// shows that the training is lost.
func (t *training) record() error {
	r := trainingRecord{Record: t.trainer.Record(t.validation)}
	chains := t.trainer.Chains()
	r.Energy, r.AbsMagnetization, r.UpFraction = meanPhysics(t.model, chains)
	r.KLTraining, r.KLValidation = t.divergences(r.LogPartition)
	t.records = append(t.records, r)
	t.log.Info("training", "step", r.Step, "energy", r.Energy, "abs_magnetization", r.AbsMagnetization,
		"up_fraction", r.UpFraction, "free_energy_gap", r.FreeEnergyValidation-r.FreeEnergyTraining)
	return t.lostSign(r)
}

// meanPhysics measures packed configurations: energy and absolute
// magnetization per spin, and up fraction. They are NaN without any.
func meanPhysics(model ising.Model, rows []uint64) (energy, absMagnetization, upFraction float64) {
	sites := model.Lattice.Sites()
	words := ising.Words(sites)
	n := float64(len(rows) / words)
	for ; len(rows) > 0; rows = rows[words:] {
		order := model.OrderParameter(rows[:words])
		energy += model.Energy(rows[:words])
		absMagnetization += float64(max(order, -order))
		switch {
		case order > 0:
			upFraction++
		case order == 0:
			upFraction += 0.5
		}
	}
	return energy / (n * float64(sites)), absMagnetization / (n * float64(sites)), upFraction / n
}

// A training has lost a sign of the magnetization when its persistent chains
// hold less than lostShare of it although the data have at least keptShare of
// both; it is looked for once the first tenth of the updates is over. A record
// accuses a machine that has both signs as the data do with a probability of at
// most lostChance, and so any of the 200 records at most of a training with one of
// at most 0.002. That takes 18 chains where the data have both signs alike: fewer
// show a lost sign only in the samples of the finished machine.
const (
	lostShare  = 0.01
	keptShare  = 0.25
	lostChance = 1e-5
)

// oneSided is the chance that all of n independent chains stand on one side, where
// the share up of them stands on the upper one.
func oneSided(n int, up float64) float64 {
	return math.Pow(up, float64(n)) + math.Pow(1-up, float64(n))
}

// losesSigns reports whether the machine can lose a sign and its chains would show it:
// a symmetric one cannot, and chains of "cd" start at the data.
func (t *training) losesSigns() bool {
	s := t.spec.Training
	return s.Algorithm != "cd" && s.Algorithm != "exact" && !strings.HasSuffix(s.Symmetry, "flip")
}

// lostSign returns an error if persistent chains have all gone to one sign of
// the magnetization that the data do not prefer, and are too many for chance.
func (t *training) lostSign(r trainingRecord) error {
	early := r.Step < t.trainer.Total()/10
	minority := min(r.UpFraction, 1-r.UpFraction)
	if early || !t.losesSigns() || !(minority < lostShare) {
		return nil
	}
	_, _, up := meanPhysics(t.model, t.data[:min(len(t.data), divergenceRows*ising.Words(t.model.Lattice.Sites()))])
	if min(up, 1-up) < keptShare || oneSided(t.spec.Training.Chains, up) > lostChance {
		return nil
	}
	return &rbm.DivergedError{
		Update: r.Step,
		Reason: fmt.Sprintf("the machine has lost a sign of the magnetization: its chains have p₊ = %.3g, the data %.3g", r.UpFraction, up),
		Advice: `set training.symmetry = "flip", or use algorithm = "cd", a lower rate or more chains`,
	}
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
		differences := d.differences(rows[:min(len(rows), divergenceRows*ising.Words(machine.Visible))])
		return meanOf(differences) + logPartition - t.logZ
	}
	return over(t.data), over(t.validation)
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
		column("free_energy_chains", func(r trainingRecord) float64 { return r.FreeEnergyChains }),
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
