package figure

import (
	"image/color"
	"math"
	"testing"

	"gonum.org/v1/plot/vg"
)

// area is that of the polygon through the ends of a path's pieces.
func area(path vg.Path) float64 {
	var sum vg.Length
	for i, c := range path {
		if c.Type == vg.CloseComp {
			continue
		}
		next := path[(i+1)%len(path)]
		if next.Type == vg.CloseComp {
			next = path[0]
		}
		sum += c.Pos.X*next.Pos.Y - c.Pos.Y*next.Pos.X
	}
	return math.Abs(float64(sum)) / 2
}

// Markers weigh the same on the page whatever their shape.
func TestMarkersHaveOneArea(t *testing.T) {
	for _, m := range shapes()[1:] {
		if got := area(m.contour(vg.Point{X: 3, Y: -5}, 2)); math.Abs(got-4*math.Pi) > 1e-9 {
			t.Errorf("%d sides have the area %v, want 4π", m.sides, got)
		}
	}
	for _, c := range circle(vg.Point{X: 3, Y: -5}, 2) {
		if d := math.Hypot(float64(c.Pos.X-3), float64(c.Pos.Y+5)); math.Abs(d-2) > 1e-12 {
			t.Errorf("the circle passes at %v from its center", d)
		}
	}
}

// luminance is that of WCAG 2.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		x := float64(v) / 0xffff
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

// The colors that come first have the contrast of 3 that WCAG 2 asks of graphics,
// on white and on the dark page; those of the fourth and later series at least
// differ from the paper, and from each other by their markers.
func TestColorsStandOutFromThePaper(t *testing.T) {
	dark := luminance(color.RGBA{0x14, 0x17, 0x1a, 0xff})
	for i, c := range palette() {
		l := luminance(c)
		onWhite, onDark := 1.05/(l+0.05), (l+0.05)/(dark+0.05)
		if least := map[bool]float64{true: 3, false: 2}[i < 3]; onWhite < least || onDark < 3 {
			t.Errorf("color %d has a contrast of %.1f on white, %.1f on dark", i, onWhite, onDark)
		}
	}
}
