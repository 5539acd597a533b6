//go:build interop

package pipeline

import (
	"encoding/json"
	"math"
	"math/bits"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

const python = "/usr/bin/python3" // Debian's, which python3-numpy belongs to

// randomConfigurations writes n configurations of fair spins.
func randomConfigurations(t *testing.T, sites, n int) (path string, rows []uint64) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "samples.parquet")
	w, err := store.CreateConfigurations(path, sites, store.ConfigurationLayout{}, store.Metadata{{Key: "packing", Value: "bits"}})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	rng := rand.New(rand.NewPCG(3, 4))
	words := rbm.Words(sites)
	batch := newBatch(n, sites, 0)
	for i := range n {
		row := batch.Spins[i*words : (i+1)*words]
		up := 0
		for k := range row {
			row[k] = rng.Uint64()
			if k == words-1 && sites%64 != 0 {
				row[k] &= 1<<(sites%64) - 1
			}
			up += bits.OnesCount64(row[k])
		}
		batch.Magnetization[i] = int32(2*up - sites)
	}
	if err := w.Append(batch); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	return path, batch.Spins
}

// TestInteropFreeEnergy: NumPy recomputes our free energies from model.npz and from
// every layout, by the formula of the layout's program, to 1e-5 and better; those of
// spins differ by the constant. What NumPy saves of a layout comes back bit by bit.
func TestInteropFreeEnergy(t *testing.T) {
	if err := exec.Command(python, "-c", "import numpy").Run(); err != nil {
		t.Fatalf("NumPy is missing from %s: apt-get install python3-numpy", python)
	}
	for _, shape := range [][2]int{{5, 3}, {64, 16}, {100, 130}} {
		model, arrays := randomModel(t, shape[0], shape[1])
		machine := machineOf(arrays)
		path, rows := randomConfigurations(t, machine.Visible, 200)
		folder := t.TempDir()
		bitsPath, spinsPath := filepath.Join(folder, "bits.npy"), filepath.Join(folder, "configurations.npz")
		if err := ExportConfigurations(t.Context(), path, bitsPath, NPY, store.Bits); err != nil {
			t.Fatal(err)
		}
		if err := ExportConfigurations(t.Context(), path, spinsPath, NPZ, store.PlusMinus); err != nil {
			t.Fatal(err)
		}
		arguments := []string{"testdata/interop/freeenergy.py", model, bitsPath, spinsPath}
		constants := map[string]float64{"own": 0}
		for _, layout := range Layouts() {
			out := filepath.Join(folder, layout+".npz")
			c, err := ExportMachine(model, layout, out)
			if err != nil {
				t.Fatal(err)
			}
			constants[layout] = c.Constant
			arguments = append(arguments, layout+"="+out)
		}
		found := pythonEnergies(t, arguments)
		for name, constant := range constants {
			checkFreeEnergies(t, name, machine, rows, found[name], constant)
		}
		checkSavedByNumPy(t, folder, arrays)
	}
}

func pythonEnergies(t *testing.T, arguments []string) map[string][]float64 {
	t.Helper()
	var stderr strings.Builder
	command := exec.Command(python, arguments...)
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", arguments, err, stderr.String())
	}
	var found map[string][]float64
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return found
}

func checkFreeEnergies(t *testing.T, name string, m *rbm.Machine, rows []uint64, found []float64, constant float64) {
	t.Helper()
	words := rbm.Words(m.Visible)
	if len(found)*words != len(rows) {
		t.Fatalf("%s: %d energies", name, len(found))
	}
	for i, f := range found {
		want := m.FreeEnergy(rows[i*words : (i+1)*words])
		// Sums of up to 131 × 100 terms in float64: far below the 1e-5 that is promised.
		if diff := math.Abs(f + constant - want); !(diff <= 1e-9*math.Abs(want)) {
			t.Errorf("%s, %d × %d: F = %.12g, want %.12g", name, m.Visible, m.Hidden, f+constant, want)
		}
	}
}

func checkSavedByNumPy(t *testing.T, folder string, want store.MachineArrays) {
	t.Helper()
	for _, layout := range Layouts() {
		out := filepath.Join(folder, layout+".back.npz")
		if _, err := ImportMachine(filepath.Join(folder, layout+".saved.npz"), layout, out); err != nil {
			t.Errorf("%s, saved by NumPy: %v", layout, err)
			continue
		}
		got, _, err := store.ReadMachine(out)
		if err != nil {
			t.Fatal(err)
		}
		if layout == "spins" {
			checkSameEnergies(t, want, got)
		} else if !reflect.DeepEqual(got, want) {
			t.Errorf("%s, saved by NumPy: another machine", layout)
		}
	}
}
