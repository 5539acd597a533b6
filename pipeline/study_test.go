//go:build study

package pipeline

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"isingrbm/pipeline/store"
)

// The tests of this file write the tables of runs/study from the run directories
// of its run files, which must have been run; `make study` does both.

var studied = []string{"energy", "abs_magnetization", "specific_heat", "susceptibility"}

// The limits that the preset is held to, in percent for the observables.
var studyLimits = map[string]float64{"energy": 0.5, "abs_magnetization": 0.5, "specific_heat": 3, "susceptibility": 3}

const (
	studySigmas       = 3     // an observable beyond its limit is allowed this many σ
	studyUpFraction   = 0.03  // |p₊ − ½|
	studyDivergence   = 0.05  // nats
	studySeconds      = 60    // of a core, for data, machine and samples of a temperature
	studyCold         = 1.5   // below it a machine is held to its own data, whose c and χ are those of few events
	stretchSigmas     = 2     // of c and χ from the machine's own data
	stretchDivergence = 0.021 // p/2n, the floor of 64 × 64 free parameters on 10⁵ samples
)

// studyCell is a machine and what it is compared with.
type studyCell struct {
	temperature                  float64
	machine, data, exact         map[string]float64 // of the observables
	machineError, dataError      map[string]float64
	up, divergence, divergeError float64
	seconds                      float64 // of a core
}

// TestStudyRecommended writes recommended.csv, a row a temperature and seed, and
// fails for every row that is beyond the limits.
func TestStudyRecommended(t *testing.T) {
	const seeds = 3
	var runs [seeds][]studyCell
	for k := range runs {
		runs[k] = readStudy(t, fmt.Sprintf("recommended-%d", k+1))
	}
	header := []string{"T", "seed"}
	for _, name := range studied {
		header = append(header, name+"_percent", name+"_sigma", name+"_training_sigma")
	}
	header = append(header, "specific_heat_own_z", "susceptibility_own_z", "up_fraction", "kl", "kl_err", "seconds", "verdict", "stretch")
	rows := [][]string{header}
	for i := range runs[0] {
		cells := make([]studyCell, seeds)
		for k := range cells {
			cells[k] = runs[k][i]
		}
		for k, c := range cells {
			row, verdict := c.judge(k+1, cells)
			rows = append(rows, row)
			if verdict != "pass" {
				t.Errorf("T = %v, seed %d: %s", c.temperature, k+1, verdict)
			}
		}
	}
	writeStudy(t, "recommended.csv", rows)
}

// TestStudyVariants writes variants.csv, a row a variant and temperature.
func TestStudyVariants(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(studyDir, "variants", "*.toml"))
	if err != nil || len(files) == 0 {
		t.Fatal("no run files", err)
	}
	rows := [][]string{append(append([]string{"variant", "T"}, studied...), "up_fraction", "kl", "kl_err", "seconds")}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".toml")
		for _, c := range readStudy(t, filepath.Join("variants", name)) {
			row := []string{name, short(c.temperature)}
			for _, o := range studied {
				row = append(row, fmt.Sprintf("%+.2f", 100*(c.machine[o]-c.exact[o])/math.Abs(c.exact[o])))
			}
			rows = append(rows, append(row, fmt.Sprintf("%.4f", c.up), fmt.Sprintf("%.4f", c.divergence), fmt.Sprintf("%.4f", c.divergeError), fmt.Sprintf("%.1f", c.seconds)))
		}
	}
	writeStudy(t, "variants.csv", rows)
}

// judge is the cell's row and its verdict, given the cells of all seeds at its
// temperature.
func (c studyCell) judge(seed int, seeds []studyCell) (row []string, verdict string) {
	row = []string{short(c.temperature), strconv.Itoa(seed)}
	var beyond []string
	stretch := c.divergence <= stretchDivergence
	var own []string
	for _, o := range studied {
		reference := c.exact[o]
		if c.temperature < studyCold {
			reference = c.data[o]
		}
		training := trainingScatter(o, seeds)
		sigma := math.Sqrt(c.dataError[o]*c.dataError[o] + training*training + c.machineError[o]*c.machineError[o])
		percent := 100 / math.Abs(reference)
		off := (c.machine[o] - reference) * percent
		if !(math.Abs(off) <= max(studyLimits[o], studySigmas*sigma*percent)) {
			beyond = append(beyond, fmt.Sprintf("%s %+.2f %%", o, off))
		}
		row = append(row, fmt.Sprintf("%+.3f", off), fmt.Sprintf("%.3f", sigma*percent), fmt.Sprintf("%.3f", training*percent))
		if o == "specific_heat" || o == "susceptibility" {
			z := (c.machine[o] - c.data[o]) / sigma
			stretch = stretch && math.Abs(z) <= stretchSigmas
			own = append(own, fmt.Sprintf("%+.1f", z))
		}
	}
	for what, ok := range map[string]bool{
		fmt.Sprintf("up_fraction %.3f", c.up): math.Abs(c.up-0.5) <= studyUpFraction,
		fmt.Sprintf("kl %.3f", c.divergence):  c.divergence <= studyDivergence,
		fmt.Sprintf("%.0f s", c.seconds):      c.seconds <= studySeconds,
	} {
		if !ok {
			beyond = append(beyond, what)
		}
	}
	verdict = "pass"
	if beyond != nil {
		slices.Sort(beyond)
		verdict = "fail: " + strings.Join(beyond, "; ")
	}
	row = append(row, own...)
	return append(row, fmt.Sprintf("%.4f", c.up), fmt.Sprintf("%.4f", c.divergence), fmt.Sprintf("%.4f", c.divergeError),
		fmt.Sprintf("%.1f", c.seconds), verdict, strconv.FormatBool(stretch)), verdict
}

// trainingScatter is the part of the scatter over the seeds of the machines'
// deviations from their own data that the sampling does not explain.
func trainingScatter(observable string, seeds []studyCell) float64 {
	n, mean, sampling := float64(len(seeds)), 0.0, 0.0
	for _, c := range seeds {
		mean += (c.machine[observable] - c.data[observable]) / n
		sampling += c.machineError[observable] * c.machineError[observable] / n
	}
	variance := 0.0
	for _, c := range seeds {
		d := c.machine[observable] - c.data[observable] - mean
		variance += d * d / (n - 1)
	}
	return math.Sqrt(max(0, variance-sampling))
}

var studyDir = filepath.Join("..", "runs", "study")

// readStudy reads what a run file of the study gave, by temperature.
func readStudy(t *testing.T, name string) []studyCell {
	t.Helper()
	w, err := OpenWorkspace(filepath.Join(studyDir, name+".toml"))
	if err != nil {
		t.Fatal(err)
	}
	results, comparison := readCSV(t, filepath.Join(w.Dir, resultsCSV)), readCSV(t, filepath.Join(w.Dir, comparisonCSV))
	var cells []studyCell
	for _, cell := range w.Plan.Cells(true) {
		c := studyCell{temperature: float64(cell.Temperature), seconds: coreSeconds(t, w, cell)}
		for _, r := range results {
			if r["T"] != short(c.temperature) {
				continue
			}
			values, errs := make(map[string]float64), make(map[string]float64)
			for _, o := range studied {
				values[o], errs[o] = number64(r[o]), number64(r[o+"_err"])
			}
			switch r["source"] {
			case "exact":
				c.exact = values
			case "mc":
				c.data, c.dataError = values, errs
			case "rbm":
				c.machine, c.machineError, c.up = values, errs, number64(r["up_fraction"])
			}
		}
		for _, r := range comparison {
			if r["T"] == short(c.temperature) {
				c.divergence, c.divergeError = number64(r["kl"]), number64(r["kl_err"])
			}
		}
		if c.machine == nil {
			t.Errorf("%s: %s was not trained: see its log", name, cell.ID())
			continue
		}
		cells = append(cells, c)
	}
	return cells
}

// coreSeconds is the processor time of all stages of a machine and its data.
func coreSeconds(t *testing.T, w *Workspace, cell Cell) (sum float64) {
	t.Helper()
	for _, c := range []Cell{cell, cell.Data()} {
		state, err := readState(w.folders, c)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range state.Stages {
			sum += s.ProcessorSeconds
		}
	}
	return sum
}

// readCSV reads a table with a header, a map a row.
func readCSV(t *testing.T, path string) (rows []map[string]string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	header, err := r.Read()
	for err == nil {
		var fields []string
		if fields, err = r.Read(); err == nil {
			row := make(map[string]string)
			for i, name := range header {
				row[name] = fields[i]
			}
			rows = append(rows, row)
		}
	}
	if err != io.EOF {
		t.Fatal(path, err)
	}
	return rows
}

func writeStudy(t *testing.T, name string, rows [][]string) {
	t.Helper()
	err := store.WriteFile(filepath.Join(studyDir, name), func(out io.Writer) error { return csv.NewWriter(out).WriteAll(rows) })
	if err != nil {
		t.Fatal(err)
	}
}

// number64 is a field of a table, NaN where it is empty.
func number64(field string) float64 {
	if x, err := strconv.ParseFloat(field, 64); err == nil {
		return x
	}
	return math.NaN()
}

func short(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
