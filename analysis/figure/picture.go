package figure

import (
	"image/color"

	"gonum.org/v1/plot/vg"

	"isingrbm/ising"
)

// Sites of chains and planes can be drawn as pictures; those of other lattices
// cannot.
func drawable(kind ising.Kind) bool {
	return kind == ising.Chain || kind == ising.Square || kind == ising.Triangular
}

// tile is one picture of a lattice: columns × rows pixels, row 0 at the top.
type tile struct {
	columns, rows int
	color         func(column, row int) color.Color // nil where nothing is drawn
	under         color.Color                       // as in cells
}

// tilesPanel sets tiles out side by side, n a row, one pixel apart.
func tilesPanel(frame vg.Rectangle, tiles []tile, n int) *panel {
	if len(tiles) == 0 {
		return nil
	}
	gap := 1
	if len(tiles) == 1 {
		gap = 0
	}
	columns, rows := tiles[0].columns, tiles[0].rows
	lines := (len(tiles) + n - 1) / n
	width, height := float64(n*(columns+gap)+gap), float64(lines*(rows+gap)+gap)
	p := newPanel(fitted(frame, width/height), 0, width, 0, height)
	p.bare, p.frameless = true, len(tiles) > 1
	for k, t := range tiles {
		x := gap + k%n*(columns+gap)
		y := int(height) - (k/n+1)*(rows+gap)
		field := cells{columns: columns, rows: rows, x: float64(x), y: float64(y), width: 1, height: 1, under: t.under}
		field.color = func(column, row int) color.Color { return t.color(column, rows-1-row) }
		p.plotters = append(p.plotters, field)
		if len(tiles) > 1 {
			p.plotters = append(p.plotters, outlineOf{float64(x), float64(y), float64(columns), float64(rows)})
		}
	}
	return p
}

// fitted is the largest rectangle of a shape in the middle of a frame.
func fitted(frame vg.Rectangle, aspect float64) vg.Rectangle {
	size, middle := frame.Size(), vg.Point{X: (frame.Min.X + frame.Max.X) / 2, Y: (frame.Min.Y + frame.Max.Y) / 2}
	w, h := size.X, size.X/vg.Length(aspect)
	if h > size.Y {
		w, h = size.Y*vg.Length(aspect), size.Y
	}
	return vg.Rectangle{Min: vg.Point{X: middle.X - w/2, Y: middle.Y - h/2}, Max: vg.Point{X: middle.X + w/2, Y: middle.Y + h/2}}
}
