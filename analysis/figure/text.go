package figure

import (
	"math"
	"strings"

	stdfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Shapes of subscripts and superscripts, in units of the font size.
const (
	scriptSize  = 0.72
	subscript   = -0.18
	superscript = 0.38
)

// run is a piece of a label in one style.
type run struct {
	text   string
	italic bool
	shift  float64 // of the baseline, in font sizes; scripts are smaller too
}

// parse splits a label in the markup of the package comment into runs.
func parse(label string) []run {
	var runs []run
	var text strings.Builder
	current := run{}
	flush := func() {
		if text.Len() > 0 {
			current.text = text.String()
			runs = append(runs, current)
			text.Reset()
		}
	}
	for rest := label; rest != ""; {
		switch {
		case rest[0] == '*':
			flush()
			current.italic = !current.italic
			rest = rest[1:]
		case strings.HasPrefix(rest, "_{"), strings.HasPrefix(rest, "^{"):
			flush()
			current.shift = subscript
			if rest[0] == '^' {
				current.shift = superscript
			}
			rest = rest[2:]
		case rest[0] == '}':
			flush()
			current.shift = 0
			rest = rest[1:]
		default:
			text.WriteByte(rest[0])
			rest = rest[1:]
		}
	}
	flush()
	return runs
}

// typesetter writes labels on a canvas, as text or as outlines.
type typesetter struct {
	fonts    *font.Cache
	outlines bool
}

func newTypesetter(outlines bool) *typesetter {
	return &typesetter{fonts: font.NewCache(liberation.Collection()), outlines: outlines}
}

// face returns the typeface of a run in a label of the given size.
func (s *typesetter) face(r run, size vg.Length) font.Face {
	f := font.Font{Typeface: "Liberation", Variant: "Sans"}
	if r.italic {
		f.Style = stdfont.StyleItalic
	}
	if r.shift != 0 {
		size *= scriptSize
	}
	return s.fonts.Lookup(f, size)
}

// width returns the length of a label.
func (s *typesetter) width(label string, size vg.Length) vg.Length {
	var width vg.Length
	for _, r := range parse(label) {
		face := s.face(r, size)
		width += face.Width(r.text)
	}
	return width
}

// Places of a label along its own direction relative to its point.
const (
	left   = 0
	center = -0.5
	right  = -1
)

// write puts a label with its baseline through the point, turned
// counterclockwise by the angle in quarters of a turn.
func (s *typesetter) write(c draw.Canvas, at vg.Point, label string, size vg.Length, align float64, quarters int) {
	c.Push()
	defer c.Pop()
	c.SetColor(ink)
	c.Translate(at)
	if quarters != 0 {
		c.Rotate(float64(quarters) * math.Pi / 2)
	}
	x := vg.Length(align) * s.width(label, size)
	for _, r := range parse(label) {
		face := s.face(r, size)
		mustHaveGlyphs(face, r.text)
		// Readers of SVG drop the spaces around a piece of text: place it without.
		word := strings.TrimSpace(r.text)
		indent := face.Width(r.text[:strings.Index(r.text, word)])
		place := vg.Point{X: x + indent, Y: vg.Length(r.shift) * size}
		if s.outlines {
			c.Fill(outline(face, word, place))
		} else if word != "" {
			c.FillString(face, place, word)
		}
		x += face.Width(r.text)
	}
}

// mustHaveGlyphs panics where a label has a letter that the typeface lacks: in
// a picture it would vanish without a word.
func mustHaveGlyphs(face font.Face, text string) {
	var buffer sfnt.Buffer
	for _, letter := range text {
		if index, err := face.Face.GlyphIndex(&buffer, letter); err != nil || index == 0 {
			panic("figure: label with a letter that the typeface lacks")
		}
	}
}

// outline returns the contours of a text that starts at the point.
func outline(face font.Face, text string, at vg.Point) vg.Path {
	var buffer sfnt.Buffer
	em := fixed.I(int(face.Face.UnitsPerEm()))
	scale := face.Font.Size / vg.Length(face.Face.UnitsPerEm())
	place := func(p fixed.Point26_6) vg.Point { // contours point down, in 64ths of a design unit
		return vg.Point{X: at.X + scale*vg.Length(p.X)/64, Y: at.Y - scale*vg.Length(p.Y)/64}
	}
	var path vg.Path
	for _, letter := range text {
		index, _ := face.Face.GlyphIndex(&buffer, letter)
		segments, err := face.Face.LoadGlyph(&buffer, index, em, nil)
		if err != nil {
			panic("figure: typeface that cannot be read")
		}
		for i, segment := range segments {
			to := segment.Args
			switch segment.Op {
			case sfnt.SegmentOpMoveTo:
				if i > 0 {
					path.Close()
				}
				path.Move(place(to[0]))
			case sfnt.SegmentOpLineTo:
				path.Line(place(to[0]))
			case sfnt.SegmentOpQuadTo:
				path.QuadTo(place(to[0]), place(to[1]))
			case sfnt.SegmentOpCubeTo:
				path.CubeTo(place(to[0]), place(to[1]), place(to[2]))
			}
		}
		if len(segments) > 0 {
			path.Close()
		}
		at.X += face.Width(string(letter))
	}
	return path
}
