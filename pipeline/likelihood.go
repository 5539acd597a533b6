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

// crossTerm is the data's part of the absolute divergence,
//
//	KL(P_Ising‖P_RBM) = ⟨F(v) − E(v)/T⟩ + ln Z_RBM − ln Z_Ising,
//
// averaged over the held-out configurations, with its standard error. The
// difference of the two terms is taken configuration by configuration, where
// a well-trained machine makes it nearly constant.
func (j *job) crossTerm(ctx context.Context, machine *rbm.Machine) (analysis.Estimate, error) {
	var n, sum, squares float64
	words := ising.Words(machine.Visible)
	beta := 1 / float64(j.task.Cell.Temperature)
	path := filepath.Join(j.task.Cell.Data().dir(j.out), validationFile)
	err := readConfigurations(path, machine.Visible, func(b store.ConfigurationBatch) error {
		for i, energy := range b.Energy {
			x := machine.FreeEnergy(b.Spins[i*words:(i+1)*words]) - energy*beta
			n++
			sum += x
			squares += x * x
		}
		return ctx.Err()
	})
	mean := sum / n
	return analysis.Estimate{Value: mean, Err: math.Sqrt(max(0, squares/n-mean*mean) / n), Tau: 0.5}, err
}
