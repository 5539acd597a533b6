package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"isingrbm/analysis"
)

// Geometry of the four pairs of panels.
const (
	columns, lines = 2, 2
	marginLeft     = vg.Length(42)
	marginRight    = vg.Length(6)
	columnGap      = vg.Length(46)
	headGap        = vg.Length(4)
	mainHeight     = vg.Length(118)
	residualGap    = vg.Length(5)
	residualHeight = vg.Length(46)
	axisHeight     = vg.Length(26)
	lineGap        = vg.Length(6)
	panelWidth     = (pageWidth - marginLeft - marginRight - (columns-1)*columnGap) / columns
	pairHeight     = mainHeight + residualGap + residualHeight + axisHeight
)

// displayed lists the observables of the four pairs.
func displayed() []int {
	return []int{analysis.Energy, analysis.AbsMagnetization, analysis.SpecificHeat, analysis.Susceptibility}
}

// Thermodynamics draws e, m, c and χ against T: the exact curves, and the
// values of Monte Carlo and of the machines with their errors, with the
// deviations from the exact values (from Monte Carlo where there are none)
// beneath each. Rows come in any order and of all sources; those at T = ∞ are in
// the table only. Each of the marks, temperatures such as T_c, becomes a dotted
// line, called T_c; 0 and NaN are none. The error is ErrEmpty if no row has a
// finite temperature.
func Thermodynamics(rows, curve []analysis.Row, marks ...float64) (*Figure, error) {
	t := &thermodynamics{references: map[place]analysis.Row{}, marks: marks}
	extent := emptySpan()
	for _, r := range rows {
		extent.include(r.T)
	}
	if extent.low > extent.high {
		return nil, fmt.Errorf("figure thermodynamics: %w at a finite temperature", ErrEmpty)
	}
	t.curves, t.points = arrange(slices.Concat(rows, curve))
	t.displacement = t.displace(extent)
	beside := t.displacement * float64(len(t.points)) / 2
	t.temperatures = span{extent.low - beside, extent.high + beside}.padded(0.03)
	for _, s := range slices.Concat(t.curves, t.points) {
		for _, r := range s.rows {
			if r.Source != analysis.SourceMachine {
				t.references[place{r.Source, r.L, r.T}] = r
			}
		}
	}
	head := t.legend().height(newTypesetter(false), pageWidth) + headGap
	return &Figure{
		Name:    "thermodynamics",
		Title:   "Thermodynamics: exact, Monte Carlo and machines",
		Caption: t.caption(),
		Alt:     t.alt(),
		width:   pageWidth,
		height:  head + lines*pairHeight + (lines-1)*lineGap,
		table:   t.table(),
		draw: func(c draw.Canvas, s *typesetter) {
			t.legend().draw(c, s)
			for k, observable := range displayed() {
				t.drawPair(c, s, k, observable, c.Max.Y-head)
			}
		},
	}, nil
}

// thermodynamics is the data of the figure, sorted.
type thermodynamics struct {
	curves, points []series
	references     map[place]analysis.Row
	temperatures   span // of the axes
	displacement   float64
	marks          []float64
}

// place is where rows belong together.
type place struct {
	source      string
	size        int
	temperature float64
}

// reference returns the value that an observable of a row is compared with, NaN
// where there is none.
func (t *thermodynamics) reference(r analysis.Row, observable int) analysis.Estimate {
	if e, ok := t.references[place{analysis.SourceExact, r.L, r.T}]; ok && finite(e.Values[observable].Value) {
		return analysis.Estimate{Value: e.Values[observable].Value}
	}
	if e, ok := t.references[place{analysis.SourceMonteCarlo, r.L, r.T}]; ok && r.Source == analysis.SourceMachine {
		return e.Values[observable]
	}
	return analysis.Undefined()
}

// relative reports whether deviations of an observable can be relative: no
// reference is zero.
func (t *thermodynamics) relative(observable int) bool {
	for _, s := range t.points {
		for _, r := range s.rows {
			if finite(r.T) && t.reference(r, observable).Value == 0 {
				return false
			}
		}
	}
	return true
}

// deviation returns value − reference and its error, in percent of the
// reference's size if they are to be relative.
func (t *thermodynamics) deviation(r analysis.Row, observable int, relative bool) analysis.Estimate {
	value, reference := r.Values[observable], t.reference(r, observable)
	d := analysis.Estimate{Value: value.Value - reference.Value, Err: value.Err}
	if reference.Err > 0 {
		d.Err = math.Hypot(value.Err, reference.Err)
	}
	if relative {
		percent := 100 / math.Abs(reference.Value)
		d.Value, d.Err = percent*d.Value, percent*d.Err
	}
	return d
}

func (t *thermodynamics) legend() legend {
	var l legend
	for i := range t.curves {
		l = append(l, entry{label: t.curves[i].label, line: &t.curves[i].line})
	}
	for i := range t.points {
		l = append(l, entry{label: t.points[i].label, glyph: &t.points[i].glyph})
	}
	if len(t.markPlotters()) > 0 {
		l = append(l, entry{label: "*T*_{c}", line: markStyle()})
	}
	return l
}

// drawPair draws panel k with its residuals; top is where the panels begin.
func (t *thermodynamics) drawPair(c draw.Canvas, s *typesetter, k, observable int, top vg.Length) {
	x := marginLeft + vg.Length(k%columns)*(panelWidth+columnGap)
	y := top - vg.Length(k/columns)*(pairHeight+lineGap)
	frame := func(top, height vg.Length) vg.Rectangle {
		return vg.Rectangle{Min: vg.Point{X: x, Y: top - height}, Max: vg.Point{X: x + panelWidth, Y: top}}
	}
	labels := x - marginLeft + labelSize
	main := t.values(frame(y, mainHeight), observable)
	main.tag = fmt.Sprintf("(%c)", 'a'+k)
	main.labelsAt = labels
	main.draw(c, s)
	residuals := t.residuals(frame(y-mainHeight-residualGap, residualHeight), observable)
	residuals.labelsAt = labels
	residuals.draw(c, s)
}

// values is the upper panel of a pair.
func (t *thermodynamics) values(frame vg.Rectangle, observable int) *panel {
	heights := emptySpan()
	for _, s := range t.points {
		for _, r := range s.rows {
			e := r.Values[observable]
			if finite(r.T) {
				heights.include(e.Value, e.Value-e.Err, e.Value+e.Err)
			}
		}
	}
	var curves []plot.Plotter
	for _, s := range t.curves {
		for _, piece := range pieces(s.rows, observable) {
			for _, at := range piece {
				heights.include(at.Y)
			}
			curves = append(curves, curve(piece, s.line))
		}
	}
	heights = heights.padded(0.07)
	p := newPanel(frame, t.temperatures.low, t.temperatures.high, heights.low, heights.high)
	p.yLabel = axisLabel(analysis.Observables()[observable])
	p.hideTicks = true
	p.plotters = append(t.markPlotters(), curves...)
	for _, s := range t.points {
		p.plotters = append(p.plotters, scatter(s, func(r analysis.Row) (float64, analysis.Estimate) {
			return r.T, r.Values[observable]
		})...)
	}
	return p
}

// residuals is the lower panel of a pair. The series stand side by side there.
func (t *thermodynamics) residuals(frame vg.Rectangle, observable int) *panel {
	relative := t.relative(observable)
	var sizes []float64
	for _, s := range t.points {
		for _, r := range s.rows {
			d := t.deviation(r, observable, relative)
			if reach := math.Abs(d.Value) + math.Max(d.Err, 0); finite(r.T) && finite(reach) {
				sizes = append(sizes, reach)
			} else if finite(r.T) && finite(d.Value) {
				sizes = append(sizes, math.Abs(d.Value))
			}
		}
	}
	limit, scale := symmetric(sizes)
	p := newPanel(frame, t.temperatures.low, t.temperatures.high, -limit, limit)
	p.plot.Y.Scale, p.plot.Y.Tick.Marker = scale, scale
	p.xLabel, p.yLabel = "*T* (*J*/*k*_{B})", deviationLabel(analysis.Observables()[observable], relative)
	p.plotters = append(t.markPlotters(), rule{style: draw.LineStyle{Color: ink, Width: frameWidth}})
	for k, s := range t.points {
		shift := t.displacement * (float64(k) - float64(len(t.points)-1)/2)
		p.plotters = append(p.plotters, scatter(s, func(r analysis.Row) (float64, analysis.Estimate) {
			return r.T + shift, t.deviation(r, observable, relative)
		})...)
	}
	return p
}

// displace returns the distance in T between series that stand side by side in
// a residual panel: what a marker needs, but for all of them together no more
// than two thirds of the typical distance between temperatures.
func (t *thermodynamics) displace(extent span) float64 {
	var temperatures []float64
	for _, s := range t.points {
		for _, r := range s.rows {
			if finite(r.T) {
				temperatures = append(temperatures, r.T)
			}
		}
	}
	slices.Sort(temperatures)
	temperatures = slices.Compact(temperatures)
	marker := float64(2.2*markerRadius/panelWidth) * (extent.high - extent.low)
	if len(temperatures) < 2 {
		return 0.001 * extent.high // alone: the axis is 5 % wide
	}
	typical := (temperatures[len(temperatures)-1] - temperatures[0]) / float64(len(temperatures)-1)
	return min(marker, 2.0/3*typical/float64(len(t.points)))
}

func (t *thermodynamics) markPlotters() []plot.Plotter {
	var plotters []plot.Plotter
	for _, m := range t.marks {
		if m > t.temperatures.low && m < t.temperatures.high {
			plotters = append(plotters, rule{at: m, vertical: true, style: *markStyle()})
		}
	}
	return plotters
}

func markStyle() *draw.LineStyle {
	return &draw.LineStyle{Color: pale, Width: errorWidth, Dashes: []vg.Length{0.8, 1.6}}
}

// pieces cuts a curve where it has no value.
func pieces(rows []analysis.Row, observable int) []plotter.XYs {
	var all []plotter.XYs
	var piece plotter.XYs
	for _, r := range rows {
		y := r.Values[observable].Value
		if !finite(r.T) || !finite(y) {
			all, piece = append(all, piece), nil
			continue
		}
		if n := len(piece); n == 0 || piece[n-1].X != r.T {
			piece = append(piece, plotter.XY{X: r.T, Y: y})
		}
	}
	all = append(all, piece)
	return slices.DeleteFunc(all, func(p plotter.XYs) bool { return len(p) == 0 })
}

// curve draws a piece of a curve, a single point of it as a short dash.
func curve(piece plotter.XYs, style draw.LineStyle) plot.Plotter {
	if len(piece) == 1 {
		return &plotter.Scatter{XYs: piece, GlyphStyle: draw.GlyphStyle{Color: style.Color, Radius: 3 * ringRadius, Shape: dash{}}}
	}
	return &plotter.Line{XYs: piece, LineStyle: style}
}

// scatter draws the points of a series that exist, markers over error bars.
func scatter(s series, at func(analysis.Row) (float64, analysis.Estimate)) []plot.Plotter {
	bars := &plotter.YErrorBars{LineStyle: s.line, CapWidth: capWidth}
	points := &plotter.Scatter{GlyphStyle: s.glyph}
	for _, r := range s.rows {
		x, y := at(r)
		if !finite(x) || !finite(y.Value) {
			continue
		}
		points.XYs = append(points.XYs, plotter.XY{X: x, Y: y.Value})
		if finite(y.Err) && y.Err > 0 {
			bars.XYs = append(bars.XYs, plotter.XY{X: x, Y: y.Value})
			bars.YErrors = append(bars.YErrors, struct{ Low, High float64 }{y.Err, y.Err})
		}
	}
	return []plot.Plotter{bars, points}
}

// axisLabel names an observable in the markup of labels.
func axisLabel(o analysis.Observable) string {
	label := o.Title + " *" + symbolLabel(o.Symbol) + "*"
	if o.Unit != "" {
		label += " (" + unitLabel(o.Unit) + ")"
	}
	return label
}

func deviationLabel(o analysis.Observable, relative bool) string {
	switch {
	case relative:
		return "Δ*" + symbolLabel(o.Symbol) + "* (%)"
	case o.Unit == "":
		return "Δ*" + symbolLabel(o.Symbol) + "*"
	}
	return "Δ*" + symbolLabel(o.Symbol) + "* (" + unitLabel(o.Unit) + ")"
}

// symbolLabel writes subscripts in markup: not every typeface has their letters.
func symbolLabel(symbol string) string {
	return strings.NewReplacer("₀", "_{0}", "₊", "_{+}").Replace(symbol)
}

func unitLabel(unit string) string {
	return strings.NewReplacer("k_B", "*k*_{B}", "J", "*J*", "a", "*a*").Replace(unit)
}

func (t *thermodynamics) caption() string {
	text := "Energy e, absolute magnetization m, specific heat c and susceptibility χ per spin against temperature T: " +
		"exact values (lines), Monte Carlo (open markers) and restricted Boltzmann machines (filled markers). " +
		"Beneath each: deviation Δ from the exact value, or from Monte Carlo where there is none, with the series displaced sideways. " +
		"Error bars are one standard deviation. " + t.sizes() + "."
	if len(t.markPlotters()) > 0 {
		text += " Dotted: critical temperature of the infinite lattice."
	}
	return text
}

// sizes says of which lattices the figure is.
func (t *thermodynamics) sizes() string {
	var sizes []string
	for _, s := range slices.Concat(t.curves, t.points) {
		sizes = append(sizes, strconv.Itoa(s.rows[0].L))
	}
	slices.SortFunc(sizes, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	return "L = " + strings.Join(slices.Compact(sizes), ", ")
}

// alt describes the figure by its largest deviations.
func (t *thermodynamics) alt() string {
	var b strings.Builder
	b.WriteString("Four panels show energy, absolute magnetization, specific heat and susceptibility against temperature, " + t.sizes() + ".")
	for _, s := range t.points {
		var largest []string
		for _, i := range displayed() {
			if !t.relative(i) {
				continue
			}
			size := emptySpan()
			for _, r := range s.rows {
				size.include(math.Abs(t.deviation(r, i, true).Value))
			}
			if size.low <= size.high {
				largest = append(largest, fmt.Sprintf("%.*f %% in %s", 1-min(1, int(size.high/10)), size.high, analysis.Observables()[i].Symbol))
			}
		}
		if len(largest) > 0 {
			b.WriteString(" Largest deviations of " + plain(s.label) + ": " + strings.Join(largest, ", ") + ".")
		}
	}
	return b.String()
}

// plain takes the markup off a label.
func plain(label string) string {
	var b strings.Builder
	for _, r := range parse(label) {
		if r.shift == subscript {
			b.WriteString("_")
		}
		b.WriteString(r.text)
	}
	return b.String()
}

// table is the CSV file: a record for every value drawn, and those at T = ∞.
func (t *thermodynamics) table() [][]string {
	table := [][]string{{"observable", "source", "L", "hidden", "replica", "T", "value", "err", "reference", "deviation", "deviation_err", "deviation_unit"}}
	for _, i := range displayed() {
		o, relative := analysis.Observables()[i], t.relative(i)
		unit := o.Unit
		if relative {
			unit = "%"
		}
		for _, s := range slices.Concat(t.curves, t.points) {
			for _, r := range s.rows {
				if math.IsNaN(r.Values[i].Value) {
					continue
				}
				record := []string{o.Name, r.Source, strconv.Itoa(r.L), count(r.Hidden), count(r.Replica), field(r.T), field(r.Values[i].Value), field(r.Values[i].Err)}
				if r.Source == analysis.SourceExact {
					record = append(record, "", "", "", "")
				} else {
					d := t.deviation(r, i, relative)
					record = append(record, field(t.reference(r, i).Value), field(d.Value), field(d.Err), unit)
				}
				table = append(table, record)
			}
		}
	}
	return table
}

// count is a field that is empty where there is no machine.
func count(n int) string {
	if n == analysis.None {
		return ""
	}
	return strconv.Itoa(n)
}

// field is the shortest number that reads back the same, empty for NaN.
func field(x float64) string {
	switch {
	case math.IsNaN(x):
		return ""
	case math.IsInf(x, 1):
		return "inf"
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}
