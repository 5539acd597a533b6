package pipeline

import (
	"math"
	"slices"

	"isingrbm/ising"
	"isingrbm/pipeline/runfile"
	"isingrbm/rbm"
)

// warmStart returns the machine cell whose machine the training of c begins with:
// that of the next higher finite temperature of the sweep. There is none for the
// hottest cell, nor without [training] warm_start.
//
// A sweep is learnt from hot to cold because what is rare at one temperature is
// less so at the next higher one: its machine has the clusters and domain walls
// already that a cold one, begun anew, would see too seldom to learn.
func warmStart(run *runfile.Run, c Cell) (from Cell, ok bool) {
	if !run.Training.WarmStart || !c.IsMachine() {
		return Cell{}, false
	}
	from = c
	for _, t := range run.Sweep.Temperatures {
		hotter := t > c.Temperature && !math.IsInf(float64(t), 1) && run.HasData(c.Size, t)
		if hotter && (!ok || t < from.Temperature) {
			from.Temperature, ok = t, true
		}
	}
	return from, ok
}

// linkWarmStarts lets each training wait for the one that it starts from.
func (p *Plan) linkWarmStarts() {
	trainings := make(map[Cell]int)
	for i, t := range p.Tasks {
		if t.Stage == Train {
			trainings[t.Cell] = i
		}
	}
	for cell, i := range trainings {
		if from, ok := warmStart(p.Run, cell); ok {
			p.Tasks[i].Needs = append(p.Tasks[i].Needs, trainings[from])
		}
	}
}

// withWarmStart adds to the inputs of a stage the cell from which the training of c
// starts: a temperature added between the two changes what is learnt.
func withWarmStart(inputs []Input, run *runfile.Run, c Cell) []Input {
	from, ok := warmStart(run, c)
	if !ok {
		return inputs
	}
	return append(slices.Clip(inputs), Input{"training.warm_start from", from.ID()})
}

// coldBelow is the temperature, in units of J, below which most configurations of a small
// lattice have at most a few spins flipped, and say little of more than the scale of the
// couplings: a flip costs 8 J on the square lattice.
const coldBelow = 1.6

// shapeDecay is how strongly the training of c holds to the shape of its warm start:
// data of higher temperatures know better.
func shapeDecay(run *runfile.Run, model ising.Model, c Cell) float64 {
	if float64(c.Temperature) < float64(coldBelow*math.Abs(model.Coupling)) {
		return run.Training.ShapeDecay
	}
	return 0
}

// startMachine reads the machine that the training begins with; it is nil for one
// that begins anew.
func (j *job) startMachine() (*rbm.Machine, error) {
	from, ok := warmStart(j.spec, j.task.Cell)
	if !ok {
		return nil, nil
	}
	return j.readMachineOf(from, machineFile)
}
