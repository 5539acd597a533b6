package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"isingrbm/pipeline/store"
)

const (
	lockFile     = "lock.json"
	takeoverFile = "lock.takeover"
)

// lockHolder is the content of a run directory's lock.
type lockHolder struct {
	Host    string `json:"host"`
	Process int    `json:"process"`
}

// lock takes the run directory for this process until release is called. The
// lock appears whole, by a hard link to a file that is written already, so a
// lock that can be seen can be read. One left behind by a process of this host
// that is gone is taken over.
func (w *Workspace) lock() (release func(), err error) {
	if err := w.claim(); err != nil {
		return nil, err
	}
	path := filepath.Join(w.Dir, lockFile)
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	own := lockHolder{host, os.Getpid()}
	for range 2 {
		err := createWhole(path, own)
		if err == nil {
			return func() { os.Remove(path) }, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		if err := w.removeStale(path); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%s was locked by another process at the same moment\n  hint: try again", w.Dir)
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

// createWhole writes the holder beside path and links it there, which fails
// with fs.ErrExist if there is a lock.
func createWhole(path string, holder lockHolder) error {
	file, err := os.CreateTemp(filepath.Dir(path), lockFile+".*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	if err := errors.Join(json.NewEncoder(file).Encode(holder), file.Close()); err != nil {
		return err
	}
	return os.Link(file.Name(), path)
}

// removeStale removes the lock of a process that is gone, or says who holds
// it. Only one process at a time may look and remove, so that none removes
// the lock that another has just taken over.
func (w *Workspace) removeStale(path string) error {
	guard := filepath.Join(w.Dir, takeoverFile)
	if err := os.Mkdir(guard, 0o777); err != nil {
		return fmt.Errorf("%s is being taken over by another process\n  hint: try again; if this stays, remove %s", w.Dir, guard)
	}
	defer os.Remove(guard)
	var holder lockHolder
	err := store.ReadJSON(path, &holder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // given back meanwhile
	case err != nil:
		return fmt.Errorf("%w\n  hint: remove %s if no process is at work", err, path)
	case processAlive(holder.Host, holder.Process):
		return fmt.Errorf("%s is in use by process %d on %s\n  hint: wait for it, or remove %s if that process is gone", w.Dir, holder.Process, holder.Host, path)
	}
	return os.Remove(path)
}

// removeTemporaries removes the unfinished files that killed processes left in
// the run directory, which must be locked.
func (w *Workspace) removeTemporaries() error {
	return filepath.WalkDir(w.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		return store.RemoveTemporaries(path)
	})
}

// processAlive reports whether a process that wrote a lock or a running state
// may still be at work. On another host it is believed.
func processAlive(host string, process int) bool {
	if here, err := os.Hostname(); err != nil || here != host {
		return true
	}
	found, err := os.FindProcess(process)
	if err != nil {
		return false
	}
	err = found.Signal(syscall.Signal(0))
	return (err == nil || errors.Is(err, os.ErrPermission)) && !zombie(process)
}

// zombie reports whether a process is dead and only waits for its parent to
// take notice, which in a container may be never. Signals still reach it. The
// state is the letter behind the name in /proc/PID/stat (proc(5)); where there
// is no such file, no process is taken for a zombie.
func zombie(process int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", process))
	if err != nil {
		return false
	}
	_, state, ok := bytes.Cut(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" "))
	return ok && len(state) > 0 && (state[0] == 'Z' || state[0] == 'X')
}
