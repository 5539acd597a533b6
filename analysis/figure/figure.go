package figure

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"html"
	"image/color"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
	"gonum.org/v1/plot/vg/vgsvg"
)

// ErrEmpty says that the data have nothing that a figure could show.
var ErrEmpty = errors.New("nothing to draw")

// Names lists the figures that Draw knows.
func Names() []string {
	names := make([]string, 0, len(catalog()))
	for _, f := range catalog() {
		names = append(names, f.name)
	}
	return names
}

// Draw draws the figure of that name. It is an error if there is none, and
// ErrEmpty if the data have nothing to draw.
func Draw(name string, data Data) (*Figure, error) {
	for _, f := range catalog() {
		if f.name == name {
			return f.draw(data)
		}
	}
	return nil, fmt.Errorf("no figure %q: there are %s", name, strings.Join(Names(), ", "))
}

// drawing is a figure that can be asked for by its name.
type drawing struct {
	name string
	draw func(Data) (*Figure, error)
}

// catalog is the table of all figures.
func catalog() []drawing {
	return []drawing{
		{"thermodynamics", func(d Data) (*Figure, error) {
			return Thermodynamics(d.Rows, d.Curve, d.CriticalTemperature)
		}},
		{"specific-heat-vs-hidden", SpecificHeatVsHidden},
		{"training", TrainingCurves},
		{"state-probabilities", StateProbabilities},
		{"learning", Learning},
		{"weight-histograms", WeightHistograms},
		{"receptive-fields", ReceptiveFields},
		{"configurations", Configurations},
		{"energy-magnetization", EnergyMagnetization},
		{"correlations", Correlations},
		{"couplings", Couplings},
		{"finite-size-scaling", FiniteSizeScaling},
		{"autocorrelation", Autocorrelation},
		{"partition", Partition},
		{"flow", Flows},
	}
}

// Figure is a drawing that can be written in every format.
type Figure struct {
	Name    string // of its files, without an extension
	Title   string // a few words
	Caption string // what a reader needs to know beside the axes, plain text
	Alt     string // what it shows, for those who cannot see it

	colored       bool // its colors are values: none may be changed for a dark page
	width, height vg.Length
	draw          func(c draw.Canvas, s *typesetter)
	table         [][]string // header and records of the CSV file
}

// Narrow reports whether the figure fits one column of a page.
func (f *Figure) Narrow() bool { return f.width <= columnWidth }

// Colored reports whether the colors of the figure stand for values, so that a
// dark page must not make them brighter.
func (f *Figure) Colored() bool { return f.colored }

// pngResolution is what journals ask of line art in color.
const pngResolution = 300

// WritePNG writes the figure as an image on white.
func (f *Figure) WritePNG(w io.Writer) error {
	canvas := vgimg.NewWith(vgimg.UseWH(f.width, f.height), vgimg.UseDPI(pngResolution), vgimg.UseBackgroundColor(color.White))
	f.draw(draw.New(canvas), newTypesetter(false))
	_, err := vgimg.PngCanvas{Canvas: canvas}.WriteTo(w)
	return f.wrap(err)
}

// dates finds the times that PDF writers insist on.
var dates = regexp.MustCompile(`/(CreationDate|ModDate) \(D:\d{14}`)

// WritePDF writes the figure as one page of its size, with text as outlines and
// without the time of writing.
func (f *Figure) WritePDF(w io.Writer) error {
	canvas := vgpdf.New(f.width, f.height)
	f.draw(draw.New(canvas), newTypesetter(true))
	var buffer bytes.Buffer
	if _, err := canvas.WriteTo(&buffer); err != nil {
		return f.wrap(err)
	}
	// As long as what it replaces: the file's table of positions stays true.
	_, err := w.Write(dates.ReplaceAll(buffer.Bytes(), []byte("/$1 (D:20000101000000")))
	return f.wrap(err)
}

// WriteSVG writes the figure with its title and description for readers of
// screens. Black is currentColor: the color of the page around it.
func (f *Figure) WriteSVG(w io.Writer) error {
	canvas := vgsvg.New(f.width, f.height)
	f.draw(draw.New(canvas), newTypesetter(false))
	var buffer bytes.Buffer
	if _, err := canvas.WriteTo(&buffer); err != nil {
		return f.wrap(err)
	}
	body := withLengths(svgBody(buffer.String()), newTypesetter(false))
	_, err := io.WriteString(w, f.svgHead()+body)
	return f.wrap(err)
}

func (f *Figure) svgHead() string {
	const head = `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="%.5gpt" height="%.5gpt" viewBox="0 0 %.5g %.5g" role="img" aria-labelledby="%[5]s-title %[5]s-alt" fill="currentColor" font-family="%[6]s">
<title id="%[5]s-title">%[7]s</title>
<desc id="%[5]s-alt">%[8]s</desc>
`
	return fmt.Sprintf(head, f.width, f.height, f.width, f.height, f.Name, families, html.EscapeString(f.Title), html.EscapeString(f.Alt))
}

// families have letters of equal widths: whichever is there, labels fit.
const families = "'Liberation Sans', Arimo, Arial, Helvetica, sans-serif"

// svgBody takes the head off an SVG file, and the properties that svgHead has
// put in one place.
func svgBody(file string) string {
	start := strings.Index(file, "<svg")
	body := strings.TrimLeft(file[start+strings.Index(file[start:], ">")+1:], "\n")
	return strings.NewReplacer(
		"stroke:#000000", "stroke:currentColor",
		"font-family:Liberation Sans;font-variant:normal;font-weight:normal;font-style:normal;", "",
		"font-family:Liberation Sans;font-variant:normal;font-weight:normal;", "",
		"\n\tstyle=", " style=",
	).Replace(body)
}

// pieces of text in an SVG file, with their style and words.
var pieceOfText = regexp.MustCompile(`<text ([^>]*)style="((?:font-style:italic;)?)font-size:([\d.]+)px">([^<]*)</text>`)

// withLengths says how long each piece of text is, so that it keeps to its place
// where none of the typefaces is there and another takes over.
func withLengths(body string, s *typesetter) string {
	return pieceOfText.ReplaceAllStringFunc(body, func(piece string) string {
		m := pieceOfText.FindStringSubmatch(piece)
		size, err := strconv.ParseFloat(m[3], 64)
		if err != nil {
			panic("figure: a font size that is no number")
		}
		face := s.face(run{italic: m[2] != ""}, vg.Length(size))
		return fmt.Sprintf(`<text %stextLength="%.4g" lengthAdjust="spacingAndGlyphs" style="%sfont-size:%spx">%s</text>`,
			m[1], face.Width(html.UnescapeString(m[4])), m[2], m[3], m[4])
	})
}

// WriteCSV writes every number behind the figure.
func (f *Figure) WriteCSV(w io.Writer) error {
	return f.wrap(csv.NewWriter(w).WriteAll(f.table))
}

func (f *Figure) wrap(err error) error {
	if err != nil {
		return fmt.Errorf("figure %s: %w", f.Name, err)
	}
	return nil
}
