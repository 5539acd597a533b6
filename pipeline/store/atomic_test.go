package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

func listFolder(t testing.TB, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func mustRead(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func mustWrite(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestFileAppearsAtCommit(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "state.json")
	mustWrite(t, path, []byte("old"))
	file, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	want := bytes.Repeat([]byte("new "), writeBuffer)
	if _, err := file.Write(want); err != nil {
		t.Fatal(err)
	}
	if got := mustRead(t, path); string(got) != "old" {
		t.Errorf("before Commit the file holds %d bytes", len(got))
	}
	for _, name := range listFolder(t, folder) {
		if name != "state.json" && !strings.HasPrefix(name, ".state.json.tmp-") {
			t.Errorf("a temporary file called %s", name)
		}
	}
	if err := file.Commit(); err != nil {
		t.Fatal(err)
	}
	file.Abort() // must do nothing now
	if got := mustRead(t, path); !bytes.Equal(got, want) {
		t.Errorf("after Commit the file holds %d bytes", len(got))
	}
	if names := listFolder(t, folder); len(names) != 1 {
		t.Errorf("left behind: %v", names)
	}
	if err := file.Commit(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("second Commit: %v", err)
	}
}

func TestFileModeFollowsUmask(t *testing.T) {
	folder := t.TempDir()
	mustWrite(t, filepath.Join(folder, "plain"), nil)
	if err := WriteFile(filepath.Join(folder, "atomic"), func(io.Writer) error { return nil }); err != nil {
		t.Fatal(err)
	}
	plain, _ := os.Stat(filepath.Join(folder, "plain"))
	atomic, _ := os.Stat(filepath.Join(folder, "atomic"))
	if plain.Mode() != atomic.Mode() {
		t.Errorf("mode %v, an ordinary file has %v", atomic.Mode(), plain.Mode())
	}
}

func TestWriteFileLeavesNothingOnError(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "x")
	cause := errors.New("cause")
	err := WriteFile(path, func(w io.Writer) error {
		io.WriteString(w, "half")
		return cause
	})
	if !errors.Is(err, cause) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v", err)
	}
	func() {
		defer func() { recover() }()
		WriteFile(path, func(io.Writer) error { panic("in the middle") })
	}()
	if names := listFolder(t, folder); names != nil {
		t.Errorf("left behind: %v", names)
	}
	if err := WriteFile(filepath.Join(folder, "none", "x"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("folder that does not exist: %v", err)
	}
}

func TestTwoWritersOfOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	a, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(a, "first")
	io.WriteString(b, "second")
	if err := errors.Join(a.Commit(), b.Commit()); err != nil {
		t.Fatal(err)
	}
	if got := mustRead(t, path); string(got) != "second" {
		t.Errorf("%q", got)
	}
}

func TestRemoveTemporaries(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"a", ".b", ".c.tmp", "d.tmp-1-0"} {
		mustWrite(t, filepath.Join(folder, name), nil)
	}
	if _, err := Create(filepath.Join(folder, "e.parquet")); err != nil { // killed before Commit
		t.Fatal(err)
	}
	if n := len(listFolder(t, folder)); n != 5 {
		t.Fatalf("%d files", n)
	}
	if err := RemoveTemporaries(folder); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(listFolder(t, folder)); got != "[.b .c.tmp a d.tmp-1-0]" {
		t.Errorf("left: %s", got)
	}
	if err := RemoveTemporaries(filepath.Join(folder, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("folder that does not exist: %v", err)
	}
}

var errInjected = errors.New("no space left on device (injected)")

// faultySystem fails the operation numbered fail, counted from 0; short makes a
// failing write put out half its bytes first. count ends up as the number of
// operations.
type faultySystem struct {
	disk
	fail, count int
	short       bool
	failed      string // which kind of operation it was
}

func (s *faultySystem) step(operation string) error {
	s.count++
	if s.count-1 == s.fail {
		s.failed = operation
		return errInjected
	}
	return nil
}

func (s *faultySystem) create(path string) (handle, error) {
	if err := s.step("create"); err != nil {
		return nil, err
	}
	file, err := s.disk.create(path)
	return &faultyHandle{file, s}, err
}

func (s *faultySystem) rename(from, to string) error {
	if err := s.step("rename"); err != nil {
		return err
	}
	return s.disk.rename(from, to)
}

func (s *faultySystem) syncFolder(path string) error {
	if err := s.step("syncFolder"); err != nil {
		return err
	}
	return s.disk.syncFolder(path)
}

type faultyHandle struct {
	handle
	system *faultySystem
}

func (h *faultyHandle) Write(p []byte) (int, error) {
	if err := h.system.step("write"); err != nil {
		n := 0
		if h.system.short {
			n, _ = h.handle.Write(p[:len(p)/2])
		}
		return n, err
	}
	return h.handle.Write(p)
}

func (h *faultyHandle) Sync() error {
	if err := h.system.step("sync"); err != nil {
		return err
	}
	return h.handle.Sync()
}

func (h *faultyHandle) Close() error {
	err := h.handle.Close()
	if fault := h.system.step("close"); fault != nil {
		return fault
	}
	return err
}

// TestInjectedFailures fails every operation of every writer in turn. There must
// be an error, the old file or the complete new one under the name, and no other.
func TestInjectedFailures(t *testing.T) {
	table := exampleTable()
	machine := exampleMachine(3, 2)
	batch := randomBatch(3000, 4096, 3)
	writers := map[string]func(*AtomicFile) error{
		"table.parquet": func(f *AtomicFile) error {
			return writeAndCommit(f, func(w io.Writer) error { return table.WriteParquet(w, testMetadata()) })
		},
		"table.csv":  func(f *AtomicFile) error { return writeAndCommit(f, table.WriteCSV) },
		"table.json": func(f *AtomicFile) error { return writeAndCommit(f, table.WriteJSON) },
		"machine.npz": func(f *AtomicFile) error {
			return writeAndCommit(f, func(w io.Writer) error { return machine.write(w, nil) })
		},
		"plain.parquet": func(f *AtomicFile) error {
			return writeBatch(f, ConfigurationLayout{}, batch)
		},
		"zstd.parquet": func(f *AtomicFile) error {
			return writeBatch(f, ConfigurationLayout{IntegerEnergy: true, Compression: Zstd}, batch)
		},
	}
	for name, write := range writers {
		for _, short := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/short=%v", name, short), func(t *testing.T) {
				path := filepath.Join(t.TempDir(), name)
				good := &faultySystem{fail: -1}
				injectAt(t, good, path, write)
				complete := mustRead(t, path)
				for i := range good.count {
					mustWrite(t, path, []byte("old"))
					checkFailure(t, &faultySystem{fail: i, short: short}, path, write, complete)
				}
			})
		}
	}
}

func writeBatch(file *AtomicFile, layout ConfigurationLayout, batch ConfigurationBatch) error {
	w, err := newConfigurationsWriter(file, 4096, layout, testMetadata(), memory.NewGoAllocator())
	if err != nil {
		return err
	}
	defer w.Abort()
	if err := w.Append(batch); err != nil {
		if again := w.Commit(); again == nil {
			return errors.New("Commit after a failed Append succeeded")
		}
		return err
	}
	return w.Commit()
}

func injectAt(t *testing.T, system *faultySystem, path string, write func(*AtomicFile) error) {
	t.Helper()
	file, err := createIn(system, path)
	if err == nil {
		err = write(file)
	}
	if injected := system.failed != ""; injected != (err != nil) || injected && !errors.Is(err, errInjected) && !strings.Contains(err.Error(), errInjected.Error()) {
		t.Errorf("failing operation %d (%s): error %v", system.fail, system.failed, err)
	}
	if err != nil && !strings.Contains(err.Error(), path) {
		t.Errorf("error does not name the file: %v", err)
	}
}

func checkFailure(t *testing.T, system *faultySystem, path string, write func(*AtomicFile) error, complete []byte) {
	t.Helper()
	injectAt(t, system, path, write)
	if system.failed == "" {
		t.Fatalf("operation %d was never reached", system.fail)
	}
	want := []byte("old")
	if system.failed == "syncFolder" { // the file is in place, only its name may not outlast a power cut
		want = complete
	}
	if got := mustRead(t, path); !bytes.Equal(got, want) {
		t.Errorf("failing operation %d (%s) left %d bytes", system.fail, system.failed, len(got))
	}
	if names := listFolder(t, filepath.Dir(path)); len(names) != 1 {
		t.Errorf("failing operation %d (%s) left %v", system.fail, system.failed, names)
	}
}

// TestScratch: a file that is written elsewhere appears at its path, whole, at
// Commit, and leaves nothing behind, committed or not.
func TestScratch(t *testing.T) {
	folder, scratch := t.TempDir(), t.TempDir()
	path := filepath.Join(folder, "configurations.parquet")
	want := bytes.Repeat([]byte("new "), writeBuffer)
	for _, commit := range []bool{false, true} {
		file, err := createVia(disk{}, scratch, path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write(want); err != nil {
			t.Fatal(err)
		}
		if near, far := listFolder(t, folder), listFolder(t, scratch); len(near) != 0 || len(far) != 1 {
			t.Errorf("before Commit: %q in its folder, %q in scratch", near, far)
		}
		if commit {
			if err := file.Commit(); err != nil {
				t.Fatal(err)
			}
		}
		file.Abort()
		if left := listFolder(t, scratch); len(left) != 0 {
			t.Errorf("left in scratch: %q", left)
		}
	}
	if got := mustRead(t, path); !bytes.Equal(got, want) || len(listFolder(t, folder)) != 1 {
		t.Errorf("%d bytes, want %d; %q", len(got), len(want), listFolder(t, folder))
	}
	if _, err := createVia(disk{}, filepath.Join(scratch, "none"), path); err == nil {
		t.Error("a scratch folder that is not there was accepted")
	}
}

// TestScratchFaults: wherever bringing the file over fails, nothing is left at
// its path or beside it.
func TestScratchFaults(t *testing.T) {
	folder, scratch := t.TempDir(), t.TempDir()
	path := filepath.Join(folder, "configurations.parquet")
	file, err := createVia(disk{}, scratch, path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	if err := file.Commit(); err == nil {
		t.Error("Commit into a folder that is gone")
	}
	if left := listFolder(t, scratch); len(left) != 0 {
		t.Errorf("left in scratch: %q", left)
	}
}
