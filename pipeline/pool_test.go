package pipeline

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// pooledRun is smallRun with one machine for both of its temperatures and the ground
// states, and its flow from the ends.
var pooledRun = strings.NewReplacer("temperatures = [2.0, 3.0]", "temperatures = [0.0, 2.0, 3.0]", "warm_start = false", "pool = true\n[flow]\nfrom = [0.0, 3.0]\niterations = 4\nchains = 200").Replace(smallRun)

// A pooled machine waits for the data of all temperatures of its size, and has a flow but
// no samples.
func TestPooledPlan(t *testing.T) {
	plan := parsePlan(t, strings.Replace(pooledRun, "sizes = [4]", "sizes = [4, 6]", 1))
	var ids []string
	for _, cell := range plan.Cells(true) {
		ids = append(ids, cell.ID())
	}
	if want := []string{"L004/pool/h0006_r00", "L006/pool/h0006_r00"}; !slices.Equal(ids, want) {
		t.Errorf("machines %v, want %v", ids, want)
	}
	for i, task := range plan.Tasks {
		if task.Stage == Sample {
			t.Errorf("%v has samples", task.Cell)
		}
		if task.Stage != Train {
			continue
		}
		if len(task.Needs) != 3 {
			t.Errorf("%v waits for %d tasks, want 3", task.Cell, len(task.Needs))
		}
		for _, need := range task.Needs {
			if n := plan.Tasks[need]; n.Stage != Generate || n.Cell.Size != task.Cell.Size {
				t.Errorf("%v waits for %s of %v", task.Cell, n.Stage, n.Cell)
			}
		}
		if flow := plan.Tasks[i+1]; flow.Stage != Flow || flow.Cell != task.Cell || len(flow.Needs) != 3 || flow.Needs[0] != i {
			t.Errorf("after the training of %v comes %s of %v, which waits for %v", task.Cell, flow.Stage, flow.Cell, flow.Needs)
		}
	}
}

// The temperatures of a pool take turns, the longer list at the end.
func TestTakeTurns(t *testing.T) {
	var got []uint64
	err := takeTurns([][]uint64{{1, 2, 3, 4, 5, 6}, {10, 20}, {100, 200, 300, 400}}, 2, func(row []uint64) error {
		got = append(got, row...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []uint64{1, 2, 10, 20, 100, 200, 3, 4, 300, 400, 5, 6}; !slices.Equal(got, want) {
		t.Errorf("rows %v, want %v", got, want)
	}
}

// A pooled machine learns the mixture: the mean energy of its training data is that of all
// temperatures together, and the machine's record follows it there.
func TestPooledTraining(t *testing.T) {
	w := openRun(t, strings.NewReplacer("updates = 120", "updates = 4_000", "hidden = [6]", "hidden = [16]").Replace(pooledRun))
	mustRun(t, w, 2)
	machine := w.Plan.Cells(true)[0]
	j := &job{spec: w.Run, task: Task{Cell: machine}, model: w.Plan.Model(machine), folders: w.folders}
	rows, err := j.readSpins(configurationsFile)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 3*w.Run.MonteCarlo.Configurations {
		t.Fatalf("%d configurations, want those of three temperatures", len(rows))
	}
	mixture, _, _ := meanPhysics(j.model, rows)
	curve, err := readTraining(w.folders.of(machine) + "/" + trainingFile)
	if err != nil {
		t.Fatal(err)
	}
	chains := meanOf(curve.Energy[len(curve.Energy)/2:])
	// 50 records of 50 chains, correlated: their mean is known to some 0.02. The nearest
	// of the three temperatures has an energy that is 0.15 away.
	if math.Abs(chains-mixture) > 0.08 {
		t.Errorf("the chains have e = %.3f, the data %.3f", chains, mixture)
	}
	for _, kl := range curve.KLTraining {
		if !math.IsNaN(kl) {
			t.Fatal("a pooled machine has a divergence from one temperature")
		}
	}
}

// A temperature added to the sweep changes the pooled machine, and is refused once that is
// done.
func TestPoolIsAnInput(t *testing.T) {
	w := openRun(t, pooledRun)
	mustRun(t, w, 2)
	w = reopenRun(t, w.Path, strings.Replace(pooledRun, "[0.0, 2.0, 3.0]", "[0.0, 2.0, 2.5, 3.0]", 1))
	if _, err := w.RunAll(t.Context(), quiet(2)); err == nil || !strings.Contains(err.Error(), "training.pool of") {
		t.Errorf("error %v, want one that names the pool", err)
	}
}
