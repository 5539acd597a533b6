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

	"isingrbm/ising/exact"
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
	size                         int
	temperature                  float64
	machine, data, exact         map[string]float64 // of the observables
	machineError, dataError      map[string]float64
	up, divergence, divergeError float64
	coupling                     float64 // between neighbors, J/T
	seconds                      float64 // of a core
	refused                      string  // why the samples or ln Z do not count, if so
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

// The limits of tied machines: KL in nats, or a spin for the largest; c and χ in percent,
// and the coupling between neighbors at L = 8.
var tiedLimits = map[int]struct{ specificHeat, susceptibility, divergence, perSpin, coupling float64 }{
	8:  {math.Inf(1), math.Inf(1), 0.01, math.Inf(1), 1},
	16: {3, 3, 0.1, math.Inf(1), math.Inf(1)},
	32: {5, math.Inf(1), math.Inf(1), 5e-4, math.Inf(1)},
}

// tiedCold is the temperature below which most configurations of L = 8 have at most a
// few flipped spins.
const tiedCold = 1.6

// tiedSeeds is the number of run files of each size, L8-1.toml and so on.
const tiedSeeds = 3

// tiedRuns are the sizes of tied machines, and the temperatures at which they are judged:
// the others are there for the colder machines to begin from. nil is for all.
var tiedRuns = []struct {
	size int
	at   []float64
}{
	{8, nil}, {16, []float64{2, 2.269185314213022, 2.6}}, {32, []float64{2.269185314213022}},
}

// untiedRuns are machines that are not tied, for comparison.
var untiedRuns = []string{"untied-L16", "untied-L32"}

// TestStudyTied writes tied/tied.csv, a row a machine, and fails for every row that is
// beyond the limits by more than three standard deviations.
func TestStudyTied(t *testing.T) {
	rows := [][]string{{"run", "L", "T", "energy_percent", "energy_sigma", "abs_magnetization_percent", "abs_magnetization_sigma", "specific_heat_percent", "specific_heat_sigma",
		"susceptibility_percent", "susceptibility_sigma", "kl", "kl_err", "kl_per_spin", "coupling_percent", "coupling_sigma", "seconds", "verdict"}}
	for _, run := range tiedRuns {
		for seed := 1; seed <= tiedSeeds; seed++ {
			name := fmt.Sprintf("L%d-%d", run.size, seed)
			for _, c := range readStudy(t, filepath.Join("tied", name)) {
				row, verdict := c.judgeTied()
				if run.at != nil && !slices.Contains(run.at, c.temperature) {
					verdict = ""
				} else if !strings.HasPrefix(verdict, "pass") {
					t.Errorf("%s, T = %v: %s", name, c.temperature, verdict)
				}
				rows = append(rows, slices.Concat([]string{name}, row, []string{verdict}))
			}
		}
	}
	for _, name := range untiedRuns {
		for _, c := range readStudy(t, filepath.Join("tied", name)) {
			row, _ := c.judgeTied()
			rows = append(rows, slices.Concat([]string{name}, row, []string{""}))
		}
	}
	writeStudy(t, filepath.Join("tied", "tied.csv"), rows)
}

// judgeTied is the row of a tied machine and its verdict: "pass" within the limits, or
// "pass within sigma" where only three standard deviations make it so.
func (c studyCell) judgeTied() (row []string, verdict string) {
	limits, row := tiedLimits[c.size], []string{strconv.Itoa(c.size), short(c.temperature)}
	verdict = "pass"
	if c.refused != "" {
		verdict = "fail: " + c.refused
	}
	check := func(name string, off, limit, sigma float64) {
		switch {
		case math.Abs(off) <= limit:
		case math.Abs(off) <= max(limit, studySigmas*sigma) && !strings.HasPrefix(verdict, "fail"):
			verdict = "pass within sigma"
		default:
			verdict = fmt.Sprintf("fail: %s %+.3g", name, off)
		}
	}
	for _, o := range studied {
		reference := c.exact[o]
		if math.IsNaN(reference) { // moments of the magnetization, from L = 16 on
			reference = c.data[o]
		}
		percent := 100 / math.Abs(reference)
		off, sigma := (c.machine[o]-reference)*percent, math.Hypot(c.machineError[o], c.dataError[o])*percent
		row = append(row, fmt.Sprintf("%+.3f", off), fmt.Sprintf("%.3f", sigma))
		switch o {
		case "specific_heat":
			check(o, off, limits.specificHeat, sigma)
		case "susceptibility":
			check(o, off, limits.susceptibility, sigma)
		}
	}
	coupling, sigma := 100*(c.coupling*c.temperature-1), 100*c.temperature*c.pairsError()
	check("coupling", coupling, limits.coupling, sigma)
	check("kl", max(0, c.divergence), limits.divergence, c.divergeError)
	sites := float64(c.size * c.size)
	check("kl per spin", max(0, c.divergence/sites), limits.perSpin, c.divergeError/sites)
	return append(row, fmt.Sprintf("%.4f", c.divergence), fmt.Sprintf("%.4f", c.divergeError), fmt.Sprintf("%.2e", c.divergence/sites),
		fmt.Sprintf("%+.2f", coupling), fmt.Sprintf("%.2f", sigma), fmt.Sprintf("%.1f", c.seconds)), verdict
}

// pairsError is how well 10⁵ configurations determine J/T as ¼ ln(p₀ p₂ / p₁²) from the
// chances of no flipped spin, of one, and of two neighbors, whose numbers are Poissonian.
// Where it is cold, and most configurations have all spins alike, hardly any other part
// of the data says more; it is 0 above.
func (c studyCell) pairsError() float64 {
	if c.temperature > tiedCold {
		return 0
	}
	_, _, logZ := exact.Torus(c.size, c.size, c.temperature)
	sites := float64(c.size * c.size)
	none := 1e5 * 2 * math.Exp(2*sites/c.temperature-logZ)
	one, two := none*sites*math.Exp(-8/c.temperature), none*2*sites*math.Exp(-12/c.temperature)
	return 0.25 * math.Sqrt(1/none+4/one+1/two)
}

// judge is the cell's row and its verdict, given the cells of all seeds at its
// temperature.
func (c studyCell) judge(seed int, seeds []studyCell) (row []string, verdict string) {
	row = []string{short(c.temperature), strconv.Itoa(seed)}
	var beyond []string
	if c.refused != "" {
		beyond = append(beyond, c.refused)
	}
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
		c := studyCell{size: cell.Size, temperature: float64(cell.Temperature), seconds: coreSeconds(t, w, cell)}
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
				c.coupling = number64(r["coupling_nn"])
				c.refused = refused(r["verdict"])
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

// refused is the part of a verdict that holds whatever the limits are.
func refused(verdict string) string {
	if verdict == "one-sided" {
		return verdict
	}
	_, reasons, _ := strings.Cut(verdict, ": ")
	return strings.Join(slices.DeleteFunc(strings.Split(reasons, "; "), func(r string) bool {
		return !strings.Contains(r, "not equilibrated") && !strings.Contains(r, "missed")
	}), "; ")
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
