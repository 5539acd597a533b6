package rbm

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// joint returns p(v,h) at index v + h·2^n_v.
func joint(m *Machine) []float64 {
	p := make([]float64, 1<<(m.Visible+m.Hidden))
	sum := 0.0
	for k := range p {
		v, h := uint64(k)&(1<<m.Visible-1), uint64(k)>>m.Visible
		p[k] = math.Exp(-literalEnergy(m, []uint64{v}, []uint64{h}))
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
	return p
}

// chiSquared compares counts of independent draws with probabilities, in standard
// deviations of χ² above its mean; states of less than 5 expected counts are pooled.
func chiSquared(counts []int, p []float64) float64 {
	n := 0
	for _, c := range counts {
		n += c
	}
	chi, degrees, poolCount, poolP := 0.0, -1.0, 0, 0.0
	add := func(count int, p float64) {
		expected := p * float64(n)
		chi += (float64(count) - expected) * (float64(count) - expected) / expected
		degrees++
	}
	for k, c := range counts {
		if p[k]*float64(n) < 5 {
			poolCount, poolP = poolCount+c, poolP+p[k]
			continue
		}
		add(c, p[k])
	}
	if poolP > 0 {
		add(poolCount, poolP)
	}
	return (chi - degrees) / math.Sqrt(2*degrees)
}

// afterSteps starts chains exactly at m's visible marginal, lets the sampler's
// machine make steps, and compares both layers with m's joint distribution.
func afterSteps(t *testing.T, m, sampled *Machine, steps int) float64 {
	t.Helper()
	const chains = 1 << 17
	p := joint(m)
	marginal := make([]float64, 1<<m.Visible)
	for k, x := range p {
		marginal[k&(len(marginal)-1)] += x
	}
	start, rows := newSampler(1, marginal), make([]uint64, chains)
	for r := range rows {
		rows[r] = start.draw()
	}
	g, err := NewGibbs(sampled, chains, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	g.SetVisible(rows)
	g.Step(steps)
	counts := make([]int, len(p))
	for r := range chains {
		counts[g.Visible()[r]|g.Hidden()[r]<<m.Visible]++
	}
	return chiSquared(counts, p)
}

// Chains are independent, so χ² is what it seems. Its distribution with some 10³
// degrees of freedom exceeds 6 standard deviations in less than 1 of 10⁷ seeds.
// The controls sample with weights 5 % too large, with a bias off by 0.1, and
// with the hidden biases forgotten.
func TestGibbsStaysAtTheMachine(t *testing.T) {
	m := randomMachine(12, 6, 4, 0.8)
	for _, steps := range []int{1, 4} {
		if x := afterSteps(t, m, m, steps); math.Abs(x) > 6 {
			t.Errorf("%d steps: χ² is %.1f standard deviations off", steps, x)
		}
	}
	for name, spoil := range map[string]func(wrong *Machine){
		"weights": func(wrong *Machine) {
			for k := range wrong.Weights {
				wrong.Weights[k] *= 1.05
			}
		},
		"one bias":      func(wrong *Machine) { wrong.VisibleBias[2] += 0.1 },
		"hidden biases": func(wrong *Machine) { clear(wrong.HiddenBias) },
	} {
		wrong := randomMachine(12, 6, 4, 0.8)
		spoil(wrong)
		if x := afterSteps(t, m, wrong, 4); x < 6 {
			t.Errorf("wrong %s went unnoticed: χ² only %.1f standard deviations off", name, x)
		}
	}
}

func TestGibbsIsDeterminedBySeed(t *testing.T) {
	m := randomMachine(13, 70, 33, 0.4)
	run := func(seed byte) []uint64 {
		g, err := NewGibbs(m, 37, [32]byte{seed})
		if err != nil {
			t.Fatal(err)
		}
		g.Step(3)
		return slices.Concat(g.Visible(), g.Hidden())
	}
	if !slices.Equal(run(1), run(1)) {
		t.Error("one seed gave two samples")
	}
	if slices.Equal(run(1), run(2)) {
		t.Error("two seeds gave one sample")
	}
}

// A step of n is n steps, and setting the visible units forgets everything else.
func TestGibbsSteps(t *testing.T) {
	m := randomMachine(14, 5, 9, 0.4)
	a, _ := NewGibbs(m, 10, [32]byte{3})
	b, _ := NewGibbs(m, 10, [32]byte{3})
	a.Step(3)
	for range 3 {
		b.Step(1)
	}
	if !slices.Equal(a.Visible(), b.Visible()) {
		t.Error("Step(3) is not three times Step(1)")
	}
	a.SetVisible(make([]uint64, 10))
	if slices.Max(a.Visible()) != 0 || slices.Max(a.Hidden()) != 0 {
		t.Error("SetVisible left something behind")
	}
	defer func() {
		if recover() == nil {
			t.Error("too few rows were accepted")
		}
	}()
	a.SetVisible(make([]uint64, 9))
}

// Fair coins: 6·10⁵ bits, 5σ, a false alarm in 1 of 10⁶ seeds.
func TestGibbsRandomize(t *testing.T) {
	g, err := NewGibbs(NewMachine(70, 3), 1<<13, [32]byte{4})
	if err != nil {
		t.Fatal(err)
	}
	ones, n := 0.0, float64(70<<13)
	for r := range 1 << 13 {
		row := g.Visible()[2*r:][:2]
		if row[1]>>6 != 0 {
			t.Fatal("bits beyond the units are set")
		}
		forEachBit(row, func(int) { ones++ })
	}
	if z := (ones - n/2) / math.Sqrt(n/4); math.Abs(z) > 5 {
		t.Errorf("the share of ones is %.1f standard deviations off ½", z)
	}
}

// Flipped rows are flipped in both layers, about half of them are, and nothing
// beyond the units is touched.
func TestGibbsFlipAtRandom(t *testing.T) {
	const chains = 1000
	m := randomMachine(15, 70, 5, 0.3)
	m.Symmetrize()
	g, err := NewGibbs(m, chains, [32]byte{5})
	if err != nil {
		t.Fatal(err)
	}
	g.Step(1)
	v, h := slices.Clone(g.Visible()), slices.Clone(g.Hidden())
	g.FlipAtRandom()
	flipped := 0.0
	for r := range chains {
		all := [3]uint64{v[2*r] ^ g.Visible()[2*r], v[2*r+1] ^ g.Visible()[2*r+1], h[r] ^ g.Hidden()[r]}
		switch all {
		case [3]uint64{^uint64(0), 1<<6 - 1, 1<<5 - 1}:
			flipped++
		case [3]uint64{}:
		default:
			t.Fatalf("row %d is flipped in part: %x", r, all)
		}
	}
	if z := (flipped - chains/2) / math.Sqrt(chains/4); math.Abs(z) > 5 {
		t.Errorf("%g of %d chains were flipped", flipped, chains)
	}
}

func TestGibbsFlipNeedsSymmetry(t *testing.T) {
	g, _ := NewGibbs(randomMachine(16, 5, 5, 1), 3, [32]byte{})
	defer func() {
		if recover() == nil {
			t.Error("a machine without flip symmetry was flipped")
		}
	}()
	g.FlipAtRandom()
}

func TestNewGibbsRefuses(t *testing.T) {
	for _, chains := range []int{0, -1, mostChains + 1, 1 << 62} {
		if _, err := NewGibbs(NewMachine(3, 3), chains, [32]byte{}); err == nil || !strings.Contains(err.Error(), fmt.Sprint(chains, " chains, want 1 to")) {
			t.Errorf("%d chains: %v", chains, err)
		}
	}
	broken := NewMachine(3, 3)
	broken.Weights[0] = float32(math.NaN())
	if _, err := NewGibbs(broken, 1, [32]byte{}); err == nil {
		t.Error("a machine with NaN was accepted")
	}
}

func BenchmarkGibbs(b *testing.B) {
	g, err := NewGibbs(randomMachine(17, 64, 64, 0.3), 1024, [32]byte{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		g.Step(1)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1024/128, "ns/decision")
}

// TestGibbsContinues: chains that were stored and taken up again by others, of
// another seed, go on with the same bits; flips included.
func TestGibbsContinues(t *testing.T) {
	for _, shape := range [][2]int{{5, 3}, {64, 70}, {130, 17}} {
		m := randomMachine(3, shape[0], shape[1], 1)
		whole, err := NewGibbs(m, 70, [32]byte{1})
		if err != nil {
			t.Fatal(err)
		}
		whole.Step(5)
		stored, err := whole.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		whole.Step(7)
		continued, err := NewGibbs(m, 70, [32]byte{2})
		if err != nil {
			t.Fatal(err)
		}
		if err := continued.UnmarshalBinary(stored); err != nil {
			t.Fatal(err)
		}
		continued.Step(7)
		if !slices.Equal(continued.Visible(), whole.Visible()) || !slices.Equal(continued.Hidden(), whole.Hidden()) || continued.random.Uint64() != whole.random.Uint64() {
			t.Errorf("%v: other chains after the continuation", shape)
		}
	}
}

// TestGibbsRefusesState: what is not the state of such chains is an error and
// changes nothing.
func TestGibbsRefusesState(t *testing.T) {
	g, err := NewGibbs(randomMachine(3, 9, 4, 1), 3, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	stored, _ := g.MarshalBinary()
	fewer, err := NewGibbs(randomMachine(3, 9, 4, 1), 2, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	others, _ := fewer.MarshalBinary()
	bad := map[string][]byte{"nothing": nil, "of fewer chains": others}
	for i := range stored {
		changed := slices.Clone(stored)
		changed[i] ^= 1
		bad[fmt.Sprint("changed at ", i)], bad[fmt.Sprint("cut at ", i)] = changed, stored[:i]
	}
	for name, state := range bad {
		if err := g.UnmarshalBinary(state); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if again, _ := g.MarshalBinary(); !slices.Equal(again, stored) {
		t.Error("a refused state changed the chains")
	}
}
