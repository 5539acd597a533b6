package pipeline

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
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
	page := report.Page{
		Title:       strings.TrimSuffix(filepath.Base(w.Path), ".toml"),
		Rows:        r.Rows,
		Comparisons: r.Comparisons,
		Tolerances:  tolerances(w.Run.Analysis),
		Warnings:    r.Warnings,
		Figures:     figures,
		FigureDir:   figuresDir,
		Files: []report.Fact{
			{Name: resultsCSV, Value: "every observable of every cell with its error and autocorrelation time, one row a source"},
			{Name: resultsParquet, Value: "the same as Parquet"},
			{Name: comparisonCSV, Value: "the machines against their references, one row a machine"},
			{Name: couplingsCSV, Value: "the couplings inferred from the machines' weights, one row a machine and distance"},
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
		},
		References: references,
	}
	return w.writeFile(pageFile, func(out io.Writer) error { return report.Write(out, page) })
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
