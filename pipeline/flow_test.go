package pipeline

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"isingrbm/ising"
	"isingrbm/ising/exact"
	"isingrbm/pipeline/progress"
	"isingrbm/pipeline/runfile"
	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

// flowJob is a job over the data of pooledRun, whose flow is longer.
func flowJob(t *testing.T) *job {
	t.Helper()
	w := openRun(t, pooledRun)
	mustRun(t, w, 2)
	cell := w.Plan.Cells(true)[0]
	reporter := progress.New(t.Output(), false)
	t.Cleanup(reporter.Close)
	return &job{spec: w.Run, task: Task{Stage: Flow, Cell: cell}, model: w.Plan.Model(cell), folders: w.folders, dir: w.folders.of(cell),
		counter: reporter.Counter("flow", "iterations", 100, 0), record: &stageState{}, state: &cellState{}, written: time.Now().Add(time.Hour), show: func(float64, float64) {}}
}

// The bond machine of a temperature is the Ising model, so a flow from configurations of
// that temperature stays there; the one from T = 0 leaves, which is the negative control. Exact energies and
// 300 chains: 4 σ in each of 2 × 5 values, a false alarm in 1600 seeds.
func TestFlowOfTheExactMachineStays(t *testing.T) {
	j := flowJob(t)
	j.spec.Flow.Iterations, j.spec.Flow.Chains = 5, 300
	machine, err := BondMachine(j.model, 3)
	if err != nil {
		t.Fatal(err)
	}
	want, err := exact.Solve(j.model, 3)
	if err != nil {
		t.Fatal(err)
	}
	worst := func(machine *rbm.Machine, from float64) (z float64) {
		points, err := j.flowFrom(t.Context(), machine, runfile.Temperature(from))
		if err != nil {
			t.Fatal(err)
		}
		if len(points) != 6 || points[5].Iteration != 5 {
			t.Fatalf("%d points", len(points))
		}
		for _, p := range points[1:] {
			z = max(z, math.Abs(p.Energy.Value-want.Energy)/p.Energy.Err, math.Abs(p.AbsMagnetization.Value-want.AbsMagnetization)/p.AbsMagnetization.Err)
		}
		return z
	}
	if z := worst(machine, 3); z > 4 {
		t.Errorf("the flow from T = 3 leaves by %.1f σ", z)
	}
	if z := worst(machine, 0); z < 8 {
		t.Errorf("the flow from T = 0 is within %.1f σ of T = 3 after five iterations", z)
	}
}

// The start of a flow is the held-out configurations themselves.
func TestFlowStart(t *testing.T) {
	j := flowJob(t)
	points, err := readFlow(j.dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(points) != 2*5 || points[0].Energy.Value != -2 || points[0].AbsMagnetization.Value < 1-1e-12 {
		t.Fatalf("%d points, the first %+v", len(points), points[0])
	}
	rows, err := j.readSpinsOf(Cell{Size: 4, Temperature: 3}, validationFile)
	if err != nil {
		t.Fatal(err)
	}
	energy, order, _ := meanPhysics(j.model, rows[:200*ising.Words(16)])
	start := points[5]
	if start.From != 3 || start.Iteration != 0 || math.Abs(start.Energy.Value-energy) > 1e-12 || math.Abs(start.AbsMagnetization.Value-order) > 1e-12 {
		t.Errorf("the flow from T = 3 starts at %+v, its configurations have e = %v, m = %v", start, energy, order)
	}
}

// A flow that is interrupted leaves nothing, and begins anew.
func TestFlowInterrupted(t *testing.T) {
	j := flowJob(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	machine, err := j.readMachine()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.flowFrom(ctx, machine, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// The same bytes with any number of workers, and after the flow was removed; flow.csv has
// a row a start and iteration.
func TestFlowIsReproducible(t *testing.T) {
	w := openRun(t, pooledRun)
	mustRun(t, w, 1)
	want := reproducible(t, w.Dir)
	other := openRun(t, pooledRun)
	mustRun(t, other, 4)
	sameFiles(t, "four workers", reproducible(t, other.Dir), want)
	if n, err := w.Clean(Flow); n != 1 || err != nil {
		t.Fatalf("cleaned %d cells, %v", n, err)
	}
	if outcome := mustRun(t, w, 2); outcome.Ran != 1 {
		t.Errorf("%d stages ran, want the flow alone", outcome.Ran)
	}
	sameFiles(t, "after clean", reproducible(t, w.Dir), want)
	table, err := store.ReadCSV(filepath.Join(w.Dir, flowCSV))
	if err != nil || table.Rows() != 2*5 {
		t.Errorf("%d rows, %v", table.Rows(), err)
	}
}

// Another flow is refused where one was done, which loses nothing else.
func TestChangedFlow(t *testing.T) {
	w := openRun(t, pooledRun)
	mustRun(t, w, 2)
	w = reopenRun(t, w.Path, strings.Replace(pooledRun, "iterations = 4", "iterations = 5", 1))
	_, err := w.RunAll(t.Context(), quiet(2))
	if changed := (*ChangedError)(nil); !errors.As(err, &changed) || changed.Stage != Flow {
		t.Fatalf("error %v, want that of a changed flow", err)
	}
	if text := err.Error(); !strings.Contains(text, "flow.iterations: was 4, is now 5") || !strings.Contains(text, "samples are kept") {
		t.Errorf("it says %q", text)
	}
}
