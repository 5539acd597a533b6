package pipeline

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"isingrbm/pipeline/store"
	"isingrbm/rbm"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// longTraining is smallRun with a training that can be interrupted.
var longTraining = strings.Replace(smallRun, "updates = 120", "updates = 4_000", 1)

// interruptTraining runs until the first training has saved a checkpoint, interrupts,
// and returns the one that must be there.
func interruptTraining(t *testing.T, w *Workspace) string {
	t.Helper()
	path := filepath.Join(w.Dir, "cells", "L004", "T2.000000", "h0006_r00", checkpointFile)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(path); err == nil { // the first one, of no update; the next look is some updates later
				cancel()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	if _, err := w.RunAll(ctx, often(1)); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Fatalf("not interrupted: %v", err)
	}
	cancel()
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestCheckpointContinues: an interrupted training goes on from where it was,
// and ends with the bytes of one that was not interrupted.
func TestCheckpointContinues(t *testing.T) {
	w := openRun(t, longTraining)
	path := interruptTraining(t, w)
	cells, err := w.Status()
	if err != nil {
		t.Fatal(err)
	}
	if cells[1].Status != Interrupted || cells[1].Done == 0 || cells[1].Done == 4000 {
		t.Errorf("status after the interruption: %+v", cells[1])
	}
	mustRun(t, w, 2)
	log, err := os.ReadFile(filepath.Join(filepath.Dir(path), "log.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(log), "msg=continued") {
		t.Errorf("the training was not continued:\n%s", log)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the checkpoint was left behind")
	}
	reference := openRun(t, longTraining)
	mustRun(t, reference, 2)
	sameFiles(t, "continued", reproducible(t, w.Dir), reproducible(t, reference.Dir))
}

// TestCheckpointRefused: a checkpoint that is damaged, cut, or of other
// settings fails its cell by name, with a hint, and never a panic.
func TestCheckpointRefused(t *testing.T) {
	w := openRun(t, longTraining)
	path := interruptTraining(t, w)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func([]byte) []byte{
		"empty":     func([]byte) []byte { return nil },
		"magic":     func(b []byte) []byte { b[3] ^= 1; return b },
		"checksum":  func(b []byte) []byte { b[len(checkpointMagic)+5] ^= 1; return b },
		"content":   func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"truncated": func(b []byte) []byte { return b[:len(b)-1] },
		"longer":    func(b []byte) []byte { return append(b, 0) },
	} {
		if err := os.WriteFile(path, damage(append([]byte(nil), whole...)), 0o666); err != nil {
			t.Fatal(err)
		}
		options := quiet(2)
		options.RetryFailed = true
		_, err := w.RunAll(t.Context(), options)
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "hint: remove") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.WriteFile(path, whole, 0o666); err != nil {
		t.Fatal(err)
	}
	w = reopenRun(t, w.Path, strings.Replace(longTraining, "batch = 50", "batch = 60", 1))
	if _, err := w.RunAll(t.Context(), quiet(2)); err == nil || !strings.Contains(err.Error(), "training.batch: was 50, is now 60") {
		t.Errorf("other settings: %v", err)
	}
}

// storedCheckpoints are trainings of checkpointRun that programs of each format were
// interrupted in, and the hash of what the present program stores 20 updates later.
var storedCheckpoints = []struct {
	format, step, records int
	later                 string
}{
	{1, 84944, 4, "89d0aaa757c92e80536ff82ceb54df0d9b62adf383e7e206fcea1c56c9d8face"},
	{2, 84964, 2, "3bb2650de9f14017d93c7741207c9d20c46a29101bef53eef27e5447f86dc341"},
}

const checkpointRun = `
seed = 7
[lattice]
kind = "square"
sizes = [4]
[sweep]
temperatures = [2.0]
[monte_carlo]
configurations = 200
validation = 100
[rbm]
hidden = [6]
[training]
algorithm = "pcd"
steps = 3
batch = 50
updates = 2_000_000
rate = 1.0
final_rate = 0.02
schedule = "exponential"
optimizer = "sgd"
momentum = 0.5
centered = true
symmetry = "flip"
average = 0.99
translations = true
flips = true
shuffle = true
initial = "gaussian"
initial_scale = 0.01
visible_bias = "data"
[sampling]
configurations = 1_000
chains = 64
`

// TestOldCheckpointsContinue: a checkpoint of any format up to this one is read whole,
// and its training goes on.
func TestOldCheckpointsContinue(t *testing.T) {
	const folder = "testdata/checkpoints"
	w := openRun(t, checkpointRun)
	for _, stored := range storedCheckpoints {
		content, err := readCheckpoint(filepath.Join(folder, fmt.Sprintf("format-%d.checkpoint", stored.format)))
		if err != nil {
			t.Fatal(err)
		}
		cell := w.Plan.Tasks[1].Cell
		tr := &training{job: &job{spec: w.Run, task: Task{Cell: cell, Stage: Train}, model: w.Plan.Model(cell), folders: w.folders, log: slog.New(slog.DiscardHandler)}}
		var data []uint64
		err = readConfigurations(filepath.Join(folder, "configurations.parquet"), 16, func(batch store.ConfigurationBatch) error {
			data = append(data, batch.Spins...)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if tr.trainer, err = rbm.NewTrainer(trainerSettings(w.Run, tr.model), 16, 6, data, [32]byte{}); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(tr.suits(content), tr.trainer.UnmarshalBinary(content.Trainer)); err != nil {
			t.Fatalf("format %d: %v", stored.format, err)
		}
		if tr.trainer.Updates() != stored.step || len(content.Records) != stored.records {
			t.Errorf("format %d: step %d with %d records", stored.format, tr.trainer.Updates(), len(content.Records))
		}
		for range 20 {
			if err := tr.trainer.Update(); err != nil {
				t.Fatal(err)
			}
		}
		state, err := tr.trainer.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if later := fmt.Sprintf("%x", sha256.Sum256(state)); later != stored.later {
			t.Errorf("format %d: 20 updates later %s", stored.format, later)
		}
		w.Run.Training.Batch++
		if err := tr.suits(content); err == nil || !strings.Contains(err.Error(), "training.batch: was 50, is now 51") {
			t.Errorf("format %d: with another batch: %v", stored.format, err)
		}
		w.Run.Training.Batch--
	}
}
