package figure

import (
	"fmt"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"isingrbm/analysis"
)

// columnWidth is that of one column of a page.
const columnWidth = 86 * vg.Millimeter

// Room around the panels of a grid.
const (
	gridLeft   = vg.Length(40)
	gridRight  = vg.Length(14) // half of the label at the last tick
	gridGap    = vg.Length(46) // between columns, for the labels of the right one
	gridAxis   = vg.Length(28) // below panels
	gridHead   = vg.Length(5)  // between legend and panels
	headHeight = vg.Length(13) // of headings above columns
)

// grid sets panels out in rows and columns below a legend.
type grid struct {
	width, panelHeight vg.Length
	columns            int
	legend             legend
	headings           []string // above the columns
	tight              bool     // panels share their axes: no room for labels between them
	pictures           bool     // panels have no axes: no room for labels below and, but for the first, beside them
	bar                *colorBar
	panels             []func(vg.Rectangle) *panel
}

// add appends a panel; it is made once its place is known.
func (g *grid) add(p func(vg.Rectangle) *panel) { g.panels = append(g.panels, p) }

func (g *grid) rows() int { return (len(g.panels) + g.columns - 1) / g.columns }

func (g *grid) gaps() (column, row vg.Length) {
	if g.tight {
		return 8, 8
	}
	return gridGap, gridAxis + 2
}

// margins are the room left of the first column and below the last row.
func (g *grid) margins() (left, below vg.Length) {
	if g.pictures {
		return 20, 6
	}
	return gridLeft, gridAxis
}

func (g *grid) panelWidth() vg.Length {
	gap, _ := g.gaps()
	left, _ := g.margins()
	return (g.width - left - gridRight - g.room() - vg.Length(g.columns-1)*gap) / vg.Length(g.columns)
}

// room is what a color bar needs.
func (g *grid) room() vg.Length {
	if g.bar == nil {
		return 0
	}
	return barRoom
}

// head is the height of legend and headings.
func (g *grid) head() vg.Length {
	head := vg.Length(4)
	if len(g.legend) > 0 {
		head = g.legend.height(newTypesetter(false), g.width) + gridHead
	}
	if g.headings != nil {
		head += headHeight
	}
	return head
}

func (g *grid) height() vg.Length {
	_, gap := g.gaps()
	_, below := g.margins()
	return g.head() + vg.Length(g.rows())*g.panelHeight + vg.Length(g.rows()-1)*gap + below
}

func (g *grid) frame(k int, top vg.Length) vg.Rectangle {
	column, row := g.gaps()
	left, _ := g.margins()
	x := left + vg.Length(k%g.columns)*(g.panelWidth()+column)
	y := top - g.head() - vg.Length(k/g.columns)*(g.panelHeight+row)
	return vg.Rectangle{Min: vg.Point{X: x, Y: y - g.panelHeight}, Max: vg.Point{X: x + g.panelWidth(), Y: y}}
}

// figure makes the figure of a grid. Every panel but those of a tight grid gets a
// tag where there are several.
func (g *grid) figure(f Figure) *Figure {
	f.width, f.height, f.colored = g.width, g.height(), g.bar != nil
	f.draw = func(c draw.Canvas, s *typesetter) {
		g.legend.draw(c, s)
		for k, make := range g.panels {
			frame := g.frame(k, c.Max.Y)
			p := make(frame)
			if p == nil {
				continue
			}
			left, _ := g.margins()
			p.labelsAt = frame.Min.X - left + labelSize
			if len(g.panels) > 1 && !g.tight {
				p.tag = fmt.Sprintf("(%c)", 'a'+k)
			}
			if g.tight && k%g.columns > 0 {
				p.yLabel, p.hideYTicks = "", true
			}
			if g.tight && k+g.columns < len(g.panels) {
				p.xLabel, p.hideTicks = "", true
			}
			p.draw(c, s)
		}
		if g.bar != nil {
			first, last := g.frame(0, c.Max.Y), g.frame(len(g.panels)-1, c.Max.Y)
			g.bar.draw(c, s, g.width-barRoom, last.Min.Y, first.Max.Y)
		}
		for k, heading := range g.headings {
			frame := g.frame(k, c.Max.Y)
			s.write(c, vg.Point{X: (frame.Min.X + frame.Max.X) / 2, Y: frame.Max.Y + 4}, heading, labelSize, center, 0)
		}
	}
	return &f
}

// look is how one series is drawn: its color and shape tell it from others, each
// by itself.
type look struct {
	line  draw.LineStyle
	glyph draw.GlyphStyle
}

// filled is the look of series k; hollow that with an open marker.
func filled(k int) look {
	color := palette()[k%len(palette())]
	return look{
		line:  draw.LineStyle{Color: color, Width: curveWidth, Dashes: dashes()[k%len(dashes())]},
		glyph: draw.GlyphStyle{Color: color, Radius: markerRadius, Shape: shapes()[k%len(shapes())]},
	}
}

func hollow(k int) look {
	l := filled(k)
	shape := shapes()[k%len(shapes())]
	shape.open = true
	l.glyph.Shape, l.glyph.Radius = shape, ringRadius
	return l
}

// solid is a look without dashes, for lines that others run along.
func (l look) solid() look {
	l.line.Dashes = nil
	return l
}

// entry puts the look into a legend: its marker, its line, or both.
func (l look) entry(label string, line, glyph bool) entry {
	e := entry{label: label}
	if line {
		e.line = &l.line
	}
	if glyph {
		e.glyph = &l.glyph
	}
	return e
}

// point is a value at an x.
type point struct {
	x float64
	analysis.Estimate
}

// dots draws the points that exist with their errors.
func (l look) dots(points []point) []plot.Plotter {
	bars := &plotter.YErrorBars{LineStyle: draw.LineStyle{Color: l.line.Color, Width: errorWidth}, CapWidth: capWidth}
	scatter := &plotter.Scatter{GlyphStyle: l.glyph}
	for _, p := range points {
		if !finite(p.x) || !finite(p.Value) {
			continue
		}
		scatter.XYs = append(scatter.XYs, plotter.XY{X: p.x, Y: p.Value})
		if finite(p.Err) && p.Err > 0 {
			bars.XYs = append(bars.XYs, plotter.XY{X: p.x, Y: p.Value})
			bars.YErrors = append(bars.YErrors, struct{ Low, High float64 }{p.Err, p.Err})
		}
	}
	return []plot.Plotter{bars, scatter}
}

// path joins the points that exist.
func (l look) path(points []point) []plot.Plotter {
	line := &plotter.Line{LineStyle: l.line}
	for _, p := range points {
		if finite(p.x) && finite(p.Value) {
			line.XYs = append(line.XYs, plotter.XY{X: p.x, Y: p.Value})
		}
	}
	if len(line.XYs) < 2 {
		return nil
	}
	return []plot.Plotter{line}
}

// every keeps each n-th point, for markers along a dense line.
func every(points []point, count int) []point {
	step := max(1, len(points)/count)
	var kept []point
	for i := step / 2; i < len(points); i += step {
		kept = append(kept, points[i])
	}
	return kept
}

// reach is the span of points with their errors.
func reach(s span, points []point) span {
	for _, p := range points {
		s.include(p.Value)
		if finite(p.Err) {
			s.include(p.Value-p.Err, p.Value+p.Err)
		}
	}
	return s
}

// record makes the fields of a CSV record.
func record(fields ...any) []string {
	texts := make([]string, len(fields))
	for i, f := range fields {
		switch f := f.(type) {
		case string:
			texts[i] = f
		case int:
			texts[i] = strconv.Itoa(f)
		case float64:
			texts[i] = field(f)
		}
	}
	return texts
}
