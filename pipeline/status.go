package pipeline

import (
	"fmt"
	"time"
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

	stageSeconds float64         // of work so far in the stage
	annealing    *annealingState // of the stage, while it is at that
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
		c.Done, c.Error, c.stageSeconds, c.annealing = s.record.Done, s.record.Error, s.record.Seconds, s.record.Annealing
	}
}

// Doing says what a running cell is at beyond what its progress counts, "" if nothing.
func (c CellStatus) Doing() string {
	if c.Status != Running || c.annealing == nil {
		return ""
	}
	return fmt.Sprintf("ln Z, step %d of about %d", c.annealing.Done, c.annealing.Done+max(c.annealing.Left, c.annealing.Expected-c.annealing.Done))
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

// Outlook says which share of the run's time is behind it and, if cells are being
// worked on, how long it still takes at the pace so far if as many are as now.
func (w *Workspace) Outlook() (share float64, left time.Duration, running bool, err error) {
	list, err := w.statuses()
	if err != nil {
		return 0, 0, false, err
	}
	workers := 0
	for _, s := range list {
		if s.Status == Running {
			workers++
		}
	}
	share, left = w.outlookOf(list).now(workers)
	return share, left, workers > 0, nil
}
