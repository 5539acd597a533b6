package pipeline

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"isingrbm/analysis"
	"isingrbm/ising"
	"isingrbm/pipeline/runfile"
	"isingrbm/pipeline/store"
)

// machineOfData trains a small machine on what [data] brings.
const machineOfData = `
[rbm]
hidden = [4]
[training]
updates = 60
batch = 50
[sampling]
configurations = 500
chains = 50
burn_in = 10
thinning = 1
[output]
figures = []
`

// isingRows draws independent configurations, a row of ±1 each.
func isingRows(t *testing.T, size, rows int, temperature float64) []int8 {
	t.Helper()
	lattice, err := ising.NewLattice(ising.Square, size, ising.Periodic)
	if err != nil {
		t.Fatal(err)
	}
	var out []int8
	for seed := byte(0); len(out) < rows*lattice.Sites(); seed++ {
		block, err := ising.NewBlock(ising.Model{Lattice: lattice, Coupling: 1}, temperature, ising.Auto, [32]byte{9, seed})
		if err != nil {
			t.Fatal(err)
		}
		for range 60 {
			block.Step()
		}
		spins := make([]uint64, ising.Lanes*ising.Words(lattice.Sites()))
		block.Configurations(spins)
		for lane := range ising.Lanes {
			for site := range lattice.Sites() {
				out = append(out, int8(spins[lane]>>site&1)*2-1)
			}
		}
	}
	return out[:rows*lattice.Sites()]
}

// writeSpins writes an npz archive of one array.
func writeSpins(t *testing.T, path string, rows []int8, shape ...int) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := store.WriteFile(path, func(w io.Writer) error {
		return store.WriteArchive(w, []store.Array{store.Numbers("sigma", rows, shape...)})
	}); err != nil {
		t.Fatal(err)
	}
}

// TestBroughtArrays: machines are trained on arrays of anybody's; the last share is held
// out, and the energies are those of the spins.
func TestBroughtArrays(t *testing.T) {
	folder := t.TempDir()
	cold, hot := isingRows(t, 4, 1500, 2.0), isingRows(t, 4, 700, 3.0)
	writeSpins(t, filepath.Join(folder, "mine/cold_1.npz"), cold[:16*1000], 1000, 16)
	writeSpins(t, filepath.Join(folder, "mine/cold_2.npz"), cold[16*1000:], 500, 4, 4)
	writeSpins(t, filepath.Join(folder, "mine/hot.npz"), hot, 700, 16)
	const data = `
[lattice]
kind = "square"
[data]
configurations = "mine/*.npz"
cells = [{ file = "mine/cold*.npz", L = 4, T = 2.0 }, { file = "mine/hot.npz", L = 4, T = 3.0 }]
` + machineOfData
	w := reopenRun(t, filepath.Join(folder, "own.toml"), data)
	outcome := mustRun(t, w, 2)
	if len(w.Plan.Cells(false)) != 2 || len(outcome.Results.Comparisons) != 2 || outcome.Results.Comparisons[0].Deviations[analysis.Energy].Ref != analysis.SourceExact {
		t.Fatalf("cells %v, %d comparisons", w.Plan.Cells(false), len(outcome.Results.Comparisons))
	}
	dir := w.folders.of(w.Plan.Cells(false)[0])
	training := readRows(t, filepath.Join(dir, "configurations.parquet"), 16)
	heldOut := readRows(t, filepath.Join(dir, "validation.parquet"), 16)
	if training.Rows() != 1200 || heldOut.Rows() != 300 {
		t.Fatalf("%d and %d configurations of 1500", training.Rows(), heldOut.Rows())
	}
	model := w.Plan.Model(w.Plan.Cells(false)[0])
	for i := range 1500 {
		rows, k := training, i
		if i >= 1200 {
			rows, k = heldOut, i-1200
		}
		for site := range 16 {
			if int8(rows.Spins[k]>>site&1)*2-1 != cold[16*i+site] {
				t.Fatalf("configuration %d, site %d differs", i, site)
			}
		}
		chain, step := int32(i/1000), int64(i%1000)
		if rows.Chain[k] != chain || rows.Step[k] != step || rows.Energy[k] != model.Energy(rows.Spins[k:k+1]) || int(rows.Magnetization[k]) != model.Magnetization(rows.Spins[k:k+1]) {
			t.Fatalf("configuration %d: chain %d, step %d, energy %v, magnetization %d", i, rows.Chain[k], rows.Step[k], rows.Energy[k], rows.Magnetization[k])
		}
	}
	checkRowsAreExact(t, slices.DeleteFunc(outcome.Results.Rows, func(r analysis.Row) bool { return r.Source == analysis.SourceMachine }))
	if file, _ := describe(t, filepath.Join(dir, "validation.parquet")).Metadata.Get("brought_file_1"); !strings.HasPrefix(file, "mine/cold_2.npz, 500 configurations, sha256 ") {
		t.Errorf("metadata say %q", file)
	}
	testBroughtAgain(t, w, folder, data)
	testBroughtChanged(t, w, cold)
}

// Another number of workers gives the same bytes.
func testBroughtAgain(t *testing.T, w *Workspace, folder, data string) {
	again := reopenRun(t, filepath.Join(folder, "again.toml"), data)
	mustRun(t, again, 1)
	for _, cell := range append(w.Plan.Cells(false), w.Plan.Cells(true)...) {
		sameFiles(t, "again", reproducible(t, again.folders.of(cell)), reproducible(t, w.folders.of(cell)))
	}
}

// A file that changed is noticed by its checksum, and touches no other cell.
func testBroughtChanged(t *testing.T, w *Workspace, rows []int8) {
	writeSpins(t, filepath.Join(filepath.Dir(w.Path), "mine/cold_2.npz"), rows[:16*400], 400, 16)
	changed, err := OpenWorkspace(w.Path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = changed.RunAll(t.Context(), quiet(1))
	var e *ChangedError
	if !errors.As(err, &e) || e.Cells != 1 || len(e.Changes) != 1 || e.Changes[0].Key != "file mine/cold_2.npz" {
		t.Errorf("error %v", err)
	}
}

// TestBroughtConfigurations: files of this program bring L, T, chains and model
// themselves, in either format; the run file may take some of their cells.
func TestBroughtConfigurations(t *testing.T) {
	source := openRun(t, smallRun)
	arrow := openRun(t, strings.Replace(arrowRun, "seed = 7", "seed = 8", 1))
	options := quiet(2)
	options.Stages = []Stage{Generate}
	for _, w := range []*Workspace{source, arrow} {
		if _, err := w.RunCells(t.Context(), options); err != nil {
			t.Fatal(err)
		}
	}
	folder := t.TempDir()
	for i, w := range []*Workspace{source, arrow} {
		for k, cell := range w.Plan.Cells(false) {
			name := configurationsFile.name(w.Run)
			content := mustRead(t, filepath.Join(w.folders.of(cell), name))
			if err := os.WriteFile(filepath.Join(folder, fmt.Sprint(k, i, filepath.Ext(name))), content, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	w := reopenRun(t, filepath.Join(folder, "own.toml"), `
[lattice]
kind = "square"
[sweep]
temperatures = [3.0]
[data]
configurations = "*[0-9].*"
validation = 0.25
reference = "data"
`+machineOfData)
	results := mustRun(t, w, 1).Results
	if len(w.Plan.Cells(false)) != 1 || len(results.Rows) != 2 || results.Rows[0].N != 1500 ||
		results.Comparisons[0].Deviations[analysis.Energy].Ref != analysis.SourceMonteCarlo || len(results.Curve) != 0 {
		t.Fatalf("cells %v, rows %+v", w.Plan.Cells(false), results.Rows)
	}
	first := readRows(t, filepath.Join(source.folders.of(source.Plan.Cells(false)[1]), "configurations.parquet"), 16)
	second := readRows(t, filepath.Join(arrow.folders.of(arrow.Plan.Cells(false)[1]), "configurations.arrow"), 16)
	got := readRows(t, filepath.Join(w.folders.of(w.Plan.Cells(false)[0]), "configurations.parquet"), 16)
	if !reflect.DeepEqual(got.Spins, append(slices.Clone(first.Spins), second.Spins[:500]...)) || !reflect.DeepEqual(got.Step[:1000], first.Step) {
		t.Error("other configurations")
	}
	if last := slices.Max(first.Chain); got.Chain[999] != first.Chain[999] || got.Chain[1000] != second.Chain[0]+last+1 {
		t.Errorf("chains %d and %d of the two files", got.Chain[999], got.Chain[1000])
	}
}

// TestBroughtRefused: what cannot be right is refused at its place in the run
// file, with what would be, and nothing is written.
func TestBroughtRefused(t *testing.T) {
	folder := t.TempDir()
	rows := isingRows(t, 4, 300, 3)
	at := func(name string) string { return filepath.Join(folder, name) }
	writeSpins(t, at("good.npz"), rows, 300, 16)
	writeSpins(t, at("wide.npz"), rows[:300*15], 300, 15)
	spoilt := slices.Clone(rows)
	spoilt[16*170+3] = 2
	writeSpins(t, at("two.npz"), spoilt, 300, 16)
	if err := os.WriteFile(at("text.txt"), []byte("1 0 1 0\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	other, err := store.CreateConfigurations(at("coupled.parquet"), 16, store.ConfigurationLayout{}, store.Metadata{
		{Key: "lattice", Value: "square"}, {Key: "L", Value: "4"}, {Key: "temperature", Value: "2.5"}, {Key: "coupling", Value: "-1"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Commit(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ data, says, hint string }{
		"no file":      {`configurations = "none/*.npz"`, `no file matches "none/*.npz"`, "seen from the folder of the run file"},
		"no pattern":   {`configurations = "[.npz"`, `"[.npz" is no pattern`, "stands for"},
		"no L":         {`configurations = "good.npz"`, "good.npz: it does not say L and T", `cells = [{ file = "good.npz", L = 8, T = 2.5 }]`},
		"no column":    {"configurations = \"good.npz\"\ncolumn = \"x\"", "good.npz: no array x", "it has sigma"},
		"sites":        {"configurations = \"wide.npz\"\ncells = [{ file = \"wide.npz\", L = 4, T = 3 }]", "wide.npz: its configurations have 15 spins, a square lattice of L = 4 has 16", "16 spins"},
		"size":         {"configurations = \"good.npz\"\ncells = [{ file = \"good.npz\", L = 8, T = 3 }]", "have 16 spins, a square lattice of L = 8 has 64", "64 spins"},
		"no spins":     {`configurations = "text.txt"`, "text.txt: it begins with", "npz"},
		"unused":       {"configurations = \"good.npz\"\ncells = [{ file = \"good.npz\", L = 4, T = 3 }, { file = \"bad.npz\", L = 4, T = 2 }]", `no file that is read matches "bad.npz"`, "as in configurations"},
		"two entries":  {"configurations = \"good.npz\"\ncells = [{ file = \"g*\", L = 4, T = 3 }, { file = \"good.npz\", L = 4, T = 2 }]", "both", "one entry"},
		"coupling":     {`configurations = "coupled.parquet"`, "its metadata say coupling = -1, the run file 1", "set lattice.coupling"},
		"contradicted": {"configurations = \"coupled.parquet\"\ncells = [{ file = \"coupled.parquet\", L = 4, T = 3 }]", "data.cells says L = 4, T = 3, its metadata L = 4, T = 2.5", "correct the entry"},
		"one key":      {"configurations = \"[gt]*.npz\"\ncells = [{ file = \"good.npz\", L = 4, T = 3 }, { file = \"two.npz\", L = 4, T = 3.0000001 }]", "they have one key, 3.000000", "0.000001 apart"},
		"held out":     {"configurations = \"good.npz\"\ncells = [{ file = \"good.npz\", L = 4, T = 3 }]\nvalidation = 0.1\n[rbm]\nhidden = [4]", "30 held-out configurations are too few", "at least 100"},
		"batch":        {"configurations = \"good.npz\"\ncells = [{ file = \"good.npz\", L = 4, T = 3 }]\nvalidation = 0.4\n[rbm]\nhidden = [4]\n[training]\nbatch = 200", "a batch of 200 is more than the 180 configurations", "smaller batch"},
		"tied":         {"configurations = \"good.npz\"\ncells = [{ file = \"good.npz\", L = 4, T = 3 }]\nvalidation = 0.4\n[rbm]\nhidden = [4]\n[training]\nbatch = 50\nsymmetry = \"translation\"", "not a multiple of the 16 sites", "1N"},
	} {
		t.Run(name, func(t *testing.T) {
			path := at("own.toml")
			if err := os.WriteFile(path, []byte("[lattice]\nkind = \"square\"\n[data]\n"+test.data+"\n"), 0o666); err != nil {
				t.Fatal(err)
			}
			_, err := OpenWorkspace(path)
			var problems *runfile.Errors
			if !errors.As(err, &problems) || problems.Problems[0].Line < 4 || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), test.hint) {
				t.Errorf("error %v, want %q, %q", err, test.says, test.hint)
			}
			if _, err := os.Stat(at("own.out")); err == nil {
				t.Error("something was written")
			}
		})
	}
	testBroughtTemperatures(t, at)
	testBroughtValue(t, at)
}

// Sizes and temperatures that no file has are named, with what there is.
func testBroughtTemperatures(t *testing.T, at func(string) string) {
	const cells = "[data]\nconfigurations = \"good.npz\"\ncells = [{ file = \"good.npz\", L = 4, T = 3 }]\n"
	for text, says := range map[string]string{
		"[lattice]\nkind = \"square\"\nsizes = [4]\n[sweep]\ntemperatures = [2.0, 3.0]\n": "no file holds L = 4, T = 2",
		"[lattice]\nkind = \"square\"\n[sweep]\ntemperatures = [2.0]\n":                   "no file holds the sizes and temperatures asked for",
	} {
		if err := os.WriteFile(at("own.toml"), []byte(text+cells), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenWorkspace(at("own.toml")); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "they hold L = 4, T = 3") {
			t.Errorf("error %v, want %q", err, says)
		}
	}
}

// A value that is no spin fails the cell that reads it, with its place.
func testBroughtValue(t *testing.T, at func(string) string) {
	w := reopenRun(t, at("own.toml"), "[lattice]\nkind = \"square\"\n[data]\nconfigurations = \"two.npz\"\ncells = [{ file = \"two.npz\", L = 4, T = 3 }]\n")
	_, err := w.RunAll(t.Context(), quiet(1))
	var failed *FailedError
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), "two.npz") || !strings.Contains(err.Error(), "row 170, site 3: 2 is no spin") || !strings.Contains(err.Error(), "0 and 1, or -1 and +1") {
		t.Errorf("error %v", err)
	}
}
