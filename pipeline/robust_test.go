//go:build robust

package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"isingrbm/pipeline/fault"
	"isingrbm/pipeline/store"
)

// tinyRun goes through all stages in a moment.
const tinyRun = `
seed = 7
[lattice]
kind = "square"
sizes = [3]
[sweep]
temperatures = [2.0]
[monte_carlo]
configurations = 300
validation = 100
thermalization = 5
thinning = 2
[rbm]
hidden = [3]
[training]
updates = 20
batch = 50
[sampling]
configurations = 200
chains = 32
burn_in = 4
thinning = 2
[output]
figures = []
`

// tiny are the options of a tiny run: one task at a time, a checkpoint wherever
// there can be one, spins on the disk, and what failed tried again.
func tiny() Options {
	o := often(1)
	o.RetryFailed, o.HeldSpins = true, 1
	return o
}

// injected are the errors that disks give.
var injected = []error{syscall.ENOSPC, syscall.EIO, syscall.EDQUOT}

// TestRobustFaults makes every single create, write, sync and rename of a run
// fail, once alone and once with all that come after it, as on a full disk. The
// run must end with that error or without harm; no file under its final name may
// hold anything but its final bytes; and the next run must complete it.
func TestRobustFaults(t *testing.T) {
	reference := openRun(t, tinyRun)
	var calls atomic.Int64
	restore := fault.Inject(func(fault.Op, string) error { calls.Add(1); return nil })
	if _, err := reference.RunAll(t.Context(), tiny()); err != nil {
		t.Fatal(err)
	}
	restore()
	want := reproducible(t, reference.Dir)
	total := calls.Load()
	if total < 100 {
		t.Fatalf("only %d calls can fail", total)
	}
	stride := int64(1)
	if testing.Short() {
		stride = 13
	}
	t.Logf("%d calls that can fail, every %d. of them does", total, stride)
	harmless, byOp := 0, make(map[fault.Op]int)
	for k := int64(0); k < total; k += stride {
		for _, lasting := range []bool{false, true} {
			w := openRun(t, tinyRun)
			op, err := runWithFault(t, w, k, lasting, injected[k%int64(len(injected))])
			byOp[op]++
			if err == nil {
				harmless++
			}
			exited(t, w.Dir)
			if !lasting {
				settledStates(t, fmt.Sprintf("call %d (%s)", k, op), w)
			}
			nothingHalf(t, fmt.Sprintf("call %d (%s)", k, op), w, want)
			if _, err := reopen(t, w).RunAll(t.Context(), tiny()); err != nil {
				t.Fatalf("call %d (%s): the next run: %v", k, op, err)
			}
			sameFiles(t, fmt.Sprintf("call %d (%s)", k, op), reproducible(t, w.Dir), want)
			noLocks(t, w.Dir)
			if t.Failed() {
				return
			}
			os.RemoveAll(w.Dir)
		}
	}
	t.Logf("%d calls, %v, %d faults without harm", total, byOp, harmless)
	if int64(harmless)*stride > total/5 {
		t.Errorf("%d of %d faults were not reported", harmless, 2*total)
	}
}

// settledStates holds that no stage says that it is running: after a single fault each
// could say what became of it.
func settledStates(t *testing.T, what string, w *Workspace) {
	t.Helper()
	for _, cell := range w.Plan.AllCells() {
		state, err := readState(w.folders, cell)
		if err != nil {
			t.Fatal(err)
		}
		for stage, record := range state.Stages {
			if record.Status == Running {
				t.Errorf("%s: %s of %s still says that it is running", what, stage, cell.ID())
			}
		}
	}
}

// runWithFault runs with the k-th call failing, and if lasting also those after
// it. It returns which call that was and the run's error.
func runWithFault(t *testing.T, w *Workspace, k int64, lasting bool, cause error) (fault.Op, error) {
	t.Helper()
	var n atomic.Int64
	var which atomic.Value
	restore := fault.Inject(func(op fault.Op, path string) error {
		i := n.Add(1) - 1
		if i == k {
			which.Store(op)
		}
		if i == k || lasting && i > k {
			return &fs.PathError{Op: string(op), Path: path, Err: cause}
		}
		return nil
	})
	defer restore()
	_, err := w.RunAll(t.Context(), tiny())
	if err != nil && !errors.Is(err, cause) {
		if failed, ok := errors.AsType[*FailedError](err); !ok || !strings.Contains(failed.Error(), cause.Error()) {
			t.Errorf("call %d: the error does not say that %v: %v", k, cause, err)
		}
	}
	op, _ := which.Load().(fault.Op)
	return op, err
}

// exited makes locks that this process could not give back look as they do once
// the process has ended.
func exited(t *testing.T, dir string) {
	t.Helper()
	own, gone := fmt.Appendf(nil, `"process":%d,`, os.Getpid()), fmt.Appendf(nil, `"process":%d,`, 2147483646)
	filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == "holder.json" {
			return os.WriteFile(path, bytes.Replace(mustReadFile(t, path), own, gone, 1), 0o666)
		}
		return nil // the folder may not even be there
	})
}

// nothingHalf holds that the files that are there are those of a whole run. Of
// the records, which grow with the run, only that they can be read.
func nothingHalf(t *testing.T, what string, w *Workspace, want map[string][32]byte) {
	t.Helper()
	if _, err := os.Stat(w.Dir); err != nil {
		return
	}
	for name, sum := range reproducible(t, w.Dir) {
		base := filepath.Base(name)
		if !strings.HasPrefix(name, cellsDir) || strings.Contains(name, "lock") || base == "checksums.json" || isUnfinished(base) {
			continue // a report is made of what is done
		}
		if whole, ok := want[name]; !ok || sum != whole {
			t.Errorf("%s: %s holds something else", what, name)
		}
	}
	if _, findings, err := w.Verify(context.Background(), 1); err != nil || len(findings) > 0 {
		t.Errorf("%s: %+v, %v", what, findings, err)
	}
}

// damages are what can happen to a file, by the kind of place.
func damages(whole []byte) map[string][]byte {
	list := make(map[string][]byte)
	n := len(whole)
	for name, at := range map[string]int{
		"first": 0, "header": 5, "early": n / 10, "third": n / 3, "middle": n / 2, "late": n * 9 / 10,
		"footer": n - 12, "length": n - 6, "last": n - 1,
	} {
		if at >= 0 && at < n {
			changed := bytes.Clone(whole)
			changed[at] ^= 1 << (at % 7)
			list["flipped "+name] = changed
		}
	}
	for name, to := range map[string]int{"nothing": 0, "one byte": 1, "header": 9, "half": n / 2, "footer": n - 9, "all but one": n - 1} {
		if to >= 0 && to < n {
			list["cut to "+name] = bytes.Clone(whole[:to])
		}
	}
	list["longer"] = append(bytes.Clone(whole), 0)
	list["foreign"] = []byte("# notes of somebody\n")
	return list
}

// TestRobustDamage changes and cuts every kind of file of a run directory at
// every kind of place. A verification must name the file, and a run must heal it,
// refuse it by name, or not read it; nothing else ever has other bytes.
func TestRobustDamage(t *testing.T) {
	source := openRun(t, strings.Replace(tinyRun, "chains = 32\n", "chains = 32\nstart = \"random\"\n", 1))
	if _, err := source.RunAll(t.Context(), tiny()); err != nil {
		t.Fatal(err)
	}
	want := reproducible(t, source.Dir)
	state := statesOf(t, source.Dir)
	cases, healed, refused, unread := 0, 0, 0, 0
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if !strings.HasPrefix(name, "cells") && !slices.Contains([]string{"results.csv", "manifest.json", "results.parquet", "comparison.csv"}, name) {
			continue // the others are made like results.csv
		}
		for what, content := range damages(mustReadFile(t, filepath.Join(source.Dir, name))) {
			cases++
			path := filepath.Join(source.Dir, name)
			original := mustReadFile(t, path)
			if err := os.WriteFile(path, content, 0o666); err != nil {
				t.Fatal(err)
			}
			_, findings, err := source.Verify(t.Context(), 1)
			if err != nil || !slices.ContainsFunc(findings, func(f Finding) bool { return strings.HasPrefix(path, filepath.Dir(f.Path)) }) {
				t.Errorf("%s %s: not found: %+v, %v", name, what, findings, err)
			}
			os.Remove(filepath.Join(source.Dir, manifestFile)) // so that everything is read again
			_, err = source.RunAll(t.Context(), tiny())
			switch {
			case err == nil:
				got := reproducible(t, source.Dir)
				if got[name] == want[name] {
					healed++
				} else { // nothing read it; if it is a list of checksums, the manifest holds its hash
					unread++
					got[name], got[manifestFile] = want[name], want[manifestFile]
				}
				sameFiles(t, name+" "+what, got, want)
			case strings.Contains(err.Error(), path) || filepath.Base(path) == store.ChecksumsFile && strings.Contains(err.Error(), filepath.Dir(path)):
				refused++
			default:
				t.Errorf("%s %s: the error does not name it: %v", name, what, err)
			}
			if err != nil || !bytes.Equal(mustReadFile(t, path), original) { // put back what the failure recorded
				if err := os.WriteFile(path, original, 0o666); err != nil {
					t.Fatal(err)
				}
				restoreStates(t, state)
				mustRun(t, source, 1)
			}
			if t.Failed() {
				return
			}
		}
	}
	t.Logf("%d cases, all found by Verify; the next run healed %d, refused %d by name, did not read %d", cases, healed, refused, unread)
	if cases < 200 {
		t.Errorf("only %d cases", cases)
	}
}

func mustReadFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// statesOf reads all states of a run directory, by path.
func statesOf(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	states := make(map[string][]byte)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == stateFile {
			states[path] = mustReadFile(t, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return states
}

func restoreStates(t *testing.T, states map[string][]byte) {
	t.Helper()
	for path, content := range states {
		if err := os.WriteFile(path, content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
