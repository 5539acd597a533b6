package figure

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/gob"
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// frozen reads what a small run of the product left: see frozenRuns in package
// pipeline.
func frozen(t *testing.T, name string) (d Data) {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", name+".gob.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := gob.NewDecoder(z).Decode(&d); err != nil {
		t.Fatal(err)
	}
	return d
}

// goldenFigures says which figures are drawn of which run. "thermodynamics" has a
// golden file of round numbers beside it.
var goldenFigures = map[string][]string{
	"ring": {"state-probabilities", "learning", "receptive-fields", "configurations"},
	"square": {"thermodynamics", "specific-heat-vs-hidden", "training", "weight-histograms", "receptive-fields", "configurations",
		"energy-magnetization", "correlations", "couplings", "autocorrelation", "partition"},
	"sizes": {"finite-size-scaling"},
	"flow":  {"flow"},
}

// TestGoldenFigures: the numbers behind each figure and its SVG are those that
// were looked at.
func TestGoldenFigures(t *testing.T) {
	drawn := map[string]bool{}
	for run, names := range goldenFigures {
		d := frozen(t, run)
		for _, name := range names {
			drawn[name] = true
			f, err := Draw(name, d)
			if err != nil {
				t.Errorf("%s of %s: %v", name, run, err)
				continue
			}
			for _, format := range []string{"svg", "csv"} {
				checkGolden(t, filepath.Join("testdata", run+"-"+name+"."+format+".gz"), written(t, formats(f)[format]))
			}
		}
	}
	for _, name := range Names() {
		if !drawn[name] {
			t.Errorf("%s has no golden files", name)
		}
	}
}

func checkGolden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(got); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	want, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s has changed: look at the figure, and run the test with -update", path)
	}
}

// TestFiguresAreSound: every figure of real data is well-formed, says what it is,
// holds no number that is none, has records of one length, and does not depend on
// the order of its data.
func TestFiguresAreSound(t *testing.T) {
	for run, names := range goldenFigures {
		d := frozen(t, run)
		shuffled := frozen(t, run)
		shuffle(shuffled.Rows)
		shuffle(shuffled.Sources)
		shuffle(shuffled.Machines)
		shuffle(shuffled.Comparisons)
		shuffle(shuffled.Flows)
		for _, name := range names {
			f, err := Draw(name, d)
			if err != nil {
				t.Fatal(err)
			}
			if f.Name != name || f.Title == "" || len(f.Alt) < 60 || len(f.Caption) < 100 || strings.ContainsAny(f.Caption+f.Alt, "*{}!") {
				t.Errorf("%s: title %q, alt %q, caption %q", name, f.Title, f.Alt, f.Caption)
			}
			svg := written(t, f.WriteSVG)
			if bytes.Contains(svg, []byte("NaN")) || bytes.Contains(svg, []byte("Inf")) {
				t.Errorf("%s: the SVG holds numbers that are none", name)
			}
			if err := wellFormed(svg); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := csv.NewReader(bytes.NewReader(written(t, f.WriteCSV))).ReadAll(); err != nil || len(f.table) < 3 {
				t.Errorf("%s: %d records, %v", name, len(f.table), err)
			}
			other, err := Draw(name, shuffled)
			if err != nil || !bytes.Equal(svg, written(t, other.WriteSVG)) {
				t.Errorf("%s depends on the order of its data (%v)", name, err)
			}
			written(t, f.WritePNG)
			written(t, f.WritePDF)
		}
	}
}

func shuffle[T any](list []T) {
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

func wellFormed(text []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(text))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// Labels of every figure stand clear of each other and within the page.
func TestFigureLabelsDoNotOverlap(t *testing.T) {
	for run, names := range goldenFigures {
		d := frozen(t, run)
		for _, name := range names {
			f, err := Draw(name, d)
			if err != nil {
				t.Fatal(err)
			}
			var found []box
			canvas := draw.Canvas{Canvas: &boxes{found: &found}, Rectangle: vg.Rectangle{Max: vg.Point{X: f.width, Y: f.height}}}
			f.draw(canvas, newTypesetter(false))
			checkLabels(t, run+" "+name, f, found)
		}
	}
}

// What a figure needs and does not find is said, not drawn.
func TestFiguresOfNothing(t *testing.T) {
	for _, name := range Names() {
		if _, err := Draw(name, Data{}); !errors.Is(err, ErrEmpty) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s of nothing: %v", name, err)
		}
	}
}
