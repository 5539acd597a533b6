package pipeline

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sbinet/npyio/npy"

	"isingrbm/pipeline/store"
)

// rawEntry reads a file of an archive as it is.
func rawEntry(t *testing.T, path, name string) []byte {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	content, err := archive.Open(name + ".npy")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(content)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// entry reads an array of an archive with the npy library.
func entry[T any](t *testing.T, path, name string) []T {
	t.Helper()
	var values []T
	if err := npy.Read(bytes.NewReader(rawEntry(t, path, name)), &values); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return values
}

// readRows reads a file of configurations whole.
func readRows(t *testing.T, path string, sites int) store.ConfigurationBatch {
	t.Helper()
	var all store.ConfigurationBatch
	err := readConfigurations(path, sites, func(b store.ConfigurationBatch) error {
		all.Chain, all.Step = append(all.Chain, b.Chain...), append(all.Step, b.Step...)
		all.Energy, all.Magnetization = append(all.Energy, b.Energy...), append(all.Magnetization, b.Magnetization...)
		all.Spins = append(all.Spins, b.Spins...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestExportRun: everything in the archive is what the run directory's files hold, and
// the energies are those of the spins.
func TestExportRun(t *testing.T) {
	w := openRun(t, smallRun)
	mustRun(t, w, 2)
	out := filepath.Join(t.TempDir(), "run.npz")
	summary, err := w.Export(t.Context(), out, store.PlusMinus)
	if err != nil || summary.Data != 2 || summary.Machines != 2 || summary.LeftOut != 0 {
		t.Fatalf("%+v, %v", summary, err)
	}
	for _, c := range []struct {
		cell  Cell
		files []spinFile
	}{
		{w.Plan.Cells(false)[1], []spinFile{configurationsFile, validationFile}},
		{w.Plan.Cells(true)[0], []spinFile{samplesFile}},
	} {
		for _, file := range c.files {
			checkExportedRows(t, w, out, c.cell, file)
		}
	}
	machine := w.Plan.Cells(true)[1]
	m, _, err := store.ReadMachine(filepath.Join(w.folders.of(machine), machineFile))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(entry[float32](t, out, machine.ID()+"/model/W"), m.Weights) || !slices.Equal(entry[float32](t, out, machine.ID()+"/model/c"), m.HiddenBias) {
		t.Error("other weights")
	}
	checkExportedTables(t, w, out)
	again := out + "2.npz"
	if _, err := w.Export(t.Context(), again, store.PlusMinus); err != nil || !bytes.Equal(mustRead(t, out), mustRead(t, again)) {
		t.Errorf("the same run gave other bytes: %v", err)
	}
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func checkExportedRows(t *testing.T, w *Workspace, out string, cell Cell, file spinFile) {
	t.Helper()
	model := w.Plan.Model(cell)
	sites := model.Lattice.Sites()
	want := readRows(t, filepath.Join(w.folders.of(cell), file.name(w.Run)), sites)
	prefix := cell.ID() + "/" + string(file) + "/"
	if !slices.Equal(entry[int32](t, out, prefix+"chain"), want.Chain) || !slices.Equal(entry[int64](t, out, prefix+"step"), want.Step) ||
		!slices.Equal(entry[int32](t, out, prefix+"magnetization"), want.Magnetization) {
		t.Errorf("%s: other columns", prefix)
	}
	spins, energies := entry[int8](t, out, prefix+"spins"), entry[int32](t, out, prefix+"energy")
	if len(spins) != len(want.Chain)*sites {
		t.Fatalf("%s: %d spins", prefix, len(spins))
	}
	for row := range want.Chain {
		energy := 0
		for _, bond := range model.Lattice.Bonds() {
			energy -= int(spins[row*sites+int(bond.A)]) * int(spins[row*sites+int(bond.B)])
		}
		if int32(energy) != energies[row] || float64(energy) != want.Energy[row] {
			t.Fatalf("%s: configuration %d has energy %d, its spins %d", prefix, row, energies[row], energy)
		}
	}
}

func checkExportedTables(t *testing.T, w *Workspace, out string) {
	t.Helper()
	results, _, err := store.ReadTable(filepath.Join(w.Dir, resultsParquet))
	if err != nil {
		t.Fatal(err)
	}
	energy, _ := results.Column("energy")
	if got := entry[float64](t, out, "results/energy"); !slices.Equal(got, energy.Floats) {
		t.Errorf("results/energy %v, not %v", got, energy.Floats)
	}
	// No machine: −1.
	hidden, _ := results.Column("hidden")
	for row, n := range entry[int64](t, out, "results/hidden") {
		if want := hidden.Float(row); hidden.Missing(row) && n != -1 || !hidden.Missing(row) && float64(n) != want {
			t.Errorf("results/hidden[%d] = %d", row, n)
		}
	}
	// All temperatures are whole numbers: the column of a CSV is one of floats all the same.
	if got := entry[float64](t, out, "comparison/T"); !slices.Equal(got, []float64{2, 3}) {
		t.Errorf("comparison/T %v", got)
	}
	if got := entry[int64](t, out, "machines/hidden"); !slices.Equal(got, []int64{6, 6}) {
		t.Errorf("machines/hidden %v", got)
	}
	d, err := store.Describe(out)
	if err != nil {
		t.Fatal(err)
	}
	if seed, _ := d.Metadata.Get("settings.seed"); seed != "7" {
		t.Errorf("metadata %v", d.Metadata)
	}
}

// TestExportRunNeedsTables: nothing finished, tables missing, tables older than the
// cells, and settings that changed are refused; a run that is not finished is not.
func TestExportRunNeedsTables(t *testing.T) {
	w := openRun(t, smallRun)
	out := filepath.Join(t.TempDir(), "run.npz")
	refused := func(w *Workspace, want string) {
		t.Helper()
		if _, err := w.Export(t.Context(), out, store.Bits); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if entries, _ := os.ReadDir(filepath.Dir(out)); len(entries) != 0 {
			t.Errorf("%q: it left %v", want, entries)
		}
	}
	refused(w, "no finished cells")
	if _, err := w.RunCells(t.Context(), Options{Workers: 2, Stages: []Stage{Generate}, Progress: io.Discard}); err != nil {
		t.Fatal(err)
	}
	refused(w, "tables are missing or older")
	if _, _, err := w.Report(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	summary, err := w.Export(t.Context(), out, store.Bits)
	if err != nil || summary.Data != 2 || summary.Machines != 0 || summary.LeftOut != 2 {
		t.Errorf("%+v, %v", summary, err)
	}
	if spins := entry[int8](t, out, "L004/T2.000000/configurations/spins"); slices.Min(spins) != 0 || slices.Max(spins) != 1 {
		t.Error("bits are not 0 and 1")
	}
	os.Remove(out)
	if _, err := w.RunCells(t.Context(), quiet(2)); err != nil {
		t.Fatal(err)
	}
	refused(w, "tables are missing or older")
	refused(reopenRun(t, w.Path, strings.Replace(smallRun, "seed = 7", "seed = 8", 1)), "seed")
}

// TestExportOfOneRun shares a run between tests that read it; the last one damages it.
func TestExportOfOneRun(t *testing.T) {
	w := openRun(t, smallRun)
	mustRun(t, w, 2)
	t.Run("canceled", func(t *testing.T) { testExportCanceled(t, w) })
	t.Run("forms", func(t *testing.T) { testExportForms(t, w) })
	t.Run("damaged", func(t *testing.T) { testExportDamaged(t, w) })
}

// A file that was tampered with is found before it is handed on.
func testExportDamaged(t *testing.T, w *Workspace) {
	victim := filepath.Join(w.folders.of(w.Plan.Cells(true)[0]), machineFile)
	content := mustRead(t, victim)
	content[len(content)/2] ^= 1
	if err := os.WriteFile(victim, content, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Export(t.Context(), filepath.Join(t.TempDir(), "x.npz"), store.Bits); !errors.Is(err, store.ErrCorrupt) {
		t.Error(err)
	}
}

// An export that is interrupted leaves nothing.
func testExportCanceled(t *testing.T, w *Workspace) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	path := filepath.Join(w.folders.of(w.Plan.Cells(false)[0]), configurationsFile.name(w.Run))
	out := filepath.Join(t.TempDir(), "x")
	for _, form := range []ExportForm{NPZ, NPY, Text} {
		if err := ExportConfigurations(ctx, path, out, form, store.Bits); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", form, err)
		}
	}
	if _, err := w.Export(ctx, out, store.Bits); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(out)); len(entries) != 0 {
		t.Errorf("it left %v", entries)
	}
}

// The archive has the columns and the file's metadata with the packing as it is now;
// npy and text have the spins.
func testExportForms(t *testing.T, w *Workspace) {
	path := filepath.Join(w.folders.of(w.Plan.Cells(true)[0]), samplesFile.name(w.Run))
	out := filepath.Join(t.TempDir(), "x.npz")
	for _, form := range []ExportForm{NPZ, NPY, Text} {
		if err := ExportConfigurations(t.Context(), path, out+string(form), form, store.PlusMinus); err != nil {
			t.Fatal(err)
		}
	}
	spins := entry[int8](t, out+"npz", "spins")
	d, err := store.Describe(out + "npz")
	if err != nil {
		t.Fatal(err)
	}
	if packed, _ := d.Metadata.Get("packing"); !strings.Contains(packed, "1 = up, -1 = down") {
		t.Errorf("packing %q", packed)
	}
	if temperature, _ := d.Metadata.Get("temperature"); temperature != "2" {
		t.Errorf("metadata %v", d.Metadata)
	}
	var alone []int8
	if err := npy.Read(bytes.NewReader(mustRead(t, out+"npy")), &alone); err != nil || !slices.Equal(alone, spins) {
		t.Errorf("npy: %d spins, %v", len(alone), err)
	}
	var fromText []int8
	for _, field := range strings.Fields(string(mustRead(t, out+"text"))) {
		value := int8(1)
		if field == "-1" {
			value = -1
		} else if field != "1" {
			t.Fatalf("text: %q", field)
		}
		fromText = append(fromText, value)
	}
	if !slices.Equal(fromText, spins) {
		t.Error("text: other spins")
	}
}
