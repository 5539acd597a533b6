package pipeline

import (
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

// Report draws the figures and writes the page and the references. It returns
// the page's path.
func (w *Workspace) Report(r *Results) (page string, err error) {
	figures, err := w.drawFigures(r)
	if err != nil {
		return "", err
	}
	references := analysis.References(w.methods())
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
	if err != nil {
		return "", err
	}
	list, err := w.statuses()
	if err != nil {
		return "", err
	}
	fingerprint, err := w.fingerprint(list)
	if err != nil {
		return "", err
	}
	return filepath.Join(w.Dir, pageFile), w.writeManifest(fingerprint)
}

// drawFigures writes the figures that the run file asks for, each as SVG, PNG
// and PDF with its CSV.
func (w *Workspace) drawFigures(r *Results) ([]*figure.Figure, error) {
	if err := os.MkdirAll(filepath.Join(w.Dir, figuresDir), 0o777); err != nil {
		return nil, err
	}
	var figures []*figure.Figure
	for _, name := range w.Run.Output.Figures {
		f, err := figure.Draw(name, figure.Data{Rows: r.Rows, Curve: r.Curve, CriticalTemperature: w.criticalTemperature()})
		if err != nil {
			return nil, err
		}
		for ending, write := range map[string]func(io.Writer) error{
			".svg": f.WriteSVG, ".png": f.WritePNG, ".pdf": f.WritePDF, ".csv": f.WriteCSV,
		} {
			if err := w.writeFile(filepath.Join(figuresDir, name+ending), write); err != nil {
				return nil, err
			}
		}
		figures = append(figures, f)
	}
	return figures, nil
}

// criticalTemperature is that of the infinite lattice, or NaN.
func (w *Workspace) criticalTemperature() float64 {
	t, ok := exact.CriticalTemperature(w.Run.Lattice.Kind)
	if !ok || w.Run.Lattice.Field != 0 {
		return math.NaN()
	}
	return t * math.Abs(w.Run.Lattice.Coupling)
}

// reportFiles lists what analysis and report leave in the run directory.
func (w *Workspace) reportFiles() []string {
	files := []string{resultsCSV, resultsParquet, comparisonCSV, referencesFile, pageFile}
	for _, name := range w.Run.Output.Figures {
		for _, ending := range []string{".svg", ".png", ".pdf", ".csv"} {
			files = append(files, filepath.Join(figuresDir, name+ending))
		}
	}
	return files
}

// methods says what the run used, for the references.
func (w *Workspace) methods() analysis.Methods {
	m := analysis.Methods{
		Lattice:  w.Run.Lattice.Kind,
		Periodic: w.Run.Lattice.Boundary == ising.Periodic,
	}
	for _, cell := range w.Plan.Cells(false) {
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
	}
	return m
}
