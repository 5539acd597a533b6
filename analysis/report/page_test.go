package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"isingrbm/analysis"
	"isingrbm/analysis/figure"
	"isingrbm/ising"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// values makes a row's estimates from e, m, c, χ and p₊; the others do not exist.
func values(err, e, m, c, chi, up float64) []analysis.Estimate {
	v := make([]analysis.Estimate, len(analysis.Observables()))
	for i := range v {
		v[i] = analysis.Undefined()
	}
	for i, x := range map[int]float64{
		analysis.Energy: e, analysis.AbsMagnetization: m, analysis.SpecificHeat: c,
		analysis.Susceptibility: chi, analysis.UpFraction: up,
	} {
		v[i] = analysis.Estimate{Value: x, Err: err, Tau: 0.5}
	}
	return v
}

// example is a run of three machines: good, bad and one-sided.
func example() Page {
	exact := analysis.Row{L: 8, T: 2.5, Hidden: analysis.None, Replica: analysis.None, Source: analysis.SourceExact, Values: values(math.NaN(), -1.25, 0.5, 1, 1.5, 0.5)}
	mc := analysis.Row{L: 8, T: 2.5, Hidden: analysis.None, Replica: analysis.None, Source: analysis.SourceMonteCarlo, N: 20000, Values: values(0.002, -1.248, 0.503, 1.004, 1.49, 0.5)}
	page := Page{
		Title: "quickstart", Tolerances: analysis.DefaultTolerances(),
		Rows:       []analysis.Row{exact, mc},
		Warnings:   []string{"energy: bins are <short> & few"},
		FigureDir:  "figures",
		Files:      []Fact{{"results.csv", "every observable"}},
		RunFile:    "seed = 1 # \"<script>alert('x')</script>\"\n",
		Provenance: []Fact{{"program", "isingrbm 1.0"}, {"seed", "1"}},
		Tables: []Table{{ID: "machines", Title: "Machines in detail", Caption: "Three of them.",
			Columns: []Column{{Label: "T"}, {"KL", "divergence"}}, Rows: [][]string{{"2.5", Value(analysis.Estimate{Value: 0.02, Err: 0.003})}, {"∞", Number(math.NaN())}}}},
		References: analysis.References(analysis.Methods{Lattice: ising.Square, Periodic: true, Training: "pcd"}),
	}
	for i, v := range [][]analysis.Estimate{
		values(0.002, -1.251, 0.498, 1.02, 1.47, 0.51),
		values(0.002, -1.20, 0.6, 1.2, 1.5, 0.45),
		values(0.002, -1.25, 0.5, 1, 1.5, 0.99),
	} {
		r := analysis.Row{L: 8, T: 2.5, Hidden: 64, Replica: i, Source: analysis.SourceMachine, N: 20000, Values: v}
		page.Rows = append(page.Rows, r)
		c := analysis.Compare(r, &exact, &mc, page.Tolerances)
		c.KL, c.KLErr = 0.02, 0.003
		page.Comparisons = append(page.Comparisons, c)
	}
	return page
}

func html(t *testing.T, page Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, page); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	got := html(t, example())
	name := filepath.Join("testdata", "page.html")
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s has changed: look at it, and run the test with -update", name)
	}
	if got != html(t, example()) {
		t.Error("the same page gives other bytes")
	}
}

// withFigure is the example with its figure.
func withFigure(t *testing.T) Page {
	t.Helper()
	page := example()
	f, err := figure.Thermodynamics(page.Rows, nil)
	if err != nil {
		t.Fatal(err)
	}
	page.Figures = []*figure.Figure{f}
	return page
}

// elements parses a page as XML and calls visit with every element.
func elements(t *testing.T, page string, visit func(xml.StartElement)) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(page))
	decoder.Entity = xml.HTMLEntity
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok {
			visit(start)
		}
	}
}

// Nothing is fetched and nothing runs but the one script that the policy knows by
// its hash: links lead to the page itself, to files beside it or to a DOI; and no
// element has what would load or execute.
func TestPageIsSelfContained(t *testing.T) {
	ids, targets, scripts := map[string]bool{}, []string{}, 0
	elements(t, html(t, withFigure(t)), func(e xml.StartElement) {
		switch e.Name.Local {
		case "script":
			scripts++
		case "iframe", "img", "object", "embed", "form", "audio", "video", "image", "use":
			t.Errorf("the page has <%s>", e.Name.Local)
		}
		for _, a := range e.Attr {
			name := strings.ToLower(a.Name.Local)
			switch {
			case name == "id" && ids[a.Value]:
				t.Errorf("id %q twice", a.Value)
			case name == "id":
				ids[a.Value] = true
			case name == "src", strings.HasPrefix(name, "on"), strings.Contains(a.Value, "javascript:"):
				t.Errorf("<%s %s=%q>", e.Name.Local, name, a.Value)
			case name == "href" && strings.HasPrefix(a.Value, "#"):
				targets = append(targets, a.Value[1:])
			case name == "href" && e.Name.Local == "link" && a.Value == "data:,":
			case name == "href" && (e.Name.Local != "a" || strings.Contains(a.Value, ":")) && !strings.HasPrefix(a.Value, "https://doi.org/10."):
				t.Errorf("<%s href=%q>", e.Name.Local, a.Value)
			}
		}
	})
	for _, id := range targets {
		if !ids[id] {
			t.Errorf("a link leads to #%s, which is nowhere", id)
		}
	}
	if text := strings.NewReplacer("&#39;", "'", "&#43;", "+").Replace(html(t, withFigure(t))); scripts != 1 || !strings.Contains(text, "<script>"+script+"</script>") || !strings.Contains(text, "script-src '"+scriptHash()+"'") {
		t.Errorf("%d scripts, or not the one of the policy", scripts)
	}
	if strings.ContainsAny(script, "<&") || strings.Contains(script, "http") {
		t.Error("the script is no text of XML, or names an address")
	}
	if strings.Contains(style, "url(") || strings.Contains(style, "@import") {
		t.Error("the style sheet loads something")
	}
}

func TestTextIsEscaped(t *testing.T) {
	page := example()
	evil := `<script>alert("x")</script>`
	page.Title, page.Warnings = evil, []string{evil}
	page.Provenance = []Fact{{evil, evil}}
	page.Files = []Fact{{"javascript:alert(1)", evil}}
	page.Comparisons[0].Verdict = "fail: " + evil
	text := html(t, page)
	if strings.Count(text, "<script") != 1 || strings.Contains(text, `href="javascript`) {
		t.Error("text of the page is not escaped")
	}
	elements(t, text, func(xml.StartElement) {})
}

func TestTablesAreSemantic(t *testing.T) {
	tables, captions, headings := 0, 0, 0
	elements(t, html(t, withFigure(t)), func(e xml.StartElement) {
		switch e.Name.Local {
		case "table":
			tables++
		case "caption":
			captions++
		case "th":
			headings++
			if !strings.Contains(attribute(e, "scope"), "o") { // row or col
				t.Errorf("a heading without scope: %v", e)
			}
		}
	})
	if tables != 4 || captions != tables || headings < 20 {
		t.Errorf("%d tables, %d captions, %d headings", tables, captions, headings)
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// Every figure has a name and a description for readers of screens.
func TestFiguresAreDescribed(t *testing.T) {
	page := withFigure(t)
	text := html(t, page)
	for _, want := range []string{
		`role="img" aria-labelledby="thermodynamics-title thermodynamics-alt"`, `<desc id="thermodynamics-alt">Four panels`,
		`href="figures/thermodynamics.pdf"`, "Error bars are one standard deviation",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(text, "<?xml") {
		t.Error("an XML declaration inside the page")
	}
	page.FigureDir = ""
	if strings.Contains(html(t, page), "thermodynamics.pdf") {
		t.Error("links to files that are not there")
	}
}

// broken refuses to be written to.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteReportsErrors(t *testing.T) {
	if err := Write(broken{}, example()); err == nil || !strings.Contains(err.Error(), "report: disk full") {
		t.Errorf("%v", err)
	}
}

func TestEmptyPage(t *testing.T) {
	text := html(t, Page{Title: "nothing"})
	for _, not := range []string{`id="warnings"`, `id="figures"`, "A machine passes"} {
		if strings.Contains(text, not) {
			t.Errorf("an empty page has %s", not)
		}
	}
	elements(t, text, func(xml.StartElement) {})
}
