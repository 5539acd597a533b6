package runfile

import (
	"cmp"
	"fmt"
	"strings"
)

// resolveTraining fills in what follows from other keys, and refuses settings
// that contradict the model or each other.
func (r *reader) resolveTraining() {
	r.resolvePool()
	r.resolveSymmetry()
	r.resolveInitial()
	r.resolveShape()
	r.resolveBatch()
	r.resolveLength()
	r.resolveRate()
	r.checkOptimizer()
	r.resolveSnapshots()
}

// resolvePool lets a machine of all temperatures start anew: there is no hotter one.
func (r *reader) resolvePool() {
	t := &r.run.Training
	if t.Pool && t.WarmStart && !r.refuse("training.warm_start", "one machine for all temperatures has no hotter one to start from", "remove it, or write pool = false") {
		t.WarmStart = false
	}
}

// defaultSnapshots is how many machines are kept along a training that needs some.
const defaultSnapshots = 16

// resolveSnapshots keeps machines along the training where something needs them.
func (r *reader) resolveSnapshots() {
	t := &r.run.Training
	needed := t.Algorithm == "ptt" || r.run.Sampling.Algorithm == "trajectory"
	if !needed || !r.sound("training.snapshots", "training.algorithm", "sampling.algorithm") {
		return
	}
	if !r.given("training.snapshots") {
		t.Snapshots = defaultSnapshots
	}
	if t.Snapshots == 0 {
		r.refuse("training.snapshots", `"ptt" and sampling along the trajectory need machines kept along the training`, "remove it, or give at least 1")
	}
}

// tied reports whether a symmetry repeats filters at every site.
func tied(symmetry string) bool { return strings.HasPrefix(symmetry, "translation") }

// checkOptimizer refuses what the optimizer has no use for, and rates and machines
// that are not for the natural gradient.
func (r *reader) checkOptimizer() {
	t := r.run.Training
	const plain = `optimizer = "sgd"`
	switch {
	case t.Optimizer != "natural" && t.FinalDamping != 0 && r.sound("training.optimizer") &&
		r.refuse("training.final_damping", fmt.Sprintf("%q has no metric", t.Optimizer), `remove it, or write optimizer = "natural"`):
	case t.Optimizer == "adam" && t.Momentum != 0:
		r.refuse("training.momentum", `"adam" has its own running means`, "remove it, or write "+plain)
	case t.Optimizer != "natural" || !r.sound("training.optimizer", "training.symmetry"):
	case !tied(t.Symmetry):
		r.report(r.spot("training.optimizer", "training.symmetry"), "training.optimizer",
			fmt.Sprintf(`"natural" solves for all parameters together, too many with symmetry %q`, t.Symmetry),
			`write symmetry = "translation+flip", or `+plain)
	case t.Momentum != 0:
		r.refuse("training.momentum", `"natural" steps have no momentum`, "remove it, or write "+plain)
	case t.Rate > 1 && r.sound("training.rate"):
		r.report(r.spot("training.rate"), "training.rate",
			fmt.Sprintf(`%s is not a fraction of the step of "natural"`, decimal(t.Rate)), "at most 1, such as 0.1, or write "+plain)
	}
}

// resolveSymmetry turns off what a field or open boundaries break, and refuses
// it if the file itself asks for it.
func (r *reader) resolveSymmetry() {
	t, lattice := &r.run.Training, r.run.Lattice
	if lattice.Field != 0 && r.sound("lattice.field") {
		if without, flip := strings.CutSuffix(t.Symmetry, "flip"); flip {
			without = cmp.Or(strings.TrimSuffix(without, "+"), "none")
			if !r.refuse("training.symmetry", "the field breaks the flip symmetry", fmt.Sprintf("write symmetry = %q, or field = 0.0", without)) {
				t.Symmetry = without
			}
		}
		if t.Flips && !r.refuse("training.flips", "the field breaks the flip symmetry", "write flips = false, or field = 0.0") {
			t.Flips = false
		}
	}
	if lattice.Boundary == "open" && tied(t.Symmetry) {
		r.refuse("training.symmetry", "an open lattice has no translations", `write symmetry = "flip", or boundary = "periodic"`)
	}
	if lattice.Boundary == "open" && t.Translations &&
		!r.refuse("training.translations", "an open lattice has no translations", `write translations = false, or boundary = "periodic"`) {
		t.Translations = false
	}
}

// refuse reports a key's value if the file itself has it.
func (r *reader) refuse(key, message, hint string) bool {
	n := r.root.at(key)
	if n == nil || !r.sound(key) {
		return false
	}
	r.report(n.place(), key, r.source.quote(n.place())+": "+message, hint)
	return true
}

// resolveInitial takes the scale that goes with another distribution than the
// preset's.
func (r *reader) resolveInitial() {
	t := &r.run.Training
	if t.InitialRange > 0 && !tied(t.Symmetry) {
		r.refuse("training.initial_range", "only the filters of a tied machine have a site", `remove it, or write symmetry = "translation+flip"`)
	}
	if !r.given("training.initial") || r.given("training.initial_scale") {
		return
	}
	t.InitialScale = gaussianScale
	if t.Initial == "uniform" {
		t.InitialScale = uniformScale
	}
}

// resolveShape has no shape to hold without a warm start.
func (r *reader) resolveShape() {
	t := &r.run.Training
	if !t.WarmStart && t.ShapeDecay != 0 {
		r.refuse("training.shape_decay", "without a warm start there is no shape to hold", "remove it, or write warm_start = true")
		t.ShapeDecay = 0
	}
}

func (r *reader) resolveBatch() {
	t := &r.run.Training
	if !r.sound("training.batch") {
		return
	}
	if stored, _, known := r.stored(); known && t.Batch > stored && r.sound("monte_carlo.configurations") {
		r.report(r.spot("training.batch", "monte_carlo.configurations", "data.configurations"), "training.batch",
			fmt.Sprintf("a batch of %d is more than the %d configurations", t.Batch, stored),
			"take a smaller batch, or more configurations")
	}
	if t.Algorithm == "cd" && t.Chains != 0 && t.Chains != t.Batch {
		r.refuse("training.chains", `"cd" has one chain for each configuration of the batch`, `remove it, or write algorithm = "pcd"`)
	}
	if t.Chains == 0 {
		t.Chains = t.Batch
	}
}

// resolveLength decides the number of updates.
func (r *reader) resolveLength() {
	t := &r.run.Training
	if r.given("training.epochs") && r.given("training.updates") {
		r.refuse("training.epochs", "updates are given as well", "remove one of the two")
		return
	}
	if r.given("training.updates") {
		t.Epochs = 0
	}
	stored, _, known := r.stored()
	if t.Epochs == 0 || !known || !r.sound("training.epochs", "training.batch", "monte_carlo.configurations") {
		return
	}
	if t.Pool {
		stored *= max(1, len(r.run.Sweep.Temperatures))
	}
	t.Updates = t.Epochs * ((stored + t.Batch - 1) / t.Batch)
	if t.Updates > maxUpdates {
		r.report(r.spot("training.epochs", "training.batch", "monte_carlo.configurations"), "training.epochs",
			fmt.Sprintf("%d epochs are %s updates", t.Epochs, grouped(int64(t.Updates))),
			fmt.Sprintf("at most %s", grouped(maxUpdates)))
	}
}

// resolveRate decides the final learning rate.
func (r *reader) resolveRate() {
	t := &r.run.Training
	if !r.sound("training.rate", "training.final_rate", "training.schedule") {
		return
	}
	if t.Schedule == "constant" {
		if t.FinalRate != t.Rate {
			r.refuse("training.final_rate", "the schedule is constant", `remove it, or write schedule = "exponential"`)
		}
		t.FinalRate = t.Rate
		return
	}
	switch {
	case t.FinalRate == 0:
		r.refuse("training.schedule", "final_rate is missing", "add final_rate, at most rate")
	case t.FinalRate > t.Rate:
		r.report(r.spot("training.final_rate", "training.rate"), "training.final_rate",
			fmt.Sprintf("the final rate %s is above the rate %s", decimal(t.FinalRate), decimal(t.Rate)),
			"give both, the rate falls from rate to final_rate")
	}
}
