package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// CleanAll removes everything that runs have written, and the run directory
// itself unless it holds something else, of which it returns the names.
func (w *Workspace) CleanAll() (kept []string, err error) {
	release, err := w.existingLock()
	if err != nil {
		return nil, err
	}
	defer release()
	entries, err := os.ReadDir(w.Dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if !ownName(entry.Name()) {
			kept = append(kept, entry.Name())
		} else if err := os.RemoveAll(filepath.Join(w.Dir, entry.Name())); err != nil {
			return kept, err
		}
	}
	if kept != nil {
		return kept, nil
	}
	return nil, os.Remove(w.Dir)
}

// ownName reports whether a name in a run directory is one that runs write.
func ownName(name string) bool {
	return strings.HasPrefix(name, lockFile) || slices.Contains([]string{
		cellsDir, figuresDir, runFileCopy, manifestFile, environmentFile, logFile, takeoverFile,
		resultsCSV, resultsParquet, comparisonCSV, referencesFile, pageFile,
	}, name)
}

// existingLock takes the run directory, which must be one.
func (w *Workspace) existingLock() (release func(), err error) {
	if _, err := os.Stat(w.Dir); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s does not exist\n  hint: `isingrbm run %s` makes it", w.Dir, w.Path)
	}
	return w.lock()
}
