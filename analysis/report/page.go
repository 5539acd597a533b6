package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"isingrbm/analysis"
	"isingrbm/analysis/figure"
)

// Page is what the report tells.
type Page struct {
	Title       string                // of the run
	Rows        []analysis.Row        // all sources
	Comparisons []analysis.Comparison // one a machine; none in a study without machines
	Tolerances  analysis.Tolerances   // of the verdicts
	Warnings    []string              // on errors that cannot be trusted, failed cells, …
	Figures     []*figure.Figure
	FigureDir   string // folder of the figures' files, relative to the page; empty if there are none
	Files       []Fact // files beside the page and what they hold
	RunFile     string // text of the run file
	Provenance  []Fact // program, revision, seed, host, …
	References  []analysis.Reference
	Tables      []Table // beside those of verdicts and values
}

// Fact is a name and what belongs to it.
type Fact struct{ Name, Value string }

//go:embed page.tmpl
var pageTemplate string

//go:embed style.css
var style string

//go:embed sort.js
var script string

// scriptHash is what the page's content security policy knows its one script by.
func scriptHash() string {
	sum := sha256.Sum256([]byte(script))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// Write writes the page as one HTML file, well-formed as XML too.
func Write(w io.Writer, page Page) error {
	t, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	v := view{
		Page:        page,
		Style:       template.CSS(style),
		Script:      template.JS(script),
		Policy:      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src '" + scriptHash() + "'",
		Summary:     summary(page.Comparisons),
		Verdicts:    verdictTable(page),
		All:         allTable(page.Rows),
		Rules:       rules(page.Tolerances),
		Observables: analysis.Observables(),
		Derived:     analysis.Derived(),
	}
	for _, f := range page.Figures {
		drawing, err := inline(f)
		if err != nil {
			return fmt.Errorf("report: %w", err)
		}
		v.Drawings = append(v.Drawings, drawing)
	}
	var buffer bytes.Buffer // a page is whole or not begun
	if err := t.Execute(&buffer, v); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if _, err := w.Write(buffer.Bytes()); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// view is what the template sees.
type view struct {
	Page
	Style       template.CSS
	Script      template.JS
	Policy      string // on what the page may load and run
	Derived     []analysis.Observable
	Summary     string
	Verdicts    verdicts
	All         [][]string
	Rules       []string
	Observables []analysis.Observable
	Drawings    []drawing
}

// drawing is a figure as it stands in the page.
type drawing struct {
	*figure.Figure
	SVG template.HTML
}

// inline takes the XML declaration off a figure, which has no place inside HTML.
func inline(f *figure.Figure) (drawing, error) {
	var b bytes.Buffer
	if err := f.WriteSVG(&b); err != nil {
		return drawing{}, err
	}
	svg := b.Bytes()
	// Trusted: package figure escapes all that is not its own.
	return drawing{f, template.HTML(svg[bytes.Index(svg, []byte("<svg")):])}, nil
}
