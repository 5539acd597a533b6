package pipeline

import (
	"context"
	"math"
	"path/filepath"

	"isingrbm/analysis"
	"isingrbm/ising"
	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

// exactLayer is the largest layer over which the analysis sums exactly for
// ln Z_RBM.
const exactLayer = 20

// machineNumbers is what a machine's parameters say, without its samples.
type machineNumbers struct {
	coupling analysis.Estimate // nearest-neighbor coupling, J/T
	logZ     float64           // ln Z_RBM, NaN where no layer is small enough
	cross    analysis.Estimate // ⟨F(v)⟩ − ⟨E⟩/T over the validation set: with logZ and ln Z_Ising the KL divergence
}

func (j *job) measureMachine(ctx context.Context) (measurement, error) {
	m := measurement{cell: j.task.Cell}
	machine, err := j.readMachine()
	if err != nil {
		return m, err
	}
	if m.row, m.warnings, err = j.measureFile(ctx, samplesFile, analysis.SourceMachine); err != nil {
		return m, err
	}
	m.machine.coupling = analysis.NearestNeighborCoupling(j.model.Lattice, machine.Visible, machine.Hidden, machine.Weights, machine.HiddenBias)
	m.machine.logZ, m.machine.cross = math.NaN(), analysis.Undefined()
	if min(machine.Visible, machine.Hidden) > exactLayer {
		return m, nil
	}
	if m.machine.logZ, err = machine.LogPartition(); err != nil {
		return m, err
	}
	m.machine.cross, err = j.crossTerm(ctx, machine)
	return m, err
}

// divergence is the absolute Kullback-Leibler divergence of a machine from the
// Ising model at one temperature,
//
//	KL(P_Ising‖P_RBM) = ⟨F(v) − E(v)/T⟩ + ln Z_RBM − ln Z_Ising,
//
// with ⟨…⟩ over configurations that the machine was not trained on. The
// difference F − E/T is taken configuration by configuration, where a
// well-trained machine makes it nearly constant.
type divergence struct {
	machine *rbm.Machine
	model   ising.Model
	beta    float64 // 1/T
	n       float64
	sum     float64 // of F − E/T
	squares float64
}

func newDivergence(machine *rbm.Machine, model ising.Model, temperature float64) *divergence {
	return &divergence{machine: machine, model: model, beta: 1 / temperature}
}

// add takes packed configurations into account.
func (d *divergence) add(rows []uint64) {
	words := ising.Words(d.machine.Visible)
	for ; len(rows) > 0; rows = rows[words:] {
		v := rows[:words]
		x := d.machine.FreeEnergy(v) - d.model.Energy(v)*d.beta
		d.n++
		d.sum += x
		d.squares += float64(x * x)
	}
}

// cross is ⟨F − E/T⟩ with its standard error, for independent configurations.
func (d *divergence) cross() analysis.Estimate {
	mean := d.sum / d.n
	return analysis.Estimate{Value: mean, Err: math.Sqrt(max(0, d.squares/d.n-float64(mean*mean)) / d.n), Tau: 0.5}
}

// crossTerm is the data's part of the divergence, over the held-out
// configurations.
func (j *job) crossTerm(ctx context.Context, machine *rbm.Machine) (analysis.Estimate, error) {
	d := newDivergence(machine, j.model, float64(j.task.Cell.Temperature))
	dir, name := j.task.Cell.Data().dir(j.out), validationFile.name(j.spec)
	if err := store.Verify(dir, name); err != nil {
		return analysis.Undefined(), err
	}
	err := readConfigurations(filepath.Join(dir, name), machine.Visible, func(b store.ConfigurationBatch) error {
		d.add(b.Spins)
		return ctx.Err()
	})
	return d.cross(), err
}
