package pipeline

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"isingrbm/analysis"
	"isingrbm/analysis/figure"
	"isingrbm/analysis/report"
	"isingrbm/pipeline/runfile"
)

// writePage writes report.html.
func (w *Workspace) writePage(r *Results, figures []*figure.Figure, references []analysis.Reference) error {
	text, err := os.ReadFile(w.Path)
	if err != nil {
		return err
	}
	warnings, err := w.unfinished(r)
	if err != nil {
		return err
	}
	page := report.Page{
		Title:       strings.TrimSuffix(filepath.Base(w.Path), ".toml"),
		Rows:        r.Rows,
		Comparisons: r.Comparisons,
		Tolerances:  tolerances(w.Run.Analysis),
		Warnings:    warnings,
		Tables:      pageTables(r),
		Figures:     figures,
		FigureDir:   figuresDir,
		Files: []report.Fact{
			{Name: resultsCSV, Value: "every observable of every cell with its error and autocorrelation time, one row a source"},
			{Name: resultsParquet, Value: "the same as Parquet"},
			{Name: comparisonCSV, Value: "the machines against their references, one row a machine"},
			{Name: couplingsCSV, Value: "the couplings inferred from the machines' weights, one row a machine and distance"},
			{Name: likelihoodCSV, Value: "loss, entropy of the data, averages over both layers and the terms of the gradient, one row a machine"},
			{Name: detailsCSV, Value: "entropy, free energy, covariance of energy and order, distances of distributions, weights; one row a source"},
			{Name: correlationsCSV, Value: "the two-point function, one row a source and distance"},
			{Name: referencesFile, Value: "the works to cite"},
			{Name: manifestFile, Value: "settings, versions and definitions"},
		},
		RunFile: string(text),
		Provenance: []report.Fact{
			{Name: "Program", Value: "isingrbm " + Version},
			{Name: "Revision", Value: Revision()},
			{Name: "Seed", Value: fmt.Sprint(w.Run.Seed)},
			{Name: "Random streams", Value: streamFormat},
			{Name: "Cells", Value: fmt.Sprintf("%d of data, %d machines", len(w.Plan.Cells(false)), len(w.Plan.Cells(true)))},
			{Name: "Compiler", Value: runtime.Version()},
			{Name: "Libraries", Value: libraries()},
		},
		References: references,
	}
	return w.writeFile(pageFile, func(out io.Writer) error { return report.Write(out, page) })
}

// unfinished lists the cells of which the page lacks something, and why, before
// the warnings of those that it shows.
func (w *Workspace) unfinished(r *Results) ([]string, error) {
	list, err := w.statuses()
	if err != nil {
		return nil, err
	}
	var warnings []string
	missing := 0
	for _, s := range list {
		switch {
		case s.Status == Failed && s.record != nil:
			warnings = append(warnings, fmt.Sprintf("%s: %s failed: %s", s.Cell, s.Stage, s.record.Error))
		case s.Status != Done:
			missing++
		}
	}
	if missing > 0 {
		warnings = append(warnings, fmt.Sprintf("%d of %d stages of the cells are not done; what they would add is not shown", missing, len(list)))
	}
	for _, f := range r.Failures {
		warnings = append(warnings, fmt.Sprintf("%s: its files could not be read: %v", f.Cell, f.Err))
	}
	return append(warnings, r.Warnings...), nil
}

// libraries lists what the program was built with, and the versions.
func libraries() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	var list []string
	for _, d := range info.Deps {
		list = append(list, strings.TrimPrefix(d.Path, "github.com/")+" "+d.Version)
	}
	return strings.Join(list, ", ")
}

// pageTables are the tables of the page beside those of verdicts and values.
func pageTables(r *Results) (tables []report.Table) {
	if len(r.Machines) > 0 {
		tables = append(tables, machinesTable(r))
	}
	if r.Scaling != nil {
		tables = append(tables, scalingTable(r.Scaling))
	}
	return tables
}

func machinesTable(r *Results) report.Table {
	t := report.Table{
		ID: "machines", Title: "Machines in detail",
		Caption: "Likelihood, entropy, distances of the distributions from those of Monte Carlo (in brackets what two samples of one distribution would show), and weights. Definitions below.",
		Columns: []report.Column{
			{Label: "L"}, {Label: "T"}, {Label: "n_h", Title: "hidden units"}, {Label: "replica"},
			{Label: "ln Z", Title: "partition function of the machine"}, {Label: "KL", Title: "Kullback-Leibler divergence in nats"},
			{Label: "s", Title: "entropy a spin"}, {Label: "f", Title: "free energy a spin"},
			{Label: "TV(E, M)", Title: "total variation of P(E, M)"}, {Label: "W₁(E)", Title: "Wasserstein distance of P(E)"}, {Label: "W₁(M)", Title: "Wasserstein distance of P(M)"},
			{Label: "K₁", Title: "coupling of nearest neighbors"}, {Label: "σ(W)", Title: "standard deviation of the weights"}, {Label: "dead", Title: "hidden units that take no part"},
		},
	}
	comparisons := map[figure.Key]analysis.Comparison{}
	for _, c := range r.Comparisons {
		comparisons[figure.Key{L: c.L, T: c.T, Hidden: c.Hidden, Replica: c.Replica}] = c
	}
	distance := func(d analysis.Distance) string {
		if math.IsNaN(d.Value) {
			return ""
		}
		return fmt.Sprintf("%s [%s]", report.Number(d.Value), report.Number(d.Noise))
	}
	for _, d := range details(r) {
		if d.machine == nil {
			continue
		}
		logZ, kl, coupling := analysis.Undefined(), analysis.Undefined(), analysis.Undefined()
		if c, ok := comparisons[figure.Key{L: d.L, T: d.T, Hidden: d.Hidden, Replica: d.Replica}]; ok {
			logZ.Value, logZ.Err, kl.Value, kl.Err = c.LogZ, c.LogZErr, c.KL, c.KLErr
			coupling.Value, coupling.Err = c.CouplingNN, c.CouplingNNErr
		}
		m := d.machine
		t.Rows = append(t.Rows, []string{
			fmt.Sprint(d.L), report.Number(d.T), fmt.Sprint(d.Hidden), fmt.Sprint(d.Replica),
			report.Value(logZ), report.Value(kl), report.Value(d.Entropy), report.Value(d.FreeEnergy),
			distance(m.Distances.JointVariation), distance(m.Distances.EnergyTransport), distance(m.Distances.OrderTransport),
			report.Value(coupling), report.Number(m.Weights.Deviation), fmt.Sprint(m.Weights.Dead),
		})
	}
	return t
}

func scalingTable(s *analysis.Scaling) report.Table {
	t := report.Table{
		ID: "scaling", Title: "Finite-size scaling",
		Caption: "Of the infinite lattice, from the Monte Carlo data of all sizes: the collapse of the Binder cumulants with their leading correction, and the powers of L at the critical temperature.",
		Columns: []report.Column{{Label: "quantity"}, {Label: "value"}, {Label: "from", Title: "the sizes that it is from"}},
		Rows: [][]string{
			{"critical temperature T_c", report.Value(s.CriticalTemperature), fmt.Sprintf("L ≥ %d", s.SmallestBinder)},
			{"Binder cumulant at T_c", report.Value(s.Binder), fmt.Sprintf("L ≥ %d", s.SmallestBinder)},
			{"1/ν", report.Value(s.InverseNu), fmt.Sprintf("L ≥ %d", s.SmallestBinder)},
			{"γ/ν", report.Value(s.GammaNu.Estimate), fmt.Sprintf("L ≥ %d", s.GammaNu.Smallest)},
			{"β/ν", report.Value(s.BetaNu.Estimate), fmt.Sprintf("L ≥ %d", s.BetaNu.Smallest)},
		},
	}
	for _, c := range s.Crossings {
		t.Rows = append(t.Rows, []string{"crossing of Binder cumulants", report.Value(c.Temperature), fmt.Sprintf("L = %d and %d", c.Small, c.Large)})
	}
	return t
}

// tolerances are the run file's, for the verdicts.
func tolerances(t runfile.Analysis) analysis.Tolerances {
	return analysis.Tolerances{
		Energy:           t.Energy,
		AbsMagnetization: t.AbsMagnetization,
		SpecificHeat:     t.SpecificHeat,
		Susceptibility:   t.Susceptibility,
		UpFraction:       t.UpFraction,
	}
}
