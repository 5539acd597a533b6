package figure

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"isingrbm/analysis"
)

// Couplings draws the couplings that machines have learnt: between nearest
// neighbors against temperature, with J/T, and against distance at a few
// temperatures where they are known by distance. The error is ErrEmpty without
// machines.
func Couplings(d Data) (*Figure, error) {
	const name = "couplings"
	comparisons := slices.DeleteFunc(slices.Clone(d.Comparisons), func(c analysis.Comparison) bool { return !finite(c.CouplingNN) || !finite(c.T) || c.T == 0 })
	comparisons = byKey(comparisons, func(c analysis.Comparison) Key { return Key{L: c.L, T: c.T, Hidden: c.Hidden, Replica: c.Replica} })
	if len(comparisons) == 0 {
		return nil, empty(name, "needs machines at a finite temperature")
	}
	series := seriesOf(comparisons)
	table := [][]string{record("L", "T", "hidden", "replica", "distance", "exact", "leading", "leading_err", "corrected", "corrected_err", "sampled", "sampled_err")}
	for _, c := range comparisons {
		table = append(table, record(c.L, c.T, c.Hidden, c.Replica, 1.0, d.Coupling/c.T, math.NaN(), math.NaN(), math.NaN(), math.NaN(), c.CouplingNN, c.CouplingNNErr))
	}
	g := &grid{width: pageWidth, panelHeight: 134, columns: 2}
	for k, s := range series {
		g.legend = append(g.legend, filled(k).solid().entry(s.label, false, true))
	}
	g.legend = append(g.legend, entry{label: "*J*/*T*", line: &exactLine})
	g.add(func(frame vg.Rectangle) *panel { return neighborsPanel(frame, d, series) })

	machines := slices.DeleteFunc(byKey(d.Machines, func(m Machine) Key { return m.Key }), func(m Machine) bool { return len(m.Couplings) == 0 || m.Replica > 0 || !finite(m.T) })
	size := largest(machines, func(m Machine) (int, bool) { return m.L, true })
	hidden := largest(machines, func(m Machine) (int, bool) { return m.Hidden, m.L == size })
	machines = slices.DeleteFunc(machines, func(m Machine) bool { return m.L != size || m.Hidden != hidden })
	ts := pick(temperatures(machines, func(m Machine) (float64, bool) { return m.T, true }), d.CriticalTemperature, 3)
	distances := ""
	if len(ts) > 0 {
		for k, t := range ts {
			g.legend = append(g.legend, hollow(k).entry(at(t)+" (b)", false, true))
		}
		for _, m := range machines {
			for _, c := range m.Couplings {
				table = append(table, record(m.L, m.T, m.Hidden, m.Replica, c.Distance, c.Exact, c.Leading.Value, c.Leading.Err, c.Corrected.Value, c.Corrected.Err, c.Sampled.Value, c.Sampled.Err))
			}
		}
		g.add(func(frame vg.Rectangle) *panel { return distancesPanel(frame, machines, ts) })
		distances = fmt.Sprintf(" (b) Couplings against distance, likewise, of the machines of n_h = %d, L = %d, at T = %s (open markers), with those of the model (dotted).", hidden, size, listed(ts))
	} else {
		g.width, g.columns = columnWidth, 1
	}
	return g.figure(Figure{
		Name: name, Title: "Couplings learnt by the machines", table: table,
		Caption: "(a) Coupling J/T between nearest neighbors inferred from the weights, averaged over the machine's samples and all bonds, with that of the model (line)." + distances + " Error bars are one standard deviation of the mean over equivalent pairs.",
		Alt:     fmt.Sprintf("Nearest-neighbor couplings of %d machines against temperature beside the curve J over T that they should follow.", len(comparisons)),
	}), nil
}

// exactLine is the style of curves that are known.
var exactLine = draw.LineStyle{Color: ink, Width: curveWidth}

func neighborsPanel(frame vg.Rectangle, d Data, series []comparisonSeries) *panel {
	heights, width := emptySpan(), emptySpan()
	var plotters []plot.Plotter
	for k, s := range series {
		l := filled(k).solid()
		var points []point
		for _, c := range s.list {
			points = append(points, point{c.T, analysis.Estimate{Value: c.CouplingNN, Err: c.CouplingNNErr}})
			width.include(c.T)
			heights.include(d.Coupling / c.T)
		}
		heights = reach(heights, points)
		plotters = append(plotters, l.dots(points)...)
	}
	curve := look{line: exactLine}
	var exact []point
	width = width.padded(0.05)
	for i := range 101 {
		if t := width.low + (width.high-width.low)*float64(i)/100; t > 0 {
			exact = append(exact, point{t, analysis.Estimate{Value: d.Coupling / t, Err: math.NaN()}})
		}
	}
	heights = heights.padded(0.07)
	p := newPanel(frame, width.low, width.high, heights.low, heights.high)
	p.xLabel, p.yLabel = "*T* (*J*/*k*_{B})", "Coupling of neighbors *K*_{1}"
	p.plotters = append(curve.path(exact), plotters...)
	return p
}

func distancesPanel(frame vg.Rectangle, machines []Machine, ts []float64) *panel {
	heights, width := emptySpan(), emptySpan()
	heights.include(0)
	var plotters []plot.Plotter
	for k, t := range ts {
		l := hollow(k).solid()
		for _, m := range machines {
			if m.T != t {
				continue
			}
			var points, truth []point
			for _, c := range m.Couplings {
				points = append(points, point{c.Distance, c.Sampled})
				truth = append(truth, point{c.Distance, analysis.Estimate{Value: c.Exact, Err: math.NaN()}})
				heights.include(c.Exact)
				width.include(c.Distance)
			}
			heights = reach(heights, points)
			l.line.Width = frameWidth / 2
			dotted := l
			dotted.line.Dashes, dotted.line.Width = dashes()[3], curveWidth
			plotters = append(append(append(plotters, dotted.path(truth)...), l.path(points)...), l.dots(points)...)
		}
	}
	heights, width = heights.padded(0.07), width.padded(0.05)
	p := newPanel(frame, width.low, width.high, heights.low, heights.high)
	p.xLabel, p.yLabel = "Distance *r* (*a*)", "Coupling *K*(*r*)"
	p.plotters = append([]plot.Plotter{rule{style: referenceLine}}, plotters...)
	return p
}
