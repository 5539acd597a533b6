package pipeline

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"isingrbm/pipeline/store"
)

// TestChangesOfYoungerKeys: a key that was not there when a stage was done
// counts as a change only where the run file sets it to something new.
func TestChangesOfYoungerKeys(t *testing.T) {
	plan := parsePlan(t, smallRun)
	now := stageInputs(plan.Run, Sample)
	without := func(keys ...string) []Input {
		return slices.DeleteFunc(slices.Clone(now), func(in Input) bool { return slices.Contains(keys, in.Key) })
	}
	if list := changes(plan.Run, without("monte_carlo.algorithm", "training.rate", "sampling.start"), now); list != nil {
		t.Errorf("keys at their defaults: %v", list)
	}
	list := changes(plan.Run, without("training.batch", "version.trainer"), now)
	if len(list) != 2 || list[0] != (Change{"training.batch", "", "50"}) || list[1].Key != "version.trainer" {
		t.Errorf("a key that the file sets, and a version: %v", list)
	}
	older := append(without(), Input{"training.gone", "1"})
	if list := changes(plan.Run, older, now); len(list) != 1 || list[0] != (Change{"training.gone", "1", ""}) {
		t.Errorf("a key that is no more: %v", list)
	}
}

// TestChangedErrorSaysWhatIsKept names the keys and what stays.
func TestChangedErrorSaysWhatIsKept(t *testing.T) {
	for _, c := range []struct {
		stage Stage
		key   string
		kept  string
	}{
		{Generate, "seed", "nothing of these cells can be kept"},
		{Train, "training.rate", "the configurations are kept"},
		{Train, "monte_carlo.configurations", "kept and extended"},
		{Sample, "sampling.chains", "configurations and machines are kept"},
	} {
		text := (&ChangedError{Directory: "x.out", Stage: c.stage, Cells: 3, Changes: []Change{{c.key, "1", "2"}}}).Error()
		for _, part := range []string{c.key + ": was 1, is now 2", c.kept, "hint: ", "clean --stage " + string(c.stage)} {
			if !strings.Contains(text, part) {
				t.Errorf("no %q in\n%s", part, text)
			}
		}
	}
}

// TestEveryByteOfAState: whatever happens to a byte of a state, or wherever it is cut,
// it reads as it was, or not at all, and then the cell is computed again.
func TestEveryByteOfAState(t *testing.T) {
	w := openRun(t, smallRun)
	mustRun(t, w, 2)
	cell := w.Plan.Cells(true)[0]
	path := filepath.Join(w.folders.of(cell), stateFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := loadState(w.folders, cell)
	if err != nil {
		t.Fatal(err)
	}
	read := func(text []byte) (same bool) {
		t.Helper()
		if err := os.WriteFile(path, text, 0o666); err != nil {
			t.Fatal(err)
		}
		got, err := readState(w.folders, cell)
		if err != nil || got.damage == nil && !reflect.DeepEqual(got, want) || got.damage != nil && len(got.Stages) > 0 {
			t.Errorf("%v, %+v of %q", err, got, text)
		}
		return err == nil && got.damage == nil
	}
	unharmed := 0
	for i := range whole {
		changed := bytes.Clone(whole)
		changed[i] ^= 1 << (i % 8)
		if read(changed) {
			unharmed++
		}
		if i%7 == 0 && i < len(whole)-1 { // the line end may be missing
			if read(whole[:i]) {
				t.Errorf("cut to %d of %d bytes it reads as it was", i, len(whole))
			}
		}
	}
	if unharmed > len(whole)/3 { // white space, and the case of keys
		t.Errorf("%d of %d changes were not noticed", unharmed, len(whole))
	}
	_, findings, err := w.Verify(t.Context(), 1)
	if err != nil || !slices.ContainsFunc(findings, func(f Finding) bool { return f.Path == path }) { // as it was changed last
		t.Errorf("%v, %v", findings, err)
	}
}

// TestStatesOfFormat1 are read as they are, without a checksum.
func TestStatesOfFormat1(t *testing.T) {
	w := openRun(t, smallRun)
	mustRun(t, w, 2)
	for _, cell := range w.Plan.AllCells() {
		path := filepath.Join(w.folders.of(cell), stateFile)
		state, err := loadState(w.folders, cell)
		if err != nil {
			t.Fatal(err)
		}
		state.Format, state.SHA256 = 1, ""
		if err := store.WriteJSON(path, state); err != nil {
			t.Fatal(err)
		}
	}
	if outcome := mustRun(t, reopen(t, w), 2); outcome.Ran != 0 || outcome.Done != 6 {
		t.Errorf("ran %d and found %d, want 0 and 6", outcome.Ran, outcome.Done)
	}
}
