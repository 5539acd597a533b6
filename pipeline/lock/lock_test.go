package lock

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// patient returns a keeper whose clock only the test moves.
func patient() (k *Keeper, pass func(time.Duration)) {
	now := time.Unix(0, 0)
	k = NewKeeper()
	k.interval = time.Hour // beats are the test's too
	k.now = func() time.Time { return now }
	return k, func(d time.Duration) { now = now.Add(d) }
}

func mustAcquire(t *testing.T, k *Keeper, folder string) *Lock {
	t.Helper()
	l, err := k.Acquire(folder)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// disguise makes a lock look like one of another machine.
func disguise(t *testing.T, l *Lock) {
	t.Helper()
	l.holder.Machine = "elsewhere"
	if err := l.beat(); err != nil {
		t.Fatal(err)
	}
}

func entries(t *testing.T, folder string) []string {
	t.Helper()
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(list))
	for i, e := range list {
		names[i] = e.Name()
	}
	return names
}

// TestPublish: what the holder prepared appears at once and whole, and nothing
// but that is left when the lock is given back.
func TestPublish(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a", "b")
	l := mustAcquire(t, NewKeeper(), folder)
	if h, held := Find(folder); !held || h.Process != os.Getpid() || !h.Alive() {
		t.Errorf("the holder is %+v, %v", h, held)
	}
	for _, name := range []string{"x", "draft"} {
		if err := os.WriteFile(filepath.Join(l.Dir(), name), []byte(name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Publish("x"); err != nil {
		t.Fatal(err)
	}
	if err := l.Release(); err != nil {
		t.Fatal(err)
	}
	if names := entries(t, folder); len(names) != 1 || names[0] != "x" {
		t.Errorf("left: %q, want x", names)
	}
	l = mustAcquire(t, NewKeeper(), folder)
	if err := errors.Join(l.Withdraw("x"), l.Withdraw("never there"), l.Release()); err != nil {
		t.Fatal(err)
	}
	if names := entries(t, folder); len(names) != 0 {
		t.Errorf("left: %q, want nothing", names)
	}
}

// TestHeld: a second one is told who holds the lock.
func TestHeld(t *testing.T) {
	folder := t.TempDir()
	l := mustAcquire(t, NewKeeper(), folder)
	defer l.Release()
	_, err := NewKeeper().Acquire(folder)
	held, ok := errors.AsType[*HeldError](err)
	if !ok || held.Holder.Process != os.Getpid() || held.Folder != folder {
		t.Errorf("error %v, want a HeldError with this process", err)
	}
}

// TestExclusive: of many that try at once, on a free folder and on one with a
// dead process's lock, never do two hold it together, and in every round one
// does.
func TestExclusive(t *testing.T) {
	for round := range 60 {
		folder := t.TempDir()
		if round%2 == 1 {
			writeDead(t, folder)
		}
		var holders, won atomic.Int32
		var tries sync.WaitGroup
		for range 8 {
			k := NewKeeper()
			tries.Go(func() {
				l, err := k.Acquire(folder)
				if err != nil {
					if _, held := errors.AsType[*HeldError](err); !held {
						t.Error(err)
					}
					return
				}
				won.Add(1)
				if n := holders.Add(1); n > 1 && l.Check() == nil {
					t.Errorf("round %d: %d hold the lock at once", round, n)
				}
				runtime.Gosched()
				holders.Add(-1)
				if err := l.Release(); err != nil {
					t.Error(err)
				}
			})
		}
		tries.Wait()
		if won.Load() == 0 {
			t.Errorf("round %d: nobody got the lock", round)
		}
		if names := entries(t, folder); len(names) != 0 {
			t.Errorf("round %d: left %q", round, names)
		}
	}
}

// noProcess is a number that no process has.
const noProcess = 2147483646

// writeDead writes the lock of a process of this machine that is gone.
func writeDead(t *testing.T, folder string) {
	t.Helper()
	h, err := self("dead")
	if err != nil {
		t.Fatal(err)
	}
	h.Process = noProcess
	dir := filepath.Join(folder, lockName, h.Tenure)
	if err := errors.Join(os.MkdirAll(dir, 0o777), writeHolder(filepath.Join(dir, holderFile), h)); err != nil {
		t.Fatal(err)
	}
}

// TestDeadProcess: the lock of a process of this machine that is gone is taken
// over at once, with what it had begun; so is that of an earlier process with
// the number of a living one.
func TestDeadProcess(t *testing.T) {
	folder := t.TempDir()
	writeDead(t, folder)
	if h, held := Find(folder); !held || h.Alive() {
		t.Errorf("the dead holder is %+v, %v", h, held)
	}
	l := mustAcquire(t, NewKeeper(), folder)
	if runtime.GOOS == "linux" {
		l.holder.Started = "1"
		if err := l.beat(); err != nil {
			t.Fatal(err)
		}
		mustAcquire(t, NewKeeper(), folder).Release()
	}
	l.Release()
	if names := entries(t, folder); len(names) != 0 {
		t.Errorf("left: %q", names)
	}
}

// TestSuccessor: a batch job that was started again takes the lock of its
// earlier start over at once, wherever that is and though it seems alive; no
// other job does, and no earlier start that of a later one.
func TestSuccessor(t *testing.T) {
	folder := t.TempDir()
	start := func(job, restart string) {
		t.Setenv("SLURM_JOB_ID", job)
		t.Setenv("SLURM_RESTART_COUNT", restart)
	}
	start("17", "")
	first := mustAcquire(t, NewKeeper(), folder)
	disguise(t, first)
	held := func(job, restart string) {
		t.Helper()
		start(job, restart)
		if _, err := NewKeeper().Acquire(folder); err == nil {
			t.Errorf("job %s, start %s, took the lock over", job, restart)
		}
	}
	held("18", "1")
	held("17", "")
	held("", "1")
	start("17", "1")
	second := mustAcquire(t, NewKeeper(), folder)
	if err := first.Check(); !errors.Is(err, ErrLost) {
		t.Errorf("the earlier start: %v, want ErrLost", err)
	}
	held("17", "")
	if err := errors.Join(first.Release(), second.Release()); err != nil {
		t.Error(err)
	}
	if names := entries(t, folder); len(names) != 0 {
		t.Errorf("left: %q", names)
	}
}

// TestProcessAlive: this process is alive, one that never was is not, and
// neither is one that was killed and whose parent has not taken notice.
func TestProcessAlive(t *testing.T) {
	if !processAlive(os.Getpid(), "") || processAlive(noProcess, "") {
		t.Error("this process or none is taken for what it is not")
	}
	child := exec.Command("sleep", "60")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if !processAlive(child.Process.Pid, "") {
		t.Error("a running child is taken for dead")
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for range 500 { // until the kernel has carried out the kill
		if !processAlive(child.Process.Pid, "") {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if runtime.GOOS == "linux" && processAlive(child.Process.Pid, "") {
		t.Error("a killed child that nobody waited for is taken for alive")
	}
	child.Wait() // its error is the kill
}

// TestFence: a holder on another machine whose heartbeat stands still is given
// up after patience, not before; from then on nothing that it does reaches the
// folder, not even a file that it had finished before.
func TestFence(t *testing.T) {
	folder := t.TempDir()
	first := mustAcquire(t, NewKeeper(), folder)
	disguise(t, first)
	if err := os.WriteFile(filepath.Join(first.Dir(), "x"), []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	k, pass := patient()
	for _, step := range []time.Duration{0, Patience / 2, Patience/2 - 1} {
		pass(step)
		if _, err := k.Acquire(folder); err == nil {
			t.Fatal("taken over without patience")
		}
	}
	if err := first.beat(); err != nil {
		t.Fatal(err)
	}
	pass(1)
	if _, err := k.Acquire(folder); err == nil {
		t.Fatal("taken over although the heart beats")
	}
	pass(Patience)
	if _, err := k.Acquire(folder); err == nil {
		t.Fatal("taken over after two looks")
	}
	second := mustAcquire(t, k, folder)
	if err := os.WriteFile(filepath.Join(second.Dir(), "x"), []byte("new"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := second.Publish("x"); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"publish":  first.Publish("x"),
		"withdraw": first.Withdraw("x"),
		"beat":     first.beat(),
		"check":    first.Check(),
	} {
		if !errors.Is(err, ErrLost) {
			t.Errorf("%s by the one given up: %v, want ErrLost", what, err)
		}
	}
	if _, err := os.Create(filepath.Join(first.Dir(), "y")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the one given up can still prepare files: %v", err)
	}
	if err := first.Release(); err != nil || second.Check() != nil {
		t.Errorf("the release of the one given up: %v, then the successor: %v", err, second.Check())
	}
	if text, err := os.ReadFile(filepath.Join(folder, "x")); string(text) != "new" {
		t.Errorf("x holds %q, %v", text, err)
	}
	if err := second.Release(); err != nil {
		t.Fatal(err)
	}
}

// TestContext: a holder is told by its context that the lock is lost, and only
// then.
func TestContext(t *testing.T) {
	k, folder := NewKeeper(), t.TempDir()
	k.interval = time.Millisecond
	l := mustAcquire(t, k, folder)
	ctx, cancel := l.Context(t.Context())
	defer cancel()
	if err := end(folder, l.holder.Tenure); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
	if err := context.Cause(ctx); !errors.Is(err, ErrLost) {
		t.Errorf("cause %v, want ErrLost", err)
	}
	l.Release()

	l = mustAcquire(t, NewKeeper(), folder)
	ctx, cancel = l.Context(t.Context())
	cancel()
	l.Release()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, ErrLost) {
		t.Errorf("cause %v, want Canceled", err)
	}
}

// TestUnreadable: a lock that says nothing about its holder is waited for like
// one of another machine, and then taken over.
func TestUnreadable(t *testing.T) {
	for name, content := range map[string]string{"empty": "", "cut": `{"host":`, "of another tenure": `{"tenure": "other"}`} {
		folder := t.TempDir()
		dir := filepath.Join(folder, lockName, "tenure")
		if err := errors.Join(os.MkdirAll(dir, 0o777), os.WriteFile(filepath.Join(dir, holderFile), []byte(content), 0o666)); err != nil {
			t.Fatal(err)
		}
		k, pass := patient()
		for range sightings {
			if l, err := k.Acquire(folder); err == nil {
				t.Errorf("%s: taken over at once", name)
				l.Release()
			}
		}
		pass(Patience)
		mustAcquire(t, k, folder).Release()
	}
}

// TestEndSparesAnother: ending a tenure that is over does nothing to the one
// that came after it, and an empty lock is none.
func TestEndSparesAnother(t *testing.T) {
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, lockName), 0o777); err != nil {
		t.Fatal(err)
	}
	l := mustAcquire(t, NewKeeper(), folder)
	if err := errors.Join(end(folder, "a stale tenure"), l.Check(), l.Release()); err != nil {
		t.Error(err)
	}
}

// TestTidy removes what dead processes leave, and nothing else: no lock that is
// held, no file.
func TestTidy(t *testing.T) {
	for name, leave := range map[string]func(folder string) error{
		"dead":     func(folder string) error { writeDead(t, folder); return nil },
		"empty":    func(folder string) error { return os.Mkdir(filepath.Join(folder, lockName), 0o777) },
		"prepared": func(folder string) error { return os.MkdirAll(filepath.Join(folder, temporary+"1", "2"), 0o777) },
		"nothing":  func(string) error { return nil },
	} {
		folder := t.TempDir()
		if err := errors.Join(os.WriteFile(filepath.Join(folder, "data"), nil, 0o666), leave(folder), NewKeeper().Tidy(folder)); err != nil {
			t.Fatal(err)
		}
		if names := entries(t, folder); len(names) != 1 || names[0] != "data" {
			t.Errorf("%s: left %q", name, names)
		}
	}
	folder := t.TempDir()
	l := mustAcquire(t, NewKeeper(), folder)
	if err := errors.Join(NewKeeper().Tidy(folder), l.Check(), l.Release()); err != nil {
		t.Errorf("held: %v", err)
	}
}

// TestHolderFile: the file is JSON for other programs to read.
func TestHolderFile(t *testing.T) {
	folder := t.TempDir()
	l := mustAcquire(t, NewKeeper(), folder)
	defer l.Release()
	text, err := os.ReadFile(filepath.Join(l.Dir(), holderFile))
	var fields map[string]any
	if err := errors.Join(err, json.Unmarshal(text, &fields)); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"host", "process", "machine", "started", "tenure", "beat", "time"} {
		if _, ok := fields[key]; !ok {
			t.Errorf("no %q in %s", key, text)
		}
	}
}
