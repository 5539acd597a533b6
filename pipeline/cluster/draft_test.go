package cluster

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"isingrbm/pipeline"
)

// TestPlanCollector: whatever is queued, one collector waits for all of it, and
// for one that is at work; it takes the place of those that wait, with what
// they were to submit.
func TestPlanCollector(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.toml")
	if err := os.WriteFile(path, []byte("[lattice]\nkind = \"square\"\nsizes = [4]\n[sweep]\ntemperatures = [2.0, 3.0]\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	w, err := pipeline.OpenWorkspace(path)
	if err != nil {
		t.Fatal(err)
	}
	before := &Submission{
		Arrays: []Array{
			{Label: "generate.1", Name: "old.generate.1", Stages: []pipeline.Stage{pipeline.Generate}, Elements: []Element{{1, []string{"L004/T2.000000"}}}},
			{Label: collectorLabel, Name: "old.report", Elements: []Element{{}}},
		},
		KeptOut: []string{"L004/T3.000000", "L004/T9.000000"}, // the run file no longer has the last
	}
	task := map[place]Entry{{"old.generate.1", 1}: {Job: "7", Index: 1, State: "RUNNING"}}
	report := func(state string) map[place]Entry {
		return map[place]Entry{{"old.report", 0}: {Job: "8", State: state}}
	}
	added := []Array{{Label: "train.1", Name: "new.train.1", Stages: []pipeline.Stage{pipeline.Train}, Elements: []Element{{1, nil}}}}
	for _, c := range []struct {
		name      string
		queue     Queue
		arrays    []Array
		after     []string // arrays that the new collector waits for; nil: there is none
		replaced  []string
		inherited []string
	}{
		{"nothing", nil, nil, nil, nil, nil},
		{"more to do", nil, added, []string{"new.train.1"}, nil, nil},
		{"a submission broke off before its collector", task, nil, []string{"old.generate.1"}, nil, nil},
		{"one waits and there is nothing more", report("PENDING"), nil, nil, nil, []string{"L004/T3.000000"}},
		{"one waits and there is more to do", report("PENDING"), added, []string{"new.train.1"}, []string{"8"}, []string{"L004/T3.000000"}},
		{"one is at work", report("RUNNING"), added, []string{"old.report", "new.train.1"}, nil, nil},
	} {
		d := &Draft{Submission: &Submission{Arrays: slices.Clone(c.arrays), dir: filepath.Join(w.Dir, folder, "002")}}
		d.planCollector(w, []*Submission{before}, c.queue)
		var after []string
		if last := len(d.Arrays) - 1; last >= 0 && d.Arrays[last].Collector() {
			for _, dependency := range d.Arrays[last].After {
				after = append(after, dependency.Array)
			}
		}
		if !slices.Equal(after, c.after) || !slices.Equal(d.collectors, c.replaced) || !slices.Equal(d.inherited, c.inherited) {
			t.Errorf("%s: after %q in the place of %q with %q; want %q, %q, %q", c.name, after, d.collectors, d.inherited, c.after, c.replaced, c.inherited)
		}
	}
}
