package store

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"isingrbm/pipeline/fault"
)

const (
	writeBuffer = 1 << 18 // bytes; larger writes go straight to the file
	temporary   = ".tmp-" // between the final name and what makes a temporary one unique
)

// AtomicFile is a file that is complete or absent: what is written goes to a
// temporary file in the same folder, which Commit renames. Neither it nor any
// other type of this package may be used from two goroutines at once.
type AtomicFile struct {
	system fileSystem
	path   string // final name
	hidden string // temporary name
	away   bool   // hidden lies in another folder than path
	file   handle
	buffer *bufio.Writer
	closed bool
	draft  bool // to be renamed into another folder: this one need not last
}

// Create starts writing the file at path, whose folder must exist. An existing
// file of that name stays as it is until Commit.
func Create(path string) (*AtomicFile, error) {
	return createIn(disk{}, path)
}

func createIn(system fileSystem, path string) (*AtomicFile, error) {
	return createVia(system, "", path)
}

// createVia is createIn with the temporary file in a scratch folder, which may
// be on another disk: Commit brings it over before the renaming. "" is the
// folder of the path.
func createVia(system fileSystem, scratch, path string) (*AtomicFile, error) {
	begun := path
	if scratch != "" {
		begun = filepath.Join(scratch, filepath.Base(path))
	}
	file, hidden, err := createTemporary(system, begun)
	if err != nil {
		return nil, writeError(path, err)
	}
	buffer := bufio.NewWriterSize(file, writeBuffer)
	return &AtomicFile{system: system, path: path, hidden: hidden, away: scratch != "", file: file, buffer: buffer}, nil
}

// createTemporary creates a file beside the path, under a name of its own.
func createTemporary(system fileSystem, path string) (file handle, name string, err error) {
	for i := 0; ; i++ {
		name = temporaryName(path, i)
		if file, err = system.create(name); !errors.Is(err, os.ErrExist) {
			return file, name, err
		}
	}
}

// temporaryName is the i-th name to try. The process id keeps two processes
// apart in most cases, exclusive creation in all.
func temporaryName(path string, i int) string {
	folder, name := filepath.Split(path)
	return folder + "." + name + temporary + strconv.Itoa(os.Getpid()) + "-" + strconv.Itoa(i)
}

// Write appends p. After an error every later Write and Commit fails too.
func (f *AtomicFile) Write(p []byte) (int, error) {
	return f.buffer.Write(p)
}

// Commit puts the file in its place: flushed, synchronized, renamed, and its
// folder synchronized. On an error before the renaming nothing is left of it.
func (f *AtomicFile) Commit() error {
	if f.closed {
		return writeError(f.path, os.ErrClosed)
	}
	if err := f.publish(); err != nil {
		f.Abort()
		return writeError(f.path, err)
	}
	f.closed = true
	if f.draft {
		return nil
	}
	if err := f.system.syncFolder(filepath.Dir(f.path)); err != nil {
		return writeError(f.path, err)
	}
	return nil
}

func (f *AtomicFile) publish() error {
	if err := f.buffer.Flush(); err != nil {
		return err
	}
	if err := f.file.Sync(); err != nil {
		return err
	}
	if err := f.file.Close(); err != nil {
		return err
	}
	if f.away {
		if err := f.bring(); err != nil {
			return err
		}
	}
	return f.system.rename(f.hidden, f.path)
}

// bring copies the finished file from the scratch folder to beside its place.
func (f *AtomicFile) bring() error {
	finished, err := os.Open(f.hidden)
	if err != nil {
		return err
	}
	defer finished.Close()
	file, near, err := createTemporary(f.system, f.path)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, finished)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, f.system.remove(near))
	}
	scratch := f.hidden
	f.hidden, f.away = near, false
	return f.system.remove(scratch)
}

// Abort removes what was written. After Commit or Abort it does nothing, so it
// can be deferred.
func (f *AtomicFile) Abort() {
	if f.closed {
		return
	}
	f.closed = true
	// The error that led here matters more than these, and a file that cannot be
	// removed now is swept up by RemoveTemporaries.
	_ = f.file.Close()
	_ = f.system.remove(f.hidden)
}

// WriteFile writes the file at path with what write puts out, or leaves things
// as they were and returns the first error.
func WriteFile(path string, write func(io.Writer) error) error {
	file, err := Create(path)
	if err != nil {
		return err
	}
	return writeAndCommit(file, write)
}

func writeAndCommit(file *AtomicFile, write func(io.Writer) error) error {
	defer file.Abort()
	if err := write(file); err != nil {
		return writeError(file.path, err)
	}
	return file.Commit()
}

// Rename gives a finished file another name on the same file system.
func Rename(from, to string) error {
	if err := (disk{}).rename(from, to); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// RemoveTemporaries removes the unfinished files that killed processes left in
// a folder. Call it only while nobody else writes there.
func RemoveTemporaries(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	var failures []error
	for _, entry := range entries {
		if !isTemporary(entry.Name()) {
			continue
		}
		if err := os.Remove(filepath.Join(folder, entry.Name())); err != nil {
			failures = append(failures, fmt.Errorf("store: %w", err))
		}
	}
	return errors.Join(failures...)
}

func isTemporary(name string) bool {
	match, err := filepath.Match(".*"+temporary+"*", name)
	return err == nil && match
}

func writeError(path string, err error) error {
	return fmt.Errorf("store: write %s: %w", path, err)
}

// fileSystem is all that writing asks of the operating system. Tests put
// failures in its place.
type fileSystem interface {
	create(path string) (handle, error) // fails with os.ErrExist if there is one
	rename(from, to string) error
	remove(path string) error
	syncFolder(path string) error
}

// handle is a file opened for writing.
type handle interface {
	io.WriteCloser
	Sync() error
}

type disk struct{}

func (disk) create(path string) (handle, error) {
	if err := fault.Check(fault.Create, path); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	return diskFile{file}, nil
}

func (disk) rename(from, to string) error {
	if err := fault.Check(fault.Rename, to); err != nil {
		return err
	}
	return os.Rename(from, to)
}

func (disk) remove(path string) error { return os.Remove(path) }

// diskFile is a file on the disk, open for writing.
type diskFile struct{ *os.File }

func (f diskFile) Write(p []byte) (int, error) {
	if err := fault.Check(fault.Write, f.Name()); err != nil {
		n, _ := f.File.Write(p[:len(p)/2])
		return n, err
	}
	return f.File.Write(p)
}

func (f diskFile) Sync() error {
	if err := fault.Check(fault.Sync, f.Name()); err != nil {
		return err
	}
	return f.File.Sync()
}

// syncFolder makes a renaming last through a power cut. Some network file
// systems cannot synchronize a folder and say so; there is nothing more to do.
func (disk) syncFolder(path string) error {
	if err := fault.Check(fault.Sync, path); err != nil {
		return err
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	err = folder.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}
