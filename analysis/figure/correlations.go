package figure

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"isingrbm/analysis"
)

// Correlations draws the two-point function along the axes, full and connected,
// at a few temperatures, and the correlation length against temperature. The
// error is ErrEmpty without sources.
func Correlations(d Data) (*Figure, error) {
	const name = "correlations"
	sources := slices.DeleteFunc(byKey(d.Sources, func(s Source) Key { return s.Key }), func(s Source) bool { return len(s.Correlations) < 2 || s.Replica > 0 })
	size := largest(sources, func(s Source) (int, bool) { return s.L, true })
	hidden := largest(sources, func(s Source) (int, bool) { return s.Hidden, s.L == size && s.Source == analysis.SourceMachine })
	sources = slices.DeleteFunc(sources, func(s Source) bool {
		return s.L != size || s.Source == analysis.SourceMachine && s.Hidden != hidden
	})
	ts := pick(temperatures(sources, func(s Source) (float64, bool) { return s.T, true }), d.CriticalTemperature, 4)
	if len(ts) == 0 {
		return nil, empty(name, "needs configurations")
	}
	g := &grid{width: pageWidth, panelHeight: 120, columns: 2}
	for k, t := range ts {
		g.legend = append(g.legend, filled(k).solid().entry(at(t), true, true))
	}
	open := hollow(0)
	open.glyph.Color = ink
	g.legend = append(g.legend, open.entry("Monte Carlo (open)", false, true))
	table := [][]string{record("L", "source", "hidden", "T", "r", "correlation", "err", "connected", "connected_err")}
	for _, s := range sources {
		for _, c := range s.Correlations {
			table = append(table, record(size, s.Key.Source, count(s.Hidden), s.T, c.Distance, c.Full.Value, c.Full.Err, c.Connected.Value, c.Connected.Err))
		}
	}
	g.add(func(frame vg.Rectangle) *panel {
		p := correlationPanel(frame, sources, ts, func(c analysis.Correlation) analysis.Estimate { return c.Full }, false)
		p.yLabel = "Two-point function *G*(*r*)"
		return p
	})
	g.add(func(frame vg.Rectangle) *panel {
		p := correlationPanel(frame, sources, ts, func(c analysis.Correlation) analysis.Estimate { return c.Connected }, true)
		p.yLabel = "Connected *G*_{c}(*r*)"
		return p
	})
	if lengths := lengthsPanel(d, size, hidden); lengths != nil {
		g.columns = 3
		g.add(lengths)
	}
	return g.figure(Figure{
		Name: name, Title: "Correlations", table: table,
		Caption: fmt.Sprintf("L = %d. (a) Two-point function G(r) = ⟨σ_0 σ_r⟩ along the axes and (b) its connected part G(r) − m², where it is resolved, at T = %s: "+
			"Monte Carlo (open markers) and restricted Boltzmann machines of n_h = %d (filled markers and lines). (c) Second-moment correlation length ξ against temperature, with the exact values (line). Error bars are one standard deviation.",
			size, listed(ts), hidden),
		Alt: fmt.Sprintf("Two-point function against distance, L = %d, at %d temperatures, full and connected, and the correlation length against temperature, for Monte Carlo and machines.", size, len(ts)),
	}), nil
}

func correlationPanel(frame vg.Rectangle, sources []Source, ts []float64, of func(analysis.Correlation) analysis.Estimate, logarithmic bool) *panel {
	var plotters []plot.Plotter
	heights, far := emptySpan(), 0
	for _, s := range sources {
		k := slices.Index(ts, s.T)
		if k < 0 {
			continue
		}
		var points []point
		for _, c := range s.Correlations {
			e := of(c)
			if logarithmic && !(e.Value > 2*e.Err) {
				continue // no logarithm of what may be zero
			}
			points = append(points, point{float64(c.Distance), e})
			heights.include(e.Value)
			far = max(far, s.Correlations[len(s.Correlations)-1].Distance)
		}
		if s.Key.Source == analysis.SourceMachine {
			l := filled(k).solid()
			plotters = append(append(plotters, l.path(points)...), l.dots(points)...)
		} else {
			plotters = append(plotters, hollow(k).dots(points)...)
		}
	}
	if logarithmic {
		heights.low, heights.high = max(heights.low, 1e-6)/1.5, heights.high*1.5
	} else {
		heights = heights.padded(0.05)
	}
	p := newPanel(frame, -0.03*float64(far), 1.03*float64(far), heights.low, heights.high)
	if logarithmic {
		p.logY()
	}
	p.plot.X.Tick.Marker = ticks{count: max(2, int(frame.Size().X/32)), whole: true}
	p.xLabel, p.plotters = "Distance *r* (*a*)", plotters
	return p
}

// lengthsPanel draws ξ against T, nil where there is none.
func lengthsPanel(d Data, size, hidden int) func(vg.Rectangle) *panel {
	var all []analysis.Row
	for _, r := range slices.Concat(d.Rows, d.Curve) {
		if r.L == size && finite(r.T) && finite(r.Values[analysis.CorrelationLength].Value) && (r.Source != analysis.SourceMachine || r.Hidden == hidden) {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		return nil
	}
	curves, series := arrange(all)
	heights, width := emptySpan(), emptySpan()
	var plotters []plot.Plotter
	for _, s := range curves {
		for _, piece := range pieces(s.rows, analysis.CorrelationLength) {
			plotters = append(plotters, curve(piece, s.line))
			for _, at := range piece {
				heights.include(at.Y)
				width.include(at.X)
			}
		}
	}
	for _, s := range series {
		for _, r := range s.rows {
			e := r.Values[analysis.CorrelationLength]
			heights.include(e.Value, e.Value-e.Err, e.Value+e.Err)
			width.include(r.T)
		}
		if s.rows[0].Source == analysis.SourceMachine {
			s.glyph.Color, s.line.Color = ink, ink
			s.glyph.Shape = shapes()[0]
		}
		plotters = append(plotters, scatter(s, func(r analysis.Row) (float64, analysis.Estimate) {
			return r.T, r.Values[analysis.CorrelationLength]
		})...)
	}
	heights, width = heights.padded(0.07), width.padded(0.04)
	return func(frame vg.Rectangle) *panel {
		p := newPanel(frame, width.low, width.high, heights.low, heights.high)
		p.xLabel, p.yLabel = "*T* (*J*/*k*_{B})", axisLabel(analysis.Observables()[analysis.CorrelationLength])
		p.plotters = plotters
		if d.CriticalTemperature > width.low && d.CriticalTemperature < width.high {
			p.plotters = append([]plot.Plotter{rule{at: d.CriticalTemperature, vertical: true, style: *markStyle()}}, p.plotters...)
		}
		return p
	}
}
