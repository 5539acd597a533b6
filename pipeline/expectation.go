package pipeline

import (
	"isingrbm/ising"
	"isingrbm/pipeline/runfile"
)

// expectation is what a task should take before anything was measured. It is made of
// the steps of the task and the speed of one core of a present server; what matters is
// how tasks compare, for what is measured corrects the rest.
type expectation struct {
	seconds   float64
	annealing float64 // the share of it that is spent on ln Z, at the end
}

// Operations a second of one core: decisions of Gibbs sampling and what else the kernel
// does, steps of the annealing, numbers of a record one by one.
const (
	gibbsSpeed     = 1.5e11
	annealingSpeed = 4e10
	recordSeconds  = 4e-3
	spinSeconds    = 3e-9 // a spin that is drawn, measured or written
)

// expect says what a task of a run should take.
func expect(run *runfile.Run, model ising.Model, task Task) expectation {
	sites := float64(model.Lattice.Sites())
	weights := sites * float64(task.Cell.Hidden)
	switch task.Stage {
	case Generate:
		training, validation := storedCounts(run, task.Cell)
		return expectation{seconds: 0.02 + float64(training+validation)*(1e-6+sites*spinSeconds)}
	case Train:
		t := run.Training
		update := 2 * weights * float64(max(t.Chains, t.Batch)*(t.Steps+1)) / gibbsSpeed
		return expectation{seconds: float64(t.Updates)*update + recordsPerTraining*recordSeconds}
	case Sample:
		s := run.Sampling
		samples := 2*weights*float64(samplingSteps(run)*s.Chains)/gibbsSpeed + float64(s.Configurations)*sites*spinSeconds
		const chains, directions, passes = 512, 2, 4
		annealing := float64(annealingSteps(run, model, task.Cell)) * chains * directions * passes * weights / annealingSpeed
		return expectation{seconds: samples + annealing, annealing: annealing / (samples + annealing)}
	case Flow:
		visited := float64(len(run.Flow.From) * run.Flow.Iterations * run.Flow.Chains)
		return expectation{seconds: visited * (2*weights/gibbsSpeed + sites*spinSeconds)}
	}
	panic("pipeline: not a cell stage: " + string(task.Stage))
}

// share is how much of a task is done according to its record, 0 to 1.
func (e expectation) share(s *stageState, total int64) float64 {
	done := float64(s.Done) / float64(max(total, 1))
	if s.Annealing != nil {
		return (1-e.annealing)*done + e.annealing*s.Annealing.share()
	}
	return (1 - e.annealing) * done
}

// annealingState is how far the annealing for ln Z is, in steps, both directions
// counted.
type annealingState struct {
	Done     int `json:"done"`
	Left     int `json:"left"`     // of the schedule that is being taken
	Expected int `json:"expected"` // of all schedules
}

// share is the part of the annealing that is done, as far as that is known: schedules
// get longer until ln Z is known well enough.
func (a *annealingState) share() float64 {
	left := max(a.Left, a.Expected-a.Done)
	return float64(a.Done) / float64(max(a.Done+left, 1))
}
