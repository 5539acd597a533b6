package rbm

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
)

// gibbsSamples are visible rows of chains after the given number of steps.
func gibbsSamples(t *testing.T, m *Machine, chains, steps int, seed byte) []uint64 {
	t.Helper()
	g, err := NewGibbs(m, chains, [32]byte{seed, 1})
	if err != nil {
		t.Fatal(err)
	}
	g.Step(steps)
	return g.Visible()
}

// bracketed counts in how many repetitions the exact ln Z lies between the bounds
// within two standard deviations, and returns the mean square of the estimate's z.
func bracketed(t *testing.T, repeats int, estimate func(seed byte) *PartitionEstimate, logZ float64) (inside int, square float64) {
	t.Helper()
	for seed := range repeats {
		e := estimate(byte(seed))
		if e.Lower.Value-2*e.Lower.Err <= logZ && logZ <= e.Upper.Value+2*e.Upper.Err {
			inside++
		}
		z := (e.Value - logZ) / e.Err
		square += z * z / float64(repeats)
	}
	return inside, square
}

func mustAnneal(t *testing.T, m *Machine, samples []uint64, a Annealing, seed byte) *PartitionEstimate {
	t.Helper()
	e, err := m.AnnealLogPartition(context.Background(), samples, a, [32]byte{seed})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// The bounds of enumerable machines bracket ln Z at two standard deviations in at
// least 17 of 20 repetitions, which each do with a probability of 0.95 or more: a
// false alarm in 60 seeds if all bounds were that tight, and none was seen in many.
// z² of the estimate has mean 1 within 4·√(2/20). The control has weights that are
// 2 % too small in the sampled machine.
func TestAnnealLogPartitionAgainstEnumeration(t *testing.T) {
	const repeats = 20
	base, err := NewMixture(slices.Repeat([]float64{0.3}, 30), slices.Repeat([]float64{0.6}, 30), 0.4)
	if err != nil {
		t.Fatal(err)
	}
	m := randomMachine(3, 30, 12, 0.7)
	logZ, err := m.LogPartition()
	if err != nil {
		t.Fatal(err)
	}
	settings := Annealing{Chains: 100, MaxSteps: 64, Base: base}
	anneal := func(of *Machine) func(seed byte) *PartitionEstimate {
		return func(seed byte) *PartitionEstimate {
			return mustAnneal(t, of, gibbsSamples(t, of, 100, 200, seed), settings, seed)
		}
	}
	inside, square := bracketed(t, repeats, anneal(m), logZ)
	if inside < 17 || square > 1+4*math.Sqrt(2.0/repeats) {
		t.Errorf("%d of %d brackets hold, z² is %.2f on average", inside, repeats, square)
	}
	wrong := randomMachine(3, 30, 12, 0.7)
	for k := range wrong.Weights {
		wrong.Weights[k] *= 0.98
	}
	if inside, square := bracketed(t, repeats, anneal(wrong), logZ); inside > repeats/2 || square < 4 {
		t.Errorf("of a wrong machine %d of %d brackets hold, z² is %.2f", inside, repeats, square)
	}
}

// bimodal is a machine whose two modes, all units 0 and all units 1, have weights in
// the ratio e^bias: a mixture of two distributions of independent units.
func bimodal(t *testing.T, visible int, share float64) (*Machine, float64) {
	t.Helper()
	m, err := NewMixture(slices.Repeat([]float64{0.98}, visible), slices.Repeat([]float64{0.02}, visible), share)
	if err != nil {
		t.Fatal(err)
	}
	logZ, err := m.LogPartition()
	if err != nil {
		t.Fatal(err)
	}
	return m, logZ
}

// Samples that miss a mode make the upper bound fall below the lower one, chains that
// miss one leave a gap: each is told, and nothing is where neither misses.
func TestAnnealLogPartitionWarnsOfAMissedMode(t *testing.T) {
	m, logZ := bimodal(t, 40, 0.5)
	up, down := uint64(1)<<40-1, uint64(0)
	both, one := make([]uint64, 0, 200), make([]uint64, 0, 200)
	for r := range 100 {
		flaw := uint64(1) << (r % 40) // 0.02·40 units differ on average
		if r%2 == 0 {
			flaw = 0
		}
		both, one = append(both, up^flaw, down^flaw), append(one, up^flaw, up^flaw)
	}
	settings := Annealing{Chains: 200, MaxSteps: 256}
	warned := func(e *PartitionEstimate, text string) bool {
		return slices.ContainsFunc(e.Warnings, func(w string) bool { return strings.Contains(w, text) })
	}
	if e := mustAnneal(t, m, both, settings, 1); len(e.Warnings) > 0 || e.MissedMode || math.Abs(e.Value-logZ) > 5*e.Err {
		t.Errorf("ln Z = %v ± %v, want %v; warnings %q", e.Value, e.Err, logZ, e.Warnings)
	}
	skewed, err := NewMixture(slices.Repeat([]float64{0.97}, 40), slices.Repeat([]float64{0.03}, 40), 0.9)
	if err != nil {
		t.Fatal(err)
	}
	settings.Base = skewed // of whose chains nine in ten end up in the one mode
	if e := mustAnneal(t, m, one, settings, 1); !warned(e, "samples have missed a mode") || !e.MissedMode || e.Value != e.Lower.Value || math.Abs(e.Value-logZ) > 5*e.Err {
		t.Errorf("samples of one mode: %v ± %v, want %v; warnings %q", e.Value, e.Err, logZ, e.Warnings)
	}
	narrow, err := NewMixture(slices.Repeat([]float64{0.98}, 40), slices.Repeat([]float64{0.97}, 40), 0.5)
	if err != nil {
		t.Fatal(err)
	}
	settings.Base = narrow
	if e := mustAnneal(t, m, both, settings, 1); !warned(e, "may have missed a mode") || e.Upper.Value-e.Lower.Value < 0.5 || e.Err < 0.1 {
		t.Errorf("a base of one mode: %+v, want %v", e, logZ)
	}
}

// Without samples there is a lower bound alone, and a schedule that is given is kept.
func TestAnnealLogPartitionWithoutSamples(t *testing.T) {
	m := randomMachine(3, 20, 5, 0.5)
	logZ, _ := m.LogPartition()
	e := mustAnneal(t, m, nil, Annealing{Schedule: []float64{0, 0.1, 0.3, 0.6, 1}}, 1)
	if !math.IsNaN(e.Upper.Value) || e.Value != e.Lower.Value || e.Steps != 4 || math.Abs(e.Value-logZ) > 4*e.Err {
		t.Errorf("%+v, want ln Z = %v in 4 steps", e, logZ)
	}
}

// The bits of an estimate, the same for every kernel (make kernels runs this under each).
func TestAnnealLogPartitionBits(t *testing.T) {
	m := randomMachine(3, 70, 40, 0.2)
	e := mustAnneal(t, m, gibbsSamples(t, m, 50, 10, 1), Annealing{Chains: 50, MaxSteps: 64, Tolerance: 0.1}, 9)
	if want := 81.95904243305655; e.Value != want {
		t.Errorf("ln Z = %v, want %v", e.Value, want)
	}
}

// The path from a base without parameters to a machine without any has no length, and
// every chain the weight 1.
func TestAnnealLogPartitionWithoutParameters(t *testing.T) {
	m := NewMachine(30, 30)
	for _, samples := range [][]uint64{nil, randomRows(1, 50, 30)} {
		e := mustAnneal(t, m, samples, Annealing{MaxSteps: 128}, 1)
		if !near(e.Value, 60*math.Ln2, 1e-12) || !(e.Err < 1e-6) || len(e.Warnings) > 0 {
			t.Errorf("ln Z = %v ± %v, want %v; warnings %q", e.Value, e.Err, 60*math.Ln2, e.Warnings)
		}
	}
	if row, err := m.Tempered(t.Context(), nil, 5, [32]byte{}); err != nil || len(row) < 2 {
		t.Errorf("%d tempered machines, %v", len(row), err)
	}
}

// Weights that are valid but whose energies float32 does not hold, or only as multiples
// of many nats, end in an error, with a schedule and without.
func TestAnnealLogPartitionOfTooLargeEnergies(t *testing.T) {
	random, same := randomMachine(1, 10, 10, 1), NewMachine(10, 10)
	for _, size := range []float64{1e7, 1e12, 1e30, 1e38} {
		for k := range same.Weights {
			same.Weights[k] = float32(size)
			random.Weights[k] = float32(math.Copysign(size, float64(random.Weights[k])))
		}
		for _, m := range []*Machine{same, random} {
			for _, a := range []Annealing{{MaxSteps: 64}, {Schedule: []float64{0, 0.5, 1}}} {
				for _, samples := range [][]uint64{nil, randomRows(1, 50, 10)} {
					e, err := m.AnnealLogPartition(t.Context(), samples, a, [32]byte{1})
					if err == nil || !strings.Contains(err.Error(), "too large for float32") {
						t.Errorf("weights of %v: %+v, %v", m.Weights[:2], e, err)
					}
				}
			}
		}
	}
	if _, err := random.Tempered(t.Context(), nil, 5, [32]byte{}); err == nil {
		t.Error("energies that overflow were tempered")
	}
}

// The next schedule is longer whatever the error of the last one.
func TestLonger(t *testing.T) {
	for excess, want := range map[float64]int{1: 2, 1.4: 2, 1.5: 4, 2: 4, 2.1: 8, 1e300: 8, math.Inf(1): 8, math.NaN(): 2} {
		if got := longer(excess); got != want {
			t.Errorf("%v times the tolerance: %d times as long, want %d", excess, got, want)
		}
	}
}

func TestAnnealLogPartitionRefuses(t *testing.T) {
	m := randomMachine(3, 20, 5, 0.5)
	for name, c := range map[string]struct {
		settings Annealing
		samples  []uint64
	}{
		"1 chains":       {settings: Annealing{Chains: 1}},
		"want 2 to":      {settings: Annealing{Chains: 1 << 62}},
		"Tolerance":      {settings: Annealing{Tolerance: math.NaN()}},
		"MaxSteps":       {settings: Annealing{MaxSteps: -1}},
		"from 0 to 1":    {settings: Annealing{Schedule: []float64{0, 0.5}}},
		"ascending":      {settings: Annealing{Schedule: []float64{0, 0.5, 0.5, 1}}},
		"visible units":  {settings: Annealing{Base: NewMachine(19, 1)}},
		"hidden units":   {settings: Annealing{Base: NewMachine(20, 13)}},
		"two rows":       {samples: []uint64{1}},
		"row 1 of the s": {samples: []uint64{1, 1 << 20, 1}},
		"row 2 of Seen":  {settings: Annealing{Seen: []uint64{1, 2, 1 << 63}}},
		"visible biases": {settings: Annealing{Base: &Machine{20, 1, make([]float32, 20), nil, make([]float32, 1)}}},
	} {
		if _, err := m.AnnealLogPartition(context.Background(), c.samples, c.settings, [32]byte{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := m.AnnealLogPartition(canceled, nil, Annealing{}, [32]byte{}); err != context.Canceled {
		t.Errorf("canceled: %v", err)
	}
}
