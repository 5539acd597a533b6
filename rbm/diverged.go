package rbm

import "fmt"

// DivergedError is the error of a training that has left the region from which more
// updates lead back. The trainer reports parameters that are not finite and, every 64
// updates,
//
//   - weights that have overshot: the mean free energy of the data lies more than 10
//     nats a unit (visible and hidden) above that of the chains, so the machine finds
//     the data hopelessly improbable; stable trainings keep the two within a few
//     nats in all;
//   - visible biases that have run away: for a unit i that takes either value in a
//     tenth of the minibatch or more while all chains hold it at one,
//     |b_i + Σ_j W_ij ⟨h_j⟩_data| > 30 towards that one. Chains of that machine do not
//     come back (odds of e³⁰ to 1), and then nothing tells the bias so.
//
// Without chains, for "exact", only the first is looked at. A caller who knows the
// data's physics may report more in the same form.
type DivergedError struct {
	Update int    // number of the update, from 1, that showed it
	Reason string // what was seen
	Advice string // what to change
}

// Error says all of it in one line.
func (e *DivergedError) Error() string {
	return fmt.Sprintf("rbm: training diverged in update %d: %s; %s", e.Update, e.Reason, e.Advice)
}

const (
	lookInterval  = 64  // updates between looks
	overshotGap   = 10  // nats a unit
	overshotRows  = 16  // of either phase that are looked at
	runawayField  = 30  // nats
	runawayShare  = 0.1 // of the minibatch, for each value of the unit
	lowerTheSteps = "lower the rate (now %.3g) or the momentum, or enlarge the batch"
)

// lost reports parameters that are not finite after an update.
func (t *Trainer) lost(rate float64) error {
	if t.parameters.finite(t.team) {
		return nil
	}
	return &DivergedError{int(t.updates), "a parameter is no longer finite", fmt.Sprintf(lowerTheSteps, rate)}
}

// diverged reports what else is wrong.
func (t *Trainer) diverged(rate float64) error {
	if t.updates%lookInterval != 0 || t.settings.Algorithm == exact {
		return nil
	}
	if i, field := t.runaway(); i >= 0 {
		return &DivergedError{int(t.updates), fmt.Sprintf("the bias of visible unit %d has run away: all chains hold the unit at one value, with a mean field of %.3g that the data do not have", i, field),
			fmt.Sprintf("lower the rate (now %.3g), use more steps or chains or Algorithm %q, or make the machine symmetric if the data are", rate, cd)}
	}
	if gap, units := t.freeEnergyGap(), t.dense.visible+t.dense.hidden; gap > overshotGap*float64(units) {
		return &DivergedError{int(t.updates), fmt.Sprintf("the weights have overshot: the data's free energy is %.0f nats above that of the chains, more than %d a unit", gap, overshotGap),
			fmt.Sprintf(lowerTheSteps, rate)}
	}
	return nil
}

// freeEnergyGap is the mean free energy of rows of the minibatch minus that of chains.
func (t *Trainer) freeEnergyGap() float64 {
	m, words := t.Machine(), Words(t.dense.visible)
	return m.meanFreeEnergy(spread(t.data.rows(), words, overshotRows)) - m.meanFreeEnergy(spread(t.machine.rows(), words, overshotRows))
}

// runaway returns a visible unit whose bias has run away, and its field; or −1.
func (t *Trainer) runaway() (unit int, field float64) {
	if t.symmetric {
		return -1, 0 // its biases follow from its weights
	}
	t.parameters.onVisible(t.fields, t.hiddenMeans, t.tying, t.team)
	for i := range t.parameters.visible {
		data, chains := t.data.mean(i), t.machine.mean(i)
		if data < runawayShare || data > 1-runawayShare || chains != 0 && chains != 1 {
			continue
		}
		field := float64(*t.parameters.visibleBias(i) + *at(t.fields, i))
		if chains == 0 && field < -runawayField || chains == 1 && field > runawayField {
			return i, field
		}
	}
	return -1, 0
}
