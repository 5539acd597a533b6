package pipeline

import (
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"

	"isingrbm/analysis"
	"isingrbm/pipeline/store"
)

// The tables of a run directory.
const (
	resultsCSV      = "results.csv"
	resultsParquet  = "results.parquet"
	comparisonCSV   = "comparison.csv"
	couplingsCSV    = "couplings.csv"
	likelihoodCSV   = "likelihood.csv"
	detailsCSV      = "details.csv"
	correlationsCSV = "correlations.csv"
	flowCSV         = "flow.csv" // of a run with [flow]
)

// tableBuilder collects columns of equal length, a row at a time.
type tableBuilder[Row any] struct {
	rows  []Row
	table store.Table
}

func (b *tableBuilder[Row]) float(name string, value func(Row) float64) {
	values := make([]float64, len(b.rows))
	for i, r := range b.rows {
		values[i] = value(r)
	}
	b.table.Columns = append(b.table.Columns, store.Column{Name: name, Kind: store.Float, Floats: values})
}

// integer adds a column of integers, of which those below 0 do not exist.
func (b *tableBuilder[Row]) integer(name string, value func(Row) int) {
	values, null := make([]int64, len(b.rows)), make([]bool, len(b.rows))
	for i, r := range b.rows {
		values[i] = int64(value(r))
		null[i] = values[i] < 0
	}
	b.table.Columns = append(b.table.Columns, store.Column{Name: name, Kind: store.Int, Ints: values, Null: null})
}

// text adds a column of strings, of which the empty ones do not exist.
func (b *tableBuilder[Row]) text(name string, value func(Row) string) {
	values, null := make([]string, len(b.rows)), make([]bool, len(b.rows))
	for i, r := range b.rows {
		values[i] = value(r)
		null[i] = values[i] == ""
	}
	b.table.Columns = append(b.table.Columns, store.Column{Name: name, Kind: store.String, Strings: values, Null: null})
}

// machine adds the columns that say which machine a row is of, or which data.
func (b *tableBuilder[Row]) machine(of func(Row) (size int, temperature float64, hidden, replica int)) {
	b.integer("L", func(r Row) int { size, _, _, _ := of(r); return size })
	b.float("T", func(r Row) float64 { _, temperature, _, _ := of(r); return temperature })
	b.integer("hidden", func(r Row) int { _, _, hidden, _ := of(r); return hidden })
	b.integer("replica", func(r Row) int { _, _, _, replica := of(r); return replica })
}

// resultsTable is results.csv and results.parquet: a row a (L, T, n_h,
// replica, source). Rows without any value are left out.
func resultsTable(rows []analysis.Row) store.Table {
	b := tableBuilder[analysis.Row]{}
	for _, r := range rows {
		if !r.Empty() {
			b.rows = append(b.rows, r)
		}
	}
	b.machine(func(r analysis.Row) (int, float64, int, int) { return r.L, r.T, r.Hidden, r.Replica })
	b.text("source", func(r analysis.Row) string { return r.Source })
	b.integer("n", func(r analysis.Row) int {
		if r.Source == analysis.SourceExact {
			return -1
		}
		return r.N
	})
	for i, o := range analysis.Observables() {
		b.float(o.Name, func(r analysis.Row) float64 { return r.Values[i].Value })
		b.float(o.Name+"_err", func(r analysis.Row) float64 { return r.Values[i].Err })
		b.float(o.Name+"_tau", func(r analysis.Row) float64 { return r.Values[i].Tau })
	}
	addDraws(&b)
	return b.table
}

// addDraws adds the columns that say how configurations were drawn.
func addDraws(b *tableBuilder[analysis.Row]) {
	nan := math.NaN()
	unknown := analysis.Draw{Thermalization: nan, Thinning: nan, PilotTau: nan, Independence: analysis.Independence{
		EnergyRho: nan, AbsMagnetizationRho: nan, Overlap: nan, OverlapExpected: nan, OverlapZ: nan}}
	of := func(r analysis.Row) analysis.Draw {
		if r.Draw == nil {
			return unknown
		}
		return *r.Draw
	}
	b.text(algorithmKey, func(r analysis.Row) string { return of(r).Algorithm })
	b.float(thermalizationKey, func(r analysis.Row) float64 { return of(r).Thermalization })
	b.float(thinningKey, func(r analysis.Row) float64 { return of(r).Thinning })
	b.float(pilotTauKey, func(r analysis.Row) float64 { return of(r).PilotTau })
	b.float(energyRhoKey, func(r analysis.Row) float64 { return of(r).EnergyRho })
	b.float(magnetizationKey, func(r analysis.Row) float64 { return of(r).AbsMagnetizationRho })
	b.float(overlapKey, func(r analysis.Row) float64 { return of(r).Overlap })
	b.float(expectedKey, func(r analysis.Row) float64 { return of(r).OverlapExpected })
	b.float(overlapZKey, func(r analysis.Row) float64 { return of(r).OverlapZ })
}

// comparisonTable is comparison.csv: a row a machine.
func comparisonTable(comparisons []analysis.Comparison) store.Table {
	type row = analysis.Comparison
	b := tableBuilder[row]{rows: comparisons}
	b.machine(func(c row) (int, float64, int, int) { return c.L, c.T, c.Hidden, c.Replica })
	for i, o := range analysis.Observables() {
		b.text(o.Name+"_ref", func(c row) string { return c.Deviations[i].Ref })
		b.float(o.Name+"_delta", func(c row) float64 { return c.Deviations[i].Delta })
		b.float(o.Name+"_rel", func(c row) float64 { return c.Deviations[i].Rel })
		b.float(o.Name+"_z", func(c row) float64 { return c.Deviations[i].Z })
		b.float(o.Name+"_err_data", func(c row) float64 { return c.Deviations[i].ErrData })
		b.float(o.Name+"_err_training", func(c row) float64 { return c.Deviations[i].ErrTraining })
		b.float(o.Name+"_err_sampling", func(c row) float64 { return c.Deviations[i].ErrSampling })
	}
	b.float("log_z", func(c row) float64 { return c.LogZ })
	b.float("log_z_err", func(c row) float64 { return c.LogZErr })
	b.float("log_z_lower", func(c row) float64 { return c.LogZLower })
	b.float("log_z_upper", func(c row) float64 { return c.LogZUpper })
	b.float("kl", func(c row) float64 { return c.KL })
	b.float("kl_err", func(c row) float64 { return c.KLErr })
	b.float("kl_per_spin", func(c row) float64 { return c.KLPerSpin })
	b.float("coupling_nn", func(c row) float64 { return c.CouplingNN })
	b.float("coupling_nn_err", func(c row) float64 { return c.CouplingNNErr })
	b.text("verdict", func(c row) string { return c.Verdict })
	return b.table
}

// couplingsTable is couplings.csv: a row a machine and distance.
func couplingsTable(rows []analysis.CouplingRow) store.Table {
	type row = analysis.CouplingRow
	b := tableBuilder[row]{rows: rows}
	b.machine(func(c row) (int, float64, int, int) { return c.L, c.T, c.Hidden, c.Replica })
	b.float("distance", func(c row) float64 { return c.Distance })
	b.integer("pairs", func(c row) int { return c.Pairs })
	b.float("exact", func(c row) float64 { return c.Exact })
	b.float("leading", func(c row) float64 { return c.Leading.Value })
	b.float("leading_err", func(c row) float64 { return c.Leading.Err })
	b.float("corrected", func(c row) float64 { return c.Corrected.Value })
	b.float("corrected_err", func(c row) float64 { return c.Corrected.Err })
	b.float("sampled", func(c row) float64 { return c.Sampled.Value })
	b.float("sampled_err", func(c row) float64 { return c.Sampled.Err })
	return b.table
}

// writeResults writes the tables.
func (w *Workspace) writeResults(r *Results) error {
	results, comparison, couplings := resultsTable(r.Rows), comparisonTable(r.Comparisons), couplingsTable(r.Couplings)
	details, correlations := detailsTable(r), correlationsTable(r.Sources)
	var definitions store.Metadata
	for _, o := range analysis.Observables() {
		definitions = append(definitions, store.KeyValue{Key: "definition_" + o.Name, Value: o.Definition})
	}
	if len(w.Run.Flow.From) > 0 {
		if err := w.writeFile(flowCSV, flowRowsTable(r.flows).WriteCSV); err != nil {
			return err
		}
	}
	return errors.Join(
		w.writeFile(resultsCSV, results.WriteCSV),
		w.writeFile(resultsParquet, func(out io.Writer) error { return results.WriteParquet(out, definitions) }),
		w.writeFile(comparisonCSV, comparison.WriteCSV),
		w.writeFile(couplingsCSV, couplings.WriteCSV),
		w.writeFile(likelihoodCSV, lossTable(r.losses).WriteCSV),
		w.writeFile(detailsCSV, details.WriteCSV),
		w.writeFile(correlationsCSV, correlations.WriteCSV),
	)
}

// writeFile writes a file of the run directory, which this process holds,
// whole or not at all.
func (w *Workspace) writeFile(name string, write func(io.Writer) error) error {
	path := filepath.Join(w.held.Dir(), name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	if err := store.WriteFile(path, write); err != nil {
		return err
	}
	return w.held.Publish(name)
}

// writeJSON is writeFile for a value.
func (w *Workspace) writeJSON(name string, v any) error {
	if err := store.WriteJSON(filepath.Join(w.held.Dir(), name), v); err != nil {
		return err
	}
	return w.held.Publish(name)
}
