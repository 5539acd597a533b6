package pipeline

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// longTraining is smallRun with a training that can be interrupted.
var longTraining = strings.Replace(smallRun, "updates = 120", "updates = 4_000", 1)

// interruptTraining runs until the first training has begun, interrupts, and
// returns the checkpoint that must be there.
func interruptTraining(t *testing.T, w *Workspace) string {
	t.Helper()
	state := filepath.Join(w.Dir, "cells", "L004", "T2.000000", "h0006_r00", stateFile)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(state); err == nil {
				time.Sleep(50 * time.Millisecond)
				cancel()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	if _, err := w.RunAll(ctx, quiet(1)); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Fatalf("not interrupted: %v", err)
	}
	cancel()
	path := filepath.Join(filepath.Dir(state), checkpointFile)
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
