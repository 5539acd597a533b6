package pipeline

import (
	"testing"
	"time"
)

// TestCellRate: a running cell's rate is that of all its attempts.
func TestCellRate(t *testing.T) {
	cell := CellStatus{Status: Running, Done: 60, Total: 120, stageSeconds: 30}
	if rate, left, ok := cell.Rate(); !ok || rate != 2 || left != 30*time.Second {
		t.Errorf("%v a second, %v left, %v", rate, left, ok)
	}
}

// TestDoing: a cell that anneals says how far it is, by the schedule that it is at where
// that is longer than was expected.
func TestDoing(t *testing.T) {
	for _, c := range []struct {
		state *annealingState
		want  string
		share float64
	}{
		{nil, "", 0},
		{&annealingState{Done: 30, Left: 10, Expected: 120}, "ln Z, step 30 of about 120", 0.25},
		{&annealingState{Done: 300, Left: 100, Expected: 120}, "ln Z, step 300 of about 400", 0.75},
	} {
		if got := (CellStatus{Status: Running, annealing: c.state}).Doing(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
		if c.state != nil && c.state.share() != c.share {
			t.Errorf("share %v, want %v", c.state.share(), c.share)
		}
	}
}
