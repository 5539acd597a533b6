package pipeline

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"isingrbm/analysis"
	"isingrbm/pipeline/store"
)

// TestDetails: every column is defined, every source has a row, and its numbers
// agree with each other.
func TestDetails(t *testing.T) {
	w := openRun(t, smallRun)
	r := mustRun(t, w, 2).Results
	table := detailsTable(r)
	var defined []string
	for _, o := range analysis.Derived() {
		defined = append(defined, o.Name)
	}
	for _, c := range table.Columns[5:] {
		name := strings.TrimSuffix(strings.TrimSuffix(c.Name, "_err"), "_noise")
		if !slices.Contains(defined, name) {
			t.Errorf("column %s is defined nowhere", c.Name)
		}
	}
	if table.Rows() != 4 || len(r.Machines) != 2 {
		t.Fatalf("%d rows, %d machines", table.Rows(), len(r.Machines))
	}
	for i, d := range details(r) {
		// F = E − TS, of both sources, and F of a machine is above that of the model.
		free := d.Values[analysis.Energy].Value - d.T*d.Entropy.Value
		if math.Abs(free-d.FreeEnergy.Value) > 1e-9 {
			t.Errorf("row %d: free energy %v, want %v", i, d.FreeEnergy, free)
		}
		if (d.machine != nil) != (d.Row.Source == analysis.SourceMachine) {
			t.Errorf("row %d of %s has the details of a machine: %v", i, d.Row.Source, d.machine != nil)
		}
		if d.machine == nil {
			continue
		}
		data := r.Sources[i-1]
		if d.FreeEnergy.Value < data.FreeEnergy.Value-4*d.FreeEnergy.Err {
			t.Errorf("free energy of a machine %v, of the model %v", d.FreeEnergy, data.FreeEnergy)
		}
		if tv := d.machine.Distances.JointVariation.Value; !(tv > 0 && tv < 1) {
			t.Errorf("total variation %v", tv)
		}
	}
	correlations := correlationsTable(r.Sources)
	if correlations.Rows() != 4*3 || correlations.Columns[6].Floats[0] != 1 {
		t.Errorf("%d rows of correlations, G(0) = %v", correlations.Rows(), correlations.Columns[6].Floats[0])
	}
}

// ⟨F⟩ of samples is the mean of the machine's free energies, with its error.
func TestPotential(t *testing.T) {
	machine := machineOf(store.MachineArrays{Visible: 3, Hidden: 2, Weights: []float32{1, -1, 0.5, 0.5, 2, 0}, VisibleBias: []float32{0.1, 0, -0.2}, HiddenBias: []float32{0, 0.3}})
	p := newPotential(machine)
	rng := rand.New(rand.NewPCG(1, 2))
	batch := newBatch(1000, 3, 0)
	sum, squares := 0.0, 0.0
	for i := range batch.Spins {
		batch.Spins[i] = rng.Uint64() & 7
		f := machine.FreeEnergy(batch.Spins[i : i+1])
		sum += f / 1000
		squares += f * f / 1000
	}
	p.add(batch)
	got := p.mean(2)
	if math.Abs(got.Value-sum) > 1e-12 || math.Abs(got.Err-math.Sqrt(4*(squares-sum*sum)/1000)) > 1e-9 {
		t.Errorf("%v, want %v", got, sum)
	}
	if e := newPotential(machine).mean(1); !math.IsNaN(e.Value) {
		t.Errorf("%v of nothing", e)
	}
}
