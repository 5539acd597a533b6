package pipeline

import (
	"slices"
	"strings"
	"testing"
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
