package pipeline

import (
	"context"
	"maps"
	"math"
	"path/filepath"
	"slices"

	"isingrbm/analysis"
	"isingrbm/ising"
	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

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
	series  map[int32][]float64
}

func newDivergence(machine *rbm.Machine, model ising.Model, temperature float64) *divergence {
	return &divergence{machine: machine, model: model, beta: 1 / temperature, series: make(map[int32][]float64)}
}

// differences returns F − E/T of packed configurations.
func (d *divergence) differences(rows []uint64) []float64 {
	words := ising.Words(d.machine.Visible)
	values := d.machine.FreeEnergies(rows)
	for r := range values {
		values[r] -= d.model.Energy(rows[r*words:][:words]) * d.beta
	}
	return values
}

// add takes configurations of the given chains into account.
func (d *divergence) add(chains []int32, rows []uint64) {
	for r, x := range d.differences(rows) {
		d.series[chains[r]] = append(d.series[chains[r]], x)
	}
}

// cross is ⟨F − E/T⟩ with its standard error, for which n configurations count
// as n/(2τ) independent ones.
func (d *divergence) cross() analysis.Estimate {
	var chains [][]float64
	for _, id := range slices.Sorted(maps.Keys(d.series)) {
		chains = append(chains, d.series[id])
	}
	tau, _ := ising.AutocorrelationTime(chains)
	all := slices.Concat(chains...)
	mean, squares, n := meanOf(all), 0.0, float64(len(all))
	for _, x := range all {
		squares += float64((x - mean) * (x - mean))
	}
	return analysis.Estimate{Value: mean, Err: math.Sqrt(squares / (n - 1) * 2 * tau / n), Tau: tau}
}

func meanOf(values []float64) float64 {
	sum := 0.0
	for _, x := range values {
		sum += x
	}
	return sum / float64(len(values))
}

// crossTerm is the data's part of the divergence, over the held-out
// configurations. There is none at T = 0, where E/T has no bound.
func (j *job) crossTerm(ctx context.Context, machine *rbm.Machine) (analysis.Estimate, error) {
	if j.task.Cell.Temperature == 0 {
		return analysis.Undefined(), nil
	}
	d := newDivergence(machine, j.model, float64(j.task.Cell.Temperature))
	dir, name := j.folders.of(j.task.Cell.Data()), validationFile.name(j.spec)
	if err := store.Verify(dir, name); err != nil {
		return analysis.Undefined(), err
	}
	err := readConfigurations(filepath.Join(dir, name), machine.Visible, func(b store.ConfigurationBatch) error {
		d.add(b.Chain, b.Spins)
		return ctx.Err()
	})
	if err != nil {
		return analysis.Undefined(), err
	}
	return d.cross(), nil
}
