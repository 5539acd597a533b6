package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"isingrbm/pipeline/lock"
)

// While another process holds what this one waits for, it looks again after
// pauses that grow from the first to the last of these.
const (
	firstPause = 50 * time.Millisecond
	lastPause  = 2 * time.Second
)

// hold takes the run directory itself until release is called, for what one
// process does alone: tables, figures and page, the copy of the run file,
// cleaning. The cells have locks of their own. The error is a *lock.HeldError
// if another process holds it.
func (w *Workspace) hold() (release func(), err error) {
	if err := w.claim(); err != nil {
		return nil, err
	}
	held, err := w.locks.Acquire(w.Dir)
	if err != nil {
		return nil, explainHeld(err)
	}
	w.held = held
	return sync.OnceFunc(func() {
		w.held = nil
		held.Release() // fails only where the next one has to remove the lock as well
	}), nil
}

// explainHeld adds what to do about a lock that somebody else holds.
func explainHeld(err error) error {
	var held *lock.HeldError
	if !errors.As(err, &held) {
		return err
	}
	return fmt.Errorf("%w\n  hint: wait for it; the lock of a process that is gone is taken over by itself, on another machine after %s of waiting", err, lock.Patience)
}

// await is hold, but waits while another process holds the run directory.
func (w *Workspace) await(ctx context.Context) (release func(), err error) {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		release, err := w.hold()
		var held *lock.HeldError
		if !errors.As(err, &held) {
			return release, err
		}
		select {
		case <-ctx.Done():
			return nil, ErrInterrupted
		case <-time.After(pause):
		}
	}
}

// existing is hold for a run directory that must be there.
func (w *Workspace) existing() (release func(), err error) {
	if _, err := os.Stat(w.Dir); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s does not exist\n  hint: `isingrbm run %s` makes it", w.Dir, w.Path)
	}
	return w.hold()
}

// claim makes the run directory, and refuses a folder of somebody else's.
func (w *Workspace) claim() error {
	if err := os.MkdirAll(w.Dir, 0o777); err != nil {
		return err
	}
	entries, err := os.ReadDir(w.Dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !ownName(entry.Name()) {
			continue
		}
		return nil // a run has been here
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s holds files that no run has written, %s among them\n  hint: move them, or give the run file another name", w.Dir, entries[0].Name())
	}
	return nil
}

// tidy removes what killed processes left behind: dead locks in all cells, and
// checkpoints and parts in those whose stages are done.
func (w *Workspace) tidy(list []taskStatus) error {
	for _, s := range list {
		if s.Status != Done || s.Stage == Train {
			continue
		}
		if err := w.tidyCell(s.Cell); err != nil {
			return err
		}
	}
	cells := filepath.Join(w.Dir, cellsDir)
	if _, err := os.Stat(cells); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return walkFolders(cells, w.locks.Tidy)
}

// tidyCell removes the checkpoint and the parts of a cell, all of whose stages
// are done.
func (w *Workspace) tidyCell(cell Cell) error {
	dir := w.folders.of(cell)
	if names, err := unfinished(dir); err != nil || names == nil {
		return err
	}
	held, err := w.locks.Acquire(dir)
	if err != nil {
		return nil // whoever is at work there withdraws them
	}
	j := &job{dir: dir, lock: held}
	return errors.Join(j.withdrawParts(), held.Release())
}

// isTidy reports whether there is nothing to tidy in a run directory whose
// stages are all done.
func (w *Workspace) isTidy() bool {
	err := filepath.WalkDir(w.Dir, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && (lock.Is(entry.Name()) || isUnfinished(entry.Name())) {
			return fs.ErrExist
		}
		return err
	})
	return err == nil
}
