package analysis

import (
	"math"
	"math/rand/v2"
	"testing"
)

// finiteSize makes rows of lattices that scale with given exponents and a
// correction L^{−7/4} to the Binder cumulant, with Gaussian errors of 1 in 2000.
func finiteSize(sizes []int, temperatures []float64, rng *rand.Rand) (rows []Row) {
	const tc, betaNu, gammaNu = 2.25, 0.2, 1.5
	for _, l := range sizes {
		for _, t := range temperatures {
			x := (t - tc) * float64(l)
			r := Row{L: l, T: t, Source: SourceMonteCarlo, Values: make([]Estimate, observableCount)}
			noisy := func(value float64) Estimate {
				return Estimate{value * (1 + rng.NormFloat64()/2000), value / 2000, 0.5}
			}
			r.Values[Binder] = noisy(0.61 - 0.03*x - 0.007*x*x + 0.08*math.Pow(float64(l), -7.0/4))
			r.Values[AbsMagnetization] = noisy(math.Pow(float64(l), -betaNu) * math.Exp(-0.1*x))
			r.Values[SusceptibilityZero] = noisy(math.Pow(float64(l), gammaNu) * math.Exp(-0.2*x))
			rows = append(rows, r)
		}
	}
	return rows
}

// Rows that scale give their exponents back: 5 numbers in 200 repeats, whose
// pulls have a mean square of 1 known to 10 %.
func TestScalingOfRowsThatScale(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 42))
	const repeats = 200
	want := []float64{2.25, 0.61, 1, 1.5, 0.2}
	squares := make([]float64, len(want))
	for range repeats {
		s := ScalingOf(finiteSize([]int{8, 12, 16, 24, 32, 64}, []float64{2.23, 2.24, 2.25, 2.26, 2.27}, rng), 7.0/4)
		if s == nil {
			t.Fatal("no scaling")
		}
		for i, e := range []Estimate{s.CriticalTemperature, s.Binder, s.InverseNu, s.GammaNu.Estimate, s.BetaNu.Estimate} {
			z := (e.Value - want[i]) / e.Err
			squares[i] += z * z / repeats
		}
		if last := s.Crossings[len(s.Crossings)-1]; math.Abs(last.Temperature.Value-2.25) > 5*last.Temperature.Err+1e-3 {
			t.Errorf("crossing %+v", last)
		}
	}
	for i, s := range squares { // errors are widened where fits are bad, never narrowed
		if s > 1.4 || s < 0.4 {
			t.Errorf("number %d is off by %.2f of its errors", i, math.Sqrt(s))
		}
	}
}

// Negative control: with a correction that dies out too fast the same rows give,
// over 50 repeats, a critical temperature that is wrong beyond all doubt.
func TestScalingNeedsItsCorrection(t *testing.T) {
	rng := rand.New(rand.NewPCG(43, 44))
	pull := func(correction float64) (sum float64) {
		for range 50 {
			s := ScalingOf(finiteSize([]int{8, 12, 16, 24}, []float64{2.23, 2.24, 2.25, 2.26, 2.27}, rng), correction)
			if s == nil {
				t.Fatal("no scaling")
			}
			sum += (s.CriticalTemperature.Value - 2.25) / s.CriticalTemperature.Err / math.Sqrt(50)
		}
		return sum
	}
	if wrong := pull(6); math.Abs(wrong) < 6 {
		t.Errorf("without the right correction T_c is off by %.1f errors only", wrong)
	}
	if right := pull(7.0 / 4); math.Abs(right) > 4 {
		t.Errorf("with it by %.1f", right)
	}
}

func TestNoScaling(t *testing.T) {
	rng := rand.New(rand.NewPCG(45, 46))
	temperatures := []float64{2.23, 2.24, 2.25, 2.26, 2.27}
	for name, rows := range map[string][]Row{
		"no rows":          nil,
		"two sizes":        finiteSize([]int{8, 16}, temperatures, rng),
		"two temperatures": finiteSize([]int{8, 16, 32}, temperatures[:2], rng),
		"no crossing":      finiteSize([]int{8, 16, 32}, []float64{3, 3.1, 3.2, 3.3}, rng),
	} {
		if s := ScalingOf(rows, 7.0/4); s != nil {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if ScalingOf(finiteSize([]int{8, 16, 32}, temperatures, rng), CorrectionExponent(1)) != nil {
		t.Error("a chain scales")
	}
}
