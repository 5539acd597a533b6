package rbm

import (
	"math"
	"testing"
)

// Average is the mean of the machines after the last updates, and Machine before
// those begin.
func TestAverageIsTheMeanOfTheLastUpdates(t *testing.T) {
	s := Settings{Steps: 1, Batch: 10, Updates: 10, Rate: 0.5, AverageFraction: 0.35} // the last 4
	trainer := newTestTrainer(t, s, 7, 20, randomRows(17, 30, 7))
	var sum []float64
	for step := range 10 {
		if got := hash(trainer.Average()); step <= 6 && got != hash(trainer.Machine()) {
			t.Fatalf("after %d updates Average is not Machine", step)
		}
		update(t, trainer, 1)
		if step < 6 {
			continue
		}
		y := flatten(trainer.Machine())
		if sum == nil {
			sum = make([]float64, len(y))
		}
		for k := range y {
			sum[k] += y[k]
		}
	}
	for k, got := range flatten(trainer.Average()) {
		if !near(got, sum[k]/4, 1e-7*max(1, math.Abs(got))) {
			t.Fatalf("parameter %d is %g, want %g", k, got, sum[k]/4)
		}
	}
}

func TestAverageOfNothingIsTheMachine(t *testing.T) {
	trainer := newTestTrainer(t, Settings{Steps: 1, Batch: 10, Updates: 3, Rate: 0.5}, 7, 3, randomRows(17, 30, 7))
	update(t, trainer, 5) // beyond the end, too
	if hash(trainer.Average()) != hash(trainer.Machine()) {
		t.Error("without averaging Average is not Machine")
	}
}
