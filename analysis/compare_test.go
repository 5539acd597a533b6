package analysis

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// row builds a row from values, all with the same relative error, ½ of 1 % for
// machines.
func row(source string, relative float64, values ...float64) Row {
	r := Row{L: 8, T: 2.5, Hidden: None, Replica: None, Source: source}
	for _, v := range values {
		r.Values = append(r.Values, Estimate{Value: v, Err: relative * math.Abs(v), Tau: 0.5})
	}
	for len(r.Values) < observableCount {
		r.Values = append(r.Values, Undefined())
	}
	if source == SourceMachine {
		r.Hidden, r.Replica = 64, 0
	}
	return r
}

// truth is some reference; change returns a machine that differs in one place.
var nan = math.NaN()

func truth() []float64 { return []float64{-1.2, 0.6, 0, 1.0, 1.5, 20, 0.5, 0.5, 2} }

func change(i int, value float64) []float64 {
	v := truth()
	v[i] = value
	return v
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		name    string
		machine []float64
		err     float64
		exact   []float64
		want    string
	}{
		{"perfect", truth(), 0.005, truth(), "pass"},
		{"within", change(SpecificHeat, 1.09), 0.005, truth(), "pass"},
		{"energy too high", change(Energy, -1.17), 0.005, truth(), "fail: energy +2.5 % (tolerance 2 %)"},
		{"energy too low", change(Energy, -1.23), 0.005, truth(), "fail: energy -2.5 % (tolerance 2 %)"},
		{"m", change(AbsMagnetization, 0.5), 0.005, truth(), "fail: abs_magnetization -16.7 % (tolerance 2 %)"},
		{"c", change(SpecificHeat, 1.123), 0.005, truth(), "fail: specific_heat +12.3 % (tolerance 10 %)"},
		{"χ", change(Susceptibility, 1.2), 0.005, truth(), "fail: susceptibility -20.0 % (tolerance 15 %)"},
		{"p₊", change(UpFraction, 0.65), 0.005, truth(), "fail: up_fraction +0.15 (tolerance 0.1)"},
		{"all up", change(UpFraction, 0.97), 0.005, truth(), "one-sided"},
		{"all down", change(UpFraction, 0.05), 0.005, truth(), "one-sided"},
		{"in a field", change(UpFraction, 0.97), 0.005, change(UpFraction, 0.98), "pass"},
		{"ξ is not judged", change(CorrelationLength, 9), 0.005, truth(), "pass"},
		{"unresolved", truth(), 0.03, truth(), "fail: energy not resolved (error 3.0 % above tolerance 2 %); " +
			"abs_magnetization not resolved (error 3.0 % above tolerance 2 %)"},
		{"no errors", truth(), nan, change(UpFraction, nan), "fail: energy not resolved (no error); abs_magnetization not resolved (no error); " +
			"specific_heat not resolved (no error); susceptibility not resolved (no error)"},
		{"p₊ without error", truth(), nan, []float64{nan, nan, nan, nan, nan, nan, nan, 0.5, nan}, "fail: up_fraction not resolved (no error)"},
		{"no c at T = ∞", change(SpecificHeat, nan), 0.005, change(SpecificHeat, nan), "pass"},
		{"no c in the machine", change(SpecificHeat, nan), 0.005, truth(), "fail: specific_heat has no value"},
		{"e near 0", change(Energy, 0.01), 0.3, change(Energy, 0), ""},
		{"e far from 0", change(Energy, 0.01), 0.005, change(Energy, 0), "fail: energy 0.01 where the reference is 0 (tolerance 4 standard deviations)"},
	} {
		exact := row(SourceExact, nan, c.exact...)
		got := Compare(row(SourceMachine, c.err, c.machine...), &exact, nil, DefaultTolerances()).Verdict
		if c.want != "" && got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if strings.ContainsAny(got, ",\n\"") {
			t.Errorf("%s: %q breaks a CSV field", c.name, got)
		}
	}
}

func TestVerdictNamesWhatItCannotResolve(t *testing.T) {
	exact := row(SourceExact, nan, truth()...)
	machine := row(SourceMachine, 0.005, truth()...)
	machine.Values[UpFraction].Err = 0.12
	if got := Compare(machine, &exact, nil, DefaultTolerances()).Verdict; got != "fail: up_fraction not resolved (error 0.12 above tolerance 0.1)" {
		t.Errorf("%q", got)
	}
	exact = row(SourceExact, nan, change(Energy, 0)...)
	machine = row(SourceMachine, 0.005, change(Energy, 0.01)...)
	machine.Values[Energy].Err = 0.003
	if got := Compare(machine, &exact, nil, DefaultTolerances()).Verdict; got != "pass" {
		t.Errorf("3.3 standard deviations from zero: %q", got)
	}
}

func TestCompareChoosesItsReference(t *testing.T) {
	machine := row(SourceMachine, 0.003, change(Energy, -1.212)...)
	exact := row(SourceExact, nan, change(CorrelationLength, nan)...)
	mc := row(SourceMonteCarlo, 0.004, truth()...)
	c := Compare(machine, &exact, &mc, DefaultTolerances())
	if c.L != 8 || c.T != 2.5 || c.Hidden != 64 || c.Replica != 0 {
		t.Errorf("place %+v", c)
	}
	e := c.Deviations[Energy]
	if e.Ref != SourceExact || math.Abs(e.Delta+0.012) > 1e-12 || math.Abs(e.Rel+0.01) > 1e-12 || math.Abs(e.Z+0.012/(0.003*1.212)) > 1e-9 {
		t.Errorf("energy %+v", e)
	}
	xi := c.Deviations[CorrelationLength]
	if xi.Ref != SourceMonteCarlo || xi.Delta != 0 || xi.Z != 0 {
		t.Errorf("ξ %+v", xi)
	}
	if m := c.Deviations[Magnetization]; !math.IsNaN(m.Rel) || m.Delta != 0 || m.Z != 0 {
		t.Errorf("magnetization %+v has a reference of zero", m)
	}
	if !math.IsNaN(c.KL) || !math.IsNaN(c.LogZ) || !math.IsNaN(c.CouplingNN) || !math.IsNaN(e.ErrTraining) {
		t.Error("what was not computed is not NaN")
	}

	c = Compare(machine, nil, &mc, DefaultTolerances())
	sigma := math.Hypot(0.003*1.212, 0.004*1.2)
	if e := c.Deviations[Energy]; e.Ref != SourceMonteCarlo || math.Abs(e.Z+0.012/sigma) > 1e-9 {
		t.Errorf("against Monte Carlo: %+v", e)
	}
	c = Compare(machine, nil, nil, DefaultTolerances())
	if e := c.Deviations[Energy]; e.Ref != "" || !math.IsNaN(e.Delta) || c.Verdict != "pass" {
		t.Errorf("without a reference: %+v, %s", e, c.Verdict)
	}
}

// Replicas scatter by training (0.02) and sampling (0.01): the budget takes them
// apart. With 400 replicas the training error is known to 5 %.
func TestErrorBudget(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var replicas []Row
	for i := range 400 {
		r := row(SourceMachine, 0, truth()...)
		r.Replica = i
		r.Values[Energy] = Estimate{Value: -1.2 + 0.02*rng.NormFloat64() + 0.01*rng.NormFloat64(), Err: 0.01}
		replicas = append(replicas, r)
	}
	data := row(SourceMonteCarlo, 0.004, truth()...)
	c := Compare(replicas[3], &data, nil, DefaultTolerances())
	c.SetErrorBudget(replicas[3:4], &data)
	if d := c.Deviations[Energy]; !math.IsNaN(d.ErrTraining) || d.ErrData != 0.004*1.2 || d.ErrSampling != 0.01 {
		t.Errorf("a budget from one machine: %+v", d)
	}
	c.SetErrorBudget(replicas, &data)
	d := c.Deviations[Energy]
	within(t, "training error", d.ErrTraining, 0.02, 0.2)
	if d.ErrSampling != 0.01 || d.ErrData != 0.004*1.2 {
		t.Errorf("budget %+v", d)
	}
	if d := c.Deviations[SpecificHeat]; d.ErrTraining > 1e-9 {
		t.Errorf("replicas that agree have a training error of %v", d.ErrTraining)
	}
	c.SetErrorBudget(replicas, nil)
}
