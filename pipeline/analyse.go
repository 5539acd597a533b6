package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"

	"isingrbm/analysis"
	"isingrbm/ising"
	"isingrbm/ising/exact"
	"isingrbm/pipeline/store"
)

// Results is what the analysis of a run directory found.
type Results struct {
	Rows        []analysis.Row         // by L, T, then exact, mc, rbm by n_h and replica
	Comparisons []analysis.Comparison  // one a machine cell, in the same order
	Couplings   []analysis.CouplingRow // by machine cell in the same order, then by distance
	Curve       []analysis.Row         // exact values on a fine grid of temperatures
	Warnings    []string
	Failures    []Failure // finished cells whose files could not be read
}

// Analyse measures every finished cell, compares the machines with the exact
// answer or with Monte Carlo, and writes results.csv, results.parquet and
// comparison.csv. Cells that are not finished are left out; so are those whose
// files are damaged, which the error, a *FailedError, then names.
func (w *Workspace) Analyse(ctx context.Context, workers int) (*Results, error) {
	release, err := w.existing()
	if err != nil {
		return nil, err
	}
	defer release()
	results, err := w.analyse(ctx, workers)
	if err != nil {
		return nil, err
	}
	return results, results.failed()
}

// Report is Analyse, and then draws the figures and writes the page, whose
// path it returns.
func (w *Workspace) Report(ctx context.Context, workers int) (*Results, string, error) {
	release, err := w.existing()
	if err != nil {
		return nil, "", err
	}
	defer release()
	return w.report(ctx, workers)
}

// report is Report in a run directory that this process holds. Nothing is done if the
// page is up to date.
func (w *Workspace) report(ctx context.Context, workers int) (*Results, string, error) {
	results, err := w.analyse(ctx, workers)
	if err != nil {
		return nil, "", err
	}
	page, err := w.writeReport(results)
	return results, page, errors.Join(err, results.failed())
}

// failed is the error for cells that could not be measured, or nil.
func (r *Results) failed() error {
	if len(r.Failures) == 0 {
		return nil
	}
	return &FailedError{r.Failures}
}

// analyse is Analyse in a run directory that this process holds.
func (w *Workspace) analyse(ctx context.Context, workers int) (*Results, error) {
	list, err := w.statuses()
	if err != nil {
		return nil, err
	}
	if err := w.changed(list); err != nil {
		return nil, err
	}
	measurements, failures, err := w.measure(ctx, workers, list)
	if err != nil {
		return nil, err
	}
	results := w.collect(measurements)
	results.Failures = failures
	setErrorBudgets(results.Comparisons, results.Rows)
	if len(results.Rows) == 0 {
		return nil, errors.Join(fmt.Errorf("%s holds no finished cells\n  hint: `isingrbm run %s` makes them", w.Dir, w.Path), results.failed())
	}
	if results.Curve, err = w.exactCurve(ctx, workers); err != nil {
		return nil, err
	}
	return results, w.writeResults(results)
}

// measurement is what one cell's file gave. A data cell has also its exact
// values, a machine cell its likelihood and coupling.
type measurement struct {
	cell     Cell
	row      analysis.Row
	exact    *analysis.Row // nil where nothing exact is known
	logZ     float64       // of the Ising model, NaN where it is not known
	machine  machineNumbers
	warnings []string
}

// measure reads the files of all finished cells, a cell a worker at a time.
// Cells that fail are listed apart.
func (w *Workspace) measure(ctx context.Context, workers int, list []taskStatus) ([]measurement, []Failure, error) {
	var ready []taskStatus
	for _, s := range list {
		if s.Status == Done && s.Stage != Train {
			ready = append(ready, s)
		}
	}
	all := make([]measurement, len(ready))
	errs := execute(ctx, workers, make([][]int, len(ready)), func(ctx context.Context, i int) error {
		j := &job{spec: w.Run, task: ready[i].Task, model: w.Plan.Model(ready[i].Cell), out: w.Dir, dir: ready[i].Cell.dir(w.Dir)}
		return guarded(func() (err error) {
			all[i], err = j.measure(ctx)
			return err
		})
	})
	if ctx.Err() != nil {
		return nil, nil, ErrInterrupted
	}
	var measurements []measurement
	var failures []Failure
	for i, err := range errs {
		if err != nil {
			failures = append(failures, Failure{Analyse, ready[i].Cell, err})
		} else {
			measurements = append(measurements, all[i])
		}
	}
	return measurements, failures, nil
}

func (j *job) measure(ctx context.Context) (measurement, error) {
	if j.task.Stage == Generate {
		return j.measureData(ctx)
	}
	return j.measureMachine(ctx)
}

func (j *job) measureData(ctx context.Context) (measurement, error) {
	row, warnings, err := j.measureFile(ctx, configurationsFile, analysis.SourceMonteCarlo)
	m := measurement{cell: j.task.Cell, row: row, warnings: warnings, logZ: math.NaN()}
	if err != nil {
		return m, err
	}
	draw, alarms, err := j.draw(configurationsFile)
	if err != nil {
		return m, err
	}
	m.row.Draw, m.warnings = draw, append(m.warnings, alarms...)
	values, err := exact.Solve(j.model, float64(j.task.Cell.Temperature))
	switch {
	case err == nil:
		exactRow := j.exactRow(values)
		m.exact, m.logZ = &exactRow, values.LogZ
	case !errors.Is(err, exact.ErrUnknown):
		return m, err
	}
	return m, nil
}

// measureFile measures all observables of one of the cell's files.
func (j *job) measureFile(ctx context.Context, file spinFile, source string) (analysis.Row, []string, error) {
	name := file.name(j.spec)
	if err := store.Verify(j.dir, name); err != nil {
		return analysis.Row{}, nil, err
	}
	collector := analysis.NewCollector(j.model, float64(j.task.Cell.Temperature))
	count := 0
	words := ising.Words(j.model.Lattice.Sites())
	err := readConfigurations(filepath.Join(j.dir, name), j.model.Lattice.Sites(), func(b store.ConfigurationBatch) error {
		for i, chain := range b.Chain {
			collector.Add(chain, b.Energy[i], b.Magnetization[i], b.Spins[i*words:(i+1)*words])
		}
		count += len(b.Chain)
		return ctx.Err()
	})
	row := j.row(source)
	row.N, row.Values = count, collector.Estimates()
	var warnings []string
	for _, text := range collector.Warnings() {
		warnings = append(warnings, fmt.Sprintf("%s (%s): %s", j.task.Cell.ID(), source, text))
	}
	return row, warnings, err
}

// row begins a row of the results for this cell.
func (j *job) row(source string) analysis.Row {
	c := j.task.Cell
	row := analysis.Row{L: c.Size, T: float64(c.Temperature), Hidden: analysis.None, Replica: analysis.None, Source: source}
	if source == analysis.SourceMachine {
		row.Hidden, row.Replica = c.Hidden, c.Replica
	}
	return row
}

func (j *job) exactRow(v exact.Values) analysis.Row {
	row := j.row(analysis.SourceExact)
	row.Values = ExactEstimates(v)
	return row
}

// ExactEstimates puts exact values in the order of analysis.Observables, with
// errors and times that do not exist.
func ExactEstimates(v exact.Values) []analysis.Estimate {
	estimates := make([]analysis.Estimate, len(analysis.Observables()))
	for i, value := range map[int]float64{
		analysis.Energy:             v.Energy,
		analysis.AbsMagnetization:   v.AbsMagnetization,
		analysis.Magnetization:      v.Magnetization,
		analysis.SpecificHeat:       v.SpecificHeat,
		analysis.Susceptibility:     v.Susceptibility,
		analysis.SusceptibilityZero: v.SusceptibilityZero,
		analysis.Binder:             v.Binder,
		analysis.UpFraction:         v.UpFraction,
		analysis.CorrelationLength:  v.CorrelationLength,
	} {
		estimates[i] = analysis.Estimate{Value: value, Err: math.NaN(), Tau: math.NaN()}
	}
	return estimates
}

// collect puts the measurements, which are in the plan's order, into rows, and
// compares every machine with its data cell.
func (w *Workspace) collect(measurements []measurement) *Results {
	results := &Results{}
	var data measurement
	for _, m := range measurements {
		results.Warnings = append(results.Warnings, m.warnings...)
		if !m.cell.IsMachine() {
			data = m
			if m.exact != nil {
				results.Rows = append(results.Rows, *m.exact)
			}
			results.Rows = append(results.Rows, m.row)
			continue
		}
		results.Rows = append(results.Rows, m.row)
		results.Couplings = append(results.Couplings, m.machine.couplings...)
		if data.cell == m.cell.Data() {
			results.Comparisons = append(results.Comparisons, w.compare(m, data))
		}
	}
	return results
}
