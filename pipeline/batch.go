package pipeline

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"time"

	"isingrbm/pipeline/lock"
)

// BatchDir is the folder of a run directory that holds what was handed to a
// batch system.
const BatchDir = "cluster"

// OpenCopy is OpenWorkspace for a copy of a run file that works in the run
// directory of the original, which may have changed since or be gone.
func OpenCopy(path, original string) (*Workspace, error) { return openCopy(path, original) }

// Claim makes the run directory, and refuses a folder of somebody else's.
func (w *Workspace) Claim() error { return w.claim() }

// Chain lists a machine cell and, before it, those that its training starts from,
// the hottest first; it is the cell alone without warm starts.
func (w *Workspace) Chain(cell Cell) []Cell {
	var chain []Cell
	for ok := true; ok; cell, ok = warmStart(w.Run, cell) {
		chain = append(chain, cell)
	}
	slices.Reverse(chain)
	return chain
}

// LogOf is the path of a cell's log, which is there once a stage was begun.
func (w *Workspace) LogOf(cell Cell) string { return filepath.Join(w.folders.of(cell), logFile) }

// Changed returns a *ChangedError if finished stages were made with other
// settings than the run file's.
func (w *Workspace) Changed() error {
	list, err := w.statuses()
	if err != nil {
		return err
	}
	return w.changed(list)
}

// NeedsReport reports whether there are finished cells that the tables,
// figures and page do not show.
func (w *Workspace) NeedsReport() bool {
	list, err := w.statuses()
	if err != nil || !slices.ContainsFunc(list, func(s taskStatus) bool { return s.Status == Done }) {
		return false
	}
	fingerprint, err := w.fingerprint(list)
	return err == nil && !w.upToDate(fingerprint)
}

// Units counts what is done of the cells' stages, in their units of work. It
// grows whenever work was saved.
func (w *Workspace) Units(cells []Cell) (int64, error) {
	var units int64
	for _, task := range w.Plan.Tasks {
		if !slices.Contains(cells, task.Cell) {
			continue
		}
		state, err := readState(w.folders, task.Cell)
		if err != nil {
			return 0, err
		}
		if record := state.Stages[task.Stage]; record != nil {
			units += record.Done
		}
	}
	return units, nil
}

// GiveUp marks the stage that every one of these cells was stopped in as
// failed, for the given reason, and returns the error of a run in which they
// failed. Cells that are done, were not begun, or are at work elsewhere stay as
// they are.
func (w *Workspace) GiveUp(cells []Cell, reason string) error {
	var failures []Failure
	for _, task := range w.Plan.Tasks {
		if !slices.Contains(cells, task.Cell) {
			continue
		}
		marked, err := w.giveUp(task, reason)
		if err != nil {
			return err
		}
		if marked {
			failures = append(failures, Failure{task.Stage, task.Cell, errors.New(reason)})
		}
	}
	if len(failures) == 0 {
		return errors.New(reason)
	}
	return &FailedError{failures}
}

func (w *Workspace) giveUp(task Task, reason string) (marked bool, err error) {
	held, err := w.locks.Acquire(w.folders.of(task.Cell))
	if busy := (*lock.HeldError)(nil); errors.As(err, &busy) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, held.Release()) }()
	state, err := readState(w.folders, task.Cell)
	if err != nil {
		return false, err
	}
	record := state.Stages[task.Stage]
	if record == nil || record.Status != Interrupted && record.Status != Running {
		return false, nil
	}
	record.Status, record.Error, record.Finished = Failed, reason, time.Now().UTC()
	j := &job{spec: w.Run, task: task, folders: w.folders, dir: w.folders.of(task.Cell), lock: held, state: state, record: record}
	return true, j.writeState()
}

// CellCost is what one cell is expected to take, on average.
type CellCost struct {
	Data    time.Duration // of a core, to generate
	Machine time.Duration // of a core, to train and sample
	Memory  int64         // bytes of a worker, for the largest cell
}

// CellCosts estimates the costs of cells as check does, from a few data cells
// where there are many.
func (w *Workspace) CellCosts() (CellCost, error) {
	few := w.fewCells(8)
	schedules, err := few.Schedules(context.Background()) // a second or two
	if err != nil {
		return CellCost{}, err
	}
	estimates, err := few.Estimates(schedules)
	if err != nil {
		return CellCost{}, err
	}
	var cost CellCost
	for _, e := range estimates {
		each := e.Work / time.Duration(max(1, e.Cells))
		switch e.Stage {
		case Generate:
			cost.Data += each
		case Train, Sample, Flow:
			cost.Machine += each
		}
		cost.Memory = max(cost.Memory, e.Memory)
	}
	return cost, nil
}

// fewCells is the workspace with the tasks of n of its data cells alone, evenly
// spread over the plan.
func (w *Workspace) fewCells(n int) *Workspace {
	all := w.Plan.Cells(false)
	if len(all) <= n {
		return w
	}
	chosen := make(map[Cell]bool)
	for i := range n {
		chosen[all[i*(len(all)-1)/(n-1)]] = true
	}
	few, plan := *w, *w.Plan
	plan.Tasks = slices.DeleteFunc(slices.Clone(plan.Tasks), func(t Task) bool { return !chosen[t.Cell.Data()] && !t.Cell.Pooled })
	few.Plan = &plan
	return &few
}
