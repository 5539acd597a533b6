package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"isingrbm/pipeline"
)

// The states that the queue adds to those that the disk knows.
const (
	Queued   pipeline.Status = "queued"
	Requeued pipeline.Status = "requeued" // it has been at work, and waits to go on
)

// CellState is what disk and queue together say of a cell.
type CellState struct {
	pipeline.CellStatus
	Note string // node and time left, why it waits, or the last line of its log; "": nothing to say
}

// Status joins what the disk says of every cell with one look at the queue.
// Where the queue cannot be looked at, queueErr says why and the states are
// those of the disk. Slurm is not asked about a run that was never submitted.
func Status(ctx context.Context, w *pipeline.Workspace) (states []CellState, queueErr, err error) {
	cells, err := w.Status()
	if err != nil {
		return nil, nil, err
	}
	submissions, err := submissionsOf(w)
	if err != nil {
		return nil, nil, err
	}
	queue := Queue{}
	if len(submissions) > 0 {
		queue, queueErr = slurm{}.queue(ctx)
	}
	entries := entries(submissions, queue)
	logs := lastLogs(submissions)
	for _, c := range cells {
		s := CellState{CellStatus: c}
		if entry, in := entries[c.Cell.ID()]; in {
			s.join(entry)
		} else if log := logs[c.Cell.ID()]; log != "" && (c.Status == pipeline.Interrupted || c.Status == pipeline.Missing) {
			s.Note = lastLine(log)
		}
		states = append(states, s)
	}
	return states, queueErr, nil
}

func submissionsOf(w *pipeline.Workspace) ([]*Submission, error) {
	runDir, err := filepath.Abs(w.Dir)
	if err != nil {
		return nil, err
	}
	return readSubmissions(runDir)
}

// entries gives the entry of every cell in the queue, by its id.
func entries(submissions []*Submission, queue Queue) map[string]Entry {
	byCell := make(map[string]Entry)
	eachElement(submissions, func(s *Submission, a Array, e Element) {
		if entry, in := queue[place{a.Name, e.Index}]; in {
			for _, cell := range e.Cells {
				byCell[cell] = entry
			}
		}
	})
	return byCell
}

// eachElement visits every element of every array, oldest submission first.
func eachElement(submissions []*Submission, visit func(*Submission, Array, Element)) {
	for _, s := range submissions {
		for _, a := range s.Arrays {
			for _, e := range a.Elements {
				visit(s, a, e)
			}
		}
	}
}

// join takes the queue into account. What is done stays done.
func (s *CellState) join(entry Entry) {
	switch {
	case s.Status == pipeline.Done:
	case entry.Waits():
		if s.Status == pipeline.Missing || s.Status == pipeline.Failed {
			s.Status = Queued
		} else {
			s.Status = Requeued
		}
		s.Note = reason(entry.Reason)
	case s.Status == pipeline.Running:
		s.Note = fmt.Sprintf("%s, %s left", entry.Node, entry.TimeLeft)
	default:
		s.Status, s.Note = Queued, "in a task that is at work on "+entry.Node
	}
}

// reasons words what squeue says most often.
var reasons = map[string]string{
	"None":                     "waits for its turn",
	"Dependency":               "waits for its data",
	"Priority":                 "others come first",
	"Resources":                "no node is free",
	"BeginTime":                "starts again in some seconds",
	"JobArrayTaskLimit":        "slurm.max_running are running",
	"DependencyNeverSatisfied": "its data failed",
}

func reason(word string) string {
	if text, known := reasons[word]; known {
		return text
	}
	return word
}

// lastLogs gives the file that the last task of every cell has printed to, by
// its id.
func lastLogs(submissions []*Submission) map[string]string {
	byCell := make(map[string]string)
	eachElement(submissions, func(s *Submission, a Array, e Element) {
		for _, cell := range e.Cells {
			byCell[cell] = filepath.Join(s.dir, a.logFile(e.Index))
		}
	})
	return byCell
}

// lastLine is the last line of a file that says something, "" without any.
func lastLine(path string) string {
	const enough = 4096 // bytes from the end
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return ""
	}
	end := make([]byte, min(info.Size(), enough))
	if _, err := file.ReadAt(end, info.Size()-int64(len(end))); err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(end)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// Logs lists the logs of a cell that are there: its own, then those of the
// tasks that worked on it, oldest first.
func Logs(w *pipeline.Workspace, id string) ([]string, error) {
	cells, err := w.FindCells([]string{id})
	if err != nil {
		return nil, err
	}
	submissions, err := submissionsOf(w)
	if err != nil {
		return nil, err
	}
	paths := []string{w.LogOf(cells[0])}
	eachElement(submissions, func(s *Submission, a Array, e Element) {
		for _, cell := range e.Cells {
			if cell == cells[0].ID() {
				paths = append(paths, filepath.Join(s.dir, a.logFile(e.Index)))
			}
		}
	})
	var there []string
	for _, path := range paths {
		if _, err := os.Stat(path); err == nil {
			there = append(there, path)
		}
	}
	return there, nil
}
