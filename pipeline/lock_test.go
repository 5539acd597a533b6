package pipeline

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"isingrbm/pipeline/lock"
)

// reopen opens the run file of a workspace again, as another process would.
func reopen(t *testing.T, w *Workspace) *Workspace {
	t.Helper()
	other, err := OpenWorkspace(w.Path)
	if err != nil {
		t.Fatal(err)
	}
	return other
}

// noLocks fails if a lock, or what is left of one, is in a run directory.
func noLocks(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if lock.Is(entry.Name()) || strings.Contains(entry.Name(), ".tmp-") {
			t.Errorf("left behind: %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRunHeld: who wants a run directory for itself is told who holds it.
func TestRunHeld(t *testing.T) {
	w := openRun(t, smallRun)
	mustRun(t, w, 2)
	release, err := reopen(t, w).hold()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Analyse(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "in use by process") {
		t.Errorf("the analysis gave %v", err)
	}
	if _, err := w.CleanAll(); err == nil || !strings.Contains(err.Error(), "in use by process") {
		t.Errorf("cleaning gave %v", err)
	}
	release()
	if _, err := w.Analyse(t.Context(), 1); err != nil {
		t.Error(err)
	}
	noLocks(t, w.Dir)
}

// TestRunShared: several processes on one run directory share its tasks, do
// each once, and one makes the report; the files are those of a single process.
func TestRunShared(t *testing.T) {
	w := openRun(t, smallRun)
	const processes = 3
	outcomes := make([]Outcome, processes)
	var all sync.WaitGroup
	for i := range processes {
		other := reopen(t, w)
		all.Go(func() {
			var err error
			if outcomes[i], err = other.RunAll(t.Context(), quiet(1)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	ran, reports := 0, 0
	for _, o := range outcomes {
		ran += o.Ran
		if o.Ran+o.Elsewhere+o.Done != o.Tasks {
			t.Errorf("%d ran, %d elsewhere, %d before, of %d", o.Ran, o.Elsewhere, o.Done, o.Tasks)
		}
		if o.Results != nil {
			reports++
		}
	}
	if ran != 6 || reports != 1 {
		t.Errorf("%d tasks ran and %d reports were made, want 6 and 1", ran, reports)
	}
	noLocks(t, w.Dir)
	reference := openRun(t, smallRun)
	mustRun(t, reference, 2)
	sameFiles(t, "shared", reproducible(t, w.Dir), reproducible(t, reference.Dir))
}

// TestRunWaits: a cell that another process holds is waited for, without
// keeping the others from being done, and an interruption ends the waiting.
func TestRunWaits(t *testing.T) {
	w := openRun(t, smallRun)
	cell := w.Plan.Cells(false)[0]
	held, err := lock.NewKeeper().Acquire(w.folders.of(cell))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil { // until the other cells are done
			if cells, err := reopen(t, w).Status(); err == nil && cells[3].Status == Done {
				cancel()
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	outcome, err := w.RunAll(ctx, quiet(1))
	cancel()
	if !errors.Is(err, ErrInterrupted) || outcome.Ran != 3 || outcome.Skipped != 3 {
		t.Errorf("%d ran, %d skipped, %v; want 3, 3 and the interruption", outcome.Ran, outcome.Skipped, err)
	}
	time.AfterFunc(100*time.Millisecond, func() { held.Release() })
	if outcome := mustRun(t, w, 1); outcome.Ran != 3 {
		t.Errorf("%d ran after the lock was given back, want 3", outcome.Ran)
	}
	noLocks(t, w.Dir)
}

// TestRunLost: a process that was given up in the middle of a cell publishes
// nothing more, and comes back to the cell when the successor is through.
func TestRunLost(t *testing.T) {
	w := openRun(t, longTraining)
	cell := w.Plan.Cells(true)[0]
	dir := w.folders.of(cell)
	var once sync.Once
	stolen := make(chan struct{})
	go func() {
		for { // until the training is at work, then take its lock away as a successor would
			if _, err := os.Stat(filepath.Join(dir, stateFile)); err == nil {
				break
			}
			time.Sleep(time.Millisecond)
		}
		once.Do(func() { close(stolen) })
		if err := os.Rename(filepath.Join(dir, "lock"), filepath.Join(dir, ".lock.tmp-gone")); err == nil {
			os.RemoveAll(filepath.Join(dir, ".lock.tmp-gone"))
		}
	}()
	mustRun(t, w, 1)
	<-stolen
	noLocks(t, w.Dir)
	reference := openRun(t, longTraining)
	mustRun(t, reference, 2)
	sameFiles(t, "lost", reproducible(t, w.Dir), reproducible(t, reference.Dir))
}

// TestTidy: what killed processes left is removed at the end of the next run.
func TestTidy(t *testing.T) {
	w := openRun(t, smallRun)
	mustRun(t, w, 2)
	want := reproducible(t, w.Dir)
	dir := w.folders.of(w.Plan.Cells(true)[0])
	if err := errors.Join(
		os.WriteFile(filepath.Join(dir, checkpointFile), nil, 0o666),
		os.WriteFile(filepath.Join(w.folders.of(w.Plan.Cells(false)[1]), partPrefix+"000-x"), nil, 0o666),
		os.MkdirAll(filepath.Join(dir, ".lock.tmp-1", "2"), 0o777),
	); err != nil {
		t.Fatal(err)
	}
	mustRun(t, w, 2)
	noLocks(t, w.Dir)
	sameFiles(t, "tidied", reproducible(t, w.Dir), want)
}
