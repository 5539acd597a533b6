package analysis

import (
	"math"
	"testing"

	"isingrbm/ising/exact"
)

// The thermometer reads exact energies between its knots, with the error that the slope of
// the energy gives, and says nothing beyond them.
func TestThermometer(t *testing.T) {
	energy := func(temperature float64) float64 {
		e, _, _ := exact.Torus(8, 8, temperature)
		return e
	}
	row := func(size int, temperature, energy float64) Row {
		values := make([]Estimate, len(Observables()))
		values[Energy] = Estimate{Value: energy}
		return Row{L: size, T: temperature, Source: SourceExact, Values: values}
	}
	rows := []Row{row(4, 1, -1), row(8, math.Inf(1), 0), row(8, 0, -2)}
	for i := range 60 {
		temperature := 6 - 0.1*float64(i)
		rows = append(rows, row(8, temperature, energy(temperature)))
	}
	thermometer := NewThermometer(rows, 8)
	for _, want := range []float64{0.87, 1.234, 2.269, 2.55, 3.333, 5.95, 9} {
		const h = 1e-4
		got := thermometer.Read(Estimate{Value: energy(want), Err: 0.01})
		slope := (energy(want+h) - energy(want-h)) / (2 * h)
		if math.Abs(got.Value-want) > 0.004*want || math.Abs(got.Err*slope/0.01-1) > 0.1 {
			t.Errorf("at T = %v it reads %v ± %v, want ± %v", want, got.Value, got.Err, 0.01/slope)
		}
	}
	for _, e := range []float64{-2, -2.1, 0, 0.1, math.NaN()} {
		if got := thermometer.Read(Estimate{Value: e}); !math.IsNaN(got.Value) {
			t.Errorf("at e = %v it reads %v", e, got.Value)
		}
	}
	if got := NewThermometer(rows, 16).Read(Estimate{Value: -1}); !math.IsNaN(got.Value) {
		t.Errorf("without knots it reads %v", got.Value)
	}
}
