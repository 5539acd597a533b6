package lock

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"isingrbm/pipeline/fault"
)

// Patience is how long a heartbeat of another machine must stand still, as seen
// by one who waits, before its lock is taken over.
const Patience = 45 * time.Second

const (
	beatInterval = 5 * time.Second
	lockName     = "lock"
	holderFile   = "holder.json"
	temporary    = "." + lockName + ".tmp-" // begins the names of locks that are being made or removed
)

// Is reports whether an entry of a folder is its lock, or one that is being
// made or removed.
func Is(name string) bool { return name == lockName || strings.HasPrefix(name, temporary) }

// ErrLost says that the lock was taken over by another process, or removed.
var ErrLost = errors.New("the lock was taken over by another process")

// HeldError says that somebody else holds the lock of a folder.
type HeldError struct {
	Folder string
	Holder Holder
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("%s is in use by %s", e.Folder, e.Holder)
}

// Lock is a lock that this process holds, until Release or until it is lost.
type Lock struct {
	folder string
	holder Holder
	lost   chan struct{} // closed when the lock was found to be lost
	stop   chan struct{}
	beats  sync.WaitGroup
}

// take makes the lock of a folder unless there is one: then the error is
// fs.ErrExist.
func take(folder string, interval time.Duration) (*Lock, error) {
	holder, err := self(rand.Text())
	if err != nil {
		return nil, err
	}
	prepared := filepath.Join(folder, temporary+holder.Tenure)
	defer os.RemoveAll(prepared)
	if err := mkdirAll(filepath.Join(prepared, holder.Tenure)); err != nil {
		return nil, absent(err)
	}
	if err := writeHolder(filepath.Join(prepared, holder.Tenure, holderFile), holder); err != nil {
		return nil, absent(err)
	}
	err = renameOver(prepared, filepath.Join(folder, lockName))
	if now, ok := Find(folder); err != nil && !(ok && now.Tenure == holder.Tenure) { // a server may have done what it reports as failed
		return nil, absent(err)
	}
	l := &Lock{folder: folder, holder: holder, lost: make(chan struct{}), stop: make(chan struct{})}
	l.beats.Go(func() { l.keepBeating(interval) })
	return l, nil
}

// absent turns the errors that mean that somebody was faster, by making the
// lock or by sweeping away what was prepared, into fs.ErrExist.
func absent(err error) error {
	if missing(err) || errors.Is(err, fs.ErrExist) || errors.Is(err, syscall.ENOTEMPTY) {
		return fmt.Errorf("%w: %w", fs.ErrExist, err)
	}
	return err
}

func writeHolder(path string, h Holder) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	if err := fault.Check(fault.Write, path); err != nil {
		return errors.Join(os.WriteFile(path, text[:len(text)/2], 0o666), err)
	}
	return os.WriteFile(path, append(text, '\n'), 0o666)
}

// keepBeating renews the heartbeat until the lock is released or lost. Other
// failures, such as a full disk, are left to time.
func (l *Lock) keepBeating(interval time.Duration) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-tick.C:
		}
		if errors.Is(l.beat(), ErrLost) {
			close(l.lost)
			return
		}
	}
}

func (l *Lock) beat() error {
	l.holder.Beat++
	l.holder.Time = time.Now().UTC()
	next := filepath.Join(l.Dir(), holderFile+".next")
	if err := writeHolder(next, l.holder); err != nil {
		return l.explain(err)
	}
	return l.explain(rename(next, filepath.Join(l.Dir(), holderFile)))
}

// Dir is the folder in which the holder, and nobody else, prepares files.
func (l *Lock) Dir() string { return filepath.Join(l.folder, lockName, l.holder.Tenure) }

// Publish moves a file that was finished under [Lock.Dir] to the same place
// under the locked folder, where it replaces an older one. The error is ErrLost
// if the lock is not held any more: then nothing was moved.
func (l *Lock) Publish(name string) error {
	return l.explain(rename(filepath.Join(l.Dir(), name), filepath.Join(l.folder, name)))
}

// Withdraw moves a file of the locked folder back under [Lock.Dir], with which
// it will vanish. A file that is not there is no error.
func (l *Lock) Withdraw(name string) error {
	if _, err := os.Stat(filepath.Join(l.folder, name)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return l.explain(rename(filepath.Join(l.folder, name), filepath.Join(l.Dir(), name)))
}

// Check returns ErrLost if the lock is not held any more.
func (l *Lock) Check() error {
	_, err := os.Stat(l.Dir())
	return l.explain(err)
}

// explain finds out whether an error is due to the loss of the lock.
func (l *Lock) explain(err error) error {
	if err == nil || !missing(err) {
		return err
	}
	if _, gone := os.Stat(l.Dir()); gone != nil && missing(gone) {
		return fmt.Errorf("%s: %w", l.folder, ErrLost)
	}
	return err
}

// Context returns a copy of ctx that is canceled, with the cause ErrLost, when
// the lock is found to be lost.
func (l *Lock) Context(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		select {
		case <-l.lost:
			cancel(fmt.Errorf("%s: %w", l.folder, ErrLost))
		case <-done:
		}
	}()
	var once sync.Once
	return ctx, func() {
		once.Do(func() { close(done) })
		cancel(context.Canceled)
	}
}

// Release gives the lock back, with all that was prepared and not published.
func (l *Lock) Release() error {
	close(l.stop)
	l.beats.Wait()
	return end(l.folder, l.holder.Tenure)
}

// end ends a tenure, this process's or one that was given up: its folder is
// moved out of the lock, which does nothing to any other tenure and leaves an
// empty lock, which is none; then it is deleted.
func end(folder, tenure string) error {
	away := filepath.Join(folder, temporary+rand.Text())
	err := rename(filepath.Join(folder, lockName, tenure), away)
	if err != nil && !missing(err) {
		return err
	}
	err = removeAll(away)
	os.Remove(filepath.Join(folder, lockName)) // unless somebody has taken it
	return err
}

// removeAll removes a folder into which a holder that was given up may still be
// writing, until it is gone.
func removeAll(dir string) error {
	var err error
	for range 100 {
		if err = os.RemoveAll(dir); err == nil {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return err
}

// sweep removes what processes that were killed while taking or giving back the
// lock of a folder left there. One that is just about to take it will try again.
func sweep(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	var failures []error
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), temporary) {
			failures = append(failures, removeAll(filepath.Join(folder, entry.Name())))
		}
	}
	return errors.Join(failures...)
}

func mkdirAll(folder string) error {
	if err := fault.Check(fault.Create, folder); err != nil {
		return err
	}
	return os.MkdirAll(folder, 0o777)
}

func rename(from, to string) error {
	if err := fault.Check(fault.Rename, to); err != nil {
		return err
	}
	return os.Rename(from, to)
}

// renameOver is rename, but an empty folder may stand where the target is to be,
// which os.Rename refuses.
func renameOver(from, to string) error {
	if err := fault.Check(fault.Rename, to); err != nil {
		return err
	}
	if err := syscall.Rename(from, to); err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}
