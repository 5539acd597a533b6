package rbm

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Settings say how a machine is trained. The zero value of a field is its default
// where one is stated; Steps, Batch, Updates and Rate have none, but for what "exact"
// says.
type Settings struct {
	// Algorithm of the negative phase: "cd" starts its chains at the minibatch,
	// "pcd" (default) goes on with chains of its own, which started at the data,
	// "ptt" lets those exchange configurations with chains of the machines of
	// Snapshots, "exact" has none and enumerates the smaller layer, of at most 20 units.
	Algorithm string
	// Steps of Gibbs sampling an update, the k of CD-k and PCD-k; at least 1. "exact"
	// ignores it.
	Steps int
	// Batch is the number of configurations in a minibatch, at least 1. The last
	// one of an epoch is shorter where they do not divide the data. For "exact", 0
	// (default) means all the data.
	Batch int
	// Chains of "pcd" and of each machine of "ptt"; 0 (default) means Batch. "cd" has one a configuration of the
	// minibatch, "exact" none; both ignore it.
	Chains int
	// Snapshots is the most machines that are kept along the training, at updates in
	// geometric progression, the first before any ([Trainer.Trajectory]). 0 (default)
	// keeps none, but 16 for "ptt". With "ptt" each costs a Gibbs step an update.
	Snapshots int `json:",omitempty"`
	// Updates of the whole training, at least 1. The schedule of the rate and the
	// averaged part refer to it.
	Updates int

	// Rate is the learning rate of the first update, positive; an update adds
	// rate × gradient of the mean log-likelihood.
	Rate float64
	// FinalRate is the rate of the last update; a "constant" schedule ignores it. At
	// least 0, and positive for "exponential" and "staircase".
	FinalRate float64
	// Schedule of the rate between the two, "constant" (default), "linear",
	// "exponential" or "cosine" (half a period) in the number of updates, or
	// "staircase": as long at each of the fewest rates that fall by the same factor,
	// at most ten.
	Schedule string
	// Momentum m in [0, 1), default 0: velocity = m·velocity + gradient is what is
	// followed, so a steady gradient is amplified by 1/(1−m).
	Momentum float64
	// Optimizer that turns the gradient into a step: "sgd" (default) follows it, with
	// Momentum; "adam" divides each component by its running size (Kingma and Ba,
	// arXiv:1412.6980), so that Rate is the size of a step of one parameter; "natural",
	// for tied machines alone, follows the natural gradient, so that Rate, at most 1,
	// is the fraction of the way to where the data's part of the gradient balances the
	// machine's.
	Optimizer string
	// Beta1 and Beta2 in (0, 1) are the weights of the past in Adam's running means
	// of gradient and squared gradient, Epsilon > 0 is added to the size. 0 (default)
	// means 0.9, 0.999 and 1e-8. "sgd" takes none of them.
	Beta1, Beta2, Epsilon float64
	// Damping > 0 of "natural" is what is added to its metric at the first update, in
	// units of its mean diagonal, and FinalDamping, at most Damping, at the last; it
	// falls exponentially. 0 (default) means 0.1 and 0.001.
	Damping, FinalDamping float64 `json:",omitzero"`
	// StepLimit > 0 of "natural" shortens steps that would change the machine by a
	// larger Kullback-Leibler divergence, in nats; 0 (default) means 0.01. Chains lag
	// behind a machine that changes faster.
	StepLimit float64 `json:",omitzero"`
	// WeightDecay λ ≥ 0, default 0: the gradient of −½λ Σ W² is added to that of
	// the likelihood. Biases do not decay.
	WeightDecay float64
	// L1Decay λ ≥ 0, default 0: the gradient of −λ Σ |W| is added likewise.
	L1Decay float64
	// ShapeDecay λ ≥ 0, default 0, holds the weights of each hidden unit, but for a common
	// factor s, to those of Start: the gradient of −½λ Σ min_s |W − s W_Start|² is added.
	// Without Start it does nothing.
	ShapeDecay float64 `json:",omitzero"`

	// Centered follows the gradient of the machine written with offsets.
	Centered bool
	// OffsetRate in (0, 1] is the weight of one minibatch in the running means that
	// are the offsets; 0 (default) means 0.01.
	OffsetRate float64
	// Symmetry of the machine: "none" (default); "flip", exactly symmetric under the
	// flip of all units, and always centered, with offsets ½; "translation", exactly
	// symmetric under the permutations of Group; or "translation+flip", both.
	Symmetry string
	// Group of permutations of the visible units, p a member: new[i] = old[p[i]]. It
	// is a group, each member once, in any order; for "translation" only. Each filter
	// w_f then has a copy a member, W[Group[g][i], f·|Group|+g] = w_f[i], and the
	// hidden units are a multiple of |Group|.
	Group [][]int32 `json:"-"`
	// AverageFraction in [0, 1], default 0, is the last part of the updates whose
	// parameters [Trainer.Average] averages.
	AverageFraction float64

	// Permutations of the visible units that leave the data's distribution
	// unchanged: each row of a minibatch gets one drawn uniformly from them,
	// new[i] = old[p[i]]. None (default) leaves rows alone; include the identity.
	Permutations [][]int32 `json:"-"`
	// AugmentFlips flips all units of each row of a minibatch with probability ½.
	AugmentFlips bool
	// Shuffle goes through the data in a new random order each epoch, otherwise
	// always in the order given.
	Shuffle bool

	// Threads that may share an update, 0 (default) means 1. Their number changes no bit.
	// Only as many are used as have enough to do between two meetings, one more for
	// each 2²⁰ of rows × visible × hidden units (two for 100 × 145 × 145); many small
	// machines train faster side by side.
	Threads int `json:"-"`

	// Initial distribution of the weights: "uniform" (default) within
	// ±InitialScale·√(6/(n_v+n_h)), or "gaussian" of deviation InitialScale.
	Initial string
	// InitialScale, positive; 0 (default) means 4 for "uniform", 0.01 for "gaussian".
	InitialScale float64
	// InitialEnvelope multiplies the initial weights of each visible unit, so that the
	// filters of a tied machine can begin localized; none (default) leaves them.
	InitialEnvelope []float64 `json:"-"`
	// VisibleBias at the start: "data" (default), the log-odds of each unit in the
	// data, one half configuration added to either side so that they are finite; or
	// "zero". A flip-symmetric machine's biases follow from its weights instead.
	VisibleBias string
	// Start is the machine whose parameters the training begins with, instead of those
	// that Initial, InitialScale and VisibleBias ask for; nil (default) means none. It
	// has the units of the machine to train. A symmetry that it lacks is imposed: the
	// flip on its biases, translations by averaging over them.
	Start *Machine `json:"-"`
}

// Names of the settings that are words.
const (
	cd, pcd, exact, ptt           = "cd", "pcd", "exact", "ptt"
	constant, linear, exponential = "constant", "linear", "exponential"
	cosine, staircase             = "cosine", "staircase"
	sgd, adaptive                 = "sgd", "adam"
	naturalGradient               = "natural"
	none, flip                    = "none", "flip"
	translation, translationFlip  = "translation", "translation+flip"
	uniform, gaussian             = "uniform", "gaussian"
	fromData, zero                = "data", "zero"
)

// Validate reports all settings out of range. Permutations and Group are checked by
// [NewTrainer], which knows the number of units.
func (s Settings) Validate() error {
	given := s // for fields whose default follows from another one, which may be wrong
	s = s.resolved()
	return errors.Join(
		oneOf("Algorithm", s.Algorithm, cd, pcd, exact, ptt), s.validateSnapshots(),
		oneOf("Schedule", s.Schedule, constant, linear, exponential, cosine, staircase),
		oneOf("Optimizer", s.Optimizer, sgd, adaptive, naturalGradient),
		s.validateAdam(), s.validateNatural(),
		oneOf("Symmetry", s.Symmetry, none, flip, translation, translationFlip),
		s.validateGroup(), s.validateEnvelope(),
		oneOf("Initial", s.Initial, uniform, gaussian),
		oneOf("VisibleBias", s.VisibleBias, fromData, zero),
		atLeastOne("Steps", s.Steps), s.validateBatch(),
		given.validateChains(), atLeastOne("Threads", s.Threads), atLeastOne("Updates", s.Updates),
		within("Rate", s.Rate, s.Rate > 0, "positive"),
		s.validateFinalRate(),
		within("Momentum", s.Momentum, 0 <= s.Momentum && s.Momentum < 1, "in [0, 1)"),
		within("WeightDecay", s.WeightDecay, s.WeightDecay >= 0, "at least 0"),
		within("L1Decay", s.L1Decay, s.L1Decay >= 0, "at least 0"),
		within("ShapeDecay", s.ShapeDecay, s.ShapeDecay >= 0, "at least 0"),
		within("OffsetRate", s.OffsetRate, 0 < s.OffsetRate && s.OffsetRate <= 1, "in (0, 1]"),
		within("AverageFraction", s.AverageFraction, 0 <= s.AverageFraction && s.AverageFraction <= 1, "in [0, 1]"),
		within("InitialScale", given.InitialScale, given.InitialScale >= 0, "positive"),
	)
}

// flipSymmetric and tied are the two parts of Symmetry.
func (s Settings) flipSymmetric() bool { return s.Symmetry == flip || s.Symmetry == translationFlip }

func (s Settings) tied() bool { return s.Symmetry == translation || s.Symmetry == translationFlip }

func (s Settings) validateGroup() error {
	switch {
	case s.tied() && len(s.Group) == 0:
		return fmt.Errorf("rbm: Symmetry %q needs a Group of permutations", s.Symmetry)
	case !s.tied() && s.Group != nil:
		return fmt.Errorf("rbm: Symmetry %q has no use for a Group", s.Symmetry)
	}
	return nil
}

func (s Settings) validateEnvelope() error {
	for i, x := range s.InitialEnvelope {
		if err := within(fmt.Sprintf("InitialEnvelope[%d]", i), x, x >= 0, "at least 0"); err != nil {
			return err
		}
	}
	return nil
}

func (s Settings) validateBatch() error {
	if s.Algorithm == exact && s.Batch == 0 {
		return nil
	}
	return atLeastOne("Batch", s.Batch)
}

// validateChains passes over what "cd" and "exact" ignore.
func (s Settings) validateChains() error {
	if s.Chains >= 0 || s.Algorithm == cd || s.Algorithm == exact {
		return nil
	}
	return fmt.Errorf("rbm: Chains is %d, want at least 0", s.Chains)
}

// validateFinalRate passes over what a constant rate ignores.
func (s Settings) validateFinalRate() error {
	if s.Schedule == constant {
		return nil
	}
	byFactors := s.Schedule == exponential || s.Schedule == staircase
	return within("FinalRate", s.FinalRate, s.FinalRate > 0 || s.FinalRate == 0 && !byFactors,
		"at least 0, and positive for a schedule by factors")
}

func (s Settings) validateAdam() error {
	if s.Optimizer != adaptive {
		if s.Beta1 != 0 || s.Beta2 != 0 || s.Epsilon != 0 {
			return fmt.Errorf("rbm: Optimizer %q has no use for Beta1, Beta2 and Epsilon", s.Optimizer)
		}
		return nil
	}
	fraction := func(name string, x float64) error {
		return within(name, x, 0 < float32(x) && float32(x) < 1, "in (0, 1)")
	}
	var momentum error
	if s.Momentum != 0 {
		momentum = fmt.Errorf("rbm: Momentum is %v, want 0: the momentum of Adam is Beta1", s.Momentum)
	}
	return errors.Join(fraction("Beta1", s.Beta1), fraction("Beta2", s.Beta2),
		within("Epsilon", s.Epsilon, float32(s.Epsilon) > 0, "positive"), momentum)
}

func (s Settings) validateNatural() error {
	if s.Optimizer != naturalGradient {
		if s.Damping != 0 || s.FinalDamping != 0 || s.StepLimit != 0 {
			return fmt.Errorf("rbm: Optimizer %q has no use for Damping, FinalDamping and StepLimit", s.Optimizer)
		}
		return nil
	}
	var problems []error
	if !s.tied() {
		problems = append(problems, fmt.Errorf("rbm: Optimizer %q is for the few free parameters of tied machines, Symmetry %q or %q, not %q", naturalGradient, translation, translationFlip, s.Symmetry))
	}
	if s.Momentum != 0 {
		problems = append(problems, fmt.Errorf("rbm: Momentum is %v, want 0: %q has none", s.Momentum, naturalGradient))
	}
	return errors.Join(append(problems, within("Rate", s.Rate, s.Rate <= 1, "at most 1: it is a fraction of the natural step"),
		within("Damping", s.Damping, s.Damping > 0, "positive"),
		within("FinalDamping", s.FinalDamping, 0 < s.FinalDamping && (s.FinalDamping <= s.Damping || !(s.Damping > 0)), "positive and at most Damping"), within("StepLimit", s.StepLimit, s.StepLimit > 0, "positive"))...)
}

func oneOf(name, word string, words ...string) error {
	if slices.Contains(words, word) {
		return nil
	}
	return fmt.Errorf("rbm: %s is %q, want one of %s", name, word, strings.Join(words, ", "))
}

func atLeastOne(name string, n int) error {
	if n >= 1 {
		return nil
	}
	return fmt.Errorf("rbm: %s is %d, want at least 1", name, n)
}

func within(name string, x float64, ok bool, want string) error {
	if ok && !math.IsInf(x, 0) {
		return nil
	}
	return fmt.Errorf("rbm: %s is %v, want a number %s", name, x, want)
}

// persistent reports whether the negative phase has chains of its own.
func (s Settings) persistent() bool { return s.Algorithm == pcd || s.Algorithm == ptt }

func (s Settings) validateSnapshots() error {
	if s.Snapshots < 0 {
		return fmt.Errorf("rbm: Snapshots is %d, want at least 0", s.Snapshots)
	}
	return nil
}

// resolved replaces what is zero by its default.
func (s Settings) resolved() Settings {
	word := func(w *string, byDefault string) {
		if *w == "" {
			*w = byDefault
		}
	}
	word(&s.Algorithm, pcd)
	word(&s.Schedule, constant)
	word(&s.Optimizer, sgd)
	word(&s.Symmetry, none)
	word(&s.Initial, uniform)
	word(&s.VisibleBias, fromData)
	switch {
	case s.Algorithm == exact:
		s.Steps, s.Chains = 1, 1
	case s.Chains == 0 || s.Algorithm == cd:
		s.Chains = s.Batch
	}
	if s.Schedule == constant {
		s.FinalRate = s.Rate
	}
	if s.Algorithm == ptt && s.Snapshots == 0 {
		s.Snapshots = 16
	}
	if s.Threads == 0 {
		s.Threads = 1
	}
	number := func(x *float64, byDefault float64) {
		if *x == 0 {
			*x = byDefault
		}
	}
	if s.Optimizer == adaptive {
		number(&s.Beta1, 0.9)
		number(&s.Beta2, 0.999)
		number(&s.Epsilon, 1e-8)
	}
	if s.Optimizer == naturalGradient {
		number(&s.Damping, 0.1)
		number(&s.FinalDamping, 0.001)
		number(&s.StepLimit, 0.01)
	}
	number(&s.OffsetRate, 0.01)
	number(&s.InitialScale, map[string]float64{uniform: 4, gaussian: 0.01}[s.Initial])
	return s
}

// usefulThreads is the number of threads that are worth their meetings, of which there
// is one a layer that is drawn: 2²⁰ products take some five microseconds.
func (s Settings) usefulThreads(visible, hidden int) int {
	const worthwhile = 1 << 20
	return min(s.Threads, max(1, max(s.Batch, s.Chains)*visible*hidden/worthwhile))
}

// progress is 0 at the first update and 1 from the last one on.
func (s Settings) progress(update int) float64 {
	if update < s.Updates-1 {
		return float64(update) / float64(s.Updates-1)
	}
	return 1
}

// damping is what is added to the metric of "natural" in an update, in units of its
// mean diagonal.
func (s Settings) damping(update int) float64 {
	return s.Damping * fractionalPower(s.FinalDamping/s.Damping, s.progress(update))
}

// rate is the learning rate of an update counted from 0; beyond the last one it
// stays at its value there.
func (s Settings) rate(update int) float64 {
	x := s.progress(update)
	switch s.Schedule {
	case linear:
		return float64(s.Rate*(1-x)) + float64(s.FinalRate*x)
	case exponential:
		return s.Rate * fractionalPower(s.FinalRate/s.Rate, x)
	case cosine:
		half := float64(0.5 * (1 + cosPi(x)))
		return float64(s.Rate*half) + float64(s.FinalRate*(1-half))
	case staircase:
		falls := s.falls()
		fallen := min(falls, int(x*float64(falls+1)))
		return s.Rate * fractionalPower(s.FinalRate/s.Rate, float64(fallen)/float64(max(falls, 1)))
	}
	return s.Rate
}

// falls is how often the rate falls on a staircase.
func (s Settings) falls() int {
	falls := 0
	for rate := s.Rate; rate > s.FinalRate*(1+1e-9); rate /= 10 {
		falls++
	}
	return falls
}

// fractionalPower returns aˣ for x in [0, 1] as a product of square roots, one a
// binary digit of x: math.Sqrt is rounded correctly everywhere, math.Pow is not.
func fractionalPower(a, x float64) float64 {
	power := 1.0
	if x >= 1 {
		return a
	}
	for root := a; x > 0; {
		root = math.Sqrt(root)
		x *= 2
		if x >= 1 {
			x--
			power *= root
		}
	}
	return power
}

// averagedFrom is the number of updates after which averaging begins.
func (s Settings) averagedFrom() int {
	return s.Updates - int(math.Ceil(s.AverageFraction*float64(s.Updates)))
}
