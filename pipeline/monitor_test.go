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

// lostTraining is an untied training of 200 chains whose data have both signs of the
// magnetization, one configuration of every few down.
func lostTraining(t *testing.T, algorithm string, every int) *training {
	t.Helper()
	model := squareModel(t, 4)
	data := make([]uint64, 1000)
	for i := range data {
		data[i] = uint64(min(1, i%every)) * 0xffff
	}
	trainer, err := rbm.NewTrainer(rbm.Settings{Algorithm: algorithm, Steps: 1, Batch: 200, Updates: 100, Rate: 0.1}, 16, 4, data, [32]byte{})
	if err != nil {
		t.Fatal(err)
	}
	run := parsePlan(t, smallRun).Run
	run.Training.Algorithm, run.Training.Symmetry, run.Training.Chains = algorithm, "none", 200
	return &training{job: &job{spec: run, model: model}, trainer: trainer, data: data}
}

// chainsRecord is a record at a step whose chains have a share up.
func chainsRecord(step int, up float64) trainingRecord {
	return trainingRecord{Record: rbm.Record{Step: step}, UpFraction: up}
}

// TestLostSign: persistent chains that have all gone to one sign stop the
// training, but not at its start, and not where chains begin at the data.
func TestLostSign(t *testing.T) {
	for _, c := range []struct {
		algorithm string
		step      int
		up        float64
		lost      bool
	}{
		{"pcd", 50, 0, true}, {"pcd", 50, 1, true}, {"pcd", 50, 0.995, true}, {"ptt", 50, 0, true},
		{"pcd", 50, 0.03, false}, {"pcd", 50, 0.5, false}, {"pcd", 5, 0, false},
		{"cd", 50, 0, false}, {"pcd", 50, math.NaN(), false},
	} {
		err := lostTraining(t, c.algorithm, 2).lostSign(chainsRecord(c.step, c.up))
		var diverged *rbm.DivergedError
		if errors.As(err, &diverged) != c.lost {
			t.Errorf("%+v: %v", c, err)
		}
		if c.lost && (diverged.Update != c.step || !strings.Contains(err.Error(), `symmetry = "flip"`)) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if err := lostTraining(t, "pcd", 1000).lostSign(chainsRecord(50, 1)); err != nil {
		t.Errorf("data of one sign: %v", err)
	}
	for symmetry, lost := range map[string]bool{"none": true, "flip": false, "translation": true, "translation+flip": false} {
		training := lostTraining(t, "pcd", 2)
		training.spec.Training.Symmetry = symmetry
		if err := training.lostSign(chainsRecord(50, 0)); (err != nil) != lost {
			t.Errorf("symmetry %q: %v", symmetry, err)
		}
	}
}

// TestLostSignChance: a machine that has both signs as its data do is accused at one
// record with a probability of at most lostChance, summed here over the numbers of its
// chains that are up, whatever number of chains it has; one that has lost a sign is
// accused from 18 chains on.
func TestLostSignChance(t *testing.T) {
	for _, every := range []int{2, 3, 4} {
		training := lostTraining(t, "pcd", every)
		accused := func(chains, up int) bool {
			training.spec.Training.Chains = chains
			return training.lostSign(chainsRecord(50, float64(up)/float64(chains))) != nil
		}
		down := 1 / float64(every)
		for n := 1; n <= 250; n++ {
			chance, weight := 0.0, math.Pow(down, float64(n)) // of k up
			for k := range n + 1 {
				if accused(n, k) {
					chance += weight
				}
				weight *= float64(n-k) / float64(k+1) * (1 - down) / down
			}
			if chance > lostChance {
				t.Errorf("%d chains, %v of the data down: accused by chance with probability %v", n, down, chance)
			}
			if every == 2 && accused(n, 0) != (n >= 18) {
				t.Errorf("%d chains without a sign: accused %v", n, accused(n, 0))
			}
		}
	}
}

// TestFewChains: few chains of a symmetric machine are all on one side now and then,
// which is no reason to stop its training.
func TestFewChains(t *testing.T) {
	for _, few := range []string{"chains = 3", "chains = 1\nalgorithm = \"ptt\""} {
		w := openRun(t, strings.Replace(smallRun, "[training]", "[training]\n"+few, 1))
		mustRun(t, w, 1)
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
