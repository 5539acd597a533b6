package pipeline

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"

	"isingrbm/analysis"
	"isingrbm/analysis/figure"
	"isingrbm/ising"
	"isingrbm/ising/exact"
)

const (
	pageFile       = "report.html"
	referencesFile = "references.bib"
	figuresDir     = "figures"
)

// writeReport draws the figures and writes the page and the references. It
// returns the page's path. The manifest seals it all, unless cells could not
// be measured, so that the next run looks at them again.
func (w *Workspace) writeReport(ctx context.Context, r *Results) (page string, err error) {
	figures, err := w.drawFigures(ctx, r, w.Run.Output.Figures)
	if err != nil {
		return "", err
	}
	references := analysis.References(w.methods(r))
	err = errors.Join(
		w.writeFile(referencesFile, func(out io.Writer) error {
			for _, r := range references {
				if _, err := io.WriteString(out, r.BibTeX()); err != nil {
					return err
				}
			}
			return nil
		}),
		w.writePage(r, figures, references),
	)
	if err != nil || len(r.Failures) > 0 {
		return filepath.Join(w.Dir, pageFile), err
	}
	list, err := w.statuses()
	if err != nil {
		return "", err
	}
	fingerprint, err := w.fingerprint(list)
	if err != nil {
		return "", err
	}
	return filepath.Join(w.Dir, pageFile), w.writeManifest(fingerprint, w.reportFiles(figures))
}

// drawFigures writes figures, each as SVG, PNG and PDF with its CSV. A figure for
// which the results hold nothing to draw is left out with a warning.
func (w *Workspace) drawFigures(ctx context.Context, r *Results, names []string) ([]*figure.Figure, error) {
	if err := os.MkdirAll(filepath.Join(w.Dir, figuresDir), 0o777); err != nil {
		return nil, err
	}
	data, err := w.figureData(ctx, r, names)
	if err != nil {
		return nil, err
	}
	var figures []*figure.Figure
	for _, name := range names {
		f, err := figure.Draw(name, data)
		if errors.Is(err, figure.ErrEmpty) {
			r.Warnings = append(r.Warnings, err.Error())
			continue
		}
		if err != nil {
			return nil, err
		}
		for i, write := range []func(io.Writer) error{f.WriteSVG, f.WritePNG, f.WritePDF, f.WriteCSV} {
			if err := w.writeFile(filepath.Join(figuresDir, name+figureEndings()[i]), write); err != nil {
				return nil, err
			}
		}
		figures = append(figures, f)
	}
	return figures, nil
}

// figureEndings are those of a figure's files.
func figureEndings() []string { return []string{".svg", ".png", ".pdf", ".csv"} }

// reportFiles lists what analysis and report leave in the run directory.
func (w *Workspace) reportFiles(figures []*figure.Figure) []string {
	files := []string{resultsCSV, resultsParquet, comparisonCSV, couplingsCSV, likelihoodCSV, detailsCSV, correlationsCSV, referencesFile, pageFile}
	if len(w.Run.Flow.From) > 0 {
		files = append(files, flowCSV)
	}
	for _, f := range figures {
		for _, ending := range figureEndings() {
			files = append(files, figuresDir+"/"+f.Name+ending)
		}
	}
	return files
}

// criticalTemperature is that of the infinite lattice, or NaN.
func (w *Workspace) criticalTemperature() float64 {
	t, ok := exact.CriticalTemperature(w.Run.Lattice.Kind)
	if !ok || w.Run.Lattice.Field != 0 {
		return math.NaN()
	}
	return t * math.Abs(w.Run.Lattice.Coupling)
}

// methods says what the run used, for the references.
func (w *Workspace) methods(r *Results) analysis.Methods {
	m := analysis.Methods{
		Lattice:  w.Run.Lattice.Kind,
		Periodic: w.Run.Lattice.Boundary == ising.Periodic,
	}
	for _, cell := range w.Plan.Cells(false) {
		if w.Run.Brings() {
			break
		}
		algorithm := w.Run.MonteCarlo.Algorithm
		if algorithm == ising.Auto {
			algorithm, _ = ising.Choose(w.Plan.Model(cell), float64(cell.Temperature))
		}
		m.Algorithms = append(m.Algorithms, algorithm)
	}
	if w.Run.RBM != nil {
		m.Training = w.Run.Training.Algorithm
		m.Centered = w.Run.Training.Centered
		m.Averaged = w.Run.Training.AverageFraction > 0
		m.Couplings = true
		m.Flows = len(w.Run.Flow.From) > 0
		for _, cell := range w.Plan.Cells(true) {
			m.Annealed = m.Annealed || !exactLogZ(cell.Hidden, w.Plan.Model(cell).Lattice.Sites())
		}
	}
	return m
}
