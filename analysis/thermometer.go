package analysis

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/interp"
)

// Thermometer tells the temperature at which a model has an energy, from exact values at
// other temperatures: 1/T is interpolated monotonically (Fritsch and Butland, 1984), from
// where it and the energy vanish.
type Thermometer struct {
	energies []float64 // ascending; none: it knows nothing
	inverse  interp.FritschButland
}

// NewThermometer takes the exact rows of a size among others, in any order. With fewer
// than two of them at temperatures between 0 and infinity it knows nothing.
func NewThermometer(rows []Row, size int) *Thermometer {
	var known []Row
	for _, r := range rows {
		if r.Source == SourceExact && r.L == size && r.T > 0 && !math.IsInf(r.T, 1) && !math.IsNaN(r.Values[Energy].Value) {
			known = append(known, r)
		}
	}
	slices.SortFunc(known, func(a, b Row) int { return cmp.Compare(a.T, b.T) })
	t := &Thermometer{}
	var inverse []float64
	for _, r := range known { // what is so cold that no digit tells it from colder is left out
		if n := len(t.energies); n == 0 || r.Values[Energy].Value > t.energies[n-1] {
			t.energies, inverse = append(t.energies, r.Values[Energy].Value), append(inverse, 1/r.T)
		}
	}
	if n := len(t.energies); n < 2 || t.energies[n-1] >= 0 {
		return &Thermometer{}
	}
	t.energies, inverse = append(t.energies, 0), append(inverse, 0)
	if t.inverse.Fit(t.energies, inverse) != nil {
		return &Thermometer{}
	}
	return t
}

// Read is the temperature of an energy per spin, with the error that follows from that of
// the energy; NaN beyond the coldest temperature known, at positive energies, and where
// nothing is known.
func (t *Thermometer) Read(energy Estimate) Estimate {
	e := energy.Value
	if n := len(t.energies); n == 0 || !(e > t.energies[0] && e < t.energies[n-1]) {
		return Undefined()
	}
	temperature := 1 / t.inverse.Predict(e)
	slope := math.Abs(t.inverse.PredictDerivative(e)) * temperature * temperature // |dT/de|
	return Estimate{Value: temperature, Err: energy.Err * slope, Tau: math.NaN()}
}
