package rbm

import "fmt"

// DivergedError is the error of a training that has left the region from which more
// updates lead back. The trainer reports it for parameters that are not finite, and
// for visible biases that have run away: every 64 updates, for a visible unit i that
// takes either value in a tenth of the minibatch or more while all chains hold it at
// one, |b_i + Σ_j W_ij ⟨h_j⟩_data| > 30 towards that one. Chains of that machine do not
// come back (odds of e³⁰ to 1), and then nothing tells the bias so. A caller who knows
// the data's physics may report more in the same form.
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
	runawayInterval = 64  // updates between looks
	runawayField    = 30  // nats
	runawayShare    = 0.1 // of the minibatch, for each value of the unit
)

// diverged returns what is wrong after an update, or nil.
func (t *Trainer) diverged(rate float64) error {
	if !t.parameters.finite(t.team) {
		return &DivergedError{int(t.updates), "a parameter is no longer finite",
			fmt.Sprintf("lower the rate (now %.3g) or the momentum, or enlarge the batch", rate)}
	}
	if t.updates%runawayInterval != 0 || t.symmetric || t.settings.Algorithm == exact {
		return nil
	}
	if i, field := t.runaway(); i >= 0 {
		return &DivergedError{int(t.updates), fmt.Sprintf("the bias of visible unit %d has run away: all chains hold the unit at one value, with a mean field of %.3g that the data do not have", i, field),
			fmt.Sprintf("lower the rate (now %.3g), use more steps or chains or Algorithm %q, or make the machine symmetric if the data are", rate, cd)}
	}
	return nil
}

// runaway returns a visible unit whose bias has run away, and its field; or −1.
func (t *Trainer) runaway() (unit int, field float64) {
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
