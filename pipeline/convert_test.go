package pipeline

import (
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

// randomModel writes a model.npz with normally distributed parameters.
func randomModel(t *testing.T, visible, hidden int) (path string, arrays store.MachineArrays) {
	t.Helper()
	rng := rand.New(rand.NewPCG(11, uint64(visible)))
	arrays = store.MachineArrays{Visible: visible, Hidden: hidden,
		Weights: make([]float32, visible*hidden), VisibleBias: make([]float32, visible), HiddenBias: make([]float32, hidden)}
	for _, values := range [][]float32{arrays.Weights, arrays.VisibleBias, arrays.HiddenBias} {
		for k := range values {
			values[k] = float32(0.5 * rng.NormFloat64())
		}
	}
	path = filepath.Join(t.TempDir(), machineFile)
	if err := store.WriteMachine(path, arrays, machineConventions()); err != nil {
		t.Fatal(err)
	}
	return path, arrays
}

// TestExportMachineArchives: exactly the arrays that each program has, by name, type
// and shape.
func TestExportMachineArchives(t *testing.T) {
	path, _ := randomModel(t, 5, 3)
	for layout, want := range map[string][]store.ColumnDescription{
		"qucumber": {{Name: "weights", Type: "<f8", Shape: []int{3, 5}}, {Name: "visible_bias", Type: "<f8", Shape: []int{5}}, {Name: "hidden_bias", Type: "<f8", Shape: []int{3}}},
		"sklearn":  {{Name: "components_", Type: "<f8", Shape: []int{3, 5}}, {Name: "intercept_visible_", Type: "<f8", Shape: []int{5}}, {Name: "intercept_hidden_", Type: "<f8", Shape: []int{3}}},
		"rbms":     {{Name: "weight_matrix", Type: "<f4", Shape: []int{5, 3}}, {Name: "vbias", Type: "<f4", Shape: []int{5}}, {Name: "hbias", Type: "<f4", Shape: []int{3}}},
		"spins":    {{Name: "w", Type: "<f8", Shape: []int{5, 3}}, {Name: "a", Type: "<f8", Shape: []int{5}}, {Name: "b", Type: "<f8", Shape: []int{3}}},
	} {
		out := filepath.Join(t.TempDir(), "x.npz")
		if _, err := ExportMachine(path, layout, out); err != nil {
			t.Fatal(err)
		}
		d, err := store.Describe(out)
		if err != nil {
			t.Fatal(err)
		}
		for i := range d.Columns {
			d.Columns[i].Bytes = 0
		}
		if !reflect.DeepEqual(d.Columns, want) {
			t.Errorf("%s: %+v", layout, d.Columns)
		}
	}
}

// TestMachineRoundTrip: out to every layout's file and back, bit by bit where units are
// in {0, 1}; the bytes of the second model do not depend on the layout but for its name.
func TestMachineRoundTrip(t *testing.T) {
	for _, shape := range [][2]int{{1, 1}, {5, 3}, {64, 64}} {
		path, want := randomModel(t, shape[0], shape[1])
		for _, layout := range Layouts() {
			out, back := filepath.Join(t.TempDir(), "x.npz"), filepath.Join(t.TempDir(), "back.npz")
			there, err := ExportMachine(path, layout, out)
			if err != nil {
				t.Fatal(err)
			}
			here, err := ImportMachine(out, layout, back)
			if err != nil {
				t.Fatal(err)
			}
			got, meta, err := store.ReadMachine(back)
			if err != nil {
				t.Fatal(err)
			}
			if from, _ := meta.Get("imported_from"); from != "layout "+layout {
				t.Errorf("%s: metadata %v", layout, meta)
			}
			if layout == "spins" {
				checkSameEnergies(t, want, got)
				if math.Abs(there.Constant-here.Constant) > 1e-4 || there.Constant == 0 {
					t.Errorf("constants %g and %g", there.Constant, here.Constant)
				}
				continue
			}
			if !reflect.DeepEqual(got, want) || !here.Exact || !there.Exact || there.Constant != 0 || here.Constant != 0 {
				t.Errorf("%s %v: %+v %+v", layout, shape, there, here)
			}
		}
	}
}

// checkSameEnergies: the weights are the same, the biases up to float32.
func checkSameEnergies(t *testing.T, want, got store.MachineArrays) {
	t.Helper()
	if !slices.Equal(got.Weights, want.Weights) {
		t.Error("spins: other weights")
	}
	for k, b := range slices.Concat(want.VisibleBias, want.HiddenBias) {
		if x := slices.Concat(got.VisibleBias, got.HiddenBias)[k]; math.Abs(float64(x-b)) > 1e-7 {
			t.Errorf("spins: bias %d is %g, was %g", k, x, b)
		}
	}
}

// writeArrays writes an archive by hand.
func writeArrays(t *testing.T, arrays ...store.Array) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "other.npz")
	if err := store.WriteFile(path, func(w io.Writer) error { return store.WriteArchive(w, arrays) }); err != nil {
		t.Fatal(err)
	}
	return path
}

func float64s(name string, shape ...int) store.Array {
	n := 1
	for _, length := range shape {
		n *= length
	}
	return store.Numbers(name, make([]float64, n), shape...)
}

// TestImportMachineRefuses: one message that says what is wrong, and no file.
func TestImportMachineRefuses(t *testing.T) {
	model, _ := randomModel(t, 5, 3)
	text := filepath.Join(t.TempDir(), "x.npz")
	if err := os.WriteFile(text, []byte("weights\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	bad := store.Numbers("weights", []float64{1, math.NaN()}, 1, 2)
	for _, c := range []struct{ path, layout, want string }{
		{model, "numpy", `no layout "numpy"`},
		{model, "sklearn", "it is a machine of isingrbm already"},
		{text, "sklearn", "not an npz archive"},
		{text + "x", "sklearn", "no such file"},
		{writeArrays(t, float64s("components_", 3, 5), float64s("intercept_visible_", 5), float64s("intercept_hidden_", 3)), "qucumber", "--layout sklearn"},
		{writeArrays(t, float64s("weights", 3, 5), float64s("visible_bias", 5)), "qucumber", "no array hidden_bias: it has weights, visible_bias"},
		{writeArrays(t, float64s("weights", 5, 3), float64s("visible_bias", 5), float64s("hidden_bias", 3)), "qucumber", "weights has shape [5 3], with 5 visible and 3 hidden units it must be [3 5]"},
		{writeArrays(t, float64s("weights", 15), float64s("visible_bias", 5), float64s("hidden_bias", 3)), "qucumber", "weights has shape [15]"},
		{writeArrays(t, float64s("weights", 3, 5), float64s("visible_bias", 1, 5), float64s("hidden_bias", 3)), "qucumber", "visible_bias has shape [1 5]"},
		{writeArrays(t, float64s("weights", 0, 5), float64s("visible_bias", 5), float64s("hidden_bias", 0)), "qucumber", "at least one unit"},
		{writeArrays(t, bad, float64s("visible_bias", 2), float64s("hidden_bias", 1)), "qucumber", "weights: element 1 is NaN"},
		{writeArrays(t, store.Numbers("weights", []int64{1}, 1, 1), float64s("visible_bias", 1), float64s("hidden_bias", 1)), "qucumber", "weights has type <i8"},
	} {
		out := filepath.Join(t.TempDir(), "model.npz")
		_, err := ImportMachine(c.path, c.layout, out)
		if err == nil || !strings.Contains(err.Error(), c.want) || c.path != text+"x" && !strings.Contains(err.Error(), "hint: ") {
			t.Errorf("%v, want %q", err, c.want)
		}
		if entries, _ := os.ReadDir(filepath.Dir(out)); len(entries) != 0 {
			t.Errorf("%s: it left %v", c.want, entries)
		}
	}
}

// TestImportMachineRounds: float64 parameters are rounded, and that is said; arrays
// beyond the three are passed over.
func TestImportMachineRounds(t *testing.T) {
	weights := store.Numbers("components_", []float64{0.1, 0.5}, 1, 2)
	path := writeArrays(t, float64s("h_samples_", 10, 1), weights, float64s("intercept_visible_", 2), float64s("intercept_hidden_", 1))
	out := filepath.Join(t.TempDir(), "model.npz")
	c, err := ImportMachine(path, "sklearn", out)
	if err != nil || c.Exact || c.Visible != 2 || c.Hidden != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	if m, _, err := store.ReadMachine(out); err != nil || !slices.Equal(m.Weights, []float32{0.1, 0.5}) {
		t.Errorf("%v, %v", m, err)
	}
}

func TestExportMachineRefuses(t *testing.T) {
	model, arrays := randomModel(t, 5, 3)
	out := filepath.Join(t.TempDir(), "x.npz")
	if _, err := ExportMachine(model, "torch", out); err == nil || !strings.Contains(err.Error(), "qucumber, sklearn, rbms, spins") {
		t.Error(err)
	}
	arrays.HiddenBias[1] = float32(math.Inf(1))
	if err := store.WriteMachine(model, arrays, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := ExportMachine(model, "rbms", out); err == nil || !strings.Contains(err.Error(), "hidden biases: element 1") {
		t.Error(err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a machine that is not one was written")
	}
}

// TestLayoutNames: the names are those of the layouts, each once.
func TestLayoutNames(t *testing.T) {
	names := Layouts()
	if len(names) != len(rbm.Layouts()) || len(slices.Compact(slices.Sorted(slices.Values(names)))) != len(names) {
		t.Errorf("%v", names)
	}
}
