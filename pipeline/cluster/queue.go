package cluster

import (
	"strconv"
	"strings"
)

// queueFormat asks squeue for what is joined with the records: job name,
// number, element, state, reason, nodes and time left. Its JSON differs from
// version to version, these do not. The name stands last: it may hold a bar.
const queueFormat = "%F|%K|%T|%r|%N|%L|%j"

// Entry is one element in the queue.
type Entry struct {
	Job      string // number of the array
	Index    int    // of the element; 0 for a job of its own
	State    string // PENDING, RUNNING, COMPLETING, …
	Reason   string // why it waits
	Node     string // where it runs
	TimeLeft string // as squeue writes it: [days-][hours:]minutes:seconds
}

// ID is the element's name for scancel and scontrol.
func (e Entry) ID() string {
	if e.Index == 0 {
		return e.Job
	}
	return e.Job + "_" + strconv.Itoa(e.Index)
}

// Waits reports whether the element waits for its turn.
func (e Entry) Waits() bool {
	switch e.State {
	case "PENDING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT", "PREEMPTED":
		return true
	}
	return false
}

// place is an element of a named array.
type place struct {
	name  string
	index int
}

// Queue is one look at the user's jobs. All that squeue lists unasked for
// states is still in the queue: COMPLETING and PREEMPTED are not final.
type Queue map[place]Entry

// parseQueue reads the lines of squeue in queueFormat. Lines of another form
// are of no job of ours.
func parseQueue(text string) Queue {
	queue := make(Queue)
	for line := range strings.Lines(text) {
		fields := strings.SplitN(strings.TrimRight(line, "\n"), "|", 7)
		if len(fields) < 7 {
			continue
		}
		index, err := strconv.Atoi(fields[1])
		if err != nil {
			index = 0 // "N/A": not an array
		}
		queue[place{fields[6], index}] = Entry{
			Job: fields[0], Index: index, State: fields[2], Reason: fields[3], Node: fields[4], TimeLeft: fields[5],
		}
	}
	return queue
}
