package pipeline

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const warmSweep = `
[lattice]
kind = "square"
sizes = [4, 3]
[sweep]
temperatures = [2.0, "inf", 3.0, 1.0]
[rbm]
hidden = [4, 2]
replicas = 2
`

// Every training waits for that of the next higher finite temperature, of the same
// size, n_h and replica; nothing else waits for another temperature.
func TestWarmStartsAreLinked(t *testing.T) {
	plan := parsePlan(t, warmSweep)
	next := map[string]string{"1.000000": "2.000000", "2.000000": "3.000000"}
	links := 0
	for _, task := range plan.Tasks {
		var others []Task
		for _, need := range task.Needs {
			if n := plan.Tasks[need]; n.Cell.Data() != task.Cell.Data() {
				others = append(others, n)
			}
		}
		want, waits := next[task.Cell.Temperature.Key()]
		if waits = waits && task.Stage == Train; len(others) > 1 || (len(others) == 1) != waits {
			t.Fatalf("%s of %v waits for %v", task.Stage, task.Cell, others)
		}
		if !waits {
			continue
		}
		links++
		from := task.Cell
		from.Temperature = others[0].Cell.Temperature
		if from.Temperature.Key() != want || others[0].Cell != from || others[0].Stage != Train {
			t.Errorf("%v starts from %v, want the machine at %s", task.Cell, others[0].Cell, want)
		}
	}
	if want := 2 * 2 * 2 * 2; links != want {
		t.Errorf("%d warm starts, want %d", links, want)
	}
}

// The settings say when there is no warm start: none, or for what reads no machine.
func TestNoWarmStart(t *testing.T) {
	cold := parsePlan(t, warmSweep+"[training]\nwarm_start = false")
	warm := parsePlan(t, warmSweep)
	for _, cell := range cold.Cells(true) {
		if from, ok := warmStart(cold.Run, cell); ok {
			t.Errorf("%v starts from %v", cell, from)
		}
		if from, ok := warmStart(warm.Run, cell.Data()); ok {
			t.Errorf("the data of %v start from %v", cell, from)
		}
	}
}

// warmRun is smallRun with machines that start from one another.
var warmRun = strings.Replace(smallRun, "warm_start = false", "warm_start = true", 1)

// A colder machine begins with the parameters of the hotter one: after no more than
// an update it is still nearly that, and after a cold start it is not.
func TestWarmStart(t *testing.T) {
	weights := func(text string, cell int) []float32 {
		w := openRun(t, strings.Replace(text, "updates = 120", "updates = 1\nrate = 0.01", 1))
		mustRun(t, w, 2)
		c := w.Plan.Cells(true)[cell]
		m, err := (&job{spec: w.Run, task: Task{Cell: c}, model: w.Plan.Model(c), folders: w.folders}).readMachine()
		if err != nil {
			t.Fatal(err)
		}
		return m.Weights
	}
	distance := func(a, b []float32) float64 {
		most := 0.0
		for i := range a {
			most = max(most, math.Abs(float64(a[i]-b[i])))
		}
		return most
	}
	const anUpdate = 0.01 // rate 0.01 times a gradient below 1
	hot := weights(warmRun, 1)
	if d := distance(weights(warmRun, 0), hot); !(d <= anUpdate) || d == 0 {
		t.Errorf("the colder machine is %v from the hotter one, want above 0 and at most %v", d, anUpdate)
	}
	if d := distance(weights(smallRun, 0), hot); !(d > anUpdate) {
		t.Errorf("started cold it is %v away: the test cannot tell the two apart", d)
	}
}

// The same bytes at any number of workers and after interruptions.
func TestWarmStartReproducible(t *testing.T) {
	reference := openRun(t, warmRun)
	mustRun(t, reference, 1)
	want := reproducible(t, reference.Dir)
	other := openRun(t, warmRun)
	mustRun(t, other, 4)
	sameFiles(t, "other workers", reproducible(t, other.Dir), want)

	cells := openRun(t, warmRun)
	for _, name := range []string{"L004/T3.000000/h0006_r00", "L004/T2.000000/h0006_r00"} {
		only := quiet(1)
		var err error
		if only.Only, err = cells.FindCells([]string{name}); err != nil {
			t.Fatal(err)
		}
		if summary, err := cells.RunCells(t.Context(), only); err != nil || summary.Ran != 3 {
			t.Fatalf("%s: %v, ran %d stages, want 3", name, err, summary.Ran)
		}
	}
	mustRun(t, cells, 2)
	sameFiles(t, "cell by cell", reproducible(t, cells.Dir), want)
}

// A machine alone is worked on with the hotter ones that it comes from, and without
// them nothing of it is tried.
func TestWarmStartOfOneCell(t *testing.T) {
	w := openRun(t, warmRun)
	cold, hot := w.Plan.Cells(true)[0], w.Plan.Cells(true)[1]
	found, err := w.FindCells([]string{cold.ID()})
	if want := []Cell{cold, cold.Data(), hot, hot.Data()}; err != nil || !slices.Equal(found, want) {
		t.Errorf("found %v (%v), want %v", found, err, want)
	}
	alone := quiet(2)
	alone.Only = []Cell{cold, cold.Data()}
	summary, err := w.RunCells(t.Context(), alone)
	if err == nil || summary.Ran != 1 || summary.Waiting != 2 {
		t.Errorf("error %v, %d stages done and %d waiting, want the data only, and training and samples waiting", err, summary.Ran, summary.Waiting)
	}
}

// A colder temperature can be added to a finished run; one between two others
// changes what the colder one starts from, and is refused with that reason.
func TestWarmRunExtended(t *testing.T) {
	w := openRun(t, warmRun)
	mustRun(t, w, 2)
	colder := reopenRun(t, w.Path, strings.Replace(warmRun, "[2.0, 3.0]", "[1.5, 2.0, 3.0]", 1))
	if outcome := mustRun(t, colder, 2); outcome.Ran != 3 || outcome.Done != 6 {
		t.Errorf("ran %d and found %d, want 3 and 6", outcome.Ran, outcome.Done)
	}
	between := reopenRun(t, w.Path, strings.Replace(warmRun, "[2.0, 3.0]", "[2.0, 2.5, 3.0]", 1))
	_, err := between.RunAll(t.Context(), quiet(2))
	var changed *ChangedError
	want := Change{"training.warm_start from", "L004/T3.000000/h0006_r00", "L004/T2.500000/h0006_r00"}
	if !errors.As(err, &changed) || changed.Stage != Train || changed.Cells != 1 || !slices.Equal(changed.Changes, []Change{want}) {
		t.Errorf("error %v, want that one training starts from another machine", err)
	}
}

// Where the hotter training fails, the colder one is not tried.
func TestWarmStartNeedsTheHotterMachine(t *testing.T) {
	w := openRun(t, warmRun)
	options := quiet(2)
	options.Stages = []Stage{Generate}
	if _, err := w.RunCells(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	hot := w.Plan.Cells(false)[1]
	path := filepath.Join(w.folders.of(hot), configurationsFile.name(w.Run))
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 1
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
	summary, err := w.RunCells(t.Context(), quiet(2))
	var failed *FailedError
	if !errors.As(err, &failed) || len(failed.Failures) != 1 || failed.Failures[0].Cell.Data() != hot || summary.Ran != 0 || summary.Skipped != 3 {
		t.Errorf("error %v, summary %+v: want one failure, of %v, and the other three skipped", err, summary, hot)
	}
}

// The shape of a warm start is held where it is cold, in units of the coupling, and
// nowhere else.
func TestShapeDecay(t *testing.T) {
	plan := parsePlan(t, strings.Replace(warmSweep, "[2.0,", "[1.6, 1.59, 2.0,", 1)+"[training]\nshape_decay = 0.25")
	held := map[string]bool{"1.000000": true, "1.590000": true}
	for _, c := range plan.Cells(true) {
		model := plan.Model(c)
		want := 0.0
		if held[c.Temperature.Key()] {
			want = 0.25
		}
		if got := shapeDecay(plan.Run, model, c); got != want {
			t.Errorf("T = %v: %v, want %v", c.Temperature, got, want)
		}
		if model.Coupling = -4; !math.IsInf(float64(c.Temperature), 1) && shapeDecay(plan.Run, model, c) != 0.25 {
			t.Errorf("T = %v is cold for a coupling of 4", c.Temperature)
		}
	}
}
