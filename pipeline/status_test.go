package pipeline

import (
	"testing"
	"time"
)

// TestTimeLeft: what is left of each stage counts at the stage's own mean time a
// unit, shared by what is running; without a measured stage, or with nothing
// running, there is no estimate.
func TestTimeLeft(t *testing.T) {
	plan := parsePlan(t, smallRun) // 1300 configurations, 120 updates and 1000 samples a cell, twice
	task := func(stage Stage, status Status, done int64, seconds float64) taskStatus {
		return taskStatus{Task: Task{Stage: stage}, Status: status, record: &stageState{Done: done, Seconds: seconds}}
	}
	list := []taskStatus{
		task(Generate, Done, 0, 13), task(Generate, Running, 650, 6.5), // 100 a second: 6.5 s left
		task(Train, Running, 60, 30), task(Train, Missing, 0, 0), // 2 a second: 30 + 60 s
	}
	if left, ok := timeLeft(plan.Run, list); !ok || left != 96500*time.Millisecond/2 {
		t.Errorf("%v, %v; want 48.25 s", left, ok)
	}
	if left, ok := timeLeft(plan.Run, append(list, task(Sample, Missing, 0, 0))); ok {
		t.Errorf("%v left although no sampling was ever timed", left)
	}
	if left, ok := timeLeft(plan.Run, []taskStatus{task(Generate, Done, 0, 13), task(Generate, Interrupted, 650, 6.5)}); ok {
		t.Errorf("%v left although nothing is running", left)
	}
	cell := CellStatus{Status: Running, Done: 60, Total: 120, stageSeconds: 30}
	if rate, left, ok := cell.Rate(); !ok || rate != 2 || left != 30*time.Second {
		t.Errorf("%v a second, %v left, %v", rate, left, ok)
	}
}
