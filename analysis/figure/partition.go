package figure

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"isingrbm/analysis"
)

// Partition draws, against temperature, the bracket of ln Z of machines about its
// estimate, and their divergence from the Ising model. The error is ErrEmpty where
// ln Z of no machine is known.
func Partition(d Data) (*Figure, error) {
	const name = "partition"
	comparisons := slices.DeleteFunc(slices.Clone(d.Comparisons), func(c analysis.Comparison) bool { return !finite(c.LogZ) || !finite(c.T) })
	comparisons = byKey(comparisons, func(c analysis.Comparison) Key { return Key{L: c.L, T: c.T, Hidden: c.Hidden, Replica: c.Replica} })
	if len(comparisons) == 0 {
		return nil, empty(name, "ln Z of no machine is known")
	}
	series := seriesOf(comparisons)
	g := &grid{width: pageWidth, panelHeight: 128, columns: 2}
	for k, s := range series {
		g.legend = append(g.legend, filled(k).solid().entry(s.label, false, true))
	}
	table := [][]string{record("L", "T", "hidden", "replica", "log_z", "log_z_err", "log_z_lower", "log_z_upper", "kl", "kl_err", "kl_per_spin")}
	for _, c := range comparisons {
		table = append(table, record(c.L, c.T, c.Hidden, c.Replica, c.LogZ, c.LogZErr, c.LogZLower, c.LogZUpper, c.KL, c.KLErr, c.KLPerSpin))
	}
	width := emptySpan()
	for _, c := range comparisons {
		width.include(c.T)
	}
	width = width.padded(0.05)
	step := 0.012 * (width.high - width.low)
	g.add(func(frame vg.Rectangle) *panel { return bracketPanel(frame, series, width, step) })
	g.add(func(frame vg.Rectangle) *panel { return divergencePanel(frame, series, width, step) })
	return g.figure(Figure{
		Name: name, Title: "Partition functions and divergences of machines", table: table,
		Caption: "(a) Lower and upper estimate of ln Z of each machine (bars) relative to its estimate, whose error is that of the marker. " +
			"(b) Kullback-Leibler divergence of the machine from the Ising model over held-out configurations, in nats a configuration; a triangle that points down marks what is zero within two of its errors, at their upper end. " +
			"Series are displaced sideways; error bars are one standard deviation.",
		Alt: fmt.Sprintf("Bracket of ln Z and Kullback-Leibler divergence against temperature for %d machines.", len(comparisons)),
	}), nil
}

// comparisonSeries is all comparisons of one size and number of hidden units.
type comparisonSeries struct {
	label string
	list  []analysis.Comparison
}

func seriesOf(comparisons []analysis.Comparison) (all []comparisonSeries) {
	sizes := map[int]bool{}
	for _, c := range comparisons {
		sizes[c.L] = true
	}
	for _, c := range comparisons {
		label := fmt.Sprintf("*n*_{h} = %d", c.Hidden)
		if len(sizes) > 1 {
			label += fmt.Sprintf(", *L* = %d", c.L)
		}
		k := slices.IndexFunc(all, func(s comparisonSeries) bool { return s.label == label })
		if k < 0 {
			k, all = len(all), append(all, comparisonSeries{label: label})
		}
		all[k].list = append(all[k].list, c)
	}
	return all
}

func bracketPanel(frame vg.Rectangle, series []comparisonSeries, width span, step float64) *panel {
	heights, exact := emptySpan(), ""
	var plotters []plot.Plotter
	for k, s := range series {
		l := filled(k).solid()
		var points []point
		for _, c := range s.list {
			x := c.T + step*(float64(k)-float64(len(series)-1)/2)
			points = append(points, point{x, analysis.Estimate{Err: c.LogZErr}})
			heights.include(0, c.LogZErr, -c.LogZErr, c.LogZLower-c.LogZ, c.LogZUpper-c.LogZ)
			plotters = append(plotters, bracket{x, c.LogZLower - c.LogZ, c.LogZUpper - c.LogZ, l.line})
		}
		plotters = append(plotters, l.dots(points)...)
	}
	if heights.high-heights.low < 1e-9 { // all are exact
		heights, exact = span{-0.01, 0.01}, "all exact"
	} else {
		pad := 0.1 * (heights.high - heights.low)
		heights = span{heights.low - pad, heights.high + pad}
	}
	p := newPanel(frame, width.low, width.high, heights.low, heights.high)
	p.xLabel, p.yLabel = "*T* (*J*/*k*_{B})", "ln *Z* bounds − ln *Z*"
	p.inside = exact
	p.plotters = append([]plot.Plotter{rule{style: referenceLine}}, plotters...)
	return p
}

// bracket is a bar from a lower to an upper bound with ends across. It implements
// plot.Plotter.
type bracket struct {
	x, low, high float64
	style        draw.LineStyle
}

// Plot draws the bar where both bounds exist.
func (b bracket) Plot(c draw.Canvas, p *plot.Plot) {
	if !finite(b.low) || !finite(b.high) {
		return
	}
	x, low, high := c.X(p.X.Norm(b.x)), c.Y(p.Y.Norm(b.low)), c.Y(p.Y.Norm(b.high))
	c.StrokeLine2(b.style, x, low, x, high)
	for _, y := range []vg.Length{low, high} {
		c.StrokeLine2(b.style, x-2*capWidth/2, y, x+2*capWidth/2, y)
	}
}

func divergencePanel(frame vg.Rectangle, series []comparisonSeries, width span, step float64) *panel {
	heights := emptySpan()
	var plotters []plot.Plotter
	for k, s := range series {
		l := filled(k).solid()
		limit := l
		limit.glyph.Shape = marker{sides: 3, turn: 3.0 / 4, open: true}
		limit.glyph.Radius = ringRadius
		var points, limits []point
		for _, c := range s.list {
			x := c.T + step*(float64(k)-float64(len(series)-1)/2)
			switch {
			case !finite(c.KL):
			case c.KL > 2*c.KLErr || c.KL > 0 && !finite(c.KLErr):
				points = append(points, point{x, analysis.Estimate{Value: c.KL, Err: c.KLErr}})
				heights.include(c.KL, c.KL-c.KLErr, c.KL+c.KLErr)
			default:
				top := max(c.KL, 0) + 2*c.KLErr
				limits = append(limits, point{x, analysis.Estimate{Value: top}})
				heights.include(top)
			}
		}
		plotters = append(append(plotters, l.dots(points)...), limit.dots(limits)...)
	}
	unknown := ""
	if heights.low > heights.high {
		heights, unknown = span{0.01, 1}, "ln Z of the model is not known"
	}
	p := newPanel(frame, width.low, width.high, heights.low/1.6, heights.high*1.6)
	p.logY()
	p.xLabel, p.yLabel, p.inside = "*T* (*J*/*k*_{B})", "KL (nats)", unknown
	p.plotters = plotters
	return p
}
