package figure

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// colorScale turns values into colors, in colorSteps steps, so that neighbors of
// one color can be drawn as one.
type colorScale struct {
	low, high   float64
	logarithmic bool
	anchors     []color.RGBA
}

const colorSteps = 32

// viridis runs from dark blue to yellow, evenly in brightness: it keeps its order
// for color-blind eyes and in gray.
func viridis() []color.RGBA {
	return []color.RGBA{{0x44, 0x01, 0x54, 0xFF}, {0x3B, 0x52, 0x8B, 0xFF}, {0x21, 0x91, 0x8C, 0xFF}, {0x5E, 0xC9, 0x62, 0xFF}, {0xFD, 0xE7, 0x25, 0xFF}}
}

// diverging runs from blue by white to vermilion, two colors that all eyes tell
// apart.
func diverging() []color.RGBA {
	return []color.RGBA{{0x00, 0x45, 0x7A, 0xFF}, {0x4F, 0xA3, 0xD1, 0xFF}, {0xF7, 0xF7, 0xF7, 0xFF}, {0xE8, 0x95, 0x4C, 0xFF}, {0xA8, 0x3E, 0x00, 0xFF}}
}

// step returns which of the colorSteps colors a value has.
func (s colorScale) step(value float64) int {
	x := (value - s.low) / (s.high - s.low)
	if s.logarithmic {
		x = math.Log(value/s.low) / math.Log(s.high/s.low)
	}
	return int(math.Max(0, math.Min(colorSteps-1, math.Floor(x*colorSteps))))
}

func (s colorScale) color(step int) color.Color {
	x := (float64(step) + 0.5) / colorSteps * float64(len(s.anchors)-1)
	k := min(int(x), len(s.anchors)-2)
	a, b, f := s.anchors[k], s.anchors[k+1], x-float64(k)
	mix := func(p, q uint8) uint8 { return uint8(math.Round(float64(p)*(1-f) + float64(q)*f)) }
	return color.RGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 0xFF}
}

// cells is a field of rectangles of one size, some of them without a color. It
// implements plot.Plotter.
type cells struct {
	columns, rows int
	x, y          float64 // the lower left corner, in the units of the axes
	width, height float64 // of a cell
	color         func(column, row int) color.Color
	under         color.Color // of all of it, where no paper should shine through between colors; may be nil
}

// Plot draws the cells. All of one color are one path, so that no paper shines
// through between them; neighbors in a row are one rectangle.
func (f cells) Plot(c draw.Canvas, p *plot.Plot) {
	var order []color.Color
	paths := map[color.Color]*vg.Path{}
	if f.under != nil {
		paths[f.under], order = &vg.Path{}, append(order, f.under)
		for row := range f.rows {
			f.outline(paths[f.under], c, p, 0, f.columns, row)
		}
	}
	for row := range f.rows {
		for first := 0; first < f.columns; {
			paint := f.color(first, row)
			last := first + 1
			for last < f.columns && f.color(last, row) == paint {
				last++
			}
			if paint != nil {
				if paths[paint] == nil {
					paths[paint], order = &vg.Path{}, append(order, paint)
				}
				f.outline(paths[paint], c, p, first, last, row)
			}
			first = last
		}
	}
	for _, paint := range order {
		c.SetColor(paint)
		c.Fill(*paths[paint])
	}
}

// outline adds a rectangle to a path, as far as it is within the panel.
func (f cells) outline(path *vg.Path, c draw.Canvas, p *plot.Plot, first, last, row int) {
	place := func(column, row int) vg.Point {
		return vg.Point{X: c.X(p.X.Norm(f.x + float64(column)*f.width)), Y: c.Y(p.Y.Norm(f.y + float64(row)*f.height))}
	}
	a, b := place(first, row), place(last, row+1)
	a.X, a.Y = max(a.X, c.Min.X), max(a.Y, c.Min.Y)
	b.X, b.Y = min(b.X, c.Max.X), min(b.Y, c.Max.Y)
	if a.X >= b.X || a.Y >= b.Y {
		return
	}
	const seam = 0.1 // neighbors overlap by so much
	b.X, b.Y = min(b.X+seam, c.Max.X), min(b.Y+seam, c.Max.Y)
	path.Move(a)
	path.Line(vg.Point{X: b.X, Y: a.Y})
	path.Line(b)
	path.Line(vg.Point{X: a.X, Y: b.Y})
	path.Close()
}

// colorBar explains the colors beside a grid of panels.
type colorBar struct {
	scale colorScale
	label string
}

// Room for a color bar at the right of a grid.
const (
	barRoom  = vg.Length(44)
	barWidth = vg.Length(8)
)

// draw draws the bar between two heights, from x on.
func (b colorBar) draw(c draw.Canvas, s *typesetter, x, low, high vg.Length) {
	p := newPanel(vg.Rectangle{Min: vg.Point{X: x, Y: low}, Max: vg.Point{X: x + barWidth, Y: high}}, 0, 1, b.scale.low, b.scale.high)
	if b.scale.logarithmic {
		p.logY()
	}
	bar := draw.Canvas{Canvas: c.Canvas, Rectangle: p.frame}
	steps := cells{columns: 1, rows: colorSteps, width: float64(barWidth), height: float64(high-low) / colorSteps}
	plain := plot.New()
	plain.X.Min, plain.X.Max, plain.Y.Min, plain.Y.Max = 0, float64(barWidth), 0, float64(high-low)
	steps.color = func(_, row int) color.Color { return b.scale.color(row) }
	steps.Plot(bar, plain)
	style := draw.LineStyle{Color: ink, Width: frameWidth}
	c.StrokeLines(style, []vg.Point{p.frame.Min, {X: x + barWidth, Y: low}, p.frame.Max, {X: x, Y: high}, p.frame.Min})
	for _, t := range p.plot.Y.Tick.Marker.Ticks(b.scale.low, b.scale.high) {
		y := bar.Y(p.plot.Y.Norm(t.Value))
		c.StrokeLine2(style, x+barWidth, y, x+barWidth-lengthOf(t), y)
		if t.Label != "" {
			s.write(c, vg.Point{X: x + barWidth + 3, Y: y - 0.35*tickSize}, t.Label, tickSize, left, 0)
		}
	}
	s.write(c, vg.Point{X: x + barRoom - 4, Y: (low + high) / 2}, b.label, labelSize, center, 1)
}

// outlineOf is a thin frame. It implements plot.Plotter.
type outlineOf struct{ x, y, width, height float64 }

// Plot draws the frame.
func (o outlineOf) Plot(c draw.Canvas, p *plot.Plot) {
	at := func(x, y float64) vg.Point { return vg.Point{X: c.X(p.X.Norm(x)), Y: c.Y(p.Y.Norm(y))} }
	corners := []vg.Point{at(o.x, o.y), at(o.x+o.width, o.y), at(o.x+o.width, o.y+o.height), at(o.x, o.y+o.height), at(o.x, o.y)}
	c.StrokeLines(draw.LineStyle{Color: pale, Width: frameWidth / 2}, corners)
}
