package figure

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"isingrbm/analysis"
)

// Autocorrelation draws the autocorrelation functions of energy and order at a
// few temperatures, and their integrated times against temperature, of Monte Carlo
// and of machines, in stored configurations. The error is ErrEmpty without
// sources.
func Autocorrelation(d Data) (*Figure, error) {
	const name = "autocorrelation"
	sources := slices.DeleteFunc(byKey(d.Sources, func(s Source) Key { return s.Key }), func(s Source) bool { return len(s.Autocorrelations) < 2 || s.Replica > 0 })
	size := largest(sources, func(s Source) (int, bool) { return s.L, true })
	hidden := largest(sources, func(s Source) (int, bool) { return s.Hidden, s.L == size && s.Source == analysis.SourceMachine })
	sources = slices.DeleteFunc(sources, func(s Source) bool {
		return s.L != size || s.Source == analysis.SourceMachine && s.Hidden != hidden
	})
	ts := pick(temperatures(sources, func(s Source) (float64, bool) { return s.T, finite(s.T) }), d.CriticalTemperature, 4)
	if len(ts) == 0 {
		return nil, empty(name, "needs chains of two configurations or more")
	}
	g := &grid{width: pageWidth, panelHeight: 118, columns: 2}
	for k, t := range ts {
		g.legend = append(g.legend, filled(k).solid().entry(at(t), true, true))
	}
	open := hollow(0)
	open.glyph.Color = ink
	g.legend = append(g.legend, open.entry("Monte Carlo (open)", false, true))
	table := [][]string{record("L", "source", "hidden", "T", "lag", "energy", "order")}
	for _, s := range sources {
		for _, a := range s.Autocorrelations {
			table = append(table, record(size, s.Key.Source, count(s.Hidden), s.T, a.Lag, a.Energy, a.Order))
		}
	}
	for _, q := range []struct {
		label string
		of    func(analysis.Autocorrelation) float64
	}{
		{"*ρ*_{E}(*t*)", func(a analysis.Autocorrelation) float64 { return a.Energy }},
		{"*ρ*_{|M|}(*t*)", func(a analysis.Autocorrelation) float64 { return a.Order }},
	} {
		g.add(func(frame vg.Rectangle) *panel {
			p := autocorrelationPanel(frame, sources, ts, q.of)
			p.yLabel = q.label
			return p
		})
	}
	for _, observable := range []int{analysis.Energy, analysis.AbsMagnetization} {
		g.add(func(frame vg.Rectangle) *panel { return timesPanel(frame, d, size, hidden, observable) })
	}
	return g.figure(Figure{
		Name: name, Title: "Autocorrelations", table: table,
		Caption: fmt.Sprintf("L = %d. Normalized autocorrelation functions of (a) the energy and (b) the size of the order parameter at T = %s, and (c, d) their integrated times τ against temperature, ½ for independent configurations (dotted). "+
			"Monte Carlo (open markers) and restricted Boltzmann machines of n_h = %d (filled markers); times in stored configurations.", size, listed(ts), hidden),
		Alt: fmt.Sprintf("Autocorrelation functions of energy and order parameter, L = %d, that fall to zero within a few stored configurations, and their integrated times against temperature.", size),
	}), nil
}

func autocorrelationPanel(frame vg.Rectangle, sources []Source, ts []float64, of func(analysis.Autocorrelation) float64) *panel {
	var plotters []plot.Plotter
	heights, far := emptySpan(), 1.0
	heights.include(0, 1)
	for _, s := range sources {
		k := slices.Index(ts, s.T)
		if k < 0 {
			continue
		}
		var points []point
		for _, a := range s.Autocorrelations {
			points = append(points, point{float64(a.Lag), analysis.Estimate{Value: of(a), Err: 0}})
			heights.include(of(a))
			far = max(far, float64(a.Lag))
		}
		l := filled(k).solid()
		if s.Key.Source == analysis.SourceMonteCarlo {
			l = hollow(k).solid()
			l.line.Width = frameWidth / 2
		}
		plotters = append(append(plotters, l.path(points)...), l.dots(points)...)
	}
	heights = heights.padded(0.06)
	p := newPanel(frame, -0.03*far, 1.03*far, heights.low, heights.high)
	p.plot.X.Tick.Marker = ticks{count: max(2, int(frame.Size().X/32)), whole: true}
	p.xLabel = "Lag *t* (stored configurations)"
	p.plotters = append([]plot.Plotter{rule{at: 0, style: referenceLine}}, plotters...)
	return p
}

func timesPanel(frame vg.Rectangle, d Data, size, hidden, observable int) *panel {
	heights, width := emptySpan(), emptySpan()
	heights.include(0.5)
	var mc, machine []point
	for _, r := range byKey(d.Rows, key) {
		if r.L != size || !finite(r.T) || !finite(r.Values[observable].Tau) || r.Replica > 0 {
			continue
		}
		p := point{r.T, analysis.Estimate{Value: r.Values[observable].Tau}}
		switch {
		case r.Source == analysis.SourceMonteCarlo:
			mc = append(mc, p)
		case r.Source == analysis.SourceMachine && r.Hidden == hidden:
			machine = append(machine, p)
		default:
			continue
		}
		heights.include(p.Value)
		width.include(r.T)
	}
	width = width.padded(0.04)
	p := newPanel(frame, width.low, width.high, heights.low/1.4, heights.high*1.4)
	p.logY()
	p.xLabel, p.yLabel = "*T* (*J*/*k*_{B})", "Time *τ* of *"+symbolLabel(analysis.Observables()[observable].Symbol)+"*"
	open, full := hollow(0), filled(0).solid()
	open.glyph.Color, full.glyph.Color, full.line.Color = ink, ink, ink
	p.plotters = []plot.Plotter{rule{at: 0.5, style: referenceLine}}
	if d.CriticalTemperature > width.low && d.CriticalTemperature < width.high {
		p.plotters = append(p.plotters, rule{at: d.CriticalTemperature, vertical: true, style: *markStyle()})
	}
	p.plotters = append(append(append(p.plotters, full.path(machine)...), full.dots(machine)...), open.dots(mc)...)
	return p
}
