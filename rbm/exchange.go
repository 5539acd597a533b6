package rbm

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"isingrbm/rbm/internal/kernel"
)

// Exchange samples the last of a row of machines on the same visible units by replica
// exchange: every machine has chains of its own, and after each Gibbs step chain r of a
// machine and chain r of its neighbor a → b exchange visible configurations with
// probability
//
//	min(1, exp(F_a(v_a) + F_b(v_b) − F_a(v_b) − F_b(v_a))),
//
// which leaves every machine's distribution as it is (Swendsen and Wang, Phys. Rev.
// Lett. 57, 2607 (1986), with hidden units summed out). Configurations of a first
// machine that mixes at once thus reach modes of the last one that its own chains would
// never find. The row may be one machine at several inverse temperatures
// ([Machine.Tempered]), machines of neighboring temperatures of the data, or those of
// one training at several times (Béreux, Decelle, Furtlehner, Rosset, Seoane, ICLR
// 2025). A first machine of at most 12 hidden units is not sampled step by step but
// drawn anew every time, exactly.
type Exchange struct {
	rungs  []*rung
	chains int
	random *stream
	steps  int
}

// rung is one machine with its chains.
type rung struct {
	*Gibbs
	p        *parameters
	start    *baseStates // of a machine that is drawn anew, else nil
	own      []float64   // F of this machine for its chains,
	below    []float64   // and for those of the rung before
	above    []float64   // and after
	accepted int64       // exchanges with the rung before
	tried    int64
}

// NewExchange starts the given number of chains on every machine, with visible units
// that are 0 or 1 at random. The machines are copied. It is an error if there is none,
// one is not valid, or they differ in their visible units.
func NewExchange(machines []*Machine, chains int, seed [32]byte) (*Exchange, error) {
	if len(machines) == 0 {
		return nil, errors.New("rbm: no machines to exchange between")
	}
	random := newStream(seed)
	e := &Exchange{chains: chains, random: random}
	for k, m := range machines {
		g, err := newGibbs(m, chains, random.split())
		if err != nil {
			return nil, fmt.Errorf("rbm: machine %d of the row: %w", k, err)
		}
		if m.Visible != machines[0].Visible {
			return nil, fmt.Errorf("rbm: machine %d of the row has %d visible units, the first one has %d", k, m.Visible, machines[0].Visible)
		}
		r := &rung{Gibbs: g, p: parametersOf(m), own: make([]float64, chains), below: make([]float64, chains), above: make([]float64, chains)}
		if k == 0 && len(machines) > 1 && m.Hidden <= baseUnits {
			states := newBaseStates(m)
			r.start = &states
		}
		e.rungs = append(e.rungs, r)
	}
	return e, nil
}

// last is the rung that is sampled.
func (e *Exchange) last() *rung { return e.rungs[len(e.rungs)-1] }

// Randomize sets every visible unit of every chain to 0 or 1 with probability ½.
func (e *Exchange) Randomize() {
	for _, r := range e.rungs {
		r.Randomize()
	}
}

// SetVisible sets the visible units of all chains of every machine to the same rows. It
// panics if they do not have the number of words of all chains.
func (e *Exchange) SetVisible(rows []uint64) {
	for _, r := range e.rungs {
		r.SetVisible(rows)
	}
}

// Visible returns the visible configurations of the last machine, one row a chain. They
// change with the next step and are not to be modified.
func (e *Exchange) Visible() []uint64 { return e.last().Visible() }

// FlipAtRandom flips all units of each chain of the last machine with probability ½, an
// exact move where it has [Machine.FlipSymmetric]; on others it panics.
func (e *Exchange) FlipAtRandom() { e.last().FlipAtRandom() }

// Step makes n steps: of every chain a Gibbs step, then exchanges of every other pair of
// neighbors, the even and the odd ones in turn.
func (e *Exchange) Step(n int) {
	for range n {
		for _, r := range e.rungs {
			r.advance()
		}
		e.exchangeNeighbors()
	}
}

// exchangeNeighbors tries the exchanges of every other pair.
func (e *Exchange) exchangeNeighbors() {
	for k := 1 + e.steps%2; k < len(e.rungs); k += 2 {
		e.exchange(e.rungs[k-1], e.rungs[k])
	}
	e.steps++
}

// advance makes one step of a rung's chains.
func (r *rung) advance() {
	if r.start == nil {
		r.Step(1)
		return
	}
	clear(r.hidden.rows)
	r.start.draw(r.hidden, 0, r.random)
	r.sampleVisible(r.visible.rows, r.hidden.rows)
}

// exchange tries one exchange a chain.
func (e *Exchange) exchange(a, b *rung) {
	sums := make([]kernel.LogSum, e.chains)
	a.freeEnergies(a.own, sums, a.p, a.visible)
	a.freeEnergies(a.above, sums, a.p, b.visible)
	b.freeEnergies(b.own, sums, b.p, b.visible)
	b.freeEnergies(b.below, sums, b.p, a.visible)
	words := Words(a.visible.units)
	for r := range e.chains {
		gain := a.own[r] + b.own[r] - a.above[r] - b.below[r]
		b.tried++
		if e.random.unit() >= exp(min(gain, 0)) {
			continue
		}
		b.accepted++
		v, w := a.visible.rows[r*words:][:words], b.visible.rows[r*words:][:words]
		for k := range v {
			v[k], w[k] = w[k], v[k]
		}
	}
}

// Acceptance returns the share of exchanges that were accepted between each machine and
// the next, NaN before the first.
func (e *Exchange) Acceptance() []float64 {
	var shares []float64
	for _, r := range e.rungs[1:] {
		shares = append(shares, float64(r.accepted)/float64(r.tried))
	}
	return shares
}

// exchangeMagic begins the stored form of an exchange, little-endian: magic, numbers,
// counts of exchanges, and the stored chains of each machine behind their length.
const exchangeMagic = "isingrbm exchange 1"

// exchangeNumbers is what changes beside the chains.
type exchangeNumbers struct {
	Machines, Steps int64
	Random          streamState
}

// MarshalBinary stores everything that a bit-identical continuation needs, except for
// the machines. It never fails.
func (e *Exchange) MarshalBinary() ([]byte, error) {
	numbers := exchangeNumbers{Machines: int64(len(e.rungs)), Steps: int64(e.steps)}
	copy(numbers.Random[:], e.random.state())
	stored, err := binary.Append([]byte(exchangeMagic), binary.LittleEndian, numbers)
	if err != nil {
		return nil, err
	}
	for _, r := range e.rungs {
		chains, err := r.Gibbs.MarshalBinary()
		if err != nil {
			return nil, err
		}
		if stored, err = binary.Append(stored, binary.LittleEndian, [3]int64{r.accepted, r.tried, int64(len(chains))}); err != nil {
			return nil, err
		}
		stored = append(stored, chains...)
	}
	return stored, nil
}

// UnmarshalBinary continues a stored exchange of as many machines of the same shapes and
// as many chains; that they are the same machines is the caller's to know. After an error
// the chains are not to be used.
func (e *Exchange) UnmarshalBinary(stored []byte) error {
	body, found := bytes.CutPrefix(stored, []byte(exchangeMagic))
	var numbers exchangeNumbers
	n, err := binary.Decode(body, binary.LittleEndian, &numbers)
	if !found || err != nil {
		return errors.New("rbm: not a complete stored exchange")
	}
	if numbers.Machines != int64(len(e.rungs)) {
		return fmt.Errorf("rbm: a stored exchange of %d machines, these are %d", numbers.Machines, len(e.rungs))
	}
	body = body[n:]
	for _, r := range e.rungs {
		var counts [3]int64
		n, err := binary.Decode(body, binary.LittleEndian, &counts)
		if err != nil || counts[2] < 0 || counts[2] > int64(len(body)-n) {
			return errors.New("rbm: a stored exchange is cut short")
		}
		r.accepted, r.tried = counts[0], counts[1]
		if err := r.Gibbs.UnmarshalBinary(body[n : n+int(counts[2])]); err != nil {
			return err
		}
		body = body[n+int(counts[2]):]
	}
	if len(body) > 0 {
		return errors.New("rbm: a stored exchange is too long")
	}
	e.steps = int(numbers.Steps)
	return e.random.restore(numbers.Random[:])
}

// Tempered returns the machine at several inverse temperatures β between a base and
// itself, for [NewExchange]: at β its energy is β E + (1−β) E_base, with the hidden units
// of both; the first is the base and the last the machine itself. Their number, at least
// 2 and at most the given one, and their β follow from a pilot run as for
// [Machine.AnnealLogPartition], so that about half of the exchanges are accepted; where
// the limit is too low for that, less are. A nil base has no parameters.
func (m *Machine) Tempered(ctx context.Context, base *Machine, most int, seed [32]byte) ([]*Machine, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	if base == nil {
		base = NewMachine(m.Visible, 1)
	}
	if err := (Annealing{Base: base}).resolved().validate(m, nil); err != nil {
		return nil, err
	}
	if most < 2 {
		return nil, fmt.Errorf("rbm: %d machines to temper with, want at least 2", most)
	}
	p := newAnnealingPath(m, Annealing{Base: base, Chains: pilotChains})
	pilot, err := p.pilot(ctx, newStream(seed))
	if err != nil {
		return nil, err
	}
	betas := pilot.schedule(int(max(1, min(math.Ceil(pilot.length()), float64(most-1)))))
	machines := []*Machine{base}
	for _, beta := range betas[1 : len(betas)-1] {
		machines = append(machines, p.at(beta).machine())
	}
	return append(slices.Clip(machines), m), nil
}
