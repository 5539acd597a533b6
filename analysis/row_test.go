package analysis

import (
	"math"
	"testing"
)

func TestEstimateString(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		value, err float64
		want       string
	}{
		{-1.491589, 0.00123, "-1.4916(12)"},
		{-1.491589, 0.0996, "-1.49(10)"},
		{-1.491589, 0.09949, "-1.492(99)"},
		{12.3456, 1.26, "12.3(1.3)"},
		{12.3456, 9.96, "12(10)"},
		{1234.5, 123, "1234(123)"},
		{0, 0.05, "0.000(50)"},
		{1, 1e-12, "1.0000000000000(10)"},
		{-1.4915891, 0, "-1.491589"},
		{-1.4915891, nan, "-1.491589"},
		{0.5, math.Inf(1), "0.5"},
		{nan, 0.1, ""},
		{3.6499e-21, 5.7e-23, "3.650(57)e-21"},
		{-2e-7, 3e-6, "-0.2(3.0)e-6"},
		{0.00012, 0.00001, "0.000120(10)"},
	} {
		if got := (Estimate{Value: c.value, Err: c.err}).String(); got != c.want {
			t.Errorf("%v ± %v prints %q, want %q", c.value, c.err, got, c.want)
		}
	}
}

func TestRowEmpty(t *testing.T) {
	row := Row{Values: []Estimate{Undefined(), Undefined()}}
	if !row.Empty() {
		t.Error("a row of NaN is not empty")
	}
	row.Values[1].Value = 0
	if row.Empty() {
		t.Error("a row with a zero is empty")
	}
}
