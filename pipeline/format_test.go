package pipeline

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"isingrbm/pipeline/store"
)

// arrowRun is smallRun with its configurations in Arrow.
var arrowRun = strings.Replace(smallRun, "[output]", "[output]\nformat = \"arrow\"", 1)

// TestRunFormats: a run in Arrow is the run in Parquet in other files: the same
// configurations, metadata, tables and figures.
func TestRunFormats(t *testing.T) {
	parquet, arrow := openRun(t, smallRun), openRun(t, arrowRun)
	mustRun(t, parquet, 2)
	mustRun(t, arrow, 1)
	for _, cell := range append(parquet.Plan.Cells(false), parquet.Plan.Cells(true)...) {
		files := []spinFile{configurationsFile, validationFile}
		if cell.IsMachine() {
			files = []spinFile{samplesFile}
		}
		for _, file := range files {
			first, second := filepath.Join(parquet.folders.of(cell), file.name(parquet.Run)), filepath.Join(arrow.folders.of(cell), file.name(arrow.Run))
			if filepath.Ext(first) != ".parquet" || filepath.Ext(second) != ".arrow" {
				t.Fatalf("%s and %s", first, second)
			}
			if !reflect.DeepEqual(readRows(t, first, 16), readRows(t, second, 16)) {
				t.Errorf("%s and %s hold other configurations", first, second)
			}
			a, b := describe(t, first), describe(t, second)
			if packing, _ := b.Metadata.Get("packing"); !strings.HasPrefix(packing, "site i (row-major) is element i") {
				t.Errorf("%s: packing %q", second, packing)
			}
			packing, _ := a.Metadata.Get("packing")
			b.Metadata.Set("packing", packing) // the one thing that differs
			if !reflect.DeepEqual(a.Metadata, b.Metadata) || len(a.Metadata) == 0 || a.Rows != b.Rows {
				t.Errorf("%s has metadata %v, %s %v", first, a.Metadata, second, b.Metadata)
			}
		}
	}
	for _, name := range []string{resultsCSV, resultsParquet, comparisonCSV, "figures/thermodynamics.svg"} {
		if !bytes.Equal(mustRead(t, filepath.Join(parquet.Dir, name)), mustRead(t, filepath.Join(arrow.Dir, name))) {
			t.Errorf("%s has other bytes", name)
		}
	}
	testArrowExport(t, parquet, arrow)
	testArrowDamage(t, arrow)
}

func describe(t *testing.T, path string) store.Description {
	t.Helper()
	d, err := store.Describe(path)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The archives of both runs hold the same arrays but for the settings.
func testArrowExport(t *testing.T, parquet, arrow *Workspace) {
	first, second := filepath.Join(t.TempDir(), "run.npz"), filepath.Join(t.TempDir(), "run.npz")
	for path, w := range map[string]*Workspace{first: parquet, second: arrow} {
		if _, err := w.Export(t.Context(), path, store.PlusMinus); err != nil {
			t.Fatal(err)
		}
	}
	names, err := store.ArrayNames(first)
	if err != nil {
		t.Fatal(err)
	}
	others, err := store.ArrayNames(second)
	if err != nil || !reflect.DeepEqual(names, others) {
		t.Fatalf("arrays %v, %v: %v", names, others, err)
	}
	for _, name := range names {
		if name != "metadata" && !bytes.Equal(rawEntry(t, first, name), rawEntry(t, second, name)) {
			t.Errorf("array %s differs", name)
		}
	}
	for _, file := range []spinFile{configurationsFile, validationFile} {
		checkExportedRows(t, arrow, second, arrow.Plan.Cells(false)[1], file)
	}
}

// A flipped byte in an Arrow file fails the cell that reads it, by name.
func testArrowDamage(t *testing.T, arrow *Workspace) {
	victim := filepath.Join(arrow.folders.of(arrow.Plan.Cells(true)[1]), samplesFile.name(arrow.Run))
	content := mustRead(t, victim)
	content[len(content)/3] ^= 4
	if err := os.WriteFile(victim, content, 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := arrow.Analyse(t.Context(), 1)
	var failed *FailedError
	if !errors.As(err, &failed) || len(failed.Failures) != 1 || !strings.Contains(err.Error(), "samples.arrow") {
		t.Errorf("error %v, want one failure that names samples.arrow", err)
	}
}

// TestRunFormatChanged: a finished run is not continued in another format.
func TestRunFormatChanged(t *testing.T) {
	w := openRun(t, smallRun)
	options := quiet(1)
	options.Stages = []Stage{Generate}
	if _, err := w.RunCells(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	_, err := reopenRun(t, w.Path, arrowRun).RunAll(t.Context(), quiet(1))
	var changed *ChangedError
	if !errors.As(err, &changed) || !strings.Contains(err.Error(), `output.format: was "parquet", is now "arrow"`) {
		t.Errorf("error %v", err)
	}
}
