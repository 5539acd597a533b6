package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"isingrbm/analysis"
)

// Flow is what reconstructing configurations again and again makes of those of one
// temperature.
type Flow struct {
	Key            // of the machine; T is NaN where it was trained on all temperatures
	From   float64 // temperature of the configurations at the start
	Points []FlowPoint
}

// FlowPoint is the ensemble after an iteration, 0 being the start.
type FlowPoint struct {
	Iteration                                           int
	Energy, AbsMagnetization, Temperature, SpecificHeat analysis.Estimate
}

// Flows draws the energy, the temperature that it belongs to, the magnetization and the
// specific heat along the flows of a machine, against the number of reconstructions.
// The error is ErrEmpty without flows.
func Flows(d Data) (*Figure, error) {
	const name = "flow"
	flows := slices.SortedFunc(slices.Values(d.Flows), func(a, b Flow) int { return cmp.Compare(a.From, b.From) })
	flows = byKey(flows, func(f Flow) Key { return f.Key })
	size := largest(flows, func(f Flow) (int, bool) { return f.L, true })
	hidden := largest(flows, func(f Flow) (int, bool) { return f.Hidden, f.L == size })
	var shown []Flow
	var starts []float64
	for _, f := range flows {
		first := len(shown) == 0 || f.T == shown[0].T || math.IsNaN(f.T) && math.IsNaN(shown[0].T)
		if f.L == size && f.Hidden == hidden && f.Replica == 0 && first {
			shown, starts = append(shown, f), append(starts, f.From)
		}
	}
	if len(shown) == 0 {
		return nil, empty(name, "needs a run file with [flow]")
	}
	g := &grid{width: pageWidth, panelHeight: 118, columns: 2}
	for k, from := range starts {
		g.legend = append(g.legend, filled(k).solid().entry("from "+at(from), true, true))
	}
	if finite(d.CriticalTemperature) {
		g.legend = append(g.legend, entry{label: "*T*_{c}", line: &referenceLine})
	}
	of := analysis.Observables()
	for _, q := range []struct {
		label string
		of    func(FlowPoint) analysis.Estimate
		mark  float64
	}{
		{axisLabel(of[analysis.Energy]), func(p FlowPoint) analysis.Estimate { return p.Energy }, math.NaN()},
		{"Temperature of *e* (*J*/*k*_{B})", func(p FlowPoint) analysis.Estimate { return p.Temperature }, d.CriticalTemperature},
		{axisLabel(of[analysis.AbsMagnetization]), func(p FlowPoint) analysis.Estimate { return p.AbsMagnetization }, math.NaN()},
		{axisLabel(of[analysis.SpecificHeat]), func(p FlowPoint) analysis.Estimate { return p.SpecificHeat }, math.NaN()},
	} {
		g.add(func(frame vg.Rectangle) *panel {
			p := flowPanel(frame, shown, q.of, q.mark)
			p.yLabel = q.label
			return p
		})
	}
	trained := "at " + plain(at(shown[0].T))
	if math.IsNaN(shown[0].T) {
		trained = "on all temperatures together"
	}
	return g.figure(Figure{
		Name: name, Title: "Flow of reconstructed configurations", table: flowsTable(flows),
		Caption: fmt.Sprintf("Configurations reconstructed again and again, v → h → v, by a restricted Boltzmann machine of %d hidden units that was trained %s, L = %d, from those of T = %s: "+
			"(a) energy, (b) temperature at which the model has that energy, (c) absolute magnetization, and (d) specific heat (⟨E²⟩ − ⟨E⟩²)/(N T²) at the temperature of (b). Error bars are one standard deviation.",
			hidden, trained, size, listed(starts)),
		Alt: fmt.Sprintf("Energy, temperature, magnetization and specific heat against the number of reconstructions, from %d temperatures, L = %d.", len(starts), size),
	}), nil
}

func flowPanel(frame vg.Rectangle, flows []Flow, of func(FlowPoint) analysis.Estimate, mark float64) *panel {
	var plotters []plot.Plotter
	heights, steps := emptySpan(), emptySpan()
	if finite(mark) {
		heights.include(mark)
		plotters = append(plotters, rule{at: mark, style: referenceLine})
	}
	for k, f := range flows {
		l := filled(k).solid()
		var points []point
		for _, p := range f.Points {
			steps.include(float64(p.Iteration))
			if e := of(p); finite(e.Value) {
				points = append(points, point{float64(p.Iteration), e})
			}
		}
		heights = reach(heights, points)
		plotters = append(append(plotters, l.path(points)...), l.dots(every(points, 16))...)
	}
	heights, steps = heights.padded(0.07), steps.padded(0.03)
	p := newPanel(frame, steps.low, steps.high, heights.low, heights.high)
	p.xLabel, p.plotters = "Reconstructions", plotters
	return p
}

func flowsTable(flows []Flow) [][]string {
	table := [][]string{record("L", "T", "hidden", "replica", "from", "iteration", "energy", "energy_err", "temperature", "temperature_err",
		"abs_magnetization", "abs_magnetization_err", "specific_heat", "specific_heat_err")}
	for _, f := range flows {
		for _, p := range f.Points {
			table = append(table, record(f.L, f.T, f.Hidden, f.Replica, f.From, p.Iteration, p.Energy.Value, p.Energy.Err, p.Temperature.Value, p.Temperature.Err,
				p.AbsMagnetization.Value, p.AbsMagnetization.Err, p.SpecificHeat.Value, p.SpecificHeat.Err))
		}
	}
	return table
}
