package figure

import (
	"math"
	"reflect"
	"testing"

	"gonum.org/v1/plot/vg"

	"isingrbm/analysis"
)

func TestParse(t *testing.T) {
	for label, want := range map[string][]run{
		"":               nil,
		"plain":          {{text: "plain"}},
		"*T* (*J*)":      {{text: "T", italic: true}, {text: " ("}, {text: "J", italic: true}, {text: ")"}},
		"*k*_{B}":        {{text: "k", italic: true}, {text: "B", shift: subscript}},
		"10^{−3} χ":      {{text: "10"}, {text: "−3", shift: superscript}, {text: " χ"}},
		"*a_{b}c* under": {{text: "a", italic: true}, {text: "b", italic: true, shift: subscript}, {text: "c", italic: true}, {text: " under"}},
	} {
		if got := parse(label); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, want %+v", label, got, want)
		}
	}
}

// Angle brackets are the letters that this typeface lacks.
func TestMissingLettersPanic(t *testing.T) {
	s := newTypesetter(false)
	defer func() {
		if recover() == nil {
			t.Error("⟨E⟩ was drawn without its brackets")
		}
	}()
	mustHaveGlyphs(s.face(run{}, 8), "⟨E⟩")
}

func TestEveryAxisLabelCanBeDrawn(t *testing.T) {
	s := newTypesetter(false)
	for _, o := range analysis.Observables() {
		for _, label := range []string{axisLabel(o), deviationLabel(o, true), deviationLabel(o, false)} {
			for _, r := range parse(label) {
				mustHaveGlyphs(s.face(r, labelSize), r.text)
			}
		}
	}
}

// The outline of a word covers what its width says, on its baseline.
func TestOutline(t *testing.T) {
	s := newTypesetter(true)
	face := s.face(run{}, 100)
	low, high := vg.Point{X: 1e9, Y: 1e9}, vg.Point{X: -1e9, Y: -1e9}
	for _, c := range outline(face, "HH", vg.Point{X: 10, Y: 20}) {
		if c.Type == vg.CloseComp {
			continue
		}
		low.X, low.Y = min(low.X, c.Pos.X), min(low.Y, c.Pos.Y)
		high.X, high.Y = max(high.X, c.Pos.X), max(high.Y, c.Pos.Y)
	}
	width := face.Width("HH")
	if low.X < 10 || low.X > 22 || high.X > 10+width || high.X < width-2 || low.Y != 20 || math.Abs(float64(high.Y-20)-69) > 5 {
		t.Errorf("from %v to %v, width %v", low, high, width)
	}
}

func TestWidthAddsUp(t *testing.T) {
	s := newTypesetter(false)
	whole, parts := s.width("*k*_{B} T", 8), s.width("*k*", 8)+scriptSize*s.width("B", 8)+s.width(" T", 8)
	if math.Abs(float64(whole-parts)) > 1e-9 {
		t.Errorf("%v, want %v", whole, parts)
	}
}
