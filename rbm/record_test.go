package rbm

import (
	"bytes"
	"math"
	"slices"
	"testing"
)

func TestRecordAgainstEnumeration(t *testing.T) {
	data, validation := randomRows(20, 60, 6), randomRows(21, 40, 6)
	s := Settings{Steps: 1, Batch: 20, Updates: 10, Rate: 1, FinalRate: 0.1, Schedule: "linear", WeightDecay: 0.01}
	trainer := newTestTrainer(t, s, 6, 5, data)
	update(t, trainer, 4)
	m := trainer.Machine()
	p, logZ := marginal(m)
	r := trainer.Record(validation)
	meanLog := func(rows []uint64) (sum float64) {
		for _, v := range rows {
			sum += math.Log(p[v]) / float64(len(rows))
		}
		return sum
	}
	for name, c := range map[string][2]float64{
		"step":                  {float64(r.Step), 4},
		"rate":                  {r.Rate, 1 - 0.9*3/9},
		"ln Z":                  {r.LogPartition, logZ},
		"training likelihood":   {r.LogLikelihoodTraining, meanLog(data)},
		"validation likelihood": {r.LogLikelihoodValidation, meanLog(validation)},
		"training F":            {r.FreeEnergyTraining, -meanLog(data) - logZ},
		"validation F":          {r.FreeEnergyValidation, -meanLog(validation) - logZ},
		"F of the chains":       {r.FreeEnergyChains, -meanLog(trainer.Chains()) - logZ},
		"training PLL":          {r.PseudoLogLikelihoodTraining, m.PseudoLogLikelihood(data)},
		"validation PLL":        {r.PseudoLogLikelihoodValidation, m.PseudoLogLikelihood(validation)},
		"weight norm":           {r.WeightNorm, norm(m.Weights)},
		"largest b":             {r.MaxVisibleBias, float64(max(slices.Max(m.VisibleBias), -slices.Min(m.VisibleBias)))},
		"largest c":             {r.MaxHiddenBias, float64(max(slices.Max(m.HiddenBias), -slices.Min(m.HiddenBias)))},
		"reconstruction":        {r.ReconstructionError, literalReconstruction(m, data)},
	} {
		if !near(c[0], c[1], 1e-11) {
			t.Errorf("%s is %.14g, want %.14g", name, c[0], c[1])
		}
	}
	sum := 0.0
	for _, x := range flatten(trainer.gradient.machine()) {
		sum += x * x
	}
	if !near(r.GradientNorm, math.Sqrt(sum), 1e-7) || r.GradientNorm == 0 {
		t.Errorf("the gradient's norm is %g, want %g", r.GradientNorm, math.Sqrt(sum))
	}
}

func literalReconstruction(m *Machine, rows []uint64) float64 {
	h, sum := make([]float64, m.Hidden), 0.0
	for _, v := range rows {
		m.HiddenMeans([]uint64{v}, h)
		for i := range m.Visible {
			x := float64(m.VisibleBias[i])
			for j := range h {
				x += float64(m.Weights[i*m.Hidden+j]) * h[j]
			}
			d := float64(v>>i&1) - 1/(1+math.Exp(-x))
			sum += d * d
		}
	}
	return sum / float64(len(rows)*m.Visible)
}

func TestRecordCountsSaturatedUnits(t *testing.T) {
	trainer := newTestTrainer(t, working(), 4, 4, randomRows(22, 50, 4))
	m := NewMachine(4, 4)
	copy(m.HiddenBias, []float32{9, -9, 0, 1})
	withParameters(trainer, m)
	if got := trainer.Record(nil).SaturatedFraction; got != 0.5 {
		t.Errorf("a share of %g is saturated, want ½", got)
	}
}

func TestRecordOfWhatIsNotKnown(t *testing.T) {
	trainer := newTestTrainer(t, working(), 13, 13, randomRows(23, 50, 13))
	r := trainer.Record(nil)
	for name, x := range map[string]float64{"ln Z": r.LogPartition, "training likelihood": r.LogLikelihoodTraining,
		"validation F": r.FreeEnergyValidation, "validation PLL": r.PseudoLogLikelihoodValidation} {
		if !math.IsNaN(x) {
			t.Errorf("%s is %g, want NaN", name, x)
		}
	}
	if r.Rate != 0.1 || r.Step != 0 || math.IsNaN(r.FreeEnergyTraining) {
		t.Errorf("before the first update: %+v", r)
	}
}

func TestRecordChangesNothing(t *testing.T) {
	s := goldenSettings()["pcd centered"]
	a, b := newTestTrainer(t, s, 12, 9, randomRows(24, 50, 12)), newTestTrainer(t, s, 12, 9, randomRows(24, 50, 12))
	for range 5 {
		update(t, a, 1)
		a.Record(randomRows(25, 9, 12))
		a.Chains()
		a.Average()
		update(t, b, 1)
	}
	if !bytes.Equal(stored(t, a), stored(t, b)) {
		t.Error("looking at a trainer changed it")
	}
}

func TestSubsetIsSpreadEvenly(t *testing.T) {
	m := NewMachine(64, 64)
	rows := numbered(100_000)
	subset := m.subset(rows, pseudoWork)
	if len(subset) != 128 || subset[0] != 0 || subset[64] != 50_000 {
		t.Errorf("%d rows, from %d", len(subset), subset[0])
	}
	if got := m.subset(rows[:100], pseudoWork); len(got) != 100 {
		t.Errorf("%d of 100 rows", len(got))
	}
	if got := NewMachine(2048, 2048).subset(make([]uint64, 32*1000), pseudoWork); len(got) != 32*32 {
		t.Errorf("a large machine takes %d rows", len(got)/32)
	}
}

func BenchmarkRecord(b *testing.B) {
	trainer := newTestTrainer(b, working(), 64, 64, randomRows(26, 10_000, 64))
	validation := randomRows(27, 10_000, 64)
	for b.Loop() {
		trainer.Record(validation)
	}
}
