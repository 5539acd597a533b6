package pipeline

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"isingrbm/ising"
)

// Numbers of configurations of several generation blocks, the last cut short,
// and of a smaller file that ends within a block.
const (
	manyBlocks = "configurations = 40_000\nvalidation = 20_000"
	fewBlocks  = "configurations = 20_000\nvalidation = 300"
)

// manyRun is a Monte Carlo study whose files have several blocks.
var manyRun = "[lattice]\nkind = \"square\"\nsizes = [3]\n[sweep]\ntemperatures = [2.0]\n[monte_carlo]\nthermalization = 20\nthinning = 2\n" + manyBlocks + "\n"

// often writes a checkpoint whenever one may be written.
func often(workers int) Options {
	o := quiet(workers)
	o.CheckpointEvery = 1
	return o
}

// interruptOnce runs until a path exists, then interrupts. It reports whether
// the run was interrupted before its end.
func interruptOnce(t *testing.T, w *Workspace, options Options, path string) bool {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for ctx.Err() == nil {
			if found, _ := filepath.Glob(path); found != nil {
				cancel()
			}
			time.Sleep(100 * time.Microsecond)
		}
	}()
	_, err := w.RunAll(ctx, options)
	if err != nil && !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	return err != nil
}

func readLog(t *testing.T, dir string) string {
	t.Helper()
	log, err := os.ReadFile(filepath.Join(dir, logFile))
	if err != nil {
		t.Fatal(err)
	}
	return string(log)
}

// TestGenerationContinues: a generation that was interrupted goes on after its
// last complete block, in either file, with the same bytes in the end and
// nothing left over.
func TestGenerationContinues(t *testing.T) {
	reference := openRun(t, manyRun)
	mustRun(t, reference, 1)
	want := reproducible(t, reference.Dir)
	for _, part := range []string{"part-000-configurations*", "part-001-configurations*", "part-000-validation*"} {
		w := openRun(t, manyRun)
		dir := w.folders.of(w.Plan.Cells(false)[0])
		interrupted := interruptOnce(t, w, often(1), filepath.Join(dir, part))
		if !interrupted {
			t.Logf("%s: not interrupted in time", part)
		} else if cells, err := w.Status(); err != nil || cells[0].Status != Interrupted || cells[0].Done < ising.Lanes*storedPerChain {
			t.Errorf("%s: interrupted with %+v, %v", part, cells, err)
		}
		mustRun(t, w, 1)
		sameFiles(t, part, reproducible(t, w.Dir), want)
	}
}

// TestSamplingContinues: a sampling goes on with its chains where they stood,
// in the burn-in too.
func TestSamplingContinues(t *testing.T) {
	text := strings.NewReplacer("[2.0, 3.0]", "[2.0]", "burn_in = 20", "burn_in = 200").Replace(smallRun)
	reference := openRun(t, text)
	mustRun(t, reference, 1)
	want := reproducible(t, reference.Dir)
	w := openRun(t, text)
	dir := w.folders.of(w.Plan.Cells(true)[0])
	for _, stage := range []Stage{Generate, Train} {
		options := quiet(1)
		options.Stages = []Stage{stage}
		if _, err := w.RunCells(t.Context(), options); err != nil {
			t.Fatal(err)
		}
	}
	interruptions := 0
	for _, file := range []string{checkpointFile, partPrefix + "000-*", partPrefix + "004-*"} {
		if interruptOnce(t, w, often(1), filepath.Join(dir, file)) {
			interruptions++
		}
	}
	mustRun(t, w, 1)
	if n := strings.Count(readLog(t, dir), "msg=continued"); interruptions == 0 || n == 0 {
		t.Errorf("interrupted %d times, continued %d times", interruptions, n)
	}
	sameFiles(t, "continued", reproducible(t, w.Dir), want)
}

// TestScratch: with a scratch folder all files are written there first, and a
// run that was interrupted goes on without what lay in it: its checkpoints and
// their parts are in the run directory. The bytes are the same.
func TestScratch(t *testing.T) {
	for name, text := range map[string]string{"part-000-configurations*": manyRun, "h0006_r00/part-000-samples*": smallRun} {
		reference := openRun(t, text)
		mustRun(t, reference, 1)
		w := openRun(t, text)
		first, second := often(1), often(1)
		first.Scratch, second.Scratch = t.TempDir(), t.TempDir()
		if !interruptOnce(t, w, first, filepath.Join(w.folders.of(w.Plan.Cells(false)[0]), name)) {
			t.Logf("%s: not interrupted in time", name)
		}
		if err := os.RemoveAll(first.Scratch); err != nil { // the node is gone
			t.Fatal(err)
		}
		if _, err := w.RunAll(t.Context(), second); err != nil {
			t.Fatal(err)
		}
		sameFiles(t, name, reproducible(t, w.Dir), reproducible(t, reference.Dir))
		missing := openRun(t, text)
		second.Scratch = filepath.Join(second.Scratch, "nowhere")
		if _, err := missing.RunAll(t.Context(), second); err == nil || !strings.Contains(err.Error(), "nowhere") {
			t.Errorf("%s: a scratch folder that is not there is not used: %v", name, err)
		}
	}
}

// TestRunExtendedByConfigurations: more configurations extend the files that
// are there to those of a run that had them from the start; fewer are refused.
func TestRunExtendedByConfigurations(t *testing.T) {
	reference := openRun(t, manyRun)
	mustRun(t, reference, 1)
	few := strings.Replace(manyRun, manyBlocks, fewBlocks, 1)
	w := openRun(t, few)
	mustRun(t, w, 1)
	w = reopenRun(t, w.Path, manyRun)
	cells, err := w.Status()
	if err != nil || cells[0].Status != Interrupted || cells[0].Changes != nil {
		t.Errorf("before it is extended: %+v, %v", cells, err)
	}
	if outcome := mustRun(t, w, 1); outcome.Ran != 1 {
		t.Errorf("%d stages ran, want 1", outcome.Ran)
	}
	got, want := reproducible(t, w.Dir), reproducible(t, reference.Dir)
	sameFiles(t, "extended", got, want)

	w = reopenRun(t, w.Path, few)
	var changed *ChangedError
	if _, err := w.RunAll(t.Context(), quiet(1)); !errors.As(err, &changed) || !strings.Contains(err.Error(), "monte_carlo.configurations: was 40000, is now 20000") {
		t.Errorf("fewer configurations gave %v", err)
	}
	if changed != nil && changed.Stage != Generate {
		t.Errorf("%+v", changed)
	}
}

// TestRunExtendedBeforeMachines: machines that were trained on fewer
// configurations are refused, and their data are kept when they are removed.
func TestRunExtendedBeforeMachines(t *testing.T) {
	w := openRun(t, smallRun)
	mustRun(t, w, 2)
	more := strings.Replace(smallRun, "configurations = 1_000\nvalidation", "configurations = 2_000\nvalidation", 1)
	w = reopenRun(t, w.Path, more)
	var changed *ChangedError
	_, err := w.RunAll(t.Context(), quiet(2))
	if !errors.As(err, &changed) || changed.Stage != Train || !strings.Contains(err.Error(), "configurations are kept") {
		t.Fatalf("%v", err)
	}
	if _, err := w.Clean(Train); err != nil {
		t.Fatal(err)
	}
	mustRun(t, w, 2)
	reference := openRun(t, more)
	mustRun(t, reference, 2)
	sameFiles(t, "extended", reproducible(t, w.Dir), reproducible(t, reference.Dir))
}

// TestPartsRefused: a part that is damaged or gone is refused by name.
func TestPartsRefused(t *testing.T) {
	w := openRun(t, manyRun)
	dir := w.folders.of(w.Plan.Cells(false)[0])
	for !interruptOnce(t, w, often(1), filepath.Join(dir, "part-000-conf*")) {
		w = openRun(t, manyRun) // the interruption came too late
		dir = w.folders.of(w.Plan.Cells(false)[0])
	}
	parts, _ := filepath.Glob(filepath.Join(dir, partPrefix+"*"))
	whole, err := os.ReadFile(parts[0])
	if err != nil {
		t.Fatal(err)
	}
	whole[len(whole)/2] ^= 1
	retry := quiet(1)
	retry.RetryFailed = true
	for _, damage := range []func() error{
		func() error { return os.WriteFile(parts[0], whole, 0o666) },
		func() error { return os.Remove(parts[0]) },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		if _, err := w.RunAll(t.Context(), retry); err == nil || !strings.Contains(err.Error(), parts[0]) || !strings.Contains(err.Error(), "hint: remove "+filepath.Join(dir, checkpointFile)) {
			t.Errorf("%v", err)
		}
	}
	if err := os.Remove(filepath.Join(dir, checkpointFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.RunAll(t.Context(), retry); err != nil {
		t.Fatal(err)
	}
	reference := openRun(t, manyRun)
	mustRun(t, reference, 1)
	sameFiles(t, "begun anew", reproducible(t, w.Dir), reproducible(t, reference.Dir))
}
