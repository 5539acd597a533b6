package rbm

import (
	"errors"
	"fmt"
	"slices"

	"isingrbm/rbm/internal/kernel"
)

// Trainer trains one machine. It is not safe for concurrent use; any number of
// trainers may share data and run side by side.
type Trainer struct {
	settings Settings // resolved
	digest   [32]byte // of data, permutations, group and start
	batches  *minibatches
	updates  int64
	failure  error // of an update that diverged

	ascent
	dense, denseGradient *parameters // as the kernel sees them; the ascent's own unless tied
	average              *average    // nil without
	model                *conditionals
	data, machine        *phase         // positive and negative
	hidden               packed         // of the chains
	hiddenMeans          []kernel.Strip // of the data
	fields               []kernel.Strip // scratch, one number a visible unit
	flips                *stream
	trajectory           *trajectory // nil without
	current              *rung       // the chains of "ptt" beside those of the trajectory
}

// NewTrainer prepares the training of a machine of visible × hidden units on the
// given rows of data, which it keeps and does not change. It is an error if the
// settings are out of range, a permutation is none, Group is no group or does not
// divide the hidden units, Start is not valid or has other units, both layers are too
// large for "exact", or the data are empty, not a whole number of rows, or have bits
// beyond the visible units.
func NewTrainer(s Settings, visible, hidden int, data []uint64, seed [32]byte) (*Trainer, error) {
	if err := checkInput(s, visible, hidden, data); err != nil {
		return nil, err
	}
	random := newStream(seed)
	t := &Trainer{settings: s.resolved(), digest: digest(data, s)}
	if t.settings.Batch == 0 {
		t.settings.Batch = len(data) / Words(visible)
	}
	s = t.settings
	s.Threads = s.usefulThreads(visible, hidden)
	tying, err := newTying(s, visible, hidden)
	if err != nil {
		return nil, err
	}
	if t.batches, err = newMinibatches(s, data, visible, random); err != nil {
		return nil, err
	}
	means := t.batches.means(s.Permutations)
	if tying != nil {
		tying.levelMeans(means)
	}
	p := startingParameters(s, means, t.batches.n, hidden, tying, random.split())
	if t.ascent, err = newAscent(s, p, means, tying); err != nil {
		return nil, err
	}
	t.average = newAverage(p, s)
	t.dense, t.denseGradient = t.parameters, t.gradient
	if tying != nil {
		t.dense, t.denseGradient = newParameters(visible, hidden), newParameters(visible, hidden)
	}
	t.model = newConditionals(visible, hidden, random, t.team)
	t.install()
	t.flips = random.split()
	t.makePhases(random.split())
	t.trajectory = newTrajectory(s, random)
	return t, nil
}

// exactUnits is the largest smaller layer of "exact": 2²⁰ states with 64 units on the
// other side take some two seconds an update.
const exactUnits = 20

// checkInput refuses what NewTrainer cannot train on.
func checkInput(s Settings, visible, hidden int, data []uint64) error {
	if _, err := Kernel(); err != nil {
		return err
	}
	if err := s.Validate(); err != nil {
		return err
	}
	if visible < 1 || hidden < 1 {
		return fmt.Errorf("rbm: a machine of %d × %d units", visible, hidden)
	}
	if smaller := min(visible, hidden); s.Algorithm == exact && smaller > exactUnits {
		return fmt.Errorf("rbm: Algorithm %q enumerates the smaller layer, which has %d units, more than %d; use %q", exact, smaller, exactUnits, pcd)
	}
	if err := checkStart(s.Start, visible, hidden); err != nil {
		return err
	}
	if e := s.InitialEnvelope; e != nil && len(e) != visible {
		return fmt.Errorf("rbm: InitialEnvelope of %d elements for %d visible units", len(e), visible)
	}
	if len(data) == 0 {
		return errors.New("rbm: no rows of data")
	}
	return checkRows("the data", data, visible)
}

// newAscent starts at the parameters p.
func newAscent(s Settings, p *parameters, means []float64, t *tying) (a ascent, err error) {
	a = ascent{parameters: p, gradient: newParameters(p.visible, p.hidden), tying: t, team: newTeam(s.Threads),
		adam: newAdam(p, s), shape: newShape(s, p),
		momentum: float32(s.Momentum), decay: float32(s.WeightDecay), l1: float32(s.L1Decay), symmetric: s.flipSymmetric()}
	if a.natural, err = newNatural(p, s, t); err != nil {
		return a, err
	}
	if s.Momentum != 0 {
		a.velocity = newParameters(p.visible, p.hidden)
	}
	if s.Centered || a.symmetric {
		a.offsets = newOffsets(means, p.hidden, s, t)
		if !a.symmetric && s.Start == nil {
			p.shiftToOrdinary(a.offsets, a.team)
		}
	}
	return a, nil
}

// makePhases allocates both phases; persistent chains start at random rows of the
// data, drawn with start.
func (t *Trainer) makePhases(start *stream) {
	visible, hidden, chains := t.dense.visible, t.dense.hidden, t.settings.Chains
	t.data = newPhase(t.settings.Batch, visible, hidden)
	t.machine = newPhase(chains, visible, hidden)
	t.hidden = packed{make([]uint64, chains*Words(hidden)), hidden}
	t.hiddenMeans = make([]kernel.Strip, kernel.Strips(hidden))
	t.fields = make([]kernel.Strip, kernel.Strips(visible))
	if !t.settings.persistent() {
		t.machine.n = 0
		return
	}
	for r := range chains {
		t.batches.copyRow(t.machine.visible.rows, r, start.below(t.batches.n))
	}
	t.model.sampleHidden(t.hidden.rows, t.machine.rows())
}

// Update makes one update of the parameters from the next minibatch. It is an error
// if the training diverges, a [*DivergedError]; every later update then fails with
// it. Updates beyond Total go on at the final rate.
func (t *Trainer) Update() error {
	if t.failure != nil {
		return t.failure
	}
	t.team.gather()
	defer t.team.dismiss()
	if t.trajectory != nil {
		t.trajectory.keep(int(t.updates), t.dense, t.machine.visible)
	}
	t.data.n = t.batches.next(t.data.visible.rows)
	t.sample()
	t.assemble()
	if t.offsets != nil {
		t.offsets.follow(t.data, t.hiddenMeans)
	}
	rate := t.settings.rate(int(t.updates))
	if t.natural != nil && due(t.updates) {
		t.natural.measure(&t.ascent, t.data, t.updates, t.settings.damping(int(t.updates)))
	}
	t.step(float32(rate))
	t.updates++
	if t.failure = t.lost(rate); t.failure != nil {
		return t.failure
	}
	t.install()
	if t.failure = t.diverged(rate); t.failure != nil {
		return t.failure
	}
	if t.average != nil && int(t.updates) > t.settings.averagedFrom() {
		t.average.add(t.parameters, t.team)
	}
	return nil
}

// assemble computes the gradient and the data's hidden means.
func (t *Trainer) assemble() {
	if t.settings.Algorithm == exact {
		t.denseGradient.assemble(t.hiddenMeans, t.data, nil, t.team)
		t.denseGradient.subtract(newMoments(t.dense.machine()))
	} else {
		t.denseGradient.assemble(t.hiddenMeans, t.data, t.machine, t.team)
	}
	if t.tying != nil {
		t.tying.fold(t.gradient, t.denseGradient, t.team)
		t.tying.foldHidden(t.hiddenMeans)
	}
}

// install hands the parameters to the kernel.
func (t *Trainer) install() {
	if t.tying != nil {
		t.tying.expand(t.dense, t.parameters, t.team)
	}
	t.model.set(t.dense)
}

// sample fills both phases: hidden means of the minibatch, and the chains after
// their steps with theirs, of which an exact gradient has none.
func (t *Trainer) sample() {
	data, share := t.data.rows(), 1/float32(t.data.n)
	if t.settings.Algorithm == cd {
		t.machine.n = t.data.n
		t.model.sampleHiddenMeans(t.hidden.rows, t.data.means, data, share)
	} else {
		t.model.hiddenMeans(t.data.means, data, share)
	}
	if t.settings.Algorithm != exact {
		t.sampleMachine()
	}
}

// sampleMachine goes on from the hidden units of the chains: to those of the last
// step for persistent ones, which need them again, otherwise to their means.
func (t *Trainer) sampleMachine() {
	m := t.model
	if t.settings.Algorithm == ptt {
		t.exchangeAlongTrajectory()
	}
	if t.symmetric {
		t.flips.flipRows(t.machine.n, t.hidden)
	}
	h, v := t.hidden.rows[:t.machine.n*Words(t.hidden.units)], t.machine.rows()
	for range t.settings.Steps - 1 {
		m.sampleVisible(v, h)
		m.sampleHidden(h, v)
	}
	m.sampleVisible(v, h)
	share := -1 / float32(t.machine.n)
	if t.settings.persistent() {
		m.sampleHiddenMeans(h, t.machine.means, v, share)
	} else {
		m.hiddenMeans(t.machine.means, v, share)
	}
}

// Updates is the number of updates made.
func (t *Trainer) Updates() int { return int(t.updates) }

// Total is the number of updates of the whole training, Settings.Updates.
func (t *Trainer) Total() int { return t.settings.Updates }

// Machine returns a copy of the current parameters.
func (t *Trainer) Machine() *Machine { return t.dense.machine() }

// Average returns what to use in the end: the mean of the parameters over the
// averaged part of the updates made so far, or the current ones if there are none.
// A symmetric machine stays so.
func (t *Trainer) Average() *Machine {
	if t.average == nil || t.average.count == 0 {
		return t.Machine()
	}
	p := t.average.mean(t.parameters.visible, t.parameters.hidden)
	if t.symmetric {
		p.symmetrize(t.tying, t.team)
	}
	if t.tying == nil {
		return p.machine()
	}
	dense := newParameters(t.dense.visible, t.dense.hidden)
	t.tying.expand(dense, p, t.team)
	return dense.machine()
}

// Chains returns a copy of the visible configurations of the negative phase: of the
// persistent chains, or of the last update's for "cd" (none before the first); none
// for "exact".
func (t *Trainer) Chains() []uint64 { return slices.Clone(t.machine.rows()) }
