package rbm

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// ringRows returns about n configurations of a ring of spins at temperature 2 in a
// field, in their exact proportions, and the exact distribution.
func ringRows(n, spins int, field float64) (rows []uint64, p []float64) {
	p = make([]float64, 1<<spins)
	z := 0.0
	for v := range p {
		energy := 0.0
		for i := range spins {
			a, b := float64(v>>i&1)*2-1, float64(v>>((i+1)%spins)&1)*2-1
			energy -= a*b + field*a
		}
		p[v] = math.Exp(-energy / 2)
		z += p[v]
	}
	for v := range p {
		p[v] /= z
		for range int(math.Round(p[v] * float64(n))) {
			rows = append(rows, uint64(v))
		}
	}
	return rows, p
}

func newTestTrainer(t testing.TB, s Settings, visible, hidden int, data []uint64) *Trainer {
	t.Helper()
	trainer, err := NewTrainer(s, visible, hidden, data, [32]byte{6})
	if err != nil {
		t.Fatal(err)
	}
	return trainer
}

func update(t testing.TB, trainer *Trainer, n int) {
	t.Helper()
	for range n {
		if err := trainer.Update(); err != nil {
			t.Fatal(err)
		}
	}
}

// learnable are ways to train that must all arrive at the exact distribution.
func learnable() map[string]Settings {
	base := Settings{Algorithm: "pcd", Steps: 1, Batch: 100, Updates: 4000, Rate: 4, FinalRate: 0.02,
		Schedule: "exponential", Shuffle: true, AverageFraction: 0.2, Initial: "gaussian", InitialScale: 0.1}
	with := func(change func(s *Settings)) Settings {
		s := base
		change(&s)
		return s
	}
	return map[string]Settings{
		"pcd": with(func(s *Settings) { s.Chains = 200 }),
		"cd": with(func(s *Settings) {
			s.Algorithm, s.Steps, s.Momentum, s.Rate = "cd", 5, 0.5, 2
		}),
		"centered":  with(func(s *Settings) { s.Centered = true }),
		"symmetric": with(func(s *Settings) { s.Symmetry = "flip" }),
		"augmented": with(func(s *Settings) {
			s.Symmetry, s.AugmentFlips, s.Permutations = "flip", true, ringShifts(6)
		}),
		"adam": with(func(s *Settings) {
			s.Optimizer, s.Centered, s.Rate, s.FinalRate, s.Schedule = "adam", true, 0.02, 0, "cosine"
		}),
		"exact": with(func(s *Settings) {
			s.Algorithm, s.Centered, s.Batch, s.Updates, s.FinalRate = "exact", true, 1000, 1500, 0.2
		}),
		"tied": with(func(s *Settings) {
			s.Symmetry, s.Group, s.Centered = "translation", ringShifts(6), true
		}),
		"natural": with(func(s *Settings) {
			s.Symmetry, s.Group, s.Optimizer, s.Updates, s.Rate = "translation", ringShifts(6), "natural", 400, 0.5
		}),
		"natural and symmetric": with(func(s *Settings) {
			s.Symmetry, s.Group, s.Optimizer, s.Updates, s.Rate = "translation+flip", ringShifts(6), "natural", 400, 0.5
		}),
		"tied and symmetric": with(func(s *Settings) {
			s.Symmetry, s.Group = "translation+flip", ringShifts(6)
		}),
	}
}

// ringShifts are the rotations of a ring.
func ringShifts(n int) (all [][]int32) {
	for d := range n {
		p := make([]int32, n)
		for i := range p {
			p[i] = int32((i + d) % n)
		}
		all = append(all, p)
	}
	return all
}

// A small machine learns an exact distribution to 0.005 nats; what is left is the
// length of the training (ten times the updates leave a tenth).
func TestTrainingReachesTheDistribution(t *testing.T) {
	for name, s := range learnable() {
		t.Run(name, func(t *testing.T) {
			field := 0.3
			if s.flipSymmetric() {
				field = 0
			}
			rows, p := ringRows(20_000, 6, field)
			trainer := newTestTrainer(t, s, 6, 6, rows)
			start := divergence(p, visibleDistribution(trainer.Machine()))
			update(t, trainer, s.Updates)
			kl := divergence(p, visibleDistribution(trainer.Average()))
			t.Logf("KL from %.3f to %.5f", start, kl)
			if kl > 0.005 || start < 0.05 {
				t.Errorf("KL went from %g to %g", start, kl)
			}
			if trainer.Updates() != trainer.Total() || trainer.Total() != s.Updates {
				t.Errorf("%d of %d updates", trainer.Updates(), trainer.Total())
			}
		})
	}
}

// A symmetric machine gives a configuration and its flip one probability.
func TestSymmetricMachineStaysSymmetric(t *testing.T) {
	rows, _ := ringRows(500, 6, 0.5) // data that are not symmetric
	s := learnable()["symmetric"]
	s.Updates, s.AverageFraction = 200, 0.5
	trainer := newTestTrainer(t, s, 6, 20, rows)
	update(t, trainer, s.Updates)
	for _, m := range []*Machine{trainer.Machine(), trainer.Average()} {
		if !m.FlipSymmetric() {
			t.Fatal("the machine is not symmetric")
		}
		p := visibleDistribution(m)
		for v := range p {
			if q := p[^v&63]; !near(p[v]/q, 1, 1e-5) {
				t.Fatalf("p(%06b) = %g but %g flipped", v, p[v], q)
			}
		}
	}
}

// withParameters replaces a trainer's machine.
func withParameters(t *Trainer, m *Machine) {
	*t.parameters = *parametersOf(m)
	t.model.set(t.parameters)
}

// With data drawn exactly from the machine, the chains of the negative phase are
// distributed as the machine: after k steps for CD, after any number for PCD. χ² of
// independent rows within 6 standard deviations; the control uses another machine.
func TestNegativePhaseIsTheMachines(t *testing.T) {
	const n = 1 << 16
	for name, s := range map[string]Settings{
		"cd":             {Algorithm: "cd", Steps: 3},
		"pcd":            {Algorithm: "pcd", Steps: 2},
		"cd, symmetric":  {Algorithm: "cd", Steps: 1, Symmetry: "flip"},
		"pcd, symmetric": {Algorithm: "pcd", Steps: 1, Symmetry: "flip"},
	} {
		t.Run(name, func(t *testing.T) {
			right, wrong := randomMachine(23, 6, 5, 0.7), randomMachine(23, 6, 5, 0.8)
			if s.Symmetry == "flip" {
				right.Symmetrize()
				wrong.Symmetrize()
			}
			p := visibleDistribution(right)
			draws, rows := newSampler(3, p), make([]uint64, n)
			for r := range rows {
				rows[r] = draws.draw()
			}
			s.Batch, s.Updates, s.Rate = n, 1, 1
			for _, m := range []*Machine{right, wrong} {
				trainer := newTestTrainer(t, s, 6, 5, rows)
				withParameters(trainer, m)
				copy(trainer.machine.visible.rows, rows)
				trainer.model.sampleHidden(trainer.hidden.rows, trainer.machine.visible.rows)
				trainer.data.n = trainer.batches.next(trainer.data.visible.rows)
				trainer.sample()
				counts := make([]int, len(p))
				for _, v := range trainer.Chains() {
					counts[v]++
				}
				x := chiSquared(counts, p)
				if m == right && math.Abs(x) > 6 || m == wrong && x < 6 {
					t.Errorf("χ² is %.1f standard deviations off", x)
				}
			}
		})
	}
}

// Persistent chains of a symmetric machine turn over, so half of them are up even
// where Gibbs steps alone would not cross: a machine of two far modes whose data are
// all in one of them.
func TestFlipsTurnPersistentChains(t *testing.T) {
	const units = 30
	s := Settings{Steps: 1, Batch: 1000, Updates: 10, Rate: 1e-9, Symmetry: "flip"}
	trainer := newTestTrainer(t, s, units, 4, make([]uint64, 1000))
	m := NewMachine(units, 4)
	for k := range m.Weights {
		m.Weights[k] = 3
	}
	m.Symmetrize()
	withParameters(trainer, m)
	update(t, trainer, 3)
	up := 0
	for _, v := range trainer.Chains() {
		if v&1 == 1 {
			up++
		}
	}
	// 5σ of 1000 fair coins.
	if math.Abs(float64(up)-500) > 80 {
		t.Errorf("%d of 1000 chains are up", up)
	}
}

// A minibatch cut short by the end of the data weighs each phase by its own rows:
// the gradient is the difference of two means.
func TestShortMinibatchAndOtherNumbersOfChains(t *testing.T) {
	for _, s := range []Settings{{Algorithm: "cd", Batch: 7}, {Algorithm: "pcd", Batch: 7}, {Algorithm: "pcd", Batch: 7, Chains: 3}, {Algorithm: "pcd", Batch: 50, Chains: 101}} {
		s.Steps, s.Updates, s.Rate = 1, 100, 0.1
		trainer := newTestTrainer(t, s, 9, 5, randomRows(10, 17, 9))
		for range 6 { // through two epochs of 17 = 7 + 7 + 3
			m := trainer.Machine()
			update(t, trainer, 1)
			a, b := literalAverages(m, trainer.data), literalAverages(m, trainer.machine)
			for k, got := range flatten(trainer.gradient.machine()) {
				if !near(got, a[k]-b[k], 1e-6) {
					t.Fatalf("%s, %d rows: gradient %d is %g, want %g", s.Algorithm, trainer.data.n, k, got, a[k]-b[k])
				}
			}
			if want := max(s.Chains, trainer.data.n); s.Algorithm == "cd" && len(trainer.Chains()) != want {
				t.Fatalf("%d chains, want %d", len(trainer.Chains()), want)
			}
		}
	}
}

// Units that never change in the data start with a finite bias and keep one.
func TestUnitsWithoutVariance(t *testing.T) {
	data := make([]uint64, 50) // unit 0 is always 0, unit 1 always 1
	for r := range data {
		data[r] = 0b10 | uint64(r%2)<<2
	}
	for _, s := range []Settings{{}, {Centered: true}, {Symmetry: "flip"}, {VisibleBias: "zero"}} {
		s.Steps, s.Batch, s.Updates, s.Rate = 1, 10, 200, 0.5
		trainer := newTestTrainer(t, s, 3, 2, data)
		update(t, trainer, 200)
		if err := trainer.Machine().Validate(); err != nil {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

// The smallest and the oddest shapes train.
func TestAnyShape(t *testing.T) {
	for _, shape := range [][2]int{{1, 1}, {1, 70}, {65, 1}, {63, 17}, {128, 130}} {
		for _, s := range []Settings{{Algorithm: "cd"}, {Algorithm: "pcd", Chains: 1, Centered: true, Momentum: 0.5}, {Symmetry: "flip", Chains: 67}} {
			s.Steps, s.Batch, s.Updates, s.Rate, s.AverageFraction = 2, 33, 5, 0.1, 0.5
			trainer := newTestTrainer(t, s, shape[0], shape[1], randomRows(11, 50, shape[0]))
			update(t, trainer, 5)
			if err := trainer.Average().Validate(); err != nil {
				t.Errorf("%v: %v", shape, err)
			}
		}
	}
}

func TestNewTrainerRefuses(t *testing.T) {
	good := working()
	bad := good
	bad.Permutations = [][]int32{{0, 1, 2}, {0, 0, 1}}
	narrow := good
	narrow.InitialEnvelope = []float64{1, 0.5}
	for want, c := range map[string]struct {
		s               Settings
		visible, hidden int
		data            []uint64
	}{
		"Rate":                             {Settings{Steps: 1, Batch: 1, Updates: 1}, 3, 2, numbered(3)},
		"which has 21 units, more than 20": {Settings{Algorithm: "exact", Updates: 1, Rate: 1}, 21, 30, numbered(3)},
		"3 × 0 units":                      {good, 3, 0, numbered(3)},
		"no rows of data":                  {good, 3, 2, nil},
		"3 words of the data are not":      {good, 70, 2, numbered(3)},
		"row 4 of the data has bits":       {good, 2, 2, numbered(5)},
		"InitialEnvelope of 2 elements":    {narrow, 3, 2, numbered(3)},
		"permutation 1: element 1":         {bad, 3, 2, numbered(3)},
	} {
		if _, err := NewTrainer(c.s, c.visible, c.hidden, c.data, [32]byte{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

func TestUpdateLeavesTheDataAlone(t *testing.T) {
	data := randomRows(13, 40, 9)
	kept := slices.Clone(data)
	s := Settings{Steps: 1, Batch: 16, Updates: 20, Rate: 0.1, AugmentFlips: true, Permutations: translations(3), Shuffle: true}
	update(t, newTestTrainer(t, s, 9, 4, data), 20)
	if !slices.Equal(data, kept) {
		t.Error("the data were changed")
	}
}

// hash identifies the parameters of a machine.
func hash(m *Machine) string {
	h := sha256.New()
	for _, part := range [][]float32{m.Weights, m.VisibleBias, m.HiddenBias} {
		binary.Write(h, binary.LittleEndian, part)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// goldenSettings use every part of the trainer that can touch a parameter.
func goldenSettings() map[string]Settings {
	all := Settings{Steps: 2, Batch: 30, Updates: 50, Rate: 0.3, FinalRate: 0.01, Schedule: "exponential",
		Momentum: 0.5, WeightDecay: 1e-3, AverageFraction: 0.4, Shuffle: true}
	a, b, c, d := all, all, all, all
	a.Algorithm = "cd"
	b.Chains, b.Centered, b.Initial, b.Schedule = 45, true, "gaussian", "linear"
	c.Symmetry, c.AugmentFlips, c.Permutations = "flip", true, translations(9)
	d.Algorithm, d.Symmetry, d.Momentum = "cd", "flip", 0
	e, f := a, b
	e.Symmetry, e.Group = "translation", translations(9)
	f.Symmetry, f.Group = "translation+flip", translations(9)[:9] // along rows: nine orbits
	g, h := a, f
	g.Optimizer, g.Momentum, g.L1Decay, g.Schedule, g.FinalRate, g.Rate = "adam", 0, 1e-3, "cosine", 0, 0.01
	h.Optimizer, h.Momentum, h.Rate = "adam", 0, 0.01
	i, j := a, b
	i.Algorithm, i.Batch = "exact", 0
	j.Algorithm = "exact"
	k, l := e, f
	k.Optimizer, k.Momentum, k.Centered, k.OffsetRate = "natural", 0, true, 0.2
	l.Optimizer, l.Momentum = "natural", 0
	m := c
	m.Algorithm, m.Snapshots, m.Chains = "ptt", 5, 45
	return map[string]Settings{"ptt": m, "exact": i, "exact centered": j, "cd natural": k, "pcd natural symmetric": l, "cd adam": g, "pcd tied adam": h, "cd": a, "pcd centered": b, "pcd symmetric augmented": c, "cd symmetric": d,
		"cd tied": e, "pcd tied symmetric": f}
}

// fitting is the number of hidden units near the given one that s allows.
func fitting(s Settings, hidden int) int {
	if s.Algorithm == "exact" {
		return min(hidden, 6)
	}
	copies := max(1, len(s.Group))
	return (hidden + copies - 1) / copies * copies
}

// goldenHashes were taken when the tests against oracles in this package passed;
// they change only with the stated arithmetic or the order of random numbers.
var goldenHashes = map[string]string{
	"ptt":                     "9cf068139de4c924 26517b9343f4bd12",
	"cd":                      "891eac0f57d9e5de 70bf75a7bda80dc0",
	"pcd centered":            "80cbd36f77b052c3 d37231b870f0a69f",
	"pcd symmetric augmented": "ba5f7dcb742f35e9 99f25eee5472ea19",
	"cd symmetric":            "5e6e6791c94a83d9 f21d7a1ae7600807",
	"exact":                   "34b29caa5e71df86 59c4518a3983d1fe",
	"exact centered":          "1e6175825aa2b01a 88e5a6695c5286c5",
	"cd adam":                 "d4b04de5defa34d8 d3935215d00537b3",
	"pcd tied adam":           "5cbabf149faa2a5f c0e13e9437ced704",
	"cd natural":              "7eafcb3943eaf15e d6cde5453fafd0c1",
	"pcd natural symmetric":   "94fd0fc1cc19f724 3a437d6c7b1f6c65",
	"cd tied":                 "a6a6ba08a7cacff4 1a06142fd0b1860b",
	"pcd tied symmetric":      "f58b2a13cc7d79d6 d55babeeda51f6af",
}

func TestGoldenParameters(t *testing.T) {
	for name, s := range goldenSettings() {
		trainer := newTestTrainer(t, s, 81, fitting(s, 37), randomRows(14, 200, 81))
		update(t, trainer, 50)
		got := fmt.Sprintf("%s %s", hash(trainer.Machine()), hash(trainer.Average()))
		if got != goldenHashes[name] {
			t.Errorf("%q: %q,", name, got)
		}
	}
}

func TestSeedsDecide(t *testing.T) {
	data := randomRows(15, 100, 20)
	run := func(seed byte) string {
		trainer, err := NewTrainer(goldenSettings()["pcd centered"], 20, 10, data, [32]byte{seed})
		if err != nil {
			t.Fatal(err)
		}
		update(t, trainer, 20)
		return hash(trainer.Machine())
	}
	if run(1) != run(1) {
		t.Error("one seed gave two machines")
	}
	if run(1) == run(2) {
		t.Error("two seeds gave one machine")
	}
}

// BenchmarkUpdate measures whole updates. GFLOP/s are those of dense matrix
// products, (2k+3)·2·B·n_v·n_h an update.
func BenchmarkUpdate(b *testing.B) {
	const batch = 100
	for _, shape := range [][2]int{{64, 64}, {64, 256}} {
		for _, k := range []int{1, 10} {
			b.Run(fmt.Sprintf("%dx%d/k=%d", shape[0], shape[1], k), func(b *testing.B) {
				s := Settings{Algorithm: "cd", Steps: k, Batch: batch, Updates: 1, Rate: 1e-3, Initial: "gaussian", InitialScale: 0.1}
				trainer := newTestTrainer(b, s, shape[0], shape[1], randomRows(16, 10_000, shape[0]))
				measure(b, trainer, k)
			})
		}
	}
}

// BenchmarkOptions measures what the options cost at 64 × 64, k = 10, in percent of a
// plain update, all taking turns.
func BenchmarkOptions(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	options := []struct {
		name   string
		change func(s *Settings)
	}{
		{"cd", func(s *Settings) { s.Algorithm = "cd" }},
		{"pcd", func(s *Settings) {}},
		{"momentum", func(s *Settings) { s.Momentum = 0.5 }},
		{"adam", func(s *Settings) { s.Optimizer = "adam" }},
		{"l1", func(s *Settings) { s.L1Decay = 1e-4 }},
		{"linear", func(s *Settings) { s.Schedule, s.Updates = "linear", 1000 }},
		{"exponential", func(s *Settings) { s.Schedule, s.FinalRate, s.Updates = "exponential", 1e-4, 1000 }},
		{"cosine", func(s *Settings) { s.Schedule, s.Updates = "cosine", 1000 }},
		{"decay", func(s *Settings) { s.WeightDecay = 1e-4 }},
		{"centered", func(s *Settings) { s.Centered = true }},
		{"averaged", func(s *Settings) { s.AverageFraction = 1 }},
		{"symmetric", func(s *Settings) { s.Symmetry = "flip" }},
		{"tied", func(s *Settings) { s.Symmetry, s.Group = "translation", translations(8) }},
		{"tied-symmetric", func(s *Settings) { s.Symmetry, s.Group = "translation+flip", translations(8) }},
		{"augmented", func(s *Settings) { s.Permutations, s.AugmentFlips, s.Shuffle = translations(8), true, true }},
		{"recommended", func(s *Settings) {
			s.Permutations, s.AugmentFlips, s.Shuffle, s.Symmetry, s.AverageFraction = translations(8), true, true, "flip", 1
			s.Schedule, s.FinalRate = "exponential", 1e-4
		}},
	}
	trainers, rates := make([]*Trainer, len(options)), make([]rate, len(options))
	for k, option := range options {
		s := Settings{Steps: 10, Batch: 100, Updates: 1, Rate: 1e-3, Initial: "gaussian", InitialScale: 0.1}
		option.change(&s)
		trainers[k] = newTestTrainer(b, s, 64, 64, randomRows(16, 10_000, 64))
	}
	for b.Loop() {
		for k := range options {
			rates[k].turn(func() float64 { update(b, trainers[k], 1); return 1 })
		}
	}
	b.ReportMetric(rates[0].best, "updates/s")
	for k, option := range options[1:] {
		b.ReportMetric(100*(rates[0].best/rates[k+1].best-1), option.name+"-%")
	}
}

func measure(b *testing.B, trainer *Trainer, k int) {
	for b.Loop() {
		if err := trainer.Update(); err != nil {
			b.Fatal(err)
		}
	}
	seconds := b.Elapsed().Seconds() / float64(b.N)
	p, batch := trainer.parameters, trainer.settings.Batch
	b.ReportMetric(1/seconds, "updates/s")
	b.ReportMetric(float64((2*k+3)*2*batch*p.visible*p.hidden)/seconds/1e9, "GFLOP/s")
	b.ReportMetric(seconds*1e9/float64(batch*k*(p.visible+p.hidden)), "ns/decision")
}
