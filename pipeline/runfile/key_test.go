package runfile

import (
	"math"
	"testing"
)

func TestInterval(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		interval Interval
		text     string
		inside   []float64
		outside  []float64
	}{
		{Interval{Min: 1, Max: 1000}, "1 to 1000", []float64{1, 500, 1000}, []float64{0.999, 1001, -1}},
		{Interval{Min: 0, Max: 1, OpenMax: true}, "at least 0, below 1", []float64{0, 0.5, 0.999}, []float64{1, -1e-9}},
		{Interval{Min: 0, Max: 1, OpenMin: true}, "above 0, at most 1", []float64{1e-300, 1}, []float64{0, math.Copysign(0, -1), 1.1}},
		{Interval{Min: 100, Max: inf}, "at least 100", []float64{100, 1e300}, []float64{99}},
		{Interval{Min: -inf, Max: 2, OpenMax: true}, "below 2", []float64{-1e300}, []float64{2}},
		{Interval{Min: -1e6, Max: 1e6, NotZero: true}, "-1_000_000 to 1_000_000, not 0", []float64{-1, 1e-300}, []float64{0, math.Copysign(0, -1)}},
		{Interval{Min: -inf, Max: inf}, "not infinite", []float64{0, -5}, nil},
	} {
		if got := c.interval.String(); got != c.text {
			t.Errorf("%+v is %q, want %q", c.interval, got, c.text)
		}
		for _, x := range c.inside {
			if !c.interval.Contains(x) {
				t.Errorf("%v does not contain %v", c.interval, x)
			}
		}
		for _, x := range append(c.outside, math.NaN(), inf, -inf) {
			if c.interval.Contains(x) {
				t.Errorf("%v contains %v", c.interval, x)
			}
		}
	}
}

func TestForm(t *testing.T) {
	for path, want := range map[string]string{
		"seed":                 "an integer, at least 0",
		"lattice.boundary":     `"periodic" or "open"`,
		"lattice.sizes":        "a list of integers, each 2 to 1_048_576, such as [8]",
		"monte_carlo.thinning": `an integer, 1 to 1_000_000_000, or "auto"`,
		"rbm.hidden":           `a list of integers, each 1 to 1_048_576, or multiples of N, such as [64, "2N"]`,
		"training.momentum":    "a number, at least 0, below 1",
		"training.centered":    "true or false",
		"output.format":        `"parquet" or "arrow"`,
		"output.figures":       `a list of any of "thermodynamics", "specific-heat-vs-hidden", "training", "state-probabilities", "learning", "weight-histograms", "receptive-fields", "configurations", "energy-magnetization", "correlations", "couplings", "finite-size-scaling", "autocorrelation", "partition", "flow"`,
	} {
		k, ok := find(path)
		if !ok {
			t.Errorf("no key %s", path)
			continue
		}
		if got := k.Form(); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
}

func TestKeyNames(t *testing.T) {
	for _, c := range []struct{ path, section, name string }{
		{"seed", "", "seed"},
		{"lattice.kind", "lattice", "kind"},
	} {
		k := Key{Path: c.path}
		if k.Section() != c.section || k.Name() != c.name {
			t.Errorf("%s: section %q, name %q", c.path, k.Section(), k.Name())
		}
	}
}
