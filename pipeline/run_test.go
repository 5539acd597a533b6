package pipeline

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// smallRun is a whole run of a second or so.
const smallRun = `
seed = 7
[lattice]
kind = "square"
sizes = [4]
[sweep]
temperatures = [2.0, 3.0]
[monte_carlo]
configurations = 1_000
validation = 300
[rbm]
hidden = [6]
[training]
updates = 120
batch = 50
warm_start = false
[sampling]
configurations = 1_000
chains = 64
burn_in = 20
thinning = 2
[output]
figures = ["thermodynamics"]
`

// openRun writes a run file into a new folder and opens it.
func openRun(t *testing.T, text string) *Workspace {
	t.Helper()
	path := filepath.Join(t.TempDir(), "small.toml")
	return reopenRun(t, path, text)
}

// reopenRun overwrites a run file and opens it.
func reopenRun(t *testing.T, path, text string) *Workspace {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	w, err := OpenWorkspace(path)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func quiet(workers int) Options {
	return Options{Workers: workers, Stages: CellStages(), Progress: io.Discard}
}

func mustRun(t *testing.T, w *Workspace, workers int) Outcome {
	t.Helper()
	outcome, err := w.RunAll(t.Context(), quiet(workers))
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}

// reproducible lists the files of a run directory that must be the same bytes
// whenever the run file and the program are, with their hashes.
func reproducible(t *testing.T, dir string) map[string][32]byte {
	t.Helper()
	sums := make(map[string][32]byte)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if slices.Contains([]string{"log.txt", stateFile, environmentFile}, entry.Name()) {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		sums[name] = sha256.Sum256(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

func sameFiles(t *testing.T, what string, got, want map[string][32]byte) {
	t.Helper()
	for name, sum := range want {
		if other, ok := got[name]; !ok {
			t.Errorf("%s: no %s", what, name)
		} else if other != sum {
			t.Errorf("%s: %s has other bytes", what, name)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: unexpected %s", what, name)
		}
	}
}

// TestRunFiles: a run leaves the files that the package's documentation lists,
// and a second one changes nothing.
func TestRunFiles(t *testing.T) {
	w := openRun(t, smallRun)
	outcome := mustRun(t, w, 2)
	if outcome.Ran != 6 || outcome.Results == nil {
		t.Errorf("ran %d stages, want 6, and an analysis", outcome.Ran)
	}
	files := reproducible(t, w.Dir)
	for _, want := range []string{
		"run.toml", "manifest.json", "references.bib", "results.csv", "results.parquet", "comparison.csv", "details.csv", "correlations.csv", "report.html",
		"figures/thermodynamics.svg", "figures/thermodynamics.png", "figures/thermodynamics.pdf", "figures/thermodynamics.csv",
		"cells/L004/T2.000000/configurations.parquet", "cells/L004/T2.000000/validation.parquet", "cells/L004/T2.000000/checksums.json",
		"cells/L004/T3.000000/h0006_r00/model.npz", "cells/L004/T3.000000/h0006_r00/training.parquet", "cells/L004/T3.000000/h0006_r00/samples.parquet",
	} {
		if _, ok := files[filepath.FromSlash(want)]; !ok {
			t.Errorf("no %s", want)
		}
	}
	before := modificationTimes(t, w.Dir)
	again := mustRun(t, w, 2)
	if again.Ran != 0 || again.Done != 6 || again.Results != nil {
		t.Errorf("the second run did %d stages and found %d done, want 0 and 6, without an analysis", again.Ran, again.Done)
	}
	for name, was := range modificationTimes(t, w.Dir) {
		if before[name] != was {
			t.Errorf("the second run touched %s", name)
		}
	}
}

func modificationTimes(t *testing.T, dir string) map[string]time.Time {
	t.Helper()
	times := make(map[string]time.Time)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		times[path] = info.ModTime()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return times
}

// TestRunReproducible: the same bytes for 1, 2 and 7 workers, and for a run
// that was interrupted again and again.
func TestRunReproducible(t *testing.T) {
	reference := openRun(t, smallRun)
	mustRun(t, reference, 1)
	want := reproducible(t, reference.Dir)
	for _, workers := range []int{2, 7} {
		w := openRun(t, smallRun)
		mustRun(t, w, workers)
		sameFiles(t, "other workers", reproducible(t, w.Dir), want)
	}
	w := openRun(t, smallRun)
	interrupted, mapped := 0, quiet(2)
	mapped.HeldSpins = 1
	for patience := 5 * time.Millisecond; ; patience += 5 * time.Millisecond {
		ctx, cancel := context.WithCancel(t.Context())
		timer := time.AfterFunc(patience, cancel)
		_, err := w.RunAll(ctx, mapped)
		timer.Stop()
		cancel()
		if err == nil {
			break
		}
		if !errors.Is(err, ErrInterrupted) {
			t.Fatal(err)
		}
		interrupted++
	}
	if interrupted < 3 {
		t.Errorf("interrupted only %d times", interrupted)
	}
	sameFiles(t, "interrupted and mapped", reproducible(t, w.Dir), want)
}

// TestRunExtended: adding a temperature leaves the other cells' bytes alone.
func TestRunExtended(t *testing.T) {
	w := openRun(t, smallRun)
	mustRun(t, w, 2)
	before := reproducible(t, filepath.Join(w.Dir, "cells"))
	w = reopenRun(t, w.Path, strings.Replace(smallRun, "[2.0, 3.0]", "[2.0, 2.5, 3.0]", 1))
	if outcome := mustRun(t, w, 2); outcome.Ran != 3 || outcome.Done != 6 {
		t.Errorf("ran %d and found %d, want 3 and 6", outcome.Ran, outcome.Done)
	}
	after := reproducible(t, filepath.Join(w.Dir, "cells"))
	for name, sum := range before {
		if after[name] != sum {
			t.Errorf("%s changed", name)
		}
	}
}

// TestRunChanged: a run file that does not match finished stages is refused
// with the keys, and nothing is touched.
func TestRunChanged(t *testing.T) {
	w := openRun(t, smallRun)
	mustRun(t, w, 2)
	before := modificationTimes(t, w.Dir)
	w = reopenRun(t, w.Path, strings.NewReplacer("seed = 7", "seed = 8", "batch = 50", "batch = 60").Replace(smallRun))
	_, err := w.RunAll(t.Context(), quiet(2))
	var changed *ChangedError
	if !errors.As(err, &changed) {
		t.Fatalf("error %v, want a ChangedError", err)
	}
	if changed.Stage != Generate || changed.Cells != 2 || len(changed.Changes) != 1 || changed.Changes[0] != (Change{"seed", "7", "8"}) {
		t.Errorf("%+v", changed)
	}
	for _, part := range []string{"seed: was 7, is now 8", "clean --stage generate"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not say %q:\n%v", part, err)
		}
	}
	for name, was := range modificationTimes(t, w.Dir) {
		if before[name] != was {
			t.Errorf("%s was touched", name)
		}
	}
	if _, err := w.Analyse(t.Context(), 1); !errors.As(err, &changed) {
		t.Errorf("the analysis gave %v, want a ChangedError", err)
	}
}

// TestRunDamaged: a data file with a flipped byte fails the cells that read
// it, by name, and no other; removing it heals the run.
func TestRunDamaged(t *testing.T) {
	w := openRun(t, smallRun)
	options := quiet(2)
	options.Stages = []Stage{Generate}
	if _, err := w.RunCells(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	victim := filepath.Join(w.Dir, "cells", "L004", "T2.000000", configurationsFile.name(w.Run))
	content, err := os.ReadFile(victim)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/3] ^= 4
	if err := os.WriteFile(victim, content, 0o666); err != nil {
		t.Fatal(err)
	}
	outcome, err := w.RunAll(t.Context(), quiet(2))
	var failed *FailedError
	if !errors.As(err, &failed) || len(failed.Failures) != 1 || failed.Failures[0].Stage != Train || failed.Failures[0].Cell.ID() != "L004/T2.000000/h0006_r00" {
		t.Fatalf("error %v, want the one failure of the damaged cell", err)
	}
	if !strings.Contains(err.Error(), configurationsFile.name(w.Run)) {
		t.Errorf("the error does not name the file: %v", err)
	}
	if outcome.Ran != 2 || outcome.Skipped != 1 {
		t.Errorf("%d stages ran and %d were skipped, want the other machine's two, and one", outcome.Ran, outcome.Skipped)
	}
	cells, err := w.Status()
	if err != nil {
		t.Fatal(err)
	}
	if cells[1].Status != Failed || cells[1].Error == "" || cells[3].Status != Done {
		t.Errorf("status %+v", cells)
	}
	if err := os.Remove(victim); err != nil {
		t.Fatal(err)
	}
	if outcome, err := w.RunAll(t.Context(), quiet(2)); !errors.As(err, &failed) || outcome.Ran != 1 || !strings.Contains(err.Error(), "--retry-failed") {
		t.Errorf("%d stages ran, %v; want the data alone, and what failed named again", outcome.Ran, err)
	}
	again := quiet(2)
	again.RetryFailed = true
	if _, err := w.RunAll(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	reference := openRun(t, smallRun)
	mustRun(t, reference, 1)
	sameFiles(t, "healed", reproducible(t, w.Dir), reproducible(t, reference.Dir))
}

// TestRunStages: a stage on its own does that stage, and says so when what it
// needs is not there.
func TestRunStages(t *testing.T) {
	w := openRun(t, smallRun)
	train := quiet(1)
	train.Stages = []Stage{Train}
	if _, err := w.RunCells(t.Context(), train); err == nil || !strings.Contains(err.Error(), "wait for files of an earlier stage") {
		t.Errorf("training without data gave %v", err)
	}
	for _, stage := range []Stage{Generate, Train, Sample} {
		options := quiet(2)
		options.Stages = []Stage{stage}
		summary, err := w.RunCells(t.Context(), options)
		if err != nil || summary.Ran != 2 {
			t.Errorf("%s: %d ran, %v", stage, summary.Ran, err)
		}
	}
}

// TestClean removes a stage and what depends on it, then everything.
func TestClean(t *testing.T) {
	w := openRun(t, smallRun)
	mustRun(t, w, 2)
	want := reproducible(t, w.Dir)
	for _, c := range []struct {
		stage Stage
		again int // stages to run again
	}{{Sample, 2}, {Train, 4}, {Generate, 6}} {
		if n, err := w.Clean(c.stage); err != nil || n != 2 {
			t.Errorf("clean %s: %d cells, %v", c.stage, n, err)
		}
		if outcome := mustRun(t, w, 2); outcome.Ran != c.again {
			t.Errorf("after cleaning %s, %d stages ran, want %d", c.stage, outcome.Ran, c.again)
		}
		sameFiles(t, "after cleaning "+string(c.stage), reproducible(t, w.Dir), want)
	}
	note := filepath.Join(w.Dir, "notes.txt")
	if err := os.WriteFile(note, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	if kept, err := w.CleanAll(); err != nil || !slices.Equal(kept, []string{"notes.txt"}) {
		t.Errorf("kept %q, %v", kept, err)
	}
	if _, err := os.Stat(note); err != nil {
		t.Errorf("a file of the user's is gone: %v", err)
	}
	if _, err := w.RunAll(t.Context(), quiet(1)); err == nil || !strings.Contains(err.Error(), "notes.txt") {
		t.Errorf("a run into somebody else's folder gave %v", err)
	}
	if err := os.Remove(note); err != nil {
		t.Fatal(err)
	}
	if kept, err := w.CleanAll(); err != nil || kept != nil {
		t.Errorf("kept %q, %v", kept, err)
	}
	if _, err := os.Stat(w.Dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the run directory is still there: %v", err)
	}
}

// TestCleanUnfinished: samples that were begun go with those that were finished, so
// that they can be drawn with other settings; a training that was begun stays.
func TestCleanUnfinished(t *testing.T) {
	w := openRun(t, smallRun)
	mustRun(t, w, 2)
	want := reproducible(t, w.Dir)
	for _, c := range []struct {
		stage Stage
		stays bool
	}{{Sample, false}, {Train, true}} {
		path := filepath.Join(w.folders.of(w.Plan.Cells(true)[0]), checkpointFile)
		raw, err := encodeCheckpoint(checkpointContent{Format: checkpointFormat, Stage: c.stage})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, raw, 0o666); err != nil {
			t.Fatal(err)
		}
		if n, err := w.Clean(Sample); err != nil || n != 2 {
			t.Fatalf("%d cells, %v", n, err)
		}
		if err := os.Remove(path); errors.Is(err, fs.ErrNotExist) == c.stays {
			t.Errorf("the checkpoint of %s: %v", c.stage, err)
		}
	}
	mustRun(t, w, 2)
	sameFiles(t, "after cleaning what was begun", reproducible(t, w.Dir), want)
}

// TestRunHeals: damaged records, tables and pages are noticed and made again.
func TestRunHeals(t *testing.T) {
	w := openRun(t, smallRun)
	mustRun(t, w, 2)
	want := reproducible(t, w.Dir)
	for _, c := range []struct {
		file   string
		again  int  // stages to run again
		report bool // whether the report is made again
	}{
		{"cells/L004/T2.000000/state.json", 1, false},
		{"cells/L004/T3.000000/h0006_r00/checksums.json", 2, false},
		{"results.csv", 0, true}, {"report.html", 0, true}, {"figures/thermodynamics.svg", 0, true}, {"manifest.json", 0, true},
	} {
		if err := os.WriteFile(filepath.Join(w.Dir, filepath.FromSlash(c.file)), []byte("{"), 0o666); err != nil {
			t.Fatal(err)
		}
		if outcome := mustRun(t, w, 2); outcome.Ran != c.again || (outcome.Results != nil) != c.report {
			t.Errorf("%s damaged: %d stages ran, want %d; an analysis: %v, want %v", c.file, outcome.Ran, c.again, outcome.Results != nil, c.report)
		}
		sameFiles(t, c.file, reproducible(t, w.Dir), want)
	}
}

// TestAnalyseDamaged: a damaged file fails its own cell; the others are
// analysed, and the next run looks again.
func TestAnalyseDamaged(t *testing.T) {
	w := openRun(t, smallRun)
	mustRun(t, w, 2)
	victim := filepath.Join(w.Dir, "cells", "L004", "T3.000000", "h0006_r00", samplesFile.name(w.Run))
	content, err := os.ReadFile(victim)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 1
	if err := os.WriteFile(victim, content, 0o666); err != nil {
		t.Fatal(err)
	}
	results, err := w.Analyse(t.Context(), 2)
	var failed *FailedError
	if !errors.As(err, &failed) || len(failed.Failures) != 1 || !strings.Contains(err.Error(), samplesFile.name(w.Run)) {
		t.Errorf("%v", err)
	}
	if results == nil || len(results.Comparisons) != 1 {
		t.Errorf("%+v", results)
	}
}

// TestMonteCarloStudy: without [rbm], with T = 0 and infinity, in a field.
func TestMonteCarloStudy(t *testing.T) {
	for _, text := range []string{`
[lattice]
kind = "square"
sizes = [4]
[sweep]
temperatures = [0, "Tc", "inf"]
[monte_carlo]
configurations = 2_000
validation = 0
`, `
[lattice]
kind = "cubic"
sizes = [3]
field = 0.25
[sweep]
temperatures = [4.0]
[monte_carlo]
configurations = 500
`} {
		w := openRun(t, text)
		outcome := mustRun(t, w, 2)
		if outcome.Results == nil || len(outcome.Results.Comparisons) != 0 {
			t.Errorf("results %+v", outcome.Results)
		}
	}
}
