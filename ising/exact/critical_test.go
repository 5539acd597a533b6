package exact

import (
	"math"
	"testing"

	"isingrbm/ising"
)

// squareTc is the critical temperature of the square lattice, to the last bit.
const squareTc = 2.269185314213022

func TestCriticalTemperature(t *testing.T) {
	for _, c := range []struct {
		kind ising.Kind
		want float64
	}{
		{ising.Square, squareTc},
		{ising.Triangular, 3.640956907},
		{ising.Cubic, 4.511523256},
	} {
		got, ok := CriticalTemperature(c.kind)
		if !ok || math.Abs(got-c.want) > 1e-8 {
			t.Errorf("%s: %.15g, %v, want %.15g", c.kind, got, ok, c.want)
		}
	}
	if got, _ := CriticalTemperature(ising.Square); got != squareTc {
		t.Errorf("square: %.17g, want %.17g to the last bit", got, squareTc)
	}
	if got, ok := CriticalTemperature(ising.Chain); ok || got != 0 {
		t.Errorf("a chain has the critical temperature %g", got)
	}
}

// near fails the test unless got is within the absolute tolerance of want.
func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %.15g, want %.15g within %.1g", what, got, want, tolerance)
	}
}

// nearly fails the test unless got is want within a relative tolerance.
func nearly(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	near(t, what, got, want, tolerance*math.Abs(want))
}
