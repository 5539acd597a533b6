package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"isingrbm/analysis"
	"isingrbm/ising"
	"isingrbm/ising/exact"
	"isingrbm/pipeline/runfile"
	"isingrbm/pipeline/store"
)

// Results is what the analysis of a run directory found.
type Results struct {
	Rows        []analysis.Row         // by L, T, then exact, mc, rbm by n_h and replica
	Sources     []analysis.Source      // what else was measured: those of Rows that are mc and rbm, in their order
	Machines    []MachineDetails       // one a machine cell, in the same order
	Comparisons []analysis.Comparison  // one a machine cell, in the same order
	Couplings   []analysis.CouplingRow // by machine cell in the same order, then by distance
	Scaling     *analysis.Scaling      // of the sizes, nil where they do not suffice
	Curve       []analysis.Row         // exact values on a fine grid of temperatures
	losses      []lossRow              // by machine cell
	flows       []flowRow              // by machine cell, start and iteration
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

// Figures draws the figures of these names, whatever the run file says, and
// returns the paths of their files. The page is not written again.
func (w *Workspace) Figures(ctx context.Context, workers int, names []string) (*Results, []string, error) {
	release, err := w.existing()
	if err != nil {
		return nil, nil, err
	}
	defer release()
	results, err := w.analyse(ctx, workers)
	if err != nil {
		return nil, nil, err
	}
	figures, err := w.drawFigures(ctx, results, names)
	if err != nil {
		return results, nil, err
	}
	var paths []string
	for _, f := range figures {
		for _, ending := range figureEndings() {
			paths = append(paths, filepath.Join(w.Dir, figuresDir, f.Name+ending))
		}
	}
	return results, paths, results.failed()
}

// report is Report in a run directory that this process holds. Nothing is done if the
// page is up to date.
func (w *Workspace) report(ctx context.Context, workers int) (*Results, string, error) {
	results, err := w.analyse(ctx, workers)
	if err != nil {
		return nil, "", err
	}
	page, err := w.writeReport(ctx, results)
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
	results.Scaling = w.scaling(results.Rows)
	setErrorBudgets(results.Comparisons, results.Rows)
	if len(results.Rows) == 0 {
		return nil, errors.Join(fmt.Errorf("%s holds no finished cells\n  hint: `isingrbm run %s` makes them", w.Dir, w.Path), results.failed())
	}
	if results.Curve, err = w.exactCurve(ctx, workers); err != nil {
		return nil, err
	}
	flows, failures := w.flows(list, slices.Concat(results.Rows, results.Curve))
	results.flows, results.Failures = flows, append(results.Failures, failures...)
	return results, w.writeResults(results)
}

// scaling is the finite-size scaling of the Monte Carlo rows, in zero field with
// periodic boundaries.
func (w *Workspace) scaling(rows []analysis.Row) *analysis.Scaling {
	l := w.Run.Lattice
	if l.Field != 0 || l.Boundary != ising.Periodic {
		return nil
	}
	dimension := w.Plan.Model(w.Plan.Tasks[0].Cell).Lattice.Dimension()
	return analysis.ScalingOf(rows, analysis.CorrectionExponent(dimension))
}

// measurement is what one cell's file gave. A data cell has also its exact
// values, a machine cell its likelihood and coupling.
type measurement struct {
	cell      Cell
	source    analysis.Source
	exact     *analysis.Row // nil where nothing exact is known
	logZ      float64       // of the Ising model, NaN where it is not known
	machine   machineNumbers
	weights   analysis.WeightStatistics // of a machine
	potential analysis.Estimate         // ⟨F(v)⟩ over a machine's samples
	warnings  []string
}

// measure reads the files of all finished cells, a cell a worker at a time.
// Cells that fail are listed apart.
func (w *Workspace) measure(ctx context.Context, workers int, list []taskStatus) ([]measurement, []Failure, error) {
	var ready []taskStatus
	for _, s := range list {
		if s.Status == Done && (s.Stage == Generate || s.Stage == Sample) {
			ready = append(ready, s)
		}
	}
	all := make([]measurement, len(ready))
	errs := execute(ctx, workers, make([][]int, len(ready)), func(ctx context.Context, i int) error {
		j := &job{spec: w.Run, task: ready[i].Task, model: w.Plan.Model(ready[i].Cell), folders: w.folders, dir: w.folders.of(ready[i].Cell)}
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
	source, warnings, err := j.measureFile(ctx, configurationsFile, analysis.SourceMonteCarlo, nil)
	m := measurement{cell: j.task.Cell, source: source, warnings: warnings, logZ: math.NaN()}
	if err != nil {
		return m, err
	}
	draw, alarms, err := j.draw(configurationsFile)
	if err != nil {
		return m, err
	}
	m.source.Draw, m.warnings = draw, append(m.warnings, alarms...)
	values, err := solve(j.spec, j.model, j.task.Cell.Temperature)
	switch {
	case err == nil:
		exactRow := j.exactRow(values)
		m.exact, m.logZ = &exactRow, values.LogZ
		m.source.Entropy, m.source.FreeEnergy = analysis.IsingPotentials(j.model.Lattice.Sites(), source.T, values.LogZ, source.Values[analysis.Energy])
	case !errors.Is(err, exact.ErrUnknown):
		return m, err
	}
	return m, nil
}

// solve returns the exact values that a run compares with: exact.ErrUnknown also
// where it says that the model of its lattice is not that of its data.
func solve(run *runfile.Run, model ising.Model, t runfile.Temperature) (exact.Values, error) {
	if run.Brings() && run.Data.Reference == "data" {
		return exact.Values{}, exact.ErrUnknown
	}
	return exact.Solve(model, float64(t))
}

// measureFile measures one of the cell's files in one pass; batches go to also,
// too, unless it is nil.
func (j *job) measureFile(ctx context.Context, file spinFile, source string, also func(store.ConfigurationBatch)) (analysis.Source, []string, error) {
	name := file.name(j.spec)
	if err := store.Verify(j.dir, name); err != nil {
		return analysis.Source{}, nil, err
	}
	collector := analysis.NewCollector(j.model, float64(j.task.Cell.Temperature))
	words := ising.Words(j.model.Lattice.Sites())
	err := readConfigurations(filepath.Join(j.dir, name), j.model.Lattice.Sites(), func(b store.ConfigurationBatch) error {
		for i, chain := range b.Chain {
			collector.Add(chain, b.Energy[i], b.Magnetization[i], b.Spins[i*words:(i+1)*words])
		}
		if also != nil {
			also(b)
		}
		return ctx.Err()
	})
	if err != nil {
		return analysis.Source{}, nil, err
	}
	measured := collector.Source(j.row(source))
	var warnings []string
	for _, text := range collector.Warnings() {
		warnings = append(warnings, fmt.Sprintf("%s (%s): %s", j.task.Cell.ID(), source, text))
	}
	return measured, warnings, nil
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
			results.Rows = append(results.Rows, m.source.Row)
			results.Sources = append(results.Sources, m.source)
			continue
		}
		results.Rows = append(results.Rows, m.source.Row)
		results.Machines = append(results.Machines, machineDetails(m, data))
		results.losses = append(results.losses, lossRow{m.cell, m.machine.Loss})
		results.Couplings = append(results.Couplings, m.machine.couplings...)
		if data.cell == m.cell.Data() {
			c := w.compare(m, data)
			results.Comparisons = append(results.Comparisons, c)
			m.source.Entropy, m.source.FreeEnergy = analysis.MachinePotentials(w.Plan.Model(m.cell).Lattice.Sites(), m.source.T,
				analysis.Estimate{Value: c.LogZ, Err: c.LogZErr}, m.potential, m.source.Values[analysis.Energy])
		}
		results.Sources = append(results.Sources, m.source)
	}
	return results
}
