package figure

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"isingrbm/analysis"
)

// SpecificHeatVsHidden draws the specific heat of machines against their number
// of hidden units, at temperatures below, at and above the transition, with the
// exact values (or those of Monte Carlo) as lines. The error is ErrEmpty with
// fewer than two numbers of hidden units.
func SpecificHeatVsHidden(d Data) (*Figure, error) {
	const name = "specific-heat-vs-hidden"
	rows := byKey(d.Rows, key)
	size := largest(rows, func(r analysis.Row) (int, bool) { return r.L, r.Source == analysis.SourceMachine })
	drawn := func(r analysis.Row) bool { return r.L == size && finite(r.Values[analysis.SpecificHeat].Value) }
	ts := pick(temperatures(rows, func(r analysis.Row) (float64, bool) {
		return r.T, drawn(r) && r.Source == analysis.SourceMachine && finite(r.T)
	}), d.CriticalTemperature, 4)
	hidden := distinct(rows, func(r analysis.Row) (int, bool) { return r.Hidden, drawn(r) && r.Source == analysis.SourceMachine })
	if len(ts) == 0 || len(hidden) < 2 {
		return nil, empty(name, "needs machines with two numbers of hidden units or more")
	}
	g := &grid{width: columnWidth, panelHeight: 150, columns: 1}
	table := [][]string{record("T", "L", "source", "hidden", "replica", "specific_heat", "err")}
	var plotters []plot.Plotter
	heights := emptySpan()
	for k, t := range ts {
		l := filled(k)
		g.legend = append(g.legend, l.entry(at(t), true, true))
		var points, mean []point
		var reference analysis.Row
		for _, r := range rows {
			if !drawn(r) || r.T != t {
				continue
			}
			c := r.Values[analysis.SpecificHeat]
			table = append(table, record(t, size, r.Source, count(r.Hidden), count(r.Replica), c.Value, c.Err))
			if r.Source == analysis.SourceMachine {
				points = append(points, point{float64(r.Hidden), c})
			} else if reference.Values == nil || r.Source == analysis.SourceExact {
				reference = r
			}
		}
		for _, h := range hidden {
			mean = append(mean, meanAt(points, float64(h)))
		}
		heights = reach(heights, points)
		if reference.Values != nil {
			c := reference.Values[analysis.SpecificHeat].Value
			heights.include(c)
			plotters = append(plotters, rule{at: c, style: l.line})
		}
		thin := l.solid()
		thin.line.Width = frameWidth / 2
		plotters = append(append(plotters, thin.path(mean)...), l.dots(points)...)
	}
	heights = heights.padded(0.07)
	low, high := float64(hidden[0])/1.4, float64(hidden[len(hidden)-1])*1.4
	g.add(func(frame vg.Rectangle) *panel {
		p := newPanel(frame, low, high, heights.low, heights.high)
		p.logX()
		p.plot.X.Tick.Marker = hiddenTicks(hidden)
		p.xLabel, p.yLabel = "Hidden units *n*_{h}", axisLabel(analysis.Observables()[analysis.SpecificHeat])
		p.plotters = plotters
		return p
	})
	return g.figure(Figure{
		Name: name, Title: "Specific heat against the number of hidden units", table: table,
		Caption: fmt.Sprintf("Specific heat c per spin of restricted Boltzmann machines against their number of hidden units n_h, L = %d, at T = %s (markers, thin lines to guide the eye). "+
			"Lines across in the same style: the exact value, or that of Monte Carlo where there is none. Error bars are one standard deviation.", size, listed(ts)),
		Alt: fmt.Sprintf("Specific heat of machines of %d to %d hidden units at %d temperatures, L = %d, each with a line at the value it should have.",
			hidden[0], hidden[len(hidden)-1], len(ts), size),
	}), nil
}

// meanAt averages the points at one x.
func meanAt(points []point, x float64) point {
	sum, n := 0.0, 0.0
	for _, p := range points {
		if p.x == x {
			sum += p.Value
			n++
		}
	}
	return point{x, analysis.Estimate{Value: sum / n, Err: math.NaN()}}
}

// hiddenTicks labels the numbers of hidden units that stand clear of each other.
func hiddenTicks(hidden []int) values {
	var v values
	for _, h := range hidden {
		if len(v) == 0 || float64(h) > 1.3*v[len(v)-1] {
			v = append(v, float64(h))
		}
	}
	return v
}
