package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// Resources are what this machine has for a run.
type Resources struct {
	Disk   int64 // bytes free where the run directory is or will be, for this user
	Memory int64 // bytes that processes can still have, 0 if the system does not say
	Cores  int
}

// FindResources asks the system.
func (w *Workspace) FindResources() (Resources, error) {
	dir := w.Dir
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		dir = filepath.Dir(dir)
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return Resources{}, fmt.Errorf("%s: the free space: %w", dir, err)
	}
	return Resources{Disk: int64(disk.Bavail) * int64(disk.Bsize), Memory: availableMemory(), Cores: runtime.GOMAXPROCS(0)}, nil
}

// availableMemory is what Linux says is available, or the limit of the control
// group if that is less.
func availableMemory() int64 {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	var available int64
	for line := range bytes.Lines(text) {
		if fields := bytes.Fields(line); len(fields) > 1 && string(fields[0]) == "MemAvailable:" {
			kibibytes, _ := strconv.ParseInt(string(fields[1]), 10, 64)
			available = kibibytes << 10
		}
	}
	limit, err := os.ReadFile("/sys/fs/cgroup/memory.max")
	if bytesAllowed, parseErr := strconv.ParseInt(string(bytes.TrimSpace(limit)), 10, 64); err == nil && parseErr == nil {
		available = min(available, bytesAllowed)
	}
	return available
}

// Whole adds up estimates: the time with all workers busy, the disk, and the
// memory of the stage that needs most on every worker at a time.
func Whole(estimates []Estimate, workers, cores int) (wall time.Duration, disk, memory int64) {
	for _, e := range estimates {
		wall += e.Work / time.Duration(max(1, min(workers, cores, max(e.Cells, 1))))
		disk += e.Disk
		memory = max(memory, e.Memory*int64(min(workers, max(e.Cells, 1))))
	}
	return wall, disk, memory
}

// Shortages says what will not do, each with what to change. What is on the disk
// already of this run counts as free.
func (w *Workspace) Shortages(estimates []Estimate, workers int, have Resources) []string {
	_, disk, memory := Whole(estimates, workers, have.Cores)
	var list []string
	if free := have.Disk + w.onDisk(); disk > free {
		list = append(list, fmt.Sprintf("the disk will not do: some %d MB are needed and %d MB are free\n  hint: fewer configurations, output.compression = \"zstd\", or a run file on another disk", disk/1e6, free/1e6))
	}
	if have.Memory > 0 && memory > have.Memory {
		fitting := max(1, int64(workers)*have.Memory/max(memory, 1))
		list = append(list, fmt.Sprintf("the memory will not do: some %d MB are needed by %d workers and %d MB are available\n  hint: --workers %d", memory/1e6, workers, have.Memory/1e6, fitting))
	}
	return list
}

// onDisk is the size of what the run has written so far.
func (w *Workspace) onDisk() (size int64) {
	filepath.WalkDir(w.Dir, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			if info, err := entry.Info(); err == nil {
				size += info.Size()
			}
		}
		return nil // what cannot be looked at does not count
	})
	return size
}
