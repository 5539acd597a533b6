package rbm

import (
	"math"
	"strings"
	"testing"
)

// working are settings that only lack what a test is about.
func working() Settings {
	return Settings{Algorithm: "pcd", Steps: 1, Batch: 10, Updates: 100, Rate: 0.1}
}

func TestSettingsValidate(t *testing.T) {
	if err := working().Validate(); err != nil {
		t.Fatal(err)
	}
	nan, inf := math.NaN(), math.Inf(1)
	for name, spoil := range map[string]func(s *Settings){
		"Algorithm is \"sml\", want one of cd, pcd, exact, ptt": func(s *Settings) { s.Algorithm = "sml" },
		"Schedule":                          func(s *Settings) { s.Schedule = "step" },
		"Symmetry is \"rotation\"":          func(s *Settings) { s.Symmetry = "rotation" },
		"Initial":                           func(s *Settings) { s.Initial = "normal" },
		"VisibleBias":                       func(s *Settings) { s.VisibleBias = "one" },
		"Steps is 0, want at least 1":       func(s *Settings) { s.Steps = 0 },
		"Batch is -1":                       func(s *Settings) { s.Batch = -1 },
		"Chains is -2":                      func(s *Settings) { s.Chains = -2 },
		"Threads is -1":                     func(s *Settings) { s.Threads = -1 },
		"Updates":                           func(s *Settings) { s.Updates = 0 },
		"Rate is 0, want a number positi":   func(s *Settings) { s.Rate = 0 },
		"Rate is NaN":                       func(s *Settings) { s.Rate = nan },
		"Rate is +Inf":                      func(s *Settings) { s.Rate = inf },
		"FinalRate is -0.1":                 func(s *Settings) { s.FinalRate, s.Schedule = -0.1, "linear" },
		"FinalRate is 0, want":              func(s *Settings) { s.Schedule = "exponential" },
		"Momentum is 1, want":               func(s *Settings) { s.Momentum = 1 },
		"Momentum is NaN":                   func(s *Settings) { s.Momentum = nan },
		"L1Decay is -1":                     func(s *Settings) { s.L1Decay = -1 },
		"Optimizer is \"lion\"":             func(s *Settings) { s.Optimizer = "lion" },
		"\"sgd\" has no use for Beta1":      func(s *Settings) { s.Beta2 = 0.9 },
		"Beta1 is 1, want":                  func(s *Settings) { s.Optimizer, s.Beta1 = "adam", 1 },
		"Beta2 is 0.99999999999, want":      func(s *Settings) { s.Optimizer, s.Beta2 = "adam", 0.99999999999 },
		"Epsilon is 1e-60, want":            func(s *Settings) { s.Optimizer, s.Epsilon = "adam", 1e-60 },
		"InitialEnvelope[1] is -1, want":    func(s *Settings) { s.InitialEnvelope = []float64{1, -1} },
		"\"sgd\" has no use for Damping":    func(s *Settings) { s.StepLimit = 1 },
		"few free parameters of tied":       func(s *Settings) { s.Optimizer = "natural" },
		"0.5, want 0: \"natural\" has none": func(s *Settings) { useNatural(s); s.Momentum = 0.5 },
		"Rate is 1.5, want":                 func(s *Settings) { useNatural(s); s.Rate = 1.5 },
		"Damping is -1, want":               func(s *Settings) { useNatural(s); s.Damping = -1 },
		"StepLimit is NaN, want":            func(s *Settings) { useNatural(s); s.StepLimit = math.NaN() },
		"the momentum of Adam is Beta1":     func(s *Settings) { s.Optimizer, s.Momentum = "adam", 0.5 },
		"Symmetry \"translation\" needs a":  func(s *Settings) { s.Symmetry = "translation" },
		"\"flip\" has no use for a Group":   func(s *Settings) { s.Symmetry, s.Group = "flip", ringShifts(3) },
		"WeightDecay is -1":                 func(s *Settings) { s.WeightDecay = -1 },
		"OffsetRate is 1.5":                 func(s *Settings) { s.OffsetRate = 1.5 },
		"AverageFraction is 1.01":           func(s *Settings) { s.AverageFraction = 1.01 },
		"InitialScale is -1, want a numbe":  func(s *Settings) { s.InitialScale = -1 },
	} {
		s := working()
		spoil(&s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want an error with %q", err, name)
		}
	}
}

func TestSettingsReportsAllProblems(t *testing.T) {
	err := Settings{Algorithm: "x"}.Validate()
	for _, name := range []string{"Algorithm", "Steps", "Batch", "Updates", "Rate"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v lacks %s", err, name)
		}
	}
}

// Of what follows from another field, only that other one is named.
func TestSettingsReportsNoOtherProblems(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		change func(s *Settings)
		want   string // names of fields, in the order of the messages
	}{
		{func(s *Settings) { *s = Settings{} }, "Steps Batch Updates Rate"},
		{func(s *Settings) { s.Batch = -1 }, "Batch"},
		{func(s *Settings) { s.Batch, s.Chains = -1, -1 }, "Batch Chains"},
		{func(s *Settings) { s.Rate = nan }, "Rate"},
		{func(s *Settings) { s.Rate, s.FinalRate, s.Schedule = nan, nan, "linear" }, "Rate FinalRate"},
		{func(s *Settings) { s.Initial = "normal" }, "Initial"},
		{func(s *Settings) { useNatural(s); s.Damping = -1 }, "Damping"},
		{func(s *Settings) { useNatural(s); s.Damping = nan }, "Damping"},
		{func(s *Settings) { useNatural(s); s.FinalDamping = 0.2 }, "FinalDamping"},
	} {
		s := working()
		c.change(&s)
		var names []string
		for _, line := range strings.Split(s.Validate().Error(), "\n") {
			names = append(names, strings.Fields(line)[1])
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s are named, want %s", got, c.want)
		}
	}
}

// useNatural asks for the natural gradient of a tied machine.
func useNatural(s *Settings) {
	s.Optimizer, s.Symmetry, s.Group = "natural", "translation", ringShifts(3)
}

func TestSettingsAccepts(t *testing.T) {
	for _, change := range []func(s *Settings){
		func(s *Settings) { s.Algorithm = "" },
		func(s *Settings) { s.FinalRate = -3 }, // ignored by a constant rate
		func(s *Settings) { s.Schedule, s.FinalRate = "linear", 0 },
		func(s *Settings) { s.Schedule, s.FinalRate = "exponential", 1e-9 },
		func(s *Settings) { s.AverageFraction = 1 },
		func(s *Settings) { s.Algorithm, s.Steps, s.Batch = "exact", 0, 0 },
		func(s *Settings) { s.Optimizer, s.Beta1, s.Epsilon = "adam", 0.5, 1e-4 },
		func(s *Settings) { s.Schedule, s.FinalRate = "cosine", 0 },
		func(s *Settings) { s.Symmetry, s.Group = "translation+flip", ringShifts(3) },
		func(s *Settings) { s.Algorithm, s.Chains = "cd", 17 },
		useNatural,
	} {
		s := working()
		change(&s)
		if err := s.Validate(); err != nil {
			t.Error(err)
		}
	}
}

func TestRate(t *testing.T) {
	s := Settings{Rate: 1, FinalRate: 0.01, Updates: 101}
	for schedule, want := range map[string]func(x float64) float64{
		"constant":    func(float64) float64 { return 1 },
		"linear":      func(x float64) float64 { return 1 - 0.99*x },
		"exponential": func(x float64) float64 { return math.Pow(0.01, x) },
		"cosine":      func(x float64) float64 { return 0.01 + 0.99*(1+math.Cos(math.Pi*x))/2 },
		"staircase":   func(x float64) float64 { return math.Pow(0.1, min(2, math.Floor(3*x))) },
	} {
		s.Schedule = schedule
		for update := range 101 {
			if got := s.rate(update); !near(got/want(float64(update)/100), 1, 1e-13) {
				t.Fatalf("%s: rate(%d) = %g", schedule, update, got)
			}
		}
		if got := s.rate(1000); !near(got, want(1), 1e-15) {
			t.Errorf("%s: the rate beyond the end is %g", schedule, got)
		}
	}
	for final, falls := range map[float64]int{1: 0, 0.5: 1, 0.1: 1, 0.099: 2, 1e-4: 4} {
		s := Settings{Rate: 1, FinalRate: final, Schedule: "staircase", Updates: 101}
		if got := s.falls(); got != falls || !near(s.rate(100), final, 1e-15) || s.rate(0) != 1 {
			t.Errorf("%g: %d falls to %g, want %d", final, got, s.rate(100), falls)
		}
	}
	s.Schedule, s.Updates = "linear", 1
	if got := s.rate(0); got != 0.01 {
		t.Errorf("the only update has rate %g", got)
	}
}

func TestDamping(t *testing.T) {
	s := Settings{Damping: 0.1, FinalDamping: 0.001, Updates: 101}
	for update, want := range map[int]float64{0: 0.1, 50: 0.01, 100: 0.001, 1000: 0.001} {
		if got := s.damping(update); !near(got/want, 1, 1e-13) {
			t.Errorf("damping(%d) = %g, want %g", update, got, want)
		}
	}
}

func TestFractionalPower(t *testing.T) {
	for _, a := range []float64{1e-6, 0.3, 1, 7} {
		for x := 0.0; x <= 1; x += 0.013 {
			if got := fractionalPower(a, x); !near(got/math.Pow(a, x), 1, 1e-14) {
				t.Fatalf("%g^%g = %g", a, x, got)
			}
		}
	}
}

func TestAveragedFrom(t *testing.T) {
	for fraction, want := range map[float64]int{0: 1000, 0.1: 900, 1: 0, 1e-9: 999} {
		if got := (Settings{Updates: 1000, AverageFraction: fraction}).averagedFrom(); got != want {
			t.Errorf("a fraction of %g averages from %d, want %d", fraction, got, want)
		}
	}
}
