package rbm

// trajectory is the machines that a training has passed through, oldest first, and for
// "ptt" the chains of each (Béreux, Decelle, Furtlehner, Rosset, Seoane, ICLR 2025).
type trajectory struct {
	times  []int // updates after which a machine is kept
	kept   []*rung
	chains int // of each kept machine; 0 unless they are sampled
	random *stream
	row    *Exchange
	stored trajectoryState // of a checkpoint
}

// newTrajectory returns nil for settings that keep nothing.
func newTrajectory(s Settings, random *stream) *trajectory {
	if s.Snapshots == 0 {
		return nil
	}
	t := &trajectory{times: s.SnapshotUpdates(), random: random}
	if s.Algorithm == ptt {
		t.chains = s.Chains
		t.row = &Exchange{chains: t.chains, random: random}
	}
	return t
}

// SnapshotUpdates lists the updates after which a training keeps its machine, ascending:
// 0, and then in geometric progression towards the last one, each once.
func (s Settings) SnapshotUpdates() (times []int) {
	for k := range s.Snapshots {
		u := int(fractionalPower(float64(s.Updates), float64(k)/float64(s.Snapshots))) - 1
		if n := len(times); n == 0 || u > times[n-1] {
			times = append(times, u)
		}
	}
	return times
}

// keep takes in the machine after the given number of updates, if it is time. Its chains
// start where those of the training are.
func (t *trajectory) keep(updates int, p *parameters, chains packed) {
	if n := len(t.kept); n == len(t.times) || t.times[n] != updates {
		return
	}
	r := t.add(p.visible, p.hidden)
	for k, strips := range r.p.all() {
		copy(strips, p.all()[k])
	}
	if t.chains > 0 {
		copy(r.visible.rows, chains.rows)
		r.set(r.p)
	}
}

// add makes room for one more machine.
func (t *trajectory) add(visible, hidden int) *rung {
	r := &rung{p: newParameters(visible, hidden)}
	if n := t.chains; n > 0 {
		r.Gibbs = &Gibbs{chains: n, random: t.random, conditionals: newConditionals(visible, hidden, t.random.split(), newTeam(1)),
			visible: packed{make([]uint64, n*Words(visible)), visible}, hidden: packed{make([]uint64, n*Words(hidden)), hidden}}
		r.own, r.below, r.above = make([]float64, n), make([]float64, n), make([]float64, n)
	}
	t.kept = append(t.kept, r)
	return r
}

// exchange moves the chains of all kept machines by one step and lets neighbors exchange
// configurations, the last one with the training's chains.
func (t *trajectory) exchange(training *rung) {
	for _, r := range t.kept {
		r.advance()
	}
	t.row.rungs = append(append(t.row.rungs[:0], t.kept...), training)
	t.row.exchangeNeighbors()
}

// state lists what a checkpoint holds.
func (t *trajectory) state() []any {
	parts := []any{&t.stored}
	for _, r := range t.kept {
		parts = append(parts, r.p.panels, r.p.bias)
		if t.chains > 0 {
			parts = append(parts, r.up.generators, r.down.generators, r.visible.rows)
		}
	}
	return parts
}

// trajectoryState is what a checkpoint holds beside the machines.
type trajectoryState struct {
	Random streamState
	Steps  int64
}

// store prepares for a checkpoint.
func (t *trajectory) store() {
	copy(t.stored.Random[:], t.random.state())
	if t.row != nil {
		t.stored.Steps = int64(t.row.steps)
	}
}

// restore installs what was read from a checkpoint.
func (t *trajectory) restore() error {
	if t.row != nil {
		t.row.steps = int(t.stored.Steps)
		for _, r := range t.kept {
			r.set(r.p)
		}
	}
	return t.random.restore(t.stored.Random[:])
}

// emptyTrajectory has room for the given number of kept machines.
func emptyTrajectory(s Settings, kept, visible, hidden int) *trajectory {
	e := newTrajectory(s, newStream([32]byte{}))
	if e == nil {
		return nil
	}
	for range min(kept, len(e.times)) {
		e.add(visible, hidden)
	}
	return e
}

// Trajectory returns the machines that were kept so far, oldest first: see
// [Settings.Snapshots].
func (t *Trainer) Trajectory() (machines []*Machine) {
	if t.trajectory == nil {
		return nil
	}
	for _, r := range t.trajectory.kept {
		machines = append(machines, r.p.machine())
	}
	return machines
}

// exchangeAlongTrajectory lets the chains of "ptt" exchange configurations with those of
// earlier machines, and draws their hidden units anew.
func (t *Trainer) exchangeAlongTrajectory() {
	n := t.settings.Chains
	if t.current == nil {
		t.current = &rung{Gibbs: &Gibbs{chains: n, conditionals: t.model, visible: t.machine.visible, hidden: t.hidden},
			own: make([]float64, n), below: make([]float64, n), above: make([]float64, n)}
	}
	t.current.p = t.dense
	t.trajectory.exchange(t.current)
	t.model.sampleHidden(t.hidden.rows, t.machine.rows())
}
