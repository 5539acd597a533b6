package lock

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// sightings is how often a heartbeat must have been seen standing still: a
// shared file system that hung is no sign of a dead holder.
const sightings = 3

// Keeper takes locks for one process and remembers what it has seen of those
// of others. It may be used by several goroutines.
type Keeper struct {
	patience, interval time.Duration
	now                func() time.Time
	mu                 sync.Mutex
	seen               map[string]sighting // by folder
}

// sighting is a heartbeat of another holder, and since when it stands still.
type sighting struct {
	tenure string
	beat   int64
	since  time.Time
	count  int
}

// NewKeeper returns a keeper with the timing that the package describes.
func NewKeeper() *Keeper {
	return &Keeper{patience: Patience, interval: beatInterval, now: time.Now, seen: make(map[string]sighting)}
}

// Acquire takes the lock of a folder, which it makes if need be. If somebody
// else holds it the error is a *HeldError at once: to wait is to try again, and
// only who tries again can notice that a holder on another machine is gone.
func (k *Keeper) Acquire(folder string) (*Lock, error) {
	for range 3 {
		if err := mkdirAll(folder); err != nil {
			return nil, err
		}
		if holder, held := Find(folder); held {
			if !k.givenUp(folder, holder) {
				return nil, &HeldError{folder, holder}
			}
			if err := end(folder, holder.Tenure); err != nil {
				return nil, err
			}
		}
		l, err := take(folder, k.interval)
		if err == nil {
			if err := sweep(folder); err != nil { // an old tenure that is still there could still be used
				return nil, errors.Join(err, l.Release())
			}
			return l, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	}
	holder, _ := Find(folder)
	return nil, &HeldError{folder, holder}
}

// Tidy removes what dead processes left in a folder: their lock, and what they
// were making or removing of one. A lock that somebody holds stays.
func (k *Keeper) Tidy(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil || !slices.ContainsFunc(entries, func(e os.DirEntry) bool { return Is(e.Name()) }) {
		return err
	}
	l, err := k.Acquire(folder)
	if _, held := errors.AsType[*HeldError](err); held {
		return nil
	}
	if err != nil {
		return err
	}
	return l.Release()
}

// givenUp reports whether the holder of a lock is to be taken for dead.
func (k *Keeper) givenUp(folder string, h Holder) bool {
	if h.Machine == machine() && !processAlive(h.Process, h.Started) || h.precedes() {
		return true
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	folder = filepath.Clean(folder)
	s, known := k.seen[folder]
	if !known || s.tenure != h.Tenure || s.beat != h.Beat {
		s = sighting{tenure: h.Tenure, beat: h.Beat, since: k.now()}
	}
	s.count++
	k.seen[folder] = s
	return s.count >= sightings && k.now().Sub(s.since) >= k.patience
}
