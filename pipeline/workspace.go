package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"isingrbm/pipeline/runfile"
	"isingrbm/pipeline/store"
)

// Workspace is a run file and its run directory.
type Workspace struct {
	Path string // the run file
	Dir  string // NAME.out beside it
	Run  *runfile.Run
	Plan *Plan
}

// OpenWorkspace reads and validates a run file; it creates nothing.
func OpenWorkspace(path string) (*Workspace, error) {
	run, err := runfile.Load(path)
	if err != nil {
		return nil, err
	}
	plan, err := NewPlan(run)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &Workspace{Path: path, Dir: strings.TrimSuffix(path, ".toml") + ".out", Run: run, Plan: plan}, nil
}

// taskStatus is what the disk says of a task.
type taskStatus struct {
	Task
	Status  Status
	Changes []Change // settings that differ from those of a finished stage
	record  *stageState
}

// statuses looks up every task of the plan.
func (w *Workspace) statuses() ([]taskStatus, error) {
	list := make([]taskStatus, len(w.Plan.Tasks))
	states := make(map[Cell]*cellState)
	inputs := make(map[Stage][]Input)
	for i, task := range w.Plan.Tasks {
		state := states[task.Cell]
		if state == nil {
			var err error
			if state, err = readState(w.Dir, task.Cell); err != nil {
				return nil, err
			}
			states[task.Cell] = state
		}
		if inputs[task.Stage] == nil {
			inputs[task.Stage] = stageInputs(w.Run, task.Stage)
		}
		list[i] = w.status(task, state.Stages[task.Stage], inputs[task.Stage])
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
		if !processAlive(record.Host, record.Process) {
			s.Status = Interrupted
		}
	case Done:
		s.Changes = changes(record.Inputs, inputs)
		if !complete(task.Cell.dir(w.Dir), outputs(task.Stage)) {
			s.Status = Missing // a file was removed or cut: it is made again
		}
	}
	return s
}

// complete reports whether the files are there with their recorded sizes.
func complete(dir string, files []string) bool {
	for _, name := range files {
		sum, ok, err := store.Recorded(dir, name)
		if err != nil || !ok {
			return false
		}
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Size() != sum.Size {
			return false
		}
	}
	return true
}

// processAlive reports whether a process that wrote a running state may still
// be at work. On another host it is believed.
func processAlive(host string, process int) bool {
	if here, err := os.Hostname(); err != nil || here != host {
		return true
	}
	found, err := os.FindProcess(process)
	if err != nil {
		return false
	}
	err = found.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
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

const lockFile = "lock.json"

// lockHolder is the content of a run directory's lock.
type lockHolder struct {
	Host    string `json:"host"`
	Process int    `json:"process"`
}

// lock takes the run directory for this process. A lock left behind by a
// process of this host that is gone is taken over.
func (w *Workspace) lock() (release func(), err error) {
	if err := os.MkdirAll(w.Dir, 0o777); err != nil {
		return nil, err
	}
	path := filepath.Join(w.Dir, lockFile)
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	for range 2 {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
		if err == nil {
			err = errors.Join(json.NewEncoder(file).Encode(lockHolder{host, os.Getpid()}), file.Close())
			return func() { os.Remove(path) }, err
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		var holder lockHolder
		if store.ReadJSON(path, &holder) == nil && processAlive(holder.Host, holder.Process) && holder.Process != os.Getpid() {
			return nil, fmt.Errorf("%s is in use by process %d on %s\n  hint: wait for it, or remove %s if that process is gone", w.Dir, holder.Process, holder.Host, path)
		}
		os.Remove(path)
	}
	return nil, fmt.Errorf("%s cannot be locked: another process took it at the same moment\n  hint: try again", w.Dir)
}

// appendLog opens a log for appending, so that an earlier attempt's lines
// stay.
func appendLog(path string) (io.WriteCloser, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
}
