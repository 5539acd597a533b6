package pipeline

import (
	"slices"
	"testing"

	"isingrbm/pipeline/runfile"
)

func parsePlan(t *testing.T, text string) *Plan {
	t.Helper()
	run, err := runfile.Parse("test.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := NewPlan(run)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestPlan(t *testing.T) {
	plan := parsePlan(t, `
[lattice]
kind = "square"
sizes = [4, 8]
[sweep]
temperatures = [0, "Tc", "inf"]
[rbm]
hidden = [4, "2N"]
replicas = 2
[training]
warm_start = false
`)
	const temperatures, machines = 3, 4
	if got, want := len(plan.Tasks), 2*temperatures*(1+2*machines); got != want {
		t.Errorf("%d tasks, want %d", got, want)
	}
	for i, task := range plan.Tasks {
		for _, need := range task.Needs {
			if need >= i {
				t.Errorf("task %d needs %d, which comes after it", i, need)
			}
			if plan.Tasks[need].Cell.Data() != task.Cell.Data() {
				t.Errorf("task %d of %v reads from %v", i, task.Cell, plan.Tasks[need].Cell)
			}
		}
	}
	ids := make([]string, 0)
	for _, cell := range plan.Cells(true) {
		ids = append(ids, cell.ID())
	}
	for _, want := range []string{"L004/T0.000000/h0032_r01", "L008/T2.269185/h0128_r00", "L008/Tinf/h0004_r01"} {
		if !slices.Contains(ids, want) {
			t.Errorf("no cell %s among %v", want, ids)
		}
	}
}

// TestPlanMonteCarloStudy: without [rbm] there are only data cells.
func TestPlanMonteCarloStudy(t *testing.T) {
	plan := parsePlan(t, `
[lattice]
kind = "chain"
sizes = [16]
[sweep]
temperatures = { from = 1.0, to = 2.0, count = 3 }
`)
	if len(plan.Tasks) != 3 || len(plan.Cells(true)) != 0 {
		t.Errorf("%d tasks with %d machines, want 3 with none", len(plan.Tasks), len(plan.Cells(true)))
	}
}
