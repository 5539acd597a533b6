package figure

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// panel is one framed plot with ticks inside on all four sides.
type panel struct {
	frame      vg.Rectangle // of the data, on the page
	plot       *plot.Plot   // scales and ticks of both axes
	plotters   []plot.Plotter
	xLabel     string
	yLabel     string
	labelsAt   vg.Length // x of the y label, common to panels above each other
	tag        string    // (a), (b), …, above the y label
	hideTicks  bool      // no labels at the ticks of the x axis
	hideYTicks bool
	inside     string // a note in the middle of the panel's top
	centered   bool   // that note in the middle, not at the left
	frameless  bool
	bare       bool // neither ticks nor labels: a picture
}

func newPanel(frame vg.Rectangle, xMin, xMax, yMin, yMax float64) *panel {
	p := plot.New()
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = xMin, xMax, yMin, yMax
	size := frame.Size()
	p.X.Tick.Marker = ticks{count: max(2, int(size.X/32))}
	p.Y.Tick.Marker = ticks{count: max(2, int(size.Y/22))}
	return &panel{frame: frame, plot: p}
}

// draw draws the panel. Data are clipped at the frame, which comes last.
func (p *panel) draw(page draw.Canvas, s *typesetter) {
	c := draw.Canvas{Canvas: page.Canvas, Rectangle: p.frame}
	for _, plotter := range p.plotters {
		plotter.Plot(c, p.plot)
	}
	style := draw.LineStyle{Color: ink, Width: frameWidth}
	if !p.bare {
		p.drawTicks(c, s, style)
	}
	lo, hi := p.frame.Min, p.frame.Max
	if !p.frameless {
		c.StrokeLines(style, []vg.Point{lo, {X: hi.X, Y: lo.Y}, hi, {X: lo.X, Y: hi.Y}, lo})
	}
	if p.xLabel != "" {
		s.write(c, vg.Point{X: (lo.X + hi.X) / 2, Y: lo.Y - 2.6*tickSize}, p.xLabel, labelSize, center, 0)
	}
	if p.yLabel != "" {
		s.write(c, vg.Point{X: p.labelsAt, Y: (lo.Y + hi.Y) / 2}, p.yLabel, labelSize, center, 1)
	}
	if p.inside != "" {
		at, align := vg.Point{X: lo.X + 6, Y: hi.Y - 1.5*tickSize}, float64(left)
		if p.centered {
			at.X, align = (lo.X+hi.X)/2, center
		}
		s.write(c, at, p.inside, tickSize, align, 0)
	}
	if p.tag != "" {
		s.write(c, vg.Point{X: p.labelsAt, Y: hi.Y - 0.6*tickSize}, p.tag, labelSize, center, 0)
	}
}

// drawTicks draws the ticks and their labels.
func (p *panel) drawTicks(c draw.Canvas, s *typesetter, style draw.LineStyle) {
	lo, hi := p.frame.Min, p.frame.Max
	for _, t := range p.plot.X.Tick.Marker.Ticks(p.plot.X.Min, p.plot.X.Max) {
		x, length := c.X(p.plot.X.Norm(t.Value)), lengthOf(t)
		c.StrokeLine2(style, x, lo.Y, x, lo.Y+length)
		c.StrokeLine2(style, x, hi.Y, x, hi.Y-length)
		if t.Label != "" && !p.hideTicks {
			s.write(c, vg.Point{X: x, Y: lo.Y - 1.15*tickSize}, t.Label, tickSize, center, 0)
		}
	}
	for _, t := range p.plot.Y.Tick.Marker.Ticks(p.plot.Y.Min, p.plot.Y.Max) {
		y, length := c.Y(p.plot.Y.Norm(t.Value)), lengthOf(t)
		c.StrokeLine2(style, lo.X, y, lo.X+length, y)
		c.StrokeLine2(style, hi.X, y, hi.X-length, y)
		if t.Label != "" && !p.hideYTicks {
			s.write(c, vg.Point{X: lo.X - 0.45*tickSize, Y: y - 0.35*tickSize}, t.Label, tickSize, right, 0)
		}
	}
}

// logX and logY make an axis logarithmic.
func (p *panel) logX() {
	p.plot.X.Scale, p.plot.X.Tick.Marker = plot.LogScale{}, decades{p.frame.Size().X}
}
func (p *panel) logY() {
	p.plot.Y.Scale, p.plot.Y.Tick.Marker = plot.LogScale{}, decades{p.frame.Size().Y}
}

func lengthOf(t plot.Tick) vg.Length {
	if t.Label == "" {
		return tickLength / 2
	}
	return tickLength
}

// span is a range of values that grows as it sees them.
type span struct{ low, high float64 }

func emptySpan() span { return span{math.Inf(1), math.Inf(-1)} }

func (s *span) include(values ...float64) {
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			s.low, s.high = min(s.low, v), max(s.high, v)
		}
	}
}

// padded widens the span by a fraction of it on both sides. An empty one becomes
// [0, 1], and one of values that agree to 5 % is widened to that, because its
// ticks would need too many digits.
func (s span) padded(fraction float64) span {
	if s.low > s.high {
		return span{0, 1}
	}
	least := 0.05 * math.Max(math.Abs(s.low), math.Abs(s.high))
	if least == 0 {
		least = 1
	}
	pad := math.Max(fraction*(s.high-s.low), (least-(s.high-s.low))/2)
	return span{s.low - pad, s.high + pad}
}

// rule is a straight line across a panel, at an x or a y. It implements
// plot.Plotter.
type rule struct {
	at       float64
	vertical bool
	style    draw.LineStyle
}

// Plot draws the line where it is within the panel.
func (r rule) Plot(c draw.Canvas, p *plot.Plot) {
	if x := c.X(p.X.Norm(r.at)); r.vertical && c.ContainsX(x) {
		c.StrokeLine2(r.style, x, c.Min.Y, x, c.Max.Y)
	}
	if y := c.Y(p.Y.Norm(r.at)); !r.vertical && c.ContainsY(y) {
		c.StrokeLine2(r.style, c.Min.X, y, c.Max.X, y)
	}
}
