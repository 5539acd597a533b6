package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// writeLock writes a lock as the given process of this host would.
func writeLock(t *testing.T, w *Workspace, process int) string {
	t.Helper()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(w.Dir, lockFile)
	if err := os.WriteFile(path, fmt.Appendf(nil, `{"host": %q, "process": %d}`, host, process), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// noProcess is a number that no process has.
const noProcess = 2147483646

// TestRunLocked: a second process is told who holds the run directory, and a
// dead one's lock is taken over and given back.
func TestRunLocked(t *testing.T) {
	w := openRun(t, smallRun)
	if err := os.MkdirAll(w.Dir, 0o777); err != nil {
		t.Fatal(err)
	}
	writeLock(t, w, 1) // always alive
	if _, err := w.RunAll(t.Context(), quiet(1)); err == nil || !strings.Contains(err.Error(), "in use by process 1") {
		t.Errorf("a held lock gave %v", err)
	}
	lock := writeLock(t, w, noProcess)
	mustRun(t, w, 2)
	if _, err := os.Stat(lock); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the lock was left behind: %v", err)
	}
	if err := os.WriteFile(lock, []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Report(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "hint: remove "+lock) {
		t.Errorf("an unreadable lock gave %v", err)
	}
}

// TestProcessAlive: this process is alive, one that never was is not, and
// neither is one that was killed and whose parent has not taken notice.
func TestProcessAlive(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	if !processAlive(host, os.Getpid()) || processAlive(host, noProcess) || !processAlive("elsewhere", noProcess) {
		t.Error("this process, no process, or a process elsewhere is taken for what it is not")
	}
	child := exec.Command("sleep", "60")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if !processAlive(host, child.Process.Pid) {
		t.Error("a running child is taken for dead")
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for range 500 { // until the kernel has carried out the kill
		if !processAlive(host, child.Process.Pid) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if runtime.GOOS == "linux" && processAlive(host, child.Process.Pid) {
		t.Error("a killed child that nobody waited for is taken for alive")
	}
	child.Wait() // its error is the kill
}

// TestLockIsExclusive: of many that try at once, on a free directory and on
// one with a dead process's lock, never do two hold it together.
func TestLockIsExclusive(t *testing.T) {
	w := openRun(t, smallRun)
	if err := os.MkdirAll(w.Dir, 0o777); err != nil {
		t.Fatal(err)
	}
	var taken int
	for round := range 60 {
		if round%2 == 1 {
			writeLock(t, w, noProcess)
		}
		var holders, most, won atomic.Int32
		var tries sync.WaitGroup
		for range 8 {
			tries.Go(func() {
				release, err := w.lock()
				if err != nil {
					return
				}
				won.Add(1)
				if now := holders.Add(1); now > most.Load() {
					most.Store(now)
				}
				holders.Add(-1)
				release()
			})
		}
		tries.Wait()
		if most.Load() > 1 {
			t.Fatalf("round %d: %d held the lock at once", round, most.Load())
		}
		taken += int(won.Load())
		os.Remove(filepath.Join(w.Dir, lockFile))
	}
	if taken < 30 {
		t.Errorf("the lock was taken only %d times in 60 rounds", taken)
	}
}
