package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Clean removes what a stage made and everything that was made from it, for
// all cells of the run file. It returns how many cells it touched.
func (w *Workspace) Clean(stage Stage) (int, error) {
	release, err := w.existingLock()
	if err != nil {
		return 0, err
	}
	defer release()
	machines := stage != Generate
	cells := w.Plan.Cells(machines)
	touched := 0
	for _, cell := range cells {
		if _, err := os.Stat(cell.dir(w.Dir)); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		touched++
		if stage != Sample {
			err = os.RemoveAll(cell.dir(w.Dir))
		} else {
			err = w.cleanSamples(cell)
		}
		if err != nil {
			return touched, err
		}
	}
	return touched, nil
}

// cleanSamples removes a machine's samples and their record.
func (w *Workspace) cleanSamples(cell Cell) error {
	state, err := readState(w.Dir, cell)
	if err != nil {
		return err
	}
	delete(state.Stages, Sample)
	if err := state.write(w.Dir, cell); err != nil {
		return err
	}
	err = os.Remove(filepath.Join(cell.dir(w.Dir), samplesFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// CleanAll removes the whole run directory. It refuses a folder that no run
// has written.
func (w *Workspace) CleanAll() error {
	release, err := w.existingLock()
	if err != nil {
		return err
	}
	defer release()
	return os.RemoveAll(w.Dir)
}

// existingLock takes the run directory, which must be one.
func (w *Workspace) existingLock() (release func(), err error) {
	if _, err := os.Stat(w.Dir); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s does not exist: there is nothing to clean", w.Dir)
	}
	if _, err := os.Stat(filepath.Join(w.Dir, runFileCopy)); err != nil {
		return nil, fmt.Errorf("%s was not written by a run: it has no %s\n  hint: remove it by hand if it may go", w.Dir, runFileCopy)
	}
	return w.lock()
}
