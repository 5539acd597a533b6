package rbm

import (
	"context"
	"math"
	"slices"
	"testing"
)

// Exchanges leave the distribution of every machine as it is: chains that start in
// exact samples stay exact samples, by χ² of the states of three visible units within
// 6 standard deviations, a false alarm in less than 1 of 10⁶ seeds. The control
// exchanges all the time.
func TestExchangeIsStationary(t *testing.T) {
	const chains = 20_000
	machines := []*Machine{randomMachine(1, 3, 14, 0.3), randomMachine(2, 3, 5, 0.8), randomMachine(3, 3, 2, 1.5)}
	run := func(wrong bool) (worst float64) {
		e, err := NewExchange(machines, chains, [32]byte{4})
		if err != nil {
			t.Fatal(err)
		}
		for k, m := range machines {
			s := newSampler(uint64(k), visibleDistribution(m))
			for r := range chains {
				e.rungs[k].visible.rows[r] = s.draw()
			}
		}
		e.Step(3)
		if wrong {
			e.rungs[1].visible, e.rungs[2].visible = e.rungs[2].visible, e.rungs[1].visible
		}
		for k, m := range machines {
			counts := make([]int, 8)
			for _, v := range e.rungs[k].visible.rows {
				counts[v]++
			}
			worst = max(worst, math.Abs(chiSquared(counts, visibleDistribution(m))))
		}
		for k, share := range e.Acceptance() {
			if !(share > 0.05 && share < 1) {
				t.Errorf("pair %d accepts %v", k, share)
			}
		}
		return worst
	}
	if x := run(false); x > 6 {
		t.Errorf("χ² is %.1f standard deviations off", x)
	}
	if x := run(true); x < 20 {
		t.Errorf("χ² of exchanges without a condition is only %.1f standard deviations off", x)
	}
}

// modeShare is the share of chains with more ones than zeros.
func modeShare(rows []uint64, visible int) float64 {
	words, count := Words(visible), 0
	for r := 0; r < len(rows); r += words {
		ones := 0
		forEachBit(rows[r:r+words], func(int) { ones++ })
		if 2*ones > visible {
			count++
		}
	}
	return float64(count) / float64(len(rows)/words)
}

// Replica exchange finds the weights of the two modes of a machine, 0.8 and 0.2, when
// all chains start in the lesser one: within 4 standard deviations of a binomial share,
// a false alarm in 16 000 seeds. Plain Gibbs sampling provably stays there, since the
// hidden unit follows the mode but for odds of (2/98)^36 or so: the control. Tempering to
// a base without weights and a row of machines like those of a training both do it.
func TestExchangeFindsTheWeightsOfModes(t *testing.T) {
	const visible, share, chains, steps = 40, 0.8, 1000, 300
	m, _ := bimodal(t, visible, share)
	weak := func(p float64) *Machine {
		w, err := NewMixture(slices.Repeat([]float64{p}, visible), slices.Repeat([]float64{1 - p}, visible), share)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	tempered, err := m.Tempered(context.Background(), nil, 40, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	inLesserMode := make([]uint64, chains)
	g, err := NewGibbs(m, chains, [32]byte{2})
	if err != nil {
		t.Fatal(err)
	}
	g.SetVisible(inLesserMode)
	g.Step(steps)
	if got := modeShare(g.Visible(), visible); got != 0 {
		t.Errorf("plain Gibbs sampling left the mode: share %v", got)
	}
	for name, machines := range map[string][]*Machine{
		"tempering":  tempered,
		"trajectory": {weak(0.55), weak(0.62), weak(0.7), weak(0.78), weak(0.86), weak(0.93), m},
	} {
		e, err := NewExchange(machines, chains, [32]byte{3})
		if err != nil {
			t.Fatal(err)
		}
		e.SetVisible(inLesserMode)
		e.Step(steps)
		if got, sigma := modeShare(e.Visible(), visible), math.Sqrt(share*(1-share)/chains); math.Abs(got-share) > 4*sigma {
			t.Errorf("%s: share %.3f of the greater mode, want %.3f ± %.3f; acceptance %.2f", name, got, share, sigma, e.Acceptance())
		}
	}
}

func TestExchangeRefuses(t *testing.T) {
	m := randomMachine(1, 3, 2, 1)
	if _, err := NewExchange(nil, 1, [32]byte{}); err == nil {
		t.Error("no machines passed")
	}
	if _, err := NewExchange([]*Machine{m, randomMachine(1, 4, 2, 1)}, 1, [32]byte{}); err == nil {
		t.Error("machines of 3 and 4 visible units passed")
	}
	if _, err := NewExchange([]*Machine{m}, 0, [32]byte{}); err == nil {
		t.Error("no chains passed")
	}
	if _, err := m.Tempered(context.Background(), nil, 1, [32]byte{}); err == nil {
		t.Error("a row of one machine passed")
	}
	if _, err := m.Tempered(context.Background(), NewMachine(4, 1), 5, [32]byte{}); err == nil {
		t.Error("a base of other visible units passed")
	}
}

// One machine alone is sampled like any other.
func TestExchangeOfOneMachine(t *testing.T) {
	m := randomMachine(1, 3, 2, 1)
	e, err := NewExchange([]*Machine{m}, 20_000, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	e.Step(20)
	counts := make([]int, 8)
	for _, v := range e.Visible() {
		counts[v]++
	}
	if x := chiSquared(counts, visibleDistribution(m)); math.Abs(x) > 6 {
		t.Errorf("χ² is %.1f standard deviations off", x)
	}
}

// An exchange that is stored and continued elsewhere gives the same bits; one that is
// damaged or belongs to other machines is refused.
func TestExchangeContinues(t *testing.T) {
	machines := []*Machine{randomMachine(1, 3, 2, 0.3), randomMachine(2, 3, 15, 0.8), randomMachine(3, 3, 2, 1.5)}
	exchange := func(seed byte, machines ...*Machine) *Exchange {
		e, err := NewExchange(machines, 50, [32]byte{seed})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	first, second := exchange(1, machines...), exchange(2, machines...)
	first.Step(7)
	stored, err := first.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if err := second.UnmarshalBinary(stored); err != nil {
		t.Fatal(err)
	}
	first.Step(8)
	second.Step(8)
	for k := range machines {
		if !slices.Equal(first.rungs[k].Visible(), second.rungs[k].Visible()) {
			t.Errorf("machine %d: other chains", k)
		}
	}
	if !slices.Equal(first.Acceptance(), second.Acceptance()) {
		t.Errorf("acceptance %v and %v", first.Acceptance(), second.Acceptance())
	}
	for n := range stored {
		if exchange(2, machines...).UnmarshalBinary(stored[:n]) == nil {
			t.Errorf("%d of %d bytes passed", n, len(stored))
		}
	}
	if exchange(2, machines...).UnmarshalBinary(append(stored, 0)) == nil || exchange(2, machines[:2]...).UnmarshalBinary(stored) == nil ||
		exchange(2, machines[0], machines[0], machines[2]).UnmarshalBinary(stored) == nil {
		t.Error("something else passed")
	}
}
