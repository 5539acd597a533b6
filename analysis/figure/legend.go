package figure

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// entry is one line of a legend: a curve, or a marker.
type entry struct {
	label string
	line  *draw.LineStyle
	glyph *draw.GlyphStyle
}

// legend sets its entries in rows above the panels, where they cover nothing.
type legend []entry

const (
	legendRow    = 1.5 * labelSize
	legendSymbol = vg.Length(16)
	legendGap    = vg.Length(14)
)

// rows breaks the entries into rows no wider than the width.
func (l legend) rows(s *typesetter, width vg.Length) [][]entry {
	var rows [][]entry
	var used vg.Length
	for _, e := range l {
		w := e.width(s)
		if len(rows) == 0 || used+legendGap+w > width {
			rows = append(rows, nil)
			used = -legendGap
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], e)
		used += legendGap + w
	}
	return rows
}

func (e entry) width(s *typesetter) vg.Length {
	return legendSymbol + 3 + s.width(e.label, labelSize)
}

// height is what the legend needs above the panels.
func (l legend) height(s *typesetter, width vg.Length) vg.Length {
	return vg.Length(len(l.rows(s, width))) * legendRow
}

// draw sets the legend, each row centered, downward from the top of the canvas.
func (l legend) draw(c draw.Canvas, s *typesetter) {
	y := c.Max.Y - legendRow/2
	for _, row := range l.rows(s, c.Max.X-c.Min.X) {
		width := -legendGap
		for _, e := range row {
			width += legendGap + e.width(s)
		}
		x := (c.Min.X + c.Max.X - width) / 2
		for _, e := range row {
			e.draw(c, s, vg.Point{X: x, Y: y})
			x += legendGap + e.width(s)
		}
		y -= legendRow
	}
}

func (e entry) draw(c draw.Canvas, s *typesetter, at vg.Point) {
	if e.line != nil {
		c.StrokeLine2(*e.line, at.X, at.Y, at.X+legendSymbol, at.Y)
	}
	if e.glyph != nil {
		e.glyph.Shape.DrawGlyph(&c, *e.glyph, vg.Point{X: at.X + legendSymbol/2, Y: at.Y})
	}
	s.write(c, vg.Point{X: at.X + legendSymbol + 3, Y: at.Y - 0.34*labelSize}, e.label, labelSize, left, 0)
}
