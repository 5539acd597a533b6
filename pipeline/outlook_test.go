package pipeline

import (
	"math"
	"testing"
	"time"
)

// TestOutlook: before anything was measured what is expected counts; then stages that
// were measured count by their pace, the others by that of all, and the share never
// leaves what is between nothing and all.
func TestOutlook(t *testing.T) {
	var o outlook
	if share, left := o.now(4); share != 1 || left != 0 {
		t.Errorf("nothing to do: %v done, %v left", share, left)
	}
	o.add(Train, 10, 0, 0)
	o.add(Train, 10, 0, 0)
	o.add(Sample, 20, 0, 0)
	if share, left := o.now(2); share != 0 || left != 20*time.Second {
		t.Errorf("at the beginning: %v done, %v left", share, left)
	}
	o = outlook{}
	o.add(Train, 10, 1, 30) // three times slower than expected
	o.add(Train, 10, 0, 0)
	o.add(Sample, 20, 0, 0)
	if share, left := o.now(1); math.Abs(share-30./120) > 1e-12 || left != 90*time.Second {
		t.Errorf("after a training: %v done, %v left", share, left)
	}
	o = outlook{}
	o.add(Train, 10, 1, 30)
	o.add(Sample, 20, 0.5, 10) // as expected, as 10 s of it show
	pace := (10 + 0.02*20*40./20) / (10 + 0.02*20)
	if share, left := o.now(8); math.Abs(left.Seconds()-10*pace) > 1e-6 || share < 0.7 || share > 0.8 {
		t.Errorf("with a task left: %v done, %v left", share, left)
	}
}

// TestOutlookConverges: where every task takes what it takes, whatever that is, the time
// left that is said halfway is that which it takes, to a few per cent.
func TestOutlookConverges(t *testing.T) {
	const tasks = 40
	slower := map[Stage]float64{Generate: 0.2, Train: 3, Sample: 7}
	for done := tasks / 4; done <= tasks; done++ {
		var o outlook
		rest := 0.0
		for i := range tasks {
			for stage, factor := range slower {
				expected := 1 + float64(i%3)
				if i < done {
					o.add(stage, expected, 1, expected*factor)
					continue
				}
				o.add(stage, expected, 0, 0)
				rest += expected * factor
			}
		}
		share, left := o.now(1)
		if math.Abs(left.Seconds()-rest) > 0.1*rest+1e-9 || share < 0 || share > 1 {
			t.Errorf("after %d tasks %v left, in truth %.1f s", done, left, rest)
		}
	}
}

// TestExpectations: every task of a run is expected to take some time, and annealing
// counts where ln Z is annealed.
func TestExpectations(t *testing.T) {
	w := openRun(t, smallRun)
	for _, task := range w.Plan.Tasks {
		e := expect(w.Run, w.Plan.Model(task.Cell), task)
		if !(e.seconds > 0) || math.IsInf(e.seconds, 0) || e.annealing != 0 {
			t.Errorf("%s: %+v", task.Cell.ID(), e)
		}
	}
	task := Task{Stage: Sample, Cell: w.Plan.Cells(true)[0]}
	task.Cell.Hidden = 300 // its ln Z is still summed over the 2^16 states of the lattice
	if e := expect(w.Run, w.Plan.Model(task.Cell), task); e.annealing != 0 {
		t.Errorf("%+v", e)
	}
}
