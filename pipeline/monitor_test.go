package pipeline

import (
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

// TestTrainingRecord: training.parquet has a row every hundredth of the
// updates, with the chains' physics and, for so small a machine, the absolute
// divergence, which must fall.
func TestTrainingRecord(t *testing.T) {
	w := openRun(t, strings.Replace(smallRun, "updates = 120", "updates = 2_000", 1))
	mustRun(t, w, 2)
	table, _, err := store.ReadTable(filepath.Join(w.Dir, "cells", "L004", "T3.000000", "h0006_r00", trainingFile))
	if err != nil {
		t.Fatal(err)
	}
	if table.Rows() != recordsPerTraining {
		t.Errorf("%d rows, want %d", table.Rows(), recordsPerTraining)
	}
	last := table.Rows() - 1
	value := func(name string, row int) float64 {
		column, ok := table.Column(name)
		if !ok {
			t.Fatalf("no column %s", name)
		}
		return column.Float(row)
	}
	if value("step", last) != 2000 || !(value("rate", last) < value("rate", 0)) {
		t.Errorf("last step %v at rate %v, first rate %v", value("step", last), value("rate", last), value("rate", 0))
	}
	for _, name := range []string{"kl_training", "kl_validation"} {
		if first, end := value(name, 0), value(name, last); !(end < first/2 && end > -0.05) {
			t.Errorf("%s went from %v to %v", name, first, end)
		}
	}
	if e, m, up := value("energy", last), value("abs_magnetization", last), value("up_fraction", last); !(e < -0.5 && e > -1.5 && m > 0.3 && m < 0.9 && up > 0.2 && up < 0.8) {
		t.Errorf("the chains end with e = %v, m = %v, p₊ = %v", e, m, up)
	}
}

// lostTraining is a training whose data have both signs of the magnetization.
func lostTraining(t *testing.T, algorithm string) *training {
	t.Helper()
	model := squareModel(t, 4)
	data := make([]uint64, 1000)
	for i := range data {
		data[i] = uint64(i%2) * 0xffff
	}
	trainer, err := rbm.NewTrainer(rbm.Settings{Algorithm: algorithm, Steps: 1, Batch: 10, Updates: 100, Rate: 0.1}, 16, 4, data, [32]byte{})
	if err != nil {
		t.Fatal(err)
	}
	run := parsePlan(t, smallRun).Run
	run.Training.Algorithm = algorithm
	return &training{job: &job{spec: run, model: model}, trainer: trainer, data: data}
}

// TestLostSign: persistent chains that have all gone to one sign stop the
// training, but not at its start, and not where chains begin at the data.
func TestLostSign(t *testing.T) {
	record := func(step int, up float64) trainingRecord {
		return trainingRecord{Record: rbm.Record{Step: step}, UpFraction: up}
	}
	for _, c := range []struct {
		algorithm string
		step      int
		up        float64
		lost      bool
	}{
		{"pcd", 50, 0, true}, {"pcd", 50, 1, true}, {"pcd", 50, 0.995, true},
		{"pcd", 50, 0.03, false}, {"pcd", 50, 0.5, false}, {"pcd", 5, 0, false},
		{"cd", 50, 0, false}, {"pcd", 50, math.NaN(), false},
	} {
		err := lostTraining(t, c.algorithm).lostSign(record(c.step, c.up))
		var diverged *rbm.DivergedError
		if errors.As(err, &diverged) != c.lost {
			t.Errorf("%+v: %v", c, err)
		}
		if c.lost && (diverged.Update != c.step || !strings.Contains(err.Error(), `symmetry = "flip"`)) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	oneSided := lostTraining(t, "pcd")
	for i := range oneSided.data {
		oneSided.data[i] = 0xffff
	}
	if err := oneSided.lostSign(record(50, 1)); err != nil {
		t.Errorf("data of one sign: %v", err)
	}
}

// TestMeanPhysics against three configurations worked out by hand.
func TestMeanPhysics(t *testing.T) {
	model := squareModel(t, 4)
	// All up; all down; a checkerboard: energies −32, −32, +32, M = 16, −16, 0.
	energy, m, up := meanPhysics(model, []uint64{0xffff, 0, 0x5a5a})
	if energy != -32.0/48 || m != 32.0/48 || up != 0.5 {
		t.Errorf("e = %v, m = %v, p₊ = %v", energy, m, up)
	}
}

// TestDivergedCell: a training that diverges fails its cell with advice; the
// rest of the run, here the data, is analysed all the same.
func TestDivergedCell(t *testing.T) {
	text := strings.NewReplacer("[2.0, 3.0]", "[0.8, 3.0]", "updates = 120", "updates = 3_000\nrate = 30.0\nfinal_rate = 30.0\nsymmetry = \"none\"\nmomentum = 0.9").Replace(smallRun)
	w := openRun(t, text)
	outcome, err := w.RunAll(t.Context(), quiet(2))
	var failed *FailedError
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), "diverged") {
		t.Fatalf("%v", err)
	}
	if outcome.Results == nil {
		t.Error("the data were not analysed")
	}
}
