package pipeline

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// crowded is a run of n temperatures and m machines of each.
func crowded(n, m int) string {
	return fmt.Sprintf("[lattice]\nkind = 'chain'\nsizes = [4]\n[sweep]\ntemperatures = %s\n"+
		"[rbm]\nhidden = [1]\nreplicas = %d\n", sweepOf(n), m)
}

// sweepOf lists n temperatures.
func sweepOf(n int) string {
	if n == 1 {
		return "[2.0]"
	}
	return fmt.Sprintf("{ from = 1.0, to = 3.0, count = %d }", n)
}

// largestFolder is the largest number of entries in a folder of cells, none of
// which are shared.
func largestFolder(t *testing.T, w *Workspace) int {
	t.Helper()
	entries := make(map[string]map[string]bool)
	cells := make(map[string]Cell)
	largest := 0
	for _, cell := range w.Plan.AllCells() {
		path := w.folders.of(cell)
		if other, taken := cells[path]; taken {
			t.Fatalf("%s and %s are both in %s", other.ID(), cell.ID(), path)
		}
		cells[path] = cell
		for parent := filepath.Dir(path); path != w.Dir; path, parent = parent, filepath.Dir(parent) {
			if entries[parent] == nil {
				entries[parent] = make(map[string]bool)
			}
			entries[parent][path] = true
			largest = max(largest, len(entries[parent]))
		}
	}
	return largest
}

// TestFolders: a cell's folder is named by its id, and no folder holds more
// than 300 of them.
func TestFolders(t *testing.T) {
	for _, c := range []struct{ temperatures, machines, largest int }{
		{250, 1, 250},
		{251, 1, 32},
		{500, 1, 32},
		{1000, 1, 50},
		{6000, 1, 250},
		{1, 250, 250},
		{1, 999, 50},
		{30, 300, 32},
	} {
		w := openRun(t, crowded(c.temperatures, c.machines))
		if got := largestFolder(t, w); got > c.largest {
			t.Errorf("%d temperatures, %d machines: a folder holds %d entries, want at most %d", c.temperatures, c.machines, got, c.largest)
		}
	}
	w := openRun(t, crowded(2, 2))
	for _, cell := range w.Plan.AllCells() {
		if got, want := w.folders.of(cell), filepath.Join(w.Dir, "cells", filepath.FromSlash(cell.ID())); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// provideFolders makes the folders of all cells.
func provideFolders(t *testing.T, w *Workspace) {
	t.Helper()
	for _, cell := range w.Plan.AllCells() {
		if err := os.MkdirAll(w.folders.of(cell), 0o777); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFoldersStay: cells keep their folders when a run file grows and when it
// shrinks.
func TestFoldersStay(t *testing.T) {
	w := openRun(t, crowded(241, 1))
	provideFolders(t, w)
	grown := reopenRun(t, w.Path, crowded(481, 1))
	if got := largestFolder(t, grown); got > 300 {
		t.Errorf("a folder holds %d entries", got)
	}
	provideFolders(t, grown)
	shrunk := reopenRun(t, w.Path, crowded(121, 1))
	for _, cell := range shrunk.Plan.AllCells() {
		if first, then, now := w.folders.of(cell), grown.folders.of(cell), shrunk.folders.of(cell); first != then || then != now {
			t.Errorf("%s lay in %s, then in %s, and now in %s", cell.ID(), first, then, now)
		}
	}
	last := grown.Plan.Cells(false)[1] // of the 481 alone
	alone := reopenRun(t, w.Path, strings.Replace(crowded(1, 1), "2.0", last.Temperature.String(), 1))
	if got, want := alone.folders.of(last), grown.folders.of(last); got != want || !strings.Contains(got, "group-") {
		t.Errorf("%s is looked for in %s, and lies in %s", last.ID(), got, want)
	}
}

// TestCrowdedRun: a run whose cells lie in groups is carried out with the same
// results as any other, found to be done, and removed.
func TestCrowdedRun(t *testing.T) {
	want := openRun(t, smallRun)
	if _, err := want.RunAll(t.Context(), quiet(2)); err != nil {
		t.Fatal(err)
	}
	w := openRun(t, smallRun)
	w.folders.crowd = 1
	if _, err := w.RunAll(t.Context(), quiet(2)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{resultsCSV, comparisonCSV, manifestFile} {
		if string(mustRead(t, filepath.Join(w.Dir, name))) != string(mustRead(t, filepath.Join(want.Dir, name))) {
			t.Errorf("%s differs", name)
		}
	}
	if flat, err := filepath.Glob(filepath.Join(w.Dir, cellsDir, "L*", "T*")); err != nil || len(flat) > 0 {
		t.Errorf("outside groups: %q, %v", flat, err)
	}
	again := reopenRun(t, w.Path, smallRun)
	if outcome, err := again.RunAll(t.Context(), quiet(2)); err != nil || outcome.Done != outcome.Tasks {
		t.Errorf("run again: %d of %d done: %v", outcome.Done, outcome.Tasks, err)
	}
	if kept, err := again.CleanAll(); err != nil || len(kept) > 0 || exists(w.Dir) {
		t.Errorf("clean: %v, %v", kept, err)
	}
}
