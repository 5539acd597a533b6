package pipeline

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"isingrbm/analysis"
	"isingrbm/analysis/figure"
	"isingrbm/ising"
	"isingrbm/ising/exact"
	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

// figureSamples is how many configurations of a source figures can show.
const figureSamples = 16

// stateSites is the largest number of spins whose states figures list.
const stateSites = 12

// figureData collects what the figures of these names are drawn from. Files are
// read again for those that need more than the results hold.
func (w *Workspace) figureData(ctx context.Context, r *Results, names []string) (figure.Data, error) {
	d := figure.Data{
		Lattice: w.Run.Lattice.Kind, Coupling: w.Run.Lattice.Coupling, Rows: r.Rows, Curve: r.Curve,
		CriticalTemperature: w.criticalTemperature(), Comparisons: r.Comparisons, Scaling: r.Scaling, Flows: figureFlows(r.flows),
	}
	for _, s := range r.Sources {
		source := figure.Source{
			Key:          figure.Key{L: s.L, T: s.T, Hidden: s.Hidden, Replica: s.Replica, Source: s.Source},
			Correlations: s.Correlations, Autocorrelations: s.Autocorrelations,
		}
		source.Energy, source.Order = s.Histogram.CellSize()
		if slices.Contains(names, "energy-magnetization") {
			source.Cells = s.Histogram.Cells()
		}
		if slices.Contains(names, "configurations") {
			var err error
			if source.Samples, err = w.samples(source.Key); err != nil {
				return d, err
			}
		}
		d.Sources = append(d.Sources, source)
		if ctx.Err() != nil {
			return d, ErrInterrupted
		}
	}
	for _, c := range r.Comparisons {
		m, err := w.figureMachine(ctx, figure.Key{L: c.L, T: c.T, Hidden: c.Hidden, Replica: c.Replica, Source: analysis.SourceMachine}, names)
		if err != nil {
			return d, err
		}
		for _, row := range r.Couplings {
			if row.L == c.L && row.T == c.T && row.Hidden == c.Hidden && row.Replica == c.Replica {
				m.Couplings = append(m.Couplings, row)
			}
		}
		d.Machines = append(d.Machines, m)
	}
	return d, nil
}

// cellOf finds the cell of a key in the plan.
func (w *Workspace) cellOf(k figure.Key) (Cell, error) {
	for _, c := range w.Plan.Cells(k.Source == analysis.SourceMachine) {
		if c.Size == k.L && float64(c.Temperature) == k.T && (!c.IsMachine() || c.Hidden == k.Hidden && c.Replica == k.Replica) {
			return c, nil
		}
	}
	return Cell{}, fmt.Errorf("no cell of L = %d, T = %v, n_h = %d, replica %d", k.L, k.T, k.Hidden, k.Replica)
}

// samples reads a source's first configurations.
func (w *Workspace) samples(k figure.Key) ([][]uint64, error) {
	cell, err := w.cellOf(k)
	if err != nil {
		return nil, err
	}
	file := configurationsFile
	if cell.IsMachine() {
		file = samplesFile
	}
	r, err := store.OpenConfigurations(filepath.Join(w.folders.of(cell), file.name(w.Run)))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	batch, err := r.Next(figureSamples)
	if err != nil {
		return nil, err
	}
	words := ising.Words(r.Sites())
	var rows [][]uint64
	for i := range batch.Rows() {
		rows = append(rows, slices.Clone(batch.Spins[i*words:(i+1)*words]))
	}
	return rows, nil
}

// figureMachine reads what figures of these names show of a machine.
func (w *Workspace) figureMachine(ctx context.Context, k figure.Key, names []string) (figure.Machine, error) {
	m := figure.Machine{Key: k}
	cell, err := w.cellOf(k)
	if err != nil {
		return m, err
	}
	dir := w.folders.of(cell)
	if slices.Contains(names, "training") {
		if m.Training, err = readTraining(filepath.Join(dir, trainingFile)); err != nil {
			return m, err
		}
	}
	if !slices.ContainsFunc(names, func(name string) bool {
		return slices.Contains([]string{"weight-histograms", "receptive-fields", "state-probabilities", "learning", "couplings"}, name)
	}) {
		return m, nil
	}
	arrays, _, err := store.ReadMachine(filepath.Join(dir, machineFile))
	if err != nil {
		return m, err
	}
	m.Weights = arrays.Weights
	if slices.Contains(names, "state-probabilities") && arrays.Visible <= stateSites {
		if m.States, err = stateProbabilities(machineOf(arrays), w.Plan.Model(cell), k.T); err != nil {
			return m, err
		}
	}
	if slices.Contains(names, "learning") && arrays.Visible <= stateSites {
		m.Stages, err = w.trainingStages(ctx, cell)
	}
	return m, err
}

// trainingStages lists the states of the machines that were kept along a cell's training,
// and of the one that it ended with, where their divergence from the model is known.
func (w *Workspace) trainingStages(ctx context.Context, cell Cell) (stages []figure.Stage, err error) {
	j := &job{spec: w.Run, task: Task{Stage: Train, Cell: cell}, model: w.Plan.Model(cell), folders: w.folders}
	ising, err := j.isingLogZ()
	if err != nil || math.IsNaN(ising) {
		return nil, err
	}
	kept := rbm.Settings{Updates: w.Run.Training.Updates, Snapshots: w.Run.Training.Snapshots}.SnapshotUpdates()
	files := append(snapshotFiles(w.Run), machineFile)
	for i, update := range append(kept, w.Run.Training.Updates) {
		machine, err := j.readMachineOf(cell, files[i])
		if err != nil {
			return nil, err
		}
		s := figure.Stage{Update: float64(update)}
		if s.States, err = stateProbabilities(machine, j.model, float64(cell.Temperature)); err != nil {
			return nil, err
		}
		if s.Estimate, err = j.crossTerm(ctx, machine); err != nil {
			return nil, err
		}
		logZ, err := machine.LogPartition()
		if err != nil {
			return nil, err
		}
		s.Estimate.Value += logZ - ising
		stages = append(stages, s)
	}
	return stages, nil
}

// readTraining reads the record of a training; columns that it lacks are nil.
func readTraining(path string) (t figure.Training, err error) {
	table, _, err := store.ReadTable(path)
	if err != nil {
		return t, err
	}
	columns := map[string]*[]float64{
		"kl_training": &t.KLTraining, "kl_validation": &t.KLValidation,
		"log_likelihood_training": &t.LogLikelihoodTraining, "log_likelihood_validation": &t.LogLikelihoodValidation,
		"pseudo_log_likelihood_training": &t.PseudoTraining, "pseudo_log_likelihood_validation": &t.PseudoValidation,
		"energy": &t.Energy, "abs_magnetization": &t.AbsMagnetization, "up_fraction": &t.UpFraction,
	}
	for _, c := range table.Columns {
		if to, ok := columns[c.Name]; ok {
			*to = c.Floats
		}
		if c.Name == "step" {
			for _, step := range c.Ints {
				t.Step = append(t.Step, float64(step))
			}
		}
	}
	return t, nil
}

// stateProbabilities lists those of all states, of the model and of the machine.
func stateProbabilities(machine *rbm.Machine, model ising.Model, temperature float64) (*figure.States, error) {
	enumeration, err := exact.Enumerate(model)
	if err != nil {
		return nil, err
	}
	_, probabilities, err := enumeration.States(temperature)
	if err != nil {
		return nil, err
	}
	s := &figure.States{Exact: probabilities, Machine: make([]float64, len(probabilities))}
	lowest := math.Inf(1)
	for k := range s.Machine {
		s.Machine[k] = machine.FreeEnergy([]uint64{uint64(k)})
		lowest = min(lowest, s.Machine[k])
	}
	sum := 0.0
	for k, f := range s.Machine {
		s.Machine[k] = math.Exp(lowest - f)
		sum += s.Machine[k]
	}
	for k := range s.Machine {
		s.Machine[k] /= sum
	}
	return s, nil
}
