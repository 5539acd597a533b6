package pipeline

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestNoGoroutineIsLeft: whichever way a run ends, nothing goes on behind it: no worker,
// heartbeat, reporter or trainer's thread.
func TestNoGoroutineIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	text := strings.Replace(smallRun, "batch = 50\n", "batch = 50\nthreads = 2\n", 1)
	ends := map[string]func(t *testing.T, w *Workspace, o Options) error{
		"done": func(t *testing.T, w *Workspace, o Options) error {
			_, err := w.RunAll(t.Context(), o)
			return err
		},
		"interrupted": func(t *testing.T, w *Workspace, o Options) error {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
			defer cancel()
			if _, err := w.RunAll(ctx, o); !errors.Is(err, ErrInterrupted) {
				t.Errorf("not interrupted: %v", err)
			}
			return nil
		},
		"failed": func(t *testing.T, w *Workspace, o Options) error {
			mustRun(t, w, 1)
			dir := w.folders.of(w.Plan.Cells(false)[0])
			if err := os.WriteFile(filepath.Join(dir, configurationsFile.name(w.Run)), []byte("damaged"), 0o666); err != nil {
				return err
			}
			machine := w.folders.of(w.Plan.Cells(true)[0])
			if err := errors.Join(os.RemoveAll(machine), os.WriteFile(machine, nil, 0o666)); err != nil {
				return err
			}
			if _, err := w.RunAll(t.Context(), o); err == nil {
				t.Error("no error")
			}
			return nil
		},
	}
	for name, end := range ends {
		for _, terminal := range []bool{false, true} {
			o := quiet(2)
			o.Progress, o.Terminal = io.Discard, terminal
			if err := end(t, openRun(t, text), o); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			settled(t, name, before)
		}
	}
}

// settled waits until there are no more goroutines than before.
func settled(t *testing.T, what string, before int) {
	t.Helper()
	for patience := 100; runtime.NumGoroutine() > before; patience-- {
		if patience == 0 {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%s: %d goroutines, %d before\n%s", what, runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
		time.Sleep(10 * time.Millisecond)
	}
}
