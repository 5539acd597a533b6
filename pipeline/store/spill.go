package store

import (
	"bufio"
	"os"
	"path/filepath"
	"syscall"
	"unsafe"
)

// Spill is a list of words that lie on the disk while they are used. Once written,
// they are mapped into memory, of which they take what the system can spare and no
// more. The file has no name, so that nothing is left of it when the process ends,
// however it ends.
type Spill struct {
	path   string // that the file had
	file   diskFile
	buffer *bufio.Writer
	mapped []byte
}

// NewSpill begins an empty list in a folder.
func NewSpill(folder string) (*Spill, error) {
	file, path, err := createTemporary(disk{}, filepath.Join(folder, "spill"))
	if err != nil {
		return nil, writeError(filepath.Join(folder, "spill"), err)
	}
	s := &Spill{path: path, file: file.(diskFile), buffer: bufio.NewWriterSize(file, writeBuffer)}
	if err := os.Remove(path); err != nil {
		s.Close()
		return nil, writeError(path, err)
	}
	return s, nil
}

// Append adds words. After an error every later call of Append and Words fails too.
func (s *Spill) Append(words []uint64) error {
	if len(words) == 0 {
		return nil
	}
	_, err := s.buffer.Write(unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), 8*len(words)))
	if err != nil {
		return writeError(s.path, err)
	}
	return nil
}

// Words ends the list and returns it, not to be written to and valid until Close. It
// is synchronized before, since a disk may say only then that it is full.
func (s *Spill) Words() ([]uint64, error) {
	if err := s.buffer.Flush(); err != nil {
		return nil, writeError(s.path, err)
	}
	if err := s.file.Sync(); err != nil {
		return nil, writeError(s.path, err)
	}
	info, err := s.file.Stat()
	if err != nil || info.Size() == 0 {
		return nil, err
	}
	if s.mapped, err = syscall.Mmap(int(s.file.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED); err != nil {
		return nil, writeError(s.path, err)
	}
	return unsafe.Slice((*uint64)(unsafe.Pointer(&s.mapped[0])), len(s.mapped)/8), nil
}

// Close gives the list up.
func (s *Spill) Close() error {
	if s.mapped != nil {
		if err := syscall.Munmap(s.mapped); err != nil {
			return err
		}
		s.mapped = nil
	}
	return s.file.Close()
}
