package pipeline

import (
	"strings"
	"testing"

	"isingrbm/pipeline/runfile"
)

// TestEstimates: every stage of a run is estimated, and what a run needs in memory
// grows with its configurations only up to what is held of their spins and by the few
// bytes that each has in lists.
func TestEstimates(t *testing.T) {
	estimates := func(change ...string) map[Stage]Estimate {
		w := openRun(t, strings.NewReplacer(change...).Replace(smallRun))
		schedules, err := w.Schedules(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		list, err := w.Estimates(schedules)
		if err != nil {
			t.Fatal(err)
		}
		byStage := make(map[Stage]Estimate)
		for _, e := range list {
			byStage[e.Stage] = e
		}
		return byStage
	}
	few := estimates()
	for stage, cells := range map[Stage]int{Generate: 2, Train: 2, Sample: 2, Analyse: 1} {
		if e := few[stage]; e.Cells != cells || e.Work <= 0 {
			t.Errorf("%s: %+v", stage, e)
		}
	}
	const many = 100_000_000
	large := estimates("configurations = 1_000\nvalidation", "configurations = 100_000_000\nvalidation")
	for _, stage := range []Stage{Generate, Train, Sample} {
		if grown := large[stage].Memory - few[stage].Memory; grown > DefaultHeld+orderBytes*many {
			t.Errorf("%s: %d bytes more of memory", stage, grown)
		}
	}
	if large[Analyse].Work <= few[Analyse].Work || large[Generate].Disk < many {
		t.Errorf("%+v and %+v", large[Analyse], large[Generate])
	}
}

// TestEstimatesTied: the preset's natural gradient is estimated as well, from an update
// that shares its metric.
func TestEstimatesTied(t *testing.T) {
	tied := strings.Replace(smallRun, "[training]", "[training]\nsymmetry = \"translation+flip\"", 1)
	w := openRun(t, strings.Replace(tied, "hidden = [6]", "hidden = [\"2N\"]", 1))
	if w.Run.Training.Optimizer != "natural" {
		t.Fatalf("optimizer %q", w.Run.Training.Optimizer)
	}
	times, err := w.timeMachine(w.Plan.Cells(true)[0])
	if err != nil || times.update <= 0 {
		t.Errorf("%v an update, %v", times.update, err)
	}
}

// TestAnnealingSteps: ln Z is hardest near the transition, and summed where a layer is
// small.
func TestAnnealingSteps(t *testing.T) {
	w := openRun(t, smallRun)
	w8 := openRun(t, strings.Replace(smallRun, "[4]", "[8]", 1))
	steps := func(temperature float64) int {
		cell := Cell{Size: 8, Temperature: runfile.Temperature(temperature), Hidden: 64}
		return annealingSteps(w8.Run, w8.Plan.Model(cell), cell)
	}
	if cold, critical, hot := steps(1.5), steps(2.4), steps(3.5); !(64 < cold && 10*cold < critical && 5*hot < critical && cold < hot) {
		t.Errorf("%d, %d and %d steps", cold, critical, hot)
	}
	cell := w.Plan.Cells(true)[0]
	if n := annealingSteps(w.Run, w.Plan.Model(cell), cell); n != 0 {
		t.Errorf("%d steps where ln Z is summed", n)
	}
}
