package figure

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes of everything, for a page that is printed at its own size.
const (
	pageWidth    = 178 * vg.Millimeter
	labelSize    = vg.Length(8.5)
	tickSize     = vg.Length(7.5)
	tickLength   = vg.Length(3)
	frameWidth   = vg.Length(0.5)
	curveWidth   = vg.Length(0.8)
	errorWidth   = vg.Length(0.6)
	capWidth     = vg.Length(2.6)
	markerRadius = vg.Length(1.9)
	ringRadius   = vg.Length(2.6)
)

// The ink and the pale ink of auxiliary lines, which suits light and dark paper.
var (
	ink  = color.Gray{0}
	pale = color.Gray{0x88}
)

// palette returns the colors of Okabe and Ito in the order in which series take
// them: those that stand out on both white and black first.
func palette() []color.Color {
	return []color.Color{
		color.RGBA{0x00, 0x72, 0xB2, 0xFF}, // blue
		color.RGBA{0xD5, 0x5E, 0x00, 0xFF}, // vermilion
		color.RGBA{0x00, 0x9E, 0x73, 0xFF}, // bluish green
		color.RGBA{0xCC, 0x79, 0xA7, 0xFF}, // reddish purple
		color.RGBA{0xE6, 0x9F, 0x00, 0xFF}, // orange
		color.RGBA{0x56, 0xB4, 0xE9, 0xFF}, // sky blue
	}
}

// dashes returns the line styles of curves in their order.
func dashes() [][]vg.Length {
	return [][]vg.Length{nil, {4, 1.6}, {4, 1.4, 0.8, 1.4}, {1, 1.4}}
}

// marker is a regular polygon, or a circle without sides, of one area whatever
// its shape. It implements draw.GlyphDrawer.
type marker struct {
	sides int
	turn  float64 // of the first corner, in turns from the right
	open  bool
}

// shapes returns the shapes of markers in their order, the circle first.
func shapes() []marker {
	return []marker{{}, {sides: 4, turn: 1.0 / 8}, {sides: 3, turn: 1.0 / 4}, {sides: 4}, {sides: 3, turn: 3.0 / 4}, {sides: 5, turn: 1.0 / 4}, {sides: 6}}
}

// DrawGlyph draws the marker.
func (m marker) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	path := m.contour(at, style.Radius)
	if m.open {
		c.SetLineStyle(draw.LineStyle{Color: style.Color, Width: curveWidth})
		c.Stroke(path)
		return
	}
	c.SetColor(style.Color)
	c.Fill(path)
}

func (m marker) contour(at vg.Point, radius vg.Length) vg.Path {
	if m.sides == 0 {
		return circle(at, radius)
	}
	n := float64(m.sides)
	radius *= vg.Length(math.Sqrt(math.Pi / (n / 2 * math.Sin(2*math.Pi/n))))
	var path vg.Path
	for k := range m.sides {
		sin, cos := math.Sincos(2 * math.Pi * (m.turn + float64(k)/n))
		corner := vg.Point{X: at.X + radius*vg.Length(cos), Y: at.Y + radius*vg.Length(sin)}
		if k == 0 {
			path.Move(corner)
		} else {
			path.Line(corner)
		}
	}
	path.Close()
	return path
}

// circle is four cubic curves: not every format draws arcs alike. It ends where it
// starts without being closed, which would put a spike there in PDF.
func circle(at vg.Point, r vg.Length) vg.Path {
	const k = 0.5522847498 // 4(√2 − 1)/3, the handle of a quarter of a circle
	h := k * r
	var path vg.Path
	point := func(x, y vg.Length) vg.Point { return vg.Point{X: at.X + x, Y: at.Y + y} }
	path.Move(point(r, 0))
	path.CubeTo(point(r, h), point(h, r), point(0, r))
	path.CubeTo(point(-h, r), point(-r, h), point(-r, 0))
	path.CubeTo(point(-r, -h), point(-h, -r), point(0, -r))
	path.CubeTo(point(h, -r), point(r, -h), point(r, 0))
	return path
}

// dash is a short horizontal line. It implements draw.GlyphDrawer.
type dash struct{}

// DrawGlyph draws the dash.
func (dash) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	line := draw.LineStyle{Color: style.Color, Width: curveWidth}
	c.StrokeLine2(line, at.X-style.Radius, at.Y, at.X+style.Radius, at.Y)
}
