package cluster

import (
	"testing"
	"time"

	"isingrbm/pipeline"
)

// squeueLines is what squeue 22.05 prints in queueFormat, job names with a bar
// among them.
const squeueLines = `51|7|PENDING|BeginTime||2:00:00|my-1.001.train.1
51|2|RUNNING|None|n1|1:59:56|my-1.001.train.1
54|N/A|PENDING|Dependency||2:00:00|my-1.001.report
12|N/A|RUNNING|None|n2|1-00:00:00|other|job
`

func TestParseQueue(t *testing.T) {
	queue := parseQueue(squeueLines + "slurm_load_jobs warning\n")
	if len(queue) != 4 {
		t.Errorf("%d entries, want 4: %v", len(queue), queue)
	}
	waiting := queue[place{"my-1.001.train.1", 7}]
	if waiting.ID() != "51_7" || !waiting.Waits() || waiting.Reason != "BeginTime" {
		t.Errorf("%+v", waiting)
	}
	running := queue[place{"my-1.001.train.1", 2}]
	if running.Waits() || running.Node != "n1" || running.TimeLeft != "1:59:56" {
		t.Errorf("%+v", running)
	}
	if report := queue[place{"my-1.001.report", 0}]; report.ID() != "54" {
		t.Errorf("%+v", report)
	}
	if _, ok := queue[place{"other|job", 0}]; !ok {
		t.Error("a job's name with a bar is lost")
	}
}

// TestJoin: what disk and queue say together. What is done stays done, and what
// the queue does not know is no failure.
func TestJoin(t *testing.T) {
	waiting := Entry{State: "PENDING", Reason: "Dependency"}
	running := Entry{State: "RUNNING", Node: "n1", TimeLeft: "9:00"}
	for _, c := range []struct {
		disk  pipeline.Status
		entry Entry
		want  pipeline.Status
		note  string
	}{
		{pipeline.Done, running, pipeline.Done, ""},
		{pipeline.Missing, waiting, Queued, "waits for its data"},
		{pipeline.Failed, waiting, Queued, "waits for its data"},
		{pipeline.Interrupted, waiting, Requeued, "waits for its data"},
		{pipeline.Running, waiting, Requeued, "waits for its data"}, // its node is gone
		{pipeline.Running, running, pipeline.Running, "n1, 9:00 left"},
		{pipeline.Missing, running, Queued, "in a task that is at work on n1"},
		{pipeline.Missing, Entry{State: "PREEMPTED", Reason: "None"}, Queued, "waits for its turn"},
	} {
		s := CellState{CellStatus: pipeline.CellStatus{Status: c.disk}}
		s.join(c.entry)
		if s.Status != c.want || s.Note != c.note {
			t.Errorf("%s and %s: %s (%s), want %s (%s)", c.disk, c.entry.State, s.Status, s.Note, c.want, c.note)
		}
	}
}

func TestParseTimeLeft(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0:59": 59 * time.Second, "2:00:00": 2 * time.Hour, "1-02:03:04": 26*time.Hour + 3*time.Minute + 4*time.Second,
	} {
		if got, err := parseTimeLeft(text); err != nil || got != want {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "UNLIMITED", "INVALID", "1:2:3:4", "1-2"} {
		if got, err := parseTimeLeft(text); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}
