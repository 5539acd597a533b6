package pipeline

import (
	"time"

	"isingrbm/pipeline/runfile"
)

// CellStatus is how far a cell is.
type CellStatus struct {
	Cell    Cell
	Stage   Stage   // the first stage that is not done, or the last
	Status  Status  // of that stage
	Done    int64   // units of work completed in it
	Total   int64   // units of work in it
	Seconds float64 // of work so far, all stages of the cell together
	Error   string  // of a failed stage
	Changes []Change

	stageSeconds float64 // of work so far in the stage
}

// Status looks up every cell of the plan: the data cells and the machine
// cells, in the order of the plan.
func (w *Workspace) Status() ([]CellStatus, error) {
	list, err := w.statuses()
	if err != nil {
		return nil, err
	}
	var cells []CellStatus
	for _, s := range list {
		if len(cells) == 0 || cells[len(cells)-1].Cell != s.Cell { // in the order of Plan.AllCells
			cells = append(cells, CellStatus{Cell: s.Cell, Status: Done})
		}
		cells[len(cells)-1].add(s, taskUnits(w.Run, s.Task))
	}
	return cells, nil
}

// add takes the next stage of the cell into account.
func (c *CellStatus) add(s taskStatus, units int64) {
	if s.record != nil {
		c.Seconds += s.record.Seconds
	}
	if c.Status != Done {
		return // an earlier stage is the one to report
	}
	c.Stage, c.Status, c.Total, c.Changes = s.Stage, s.Status, units, s.Changes
	c.Done, c.Error = 0, ""
	switch {
	case s.Status == Done:
		c.Done = units
	case s.record != nil && s.Status != Missing:
		c.Done, c.Error, c.stageSeconds = s.record.Done, s.record.Error, s.record.Seconds
	}
}

// Rate is the units of work a second of the stage in this and earlier attempts,
// and the time it has left at that rate; false where there is nothing to tell it
// from.
func (c CellStatus) Rate() (rate float64, left time.Duration, ok bool) {
	if c.Status != Running || c.Done == 0 || c.stageSeconds == 0 {
		return 0, 0, false
	}
	rate = float64(c.Done) / c.stageSeconds
	return rate, time.Duration(float64(c.Total-c.Done) / rate * float64(time.Second)), true
}

// TimeLeft estimates when the cells will all be done, if as many are worked on as
// are now: what is left of each stage, at the mean time that a unit of it has
// taken in this run directory. It is false before anything has been measured,
// and where nothing is running.
func (w *Workspace) TimeLeft() (time.Duration, bool, error) {
	list, err := w.statuses()
	if err != nil {
		return 0, false, err
	}
	left, ok := timeLeft(w.Run, list)
	return left, ok, nil
}

func timeLeft(run *runfile.Run, list []taskStatus) (time.Duration, bool) {
	seconds, done, units := make(map[Stage]float64), make(map[Stage]int64), make(map[Stage]int64)
	running := 0
	for _, s := range list {
		total := taskUnits(run, s.Task)
		switch {
		case s.Status == Done:
			seconds[s.Stage] += s.record.Seconds
			done[s.Stage] += total
		case s.record != nil && s.Status != Missing:
			seconds[s.Stage] += s.record.Seconds
			done[s.Stage] += s.record.Done
			units[s.Stage] += total - s.record.Done
		default:
			units[s.Stage] += total
		}
		if s.Status == Running {
			running++
		}
	}
	if running == 0 {
		return 0, false
	}
	total := 0.0
	for stage, n := range units {
		if n > 0 && done[stage] == 0 {
			return 0, false // nothing to tell it from
		}
		if n > 0 {
			total += float64(n) * seconds[stage] / float64(done[stage])
		}
	}
	return time.Duration(total / float64(running) * float64(time.Second)), true
}
