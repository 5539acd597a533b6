package pipeline

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"isingrbm/pipeline/lock"
	"isingrbm/pipeline/runfile"
	"isingrbm/pipeline/store"
)

// Workspace is a run file and its run directory.
type Workspace struct {
	Path string // the run file
	Dir  string // NAME.out beside it
	Run  *runfile.Run
	Plan *Plan

	folders *folders
	locks   *lock.Keeper
	held    *lock.Lock // of the run directory, while this process holds it
}

// OpenWorkspace reads and validates a run file; it creates nothing.
func OpenWorkspace(path string) (*Workspace, error) { return openCopy(path, path) }

// openCopy is OpenWorkspace for a copy of a run file: files that it names, and
// its run directory, are where they are seen from the original.
func openCopy(path, original string) (*Workspace, error) {
	run, err := runfile.Load(path)
	if err != nil {
		return nil, err
	}
	if run.Brings() {
		if run, err = lookUpBrought(run, filepath.Dir(original)); err != nil {
			return nil, err
		}
	}
	plan, err := NewPlan(run)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	dir := strings.TrimSuffix(original, ".toml") + ".out"
	return &Workspace{Path: path, Dir: dir, Run: run, Plan: plan, folders: newFolders(dir, plan), locks: lock.NewKeeper()}, nil
}

// FindCells returns the cells with the given ids or indices, and those that they
// need: their data, and the machines that they start from with theirs.
func (w *Workspace) FindCells(names []string) ([]Cell, error) {
	all := w.Plan.AllCells()
	var found []Cell
	for _, name := range names {
		index, err := strconv.Atoi(name)
		if err != nil {
			index = slices.IndexFunc(all, func(c Cell) bool { return c.ID() == name })
		}
		if index < 0 || index >= len(all) {
			return nil, fmt.Errorf("no cell %q in %s\n  hint: an id such as %s, or an index from 0 to %d; `isingrbm status %s` lists them",
				name, w.Path, all[len(all)-1].ID(), len(all)-1, w.Path)
		}
		for cell, ok := all[index], true; ok; cell, ok = warmStart(w.Run, cell) {
			found = append(append(found, cell), w.Plan.DataOf(cell)...)
		}
	}
	return found, nil
}

// taskStatus is what the disk says of a task.
type taskStatus struct {
	Task
	Status  Status
	Changes []Change // settings that differ from those of a finished stage
	record  *stageState
}

// statuses looks up every task of the plan.
func (w *Workspace) statuses() ([]taskStatus, error) { return w.statusesOf(nil) }

// statusesOf is statuses, but takes cells that are not among the given ones for
// missing without a look: of hundreds of processes each reads what it needs. nil
// stands for all cells.
func (w *Workspace) statusesOf(only []Cell) ([]taskStatus, error) {
	list := make([]taskStatus, len(w.Plan.Tasks))
	states := make(map[Cell]*cellState)
	inputs := make(map[Stage][]Input)
	for i, task := range w.Plan.Tasks {
		if only != nil && !slices.Contains(only, task.Cell) {
			list[i] = taskStatus{Task: task, Status: Missing}
			continue
		}
		state := states[task.Cell]
		if state == nil {
			var err error
			if state, err = readState(w.folders, task.Cell); err != nil {
				return nil, err
			}
			states[task.Cell] = state
		}
		if inputs[task.Stage] == nil {
			inputs[task.Stage] = stageInputs(w.Run, task.Stage)
		}
		list[i] = w.status(task, state.Stages[task.Stage], ofCell(inputs[task.Stage], w.Run, task.Cell))
	}
	return list, nil
}

func (w *Workspace) status(task Task, record *stageState, inputs []Input) taskStatus {
	s := taskStatus{Task: task, Status: Missing, record: record}
	if record == nil {
		return s
	}
	s.Status = record.Status
	switch record.Status {
	case Running:
		if holder, held := lock.Find(w.folders.of(task.Cell)); !held || !holder.Alive() {
			s.Status = Interrupted
		}
	case Failed:
		if len(changes(w.Run, record.Inputs, inputs)) > 0 {
			s.Status = Missing // it failed with other settings
		}
	case Done:
		s.Changes = changes(w.Run, record.Inputs, inputs)
		if task.Stage == Generate && moreConfigurations(s.Changes) {
			s.Status, s.Changes = Interrupted, nil // to be extended
		}
		if !complete(w.folders.of(task.Cell), outputs(w.Run, task.Stage)) {
			s.Status = Missing // a file was removed or cut: it is made again
		}
	}
	return s
}

// complete reports whether the files are there with their recorded sizes.
func complete(dir string, files []string) bool {
	sums, err := store.RecordedSums(dir)
	if err != nil {
		return false
	}
	for _, name := range files {
		sum, ok := sums[name]
		if !ok {
			return false
		}
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Size() != sum.Size {
			return false
		}
	}
	return true
}

// changed returns a ChangedError if a finished task of these was made with
// other settings.
func (w *Workspace) changed(list []taskStatus) error {
	var e *ChangedError
	for _, stage := range CellStages() {
		for _, s := range list {
			if s.Stage != stage || len(s.Changes) == 0 {
				continue
			}
			if e == nil {
				e = &ChangedError{Directory: w.Dir, Stage: stage, Changes: s.Changes}
			}
			if e.Stage == stage {
				e.Cells++
			}
		}
	}
	if e == nil {
		return nil
	}
	return e
}

// logFile is the name of the run's and of each cell's log.
const logFile = "log.txt"

// appendLog opens a log for appending, so that an earlier attempt's lines
// stay.
func appendLog(path string) (io.WriteCloser, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
}
