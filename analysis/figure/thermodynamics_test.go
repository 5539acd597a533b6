package figure

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"isingrbm/analysis"
)

func TestThermodynamicsNeedsAFiniteTemperature(t *testing.T) {
	hot := exactRow(8, 2)
	hot.T = math.Inf(1)
	for _, rows := range [][]analysis.Row{nil, {hot}} {
		if _, err := Thermodynamics(rows, nil); !errors.Is(err, ErrEmpty) {
			t.Errorf("%d rows without a finite temperature: %v", len(rows), err)
		}
	}
}

// What does not exist is left out: nothing is drawn at NaN, and no row is
// changed.
func TestThermodynamicsWithHoles(t *testing.T) {
	rows, curve := sweep([]float64{1.5, 2.25, 3}, []int{8}, []int{64}, 6)
	for i := range rows {
		rows[i].Values[analysis.SpecificHeat] = analysis.Undefined()
		rows[i].Values[analysis.Energy].Err = math.NaN()
	}
	curve[7].Values[analysis.Energy] = analysis.Undefined()
	rows[4].Values[analysis.Susceptibility].Err = math.Inf(1)
	f := mustDraw(t, rows, curve, math.NaN(), 0)
	for format, write := range formats(f) {
		if text := string(written(t, write)); strings.Contains(text, "NaN") {
			t.Errorf("%s holds NaN", format)
		}
	}
	if strings.Contains(f.Caption, "Dotted") {
		t.Error("a mark at NaN is announced")
	}
}

func sorted(rows []analysis.Row) *thermodynamics {
	t := &thermodynamics{references: map[place]analysis.Row{}}
	t.curves, t.points = arrange(rows)
	for _, r := range rows {
		t.references[place{r.Source, r.L, r.T}] = r
	}
	return t
}

func TestDeviations(t *testing.T) {
	exact := exactRow(8, 2) // e = −1.5, m = 2/3
	mc := around(exactRow(8, 2), analysis.SourceMonteCarlo, analysis.None, 1)
	machine := around(exactRow(8, 2), analysis.SourceMachine, 64, -2)

	d := sorted([]analysis.Row{exact, mc, machine}).deviation(machine, analysis.Energy, true)
	if math.Abs(d.Value-2) > 1e-12 || math.Abs(d.Err-100.0/128) > 1e-12 { // −1.47 lies above −1.5
		t.Errorf("from the exact value: %v", d)
	}

	exact.Values[analysis.Energy] = analysis.Undefined()
	d = sorted([]analysis.Row{exact, mc, machine}).deviation(machine, analysis.Energy, false)
	if math.Abs(d.Value-0.045) > 1e-12 || math.Abs(d.Err-1.5/128*math.Sqrt2) > 1e-12 {
		t.Errorf("from Monte Carlo: %v", d)
	}
	if d := sorted([]analysis.Row{exact, mc}).deviation(mc, analysis.Energy, true); !math.IsNaN(d.Value) {
		t.Errorf("Monte Carlo deviates from itself by %v", d)
	}

	exact.Values[analysis.Energy].Value = 0
	if sorted([]analysis.Row{exact, machine}).relative(analysis.Energy) {
		t.Error("a deviation relative to zero")
	}
	if got := deviationLabel(analysis.Observables()[analysis.SpecificHeat], false); got != "Δ*c* (*k*_{B})" {
		t.Errorf("label %q", got)
	}
	if got := deviationLabel(analysis.Observables()[analysis.AbsMagnetization], false); got != "Δ*m*" {
		t.Errorf("label %q", got)
	}
}

func TestAltTellsTheLargestDeviations(t *testing.T) {
	f := standard(t)
	for _, want := range []string{"L = 8", "Largest deviations of RBM, n_h = 16: 7.0 % in e", "Largest deviations of Monte Carlo: 0.2 % in e"} {
		if !strings.Contains(f.Alt, want) {
			t.Errorf("%q is not in %q", want, f.Alt)
		}
	}
	if !strings.Contains(f.Caption, "Dotted") || strings.ContainsAny(f.Caption, "*_{}") {
		t.Errorf("caption %q", f.Caption)
	}
}

// Every series of a figure can be told from every other by color or shape, and
// without color where there is one size.
func TestSeriesAreDistinct(t *testing.T) {
	for _, c := range []struct {
		sizes, hidden []int
		colorless     bool
	}{
		{[]int{8}, []int{1, 2, 4, 8, 16, 32}, true},
		{[]int{4, 6, 8}, []int{64}, true},
		{[]int{4, 6, 8}, []int{16, 32, 64}, false},
	} {
		rows, curve := sweep([]float64{1, 2}, c.sizes, c.hidden, 1)
		curves, points := arrange(slices.Concat(rows, curve))
		if len(curves) != len(c.sizes) || len(points) != len(c.sizes)*(1+len(c.hidden)) {
			t.Errorf("%d curves and %d series of points", len(curves), len(points))
		}
		seen := map[any]string{}
		for _, s := range points {
			key := s.glyph
			if c.colorless {
				key.Color = nil
			}
			if other, ok := seen[key]; ok {
				t.Errorf("%s looks like %s", s.label, other)
			}
			seen[key] = s.label
		}
	}
}

// Replicas are points of one series, in order.
func TestReplicasShareASeries(t *testing.T) {
	a := around(exactRow(8, 2), analysis.SourceMachine, 64, 1)
	b, c := a, a
	b.Replica, c.T = 1, 1
	_, points := arrange([]analysis.Row{b, a, c})
	if len(points) != 1 || len(points[0].rows) != 3 || points[0].rows[0].T != 1 || points[0].rows[2].Replica != 1 {
		t.Errorf("%+v", points)
	}
}

func TestDisplacementStaysBetweenTemperatures(t *testing.T) {
	for _, hidden := range [][]int{{64}, {1, 2, 4, 8, 16, 32, 64, 128}} {
		rows, _ := sweep([]float64{1, 1.25, 1.5, 1.75, 2}, []int{8}, hidden, 1)
		s := sorted(rows)
		width := s.displace(span{1, 2}) * float64(len(s.points))
		if width <= 0 || width > 0.25*0.67 {
			t.Errorf("%d series take %v of 0.25", len(s.points), width)
		}
	}
}
