package pipeline

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"isingrbm/pipeline/lock"
)

// Clean removes what a stage made and everything that was made from it, for
// all cells of the run file. It returns how many cells it touched. Nothing is
// removed while another process is at work in one of them.
func (w *Workspace) Clean(stage Stage) (int, error) {
	release, err := w.existing()
	if err != nil {
		return 0, err
	}
	defer release()
	var cells []Cell
	var dirs []string
	for _, cell := range w.Plan.Cells(stage != Generate) {
		if _, err := os.Stat(w.folders.of(cell)); err == nil {
			cells, dirs = append(cells, cell), append(dirs, w.folders.of(cell))
		}
	}
	locks, err := w.lockTrees(dirs)
	defer func() { releaseAll(locks) }()
	if err != nil {
		return 0, err
	}
	for i, dir := range dirs {
		if stage == Sample || stage == Flow {
			err = w.cleanLast(cells[i], stage, locks[dir])
		} else {
			err = removeTree(dir, locks)
		}
		if err != nil {
			return i, err
		}
	}
	return len(dirs), nil
}

// cleanLast removes what a stage from which nothing else is made left in a machine's
// folder, finished or not, and its record.
func (w *Workspace) cleanLast(cell Cell, stage Stage, held *lock.Lock) error {
	state, err := readState(w.folders, cell)
	if err != nil {
		return err
	}
	names := outputs(w.Run, stage)
	if checkpoint, err := readCheckpoint(filepath.Join(w.folders.of(cell), checkpointFile)); err == nil && checkpoint.Stage == stage {
		begun, err := unfinished(w.folders.of(cell))
		if err != nil {
			return err
		}
		names = append(begun, names...)
	}
	delete(state.Stages, stage)
	if err := state.publish(held); err != nil {
		return err
	}
	for _, name := range names {
		err = errors.Join(err, held.Withdraw(name))
	}
	return err
}

// lockTrees takes the locks of folders and of all folders below them.
func (w *Workspace) lockTrees(dirs []string) (map[string]*lock.Lock, error) {
	locks := make(map[string]*lock.Lock)
	for _, dir := range dirs {
		err := walkFolders(dir, func(path string) error {
			held, err := w.locks.Acquire(path)
			if err == nil {
				locks[path] = held
			}
			return explainHeld(err)
		})
		if err != nil {
			return locks, err
		}
	}
	return locks, nil
}

// walkFolders visits a folder and all those below it, but for locks.
func walkFolders(dir string, visit func(path string) error) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && path != dir:
			return nil // gone since it was listed
		case err != nil || !entry.IsDir():
			return err
		case lock.Is(entry.Name()):
			return filepath.SkipDir
		}
		return visit(path)
	})
}

func releaseAll(locks map[string]*lock.Lock) {
	for _, held := range locks {
		held.Release() // fails only where the next one has to remove the lock as well
	}
}

// removeTree removes a folder and those below it, whose locks are held: first
// the files, then the locks, then the folders, but for those in which somebody
// has begun anew meanwhile.
func removeTree(dir string, locks map[string]*lock.Lock) error {
	var folders []string
	err := walkFolders(dir, func(path string) error {
		folders = append(folders, path)
		return removeFiles(path)
	})
	for _, folder := range slices.Backward(folders) {
		if held := locks[folder]; held != nil && err == nil {
			delete(locks, folder)
			err = held.Release()
		}
		if err == nil {
			err = removeEmpty(folder)
		}
	}
	return err
}

// removeFiles removes the files in a folder.
func removeFiles(folder string) error {
	entries, err := os.ReadDir(folder)
	for _, entry := range entries {
		if !entry.IsDir() {
			err = errors.Join(err, os.Remove(filepath.Join(folder, entry.Name())))
		}
	}
	return err
}

// removeEmpty removes a folder unless something is in it.
func removeEmpty(folder string) error {
	err := os.Remove(folder)
	if errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// CleanAll removes everything that runs have written, and the run directory
// itself unless it holds something else, of which it returns the names. Nothing
// is removed while another process is at work in one of the cells.
func (w *Workspace) CleanAll() (kept []string, err error) {
	release, err := w.existing()
	if err != nil {
		return nil, err
	}
	defer release()
	cells := filepath.Join(w.Dir, cellsDir)
	if _, err := os.Stat(cells); err == nil {
		locks, err := w.lockTrees([]string{cells})
		defer func() { releaseAll(locks) }()
		if err != nil {
			return nil, err
		}
		if err := removeTree(cells, locks); err != nil {
			return nil, err
		}
	}
	entries, err := os.ReadDir(w.Dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		switch name := entry.Name(); {
		case lock.Is(name):
		case !ownName(name):
			kept = append(kept, name)
		default:
			err = errors.Join(err, os.RemoveAll(filepath.Join(w.Dir, name)))
		}
	}
	release()
	return kept, errors.Join(err, removeEmpty(w.Dir))
}

// ownName reports whether a name in a run directory is one that runs write.
func ownName(name string) bool {
	return lock.Is(name) || slices.Contains([]string{
		cellsDir, figuresDir, BatchDir, runFileCopy, manifestFile, environmentFile, logFile,
		resultsCSV, resultsParquet, comparisonCSV, couplingsCSV, likelihoodCSV, detailsCSV, correlationsCSV, referencesFile, pageFile,
	}, name)
}
