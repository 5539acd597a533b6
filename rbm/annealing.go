package rbm

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"isingrbm/rbm/internal/kernel"
)

// Annealing says how ln Z is estimated by annealed importance sampling. The zero
// value of a field is its default.
type Annealing struct {
	// Chains in each direction, independent of one another; 2 to 2³¹−1, default 512.
	Chains int
	// Tolerance of ln Z in nats, positive, default 0.01: schedules get longer
	// until the error of the estimate is below it.
	Tolerance float64
	// MaxSteps bounds the length of a schedule; at least 1, default 32 768.
	MaxSteps int
	// Schedule of β, ascending from 0 to 1. nil (default) measures one in a pilot run
	// and lengthens it until Tolerance or MaxSteps is reached; one that is given is
	// used as it is.
	Schedule []float64
	// Base is the machine at β = 0, of as many visible units and at most 12 hidden
	// ones, whose states are enumerated. What it has in common with the machine need
	// not be found on the way: the best base is a crude model of the data, of its modes
	// above all, such as [NewMixture] makes. nil (default) is the base without any
	// parameter.
	Base *Machine
	// Seen are visible configurations, one a row, of any origin, such as of chains that
	// started at random; may be nil. Where different ones among them and the samples have
	// more of Z than the estimate, that missed a mode, and is raised to what they have.
	Seen []uint64
	// Stepped, unless it is nil, is called after every step of the chains, in either
	// direction, with the number of steps that the present schedule has left in both.
	Stepped func(left int)
}

// Bound is an estimate of ln Z that is on average too low or too high by what its
// weights scatter.
type Bound struct {
	Value float64 // NaN where it was not estimated
	Err   float64 // one standard deviation, by the scatter of the weights that were seen
	ESS   float64 // effective sample size (Σw)²/Σw², between 1 and the number of chains
}

// PartitionEstimate is an estimate of ln Z, in nats.
type PartitionEstimate struct {
	// Value is the estimate from both directions together (Bennett's acceptance ratio),
	// or Lower without samples; Err one standard deviation. Where the bounds do not
	// meet, Err is at least what a value anywhere between them has.
	Value, Err float64
	// Lower is by chains from the base to the machine: E[Lower] ≤ ln Z. It is silently
	// too low if they miss a mode. Upper is by chains from samples of the machine to
	// the base: E[Upper] ≥ ln Z, if the samples are the machine's. It is too low if
	// they miss a mode that chains from the base reach too seldom.
	Lower, Upper Bound
	// MissedMode reports that the samples, or they and the chains, are known to have missed
	// a mode of the machine: Value is then Lower, if Upper is below it, or ln Z of the
	// configurations that were seen, if that is larger. Err of the latter is NaN, as ln Z
	// is at least that.
	MissedMode bool
	Steps      int      // of the schedule
	Warnings   []string // what is wrong with the estimate, a sentence each
}

// AnnealLogPartition estimates ln Z by annealed importance sampling from Base, through
//
//	p_β(v,h,g) ∝ exp(−β E(v,h) − (1−β) E_base(v,g)),   β = 0 … 1,
//
// g the hidden units of the base, each of which is a machine: a chain of block Gibbs
// sampling visits them in turn and its weight is the product of the ratios of their
// Boltzmann factors e^{−F_β(v)} (Salakhutdinov and Murray, ICML 2008). The way back
// starts at samples, rows of visible units drawn from the machine itself, of which
// evenly spaced ones are taken (Burda, Grosse, Salakhutdinov, AISTATS 2015). Samples
// may be nil, and Upper is unknown then. Both directions together give the estimate of
// least variance (Bennett, J. Comput. Phys. 22, 245 (1976)), and where they disagree a
// warning.
//
// The result is the same to the bit with any kernel. It is an error if the machine is not
// valid, settings are out of range, samples or Seen are not whole rows or have bits beyond
// their units, or free energies are too large for float32.
func (m *Machine) AnnealLogPartition(ctx context.Context, samples []uint64, a Annealing, seed [32]byte) (*PartitionEstimate, error) {
	if _, err := Kernel(); err != nil {
		return nil, err
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	a = a.resolved()
	if err := a.validate(m, samples); err != nil {
		return nil, err
	}
	e, err := newAnnealingPath(m, a).anneal(ctx, a, samples, newStream(seed))
	if err != nil {
		return nil, err
	}
	e.notBelow(m.floor(slices.Concat(samples, a.Seen)))
	if err := e.checkSize(); err != nil {
		return nil, err
	}
	return e, nil
}

// checkSize refuses an estimate of free energies that float32 rounds by a nat or more, or
// does not hold.
func (e *PartitionEstimate) checkSize() error {
	if math.Abs(e.Value) < 0x1p24 {
		return nil
	}
	return fmt.Errorf("rbm: ln Z by annealing is %.6g: free energies of the machine are too large for float32", e.Value)
}

// anneal goes by the schedule that is given, or by one that it finds.
func (p *annealingPath) anneal(ctx context.Context, a Annealing, samples []uint64, random *stream) (*PartitionEstimate, error) {
	if a.Schedule != nil {
		return p.estimate(ctx, a.Schedule, samples, random)
	}
	return p.refine(ctx, a, samples, random)
}

const (
	baseUnits      = 12 // hidden
	pilotChains    = 128
	pilotDeviation = 0.2 // of the change of ln w in one step of the pilot
	firstSteps     = 64  // at least, of the first schedule
	mostLonger     = 8   // times, of a schedule after another
	// shortestStep of β in the pilot: where ln w still scatters by more than
	// pilotDeviation, free energies do by 2·10⁵ nats, which float32 rounds by more than
	// the default Tolerance.
	shortestStep = 0x1p-20
)

// resolved replaces what is zero by its default.
func (a Annealing) resolved() Annealing {
	number := func(x *int, byDefault int) {
		if *x == 0 {
			*x = byDefault
		}
	}
	number(&a.Chains, 512)
	number(&a.MaxSteps, 1<<15)
	if a.Tolerance == 0 {
		a.Tolerance = 0.01
	}
	return a
}

// validate reports what does not fit a machine, which is valid.
func (a Annealing) validate(m *Machine, samples []uint64) error {
	problems := []error{
		atLeastOne("MaxSteps", a.MaxSteps),
		within("Tolerance", a.Tolerance, a.Tolerance > 0, "positive"),
		checkSchedule(a.Schedule),
		checkChains(a.Chains, 2),
	}
	if a.Base != nil {
		problems = append(problems, a.Base.Validate())
		if a.Base.Visible != m.Visible {
			problems = append(problems, fmt.Errorf("rbm: Base has %d visible units, want %d", a.Base.Visible, m.Visible))
		}
		if a.Base.Hidden > baseUnits {
			problems = append(problems, fmt.Errorf("rbm: Base has %d hidden units, want at most %d", a.Base.Hidden, baseUnits))
		}
	}
	if words := Words(m.Visible); samples != nil && len(samples) < 2*words {
		problems = append(problems, fmt.Errorf("rbm: %d words of samples, want at least two rows of %d words", len(samples), words))
	}
	return errors.Join(append(problems, checkRows("the samples", samples, m.Visible), checkRows("Seen", a.Seen, m.Visible))...)
}

func checkSchedule(betas []float64) error {
	if betas == nil {
		return nil
	}
	last := len(betas) - 1
	if last < 1 || betas[0] != 0 || betas[last] != 1 {
		return errors.New("rbm: Schedule must lead from 0 to 1")
	}
	for k := 1; k <= last; k++ {
		if !(betas[k] > betas[k-1]) {
			return fmt.Errorf("rbm: Schedule: element %d is %v after %v, want ascending values", k, betas[k], betas[k-1])
		}
	}
	return nil
}

// annealingPath is the family of machines between the base and the machine: both next
// to each other on the same visible units.
type annealingPath struct {
	whole, base, here *parameters // the machine, the base, and what they are at the present β
	start             baseStates
	logBase           float64 // ln Z at β = 0 less what the base leaves of it at β = 1
	chains            int
	team              *team
	stepped           func(left int)
}

func newAnnealingPath(m *Machine, a Annealing) *annealingPath {
	base := a.Base
	if base == nil {
		base = NewMachine(m.Visible, 1)
	}
	p := &annealingPath{
		whole: parametersOf(beside(m, NewMachine(m.Visible, base.Hidden))),
		base:  parametersOf(beside(NewMachine(m.Visible, m.Hidden), base)),
		here:  newParameters(m.Visible, m.Hidden+base.Hidden),
		start: newBaseStates(base), chains: a.Chains, team: newTeam(1), stepped: a.Stepped}
	p.logBase = p.start.logZ + float64(m.Hidden-base.Hidden)*math.Ln2
	return p
}

// beside returns the machine with the hidden units of both, whose energy is the sum.
func beside(a, b *Machine) *Machine {
	m := NewMachine(a.Visible, a.Hidden+b.Hidden)
	for i := range m.Visible {
		copy(m.row(i), a.row(i))
		copy(m.row(i)[a.Hidden:], b.row(i))
		m.VisibleBias[i] = a.VisibleBias[i] + b.VisibleBias[i]
	}
	copy(m.HiddenBias, a.HiddenBias)
	copy(m.HiddenBias[a.Hidden:], b.HiddenBias)
	return m
}

// at sets here to the machine of β.
func (p *annealingPath) at(beta float64) *parameters {
	b, rest := float32(beta), float32(1-beta)
	for k, strips := range p.here.all() {
		whole, base := p.whole.all()[k], p.base.all()[k]
		for s := range strips {
			for l := range strips[s] {
				strips[s][l] = float32(b*whole[s][l]) + float32(rest*base[s][l])
			}
		}
	}
	return p.here
}

// annealing is a set of chains on their way along the path, with ln w of each.
type annealing struct {
	*annealingPath
	beta            float64
	model           *conditionals
	visible, hidden packed
	logWeights      []float64
	free, next      []float64 // F_β of each chain, and that of the next β
	sums            []kernel.LogSum
}

// newAnnealing starts chains at the base or, if there are rows, at those, of the
// machine of β = 1.
func (p *annealingPath) newAnnealing(chains int, rows []uint64, random *stream) *annealing {
	visible, hidden := p.here.visible, p.here.hidden
	a := &annealing{annealingPath: p,
		model:   newConditionals(visible, hidden, random, p.team),
		visible: packed{slices.Clone(rows), visible}, hidden: packed{make([]uint64, chains*Words(hidden)), hidden},
		logWeights: make([]float64, chains), free: make([]float64, chains), next: make([]float64, chains), sums: make([]kernel.LogSum, chains)}
	if rows != nil {
		a.install(1)
		return a
	}
	a.visible.rows = make([]uint64, chains*Words(visible))
	a.install(0)
	p.start.draw(a.hidden, hidden-p.start.units, random)
	a.model.sampleVisible(a.visible.rows, a.hidden.rows)
	return a
}

// install turns to the machine of β.
func (a *annealing) install(beta float64) {
	a.beta = beta
	a.model.set(a.at(beta))
}

// step goes on to β: the weights change, and then the chains.
func (a *annealing) step(beta float64) {
	a.model.freeEnergies(a.free, a.sums, a.here, a.visible)
	a.install(beta)
	a.model.freeEnergies(a.next, a.sums, a.here, a.visible)
	for r := range a.logWeights {
		a.logWeights[r] += a.free[r] - a.next[r]
	}
	a.model.sampleHidden(a.hidden.rows, a.visible.rows)
	a.model.sampleVisible(a.visible.rows, a.hidden.rows)
}

// run takes chains through a schedule, after which so many steps follow.
func (a *annealing) run(ctx context.Context, betas []float64, later int) error {
	for k, beta := range betas {
		if err := ctx.Err(); err != nil {
			return err
		}
		a.step(beta)
		if a.stepped != nil {
			a.stepped(len(betas) - 1 - k + later)
		}
	}
	return nil
}

// estimate anneals in both directions along one schedule.
func (p *annealingPath) estimate(ctx context.Context, betas []float64, samples []uint64, random *stream) (*PartitionEstimate, error) {
	forward, back := p.newAnnealing(p.chains, nil, random.split()), 0
	if samples != nil {
		back = len(betas) - 1
	}
	if err := forward.run(ctx, betas[1:], back); err != nil {
		return nil, err
	}
	var backward []float64
	if samples != nil {
		rows := spread(samples, Words(p.here.visible), p.chains)
		a := p.newAnnealing(len(rows)/Words(p.here.visible), rows, random.split())
		down := slices.Clone(betas[:len(betas)-1])
		slices.Reverse(down)
		if err := a.run(ctx, down, 0); err != nil {
			return nil, err
		}
		backward = a.logWeights
		for r := range backward {
			backward[r] = -backward[r]
		}
	}
	e := newPartitionEstimate(forward.logWeights, backward, p.logBase, len(betas)-1)
	return e, e.checkSize()
}

// refine measures a schedule and doubles its length until the estimate is good.
func (p *annealingPath) refine(ctx context.Context, a Annealing, samples []uint64, random *stream) (*PartitionEstimate, error) {
	pilot, err := p.pilot(ctx, random.split())
	if err != nil {
		return nil, err
	}
	steps := int(min(max(firstSteps, pilot.length()*pilot.length()), float64(a.MaxSteps)))
	for {
		e, err := p.estimate(ctx, pilot.schedule(steps), samples, random.split())
		if err != nil || e.Err <= a.Tolerance || steps == a.MaxSteps {
			return e, err
		}
		steps = min(longer(e.Err/a.Tolerance)*steps, a.MaxSteps)
	}
}

// longer returns how many times as long the schedule after one is whose error exceeds the
// tolerance by a factor, as errors fall as 1/√steps: at least twice, also where the error
// is not known, so that there is a last one.
func longer(excess float64) int {
	factor := 2
	for float64(factor) < min(excess*excess, mostLonger) {
		factor *= 2
	}
	return factor
}

// pilot is what a quick run saw: at each β the sum of the deviations of the changes of
// ln w on the way there, the thermodynamic length.
type pilot struct{ betas, lengths []float64 }

// pilot steps so that ln w changes by about pilotDeviation. It is an error if no step is
// short enough for that.
func (p *annealingPath) pilot(ctx context.Context, random *stream) (pilot, error) {
	const first, growth = 1e-3, 2
	a := p.newAnnealing(pilotChains, nil, random)
	r := pilot{[]float64{0}, []float64{0}}
	for step, length := first, 0.0; a.beta < 1; {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		clear(a.logWeights)
		step = min(step, 1-a.beta)
		beta := a.beta + step
		if step == 1-a.beta {
			beta = 1
		}
		a.step(beta)
		_, deviation := meanDeviation(a.logWeights)
		if math.IsNaN(deviation) || deviation > pilotDeviation && step < shortestStep {
			return r, fmt.Errorf("rbm: free energies of the machine are too large for float32: ln w scatters by %.3g in a step of %.3g to β = %.3g", deviation, step, beta)
		}
		length += deviation
		r.betas, r.lengths = append(r.betas, beta), append(r.lengths, length)
		step *= min(growth, max(1.0/growth, pilotDeviation/deviation))
	}
	return r, nil
}

func (p pilot) length() float64 { return p.lengths[len(p.lengths)-1] }

// schedule places steps at equal distances of a length of which a small part is β
// itself, so that no part of the path is left out. Of a path without length, that of a
// machine without weights, only β is there.
func (p pilot) schedule(steps int) []float64 {
	const share = 0.1
	if p.length() == 0 {
		p.lengths = p.betas
	}
	total := p.length()
	at := func(k int) float64 { return float64((1-share)*p.lengths[k]) + float64(share*total*p.betas[k]) }
	betas := make([]float64, steps+1)
	k := 1
	for s := 1; s < steps; s++ {
		x := total * float64(s) / float64(steps)
		for at(k) < x {
			k++
		}
		fraction := (x - at(k-1)) / (at(k) - at(k-1))
		betas[s] = p.betas[k-1] + float64(fraction*(p.betas[k]-p.betas[k-1]))
	}
	betas[steps] = 1
	return betas
}

func meanDeviation(values []float64) (mean, deviation float64) {
	n := float64(len(values))
	for _, x := range values {
		mean += x / n
	}
	squares := 0.0
	for _, x := range values {
		squares += float64((x - mean) * (x - mean))
	}
	return mean, math.Sqrt(squares / (n - 1))
}
