package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ChecksumsFile is the name of the file that guards the others of its folder.
const ChecksumsFile = "checksums.json"

// Checksum is what identifies the contents of a file.
type Checksum struct {
	Size   int64  `json:"size"`   // bytes
	SHA256 string `json:"sha256"` // hexadecimal
}

// checksums is the contents of a ChecksumsFile.
type checksums struct {
	Format  string              `json:"format"`
	Version string              `json:"format_version"`
	Files   map[string]Checksum `json:"files"`
}

const checksumsFormat = "checksums"

// Sum reads the file at path and returns its size and SHA-256.
func Sum(path string) (Checksum, error) {
	file, err := os.Open(path)
	if err != nil {
		return Checksum{}, fmt.Errorf("store: %w", err)
	}
	defer file.Close()
	hash := sha256.New()
	size, err := io.Copy(hash, file)
	if err != nil {
		return Checksum{}, fmt.Errorf("store: read %s: %w", path, err)
	}
	return Checksum{size, hex.EncodeToString(hash.Sum(nil))}, nil
}

// Record sums the named files of a folder and enters them in its ChecksumsFile,
// which keeps its other entries unless it is damaged. Nobody else may record in that folder meanwhile.
func Record(folder string, names ...string) error {
	return RecordInto(folder, folder, names...)
}

// RecordInto is Record, but writes the new ChecksumsFile into another folder, from where
// it is to be renamed, and leaves the old one as it is.
func RecordInto(into, folder string, names ...string) error {
	list, err := readChecksums(folder)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrCorrupt) {
		list, err = checksums{checksumsFormat, formatVersion, map[string]Checksum{}}, nil
	}
	if err != nil {
		return err
	}
	for _, name := range names {
		if !plainName(name) {
			return fmt.Errorf("store: checksums are kept of files in their own folder, not of %q", name)
		}
		if list.Files[name], err = Sum(filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	if into != folder {
		return DraftJSON(filepath.Join(into, ChecksumsFile), list)
	}
	return WriteJSON(filepath.Join(into, ChecksumsFile), list)
}

// RecordedSums returns the entries of a folder's ChecksumsFile, by the names of the files.
func RecordedSums(folder string) (map[string]Checksum, error) {
	list, err := readChecksums(folder)
	return list.Files, err
}

// Recorded returns the entry of a file in its folder's ChecksumsFile, and
// whether there is one.
func Recorded(folder, name string) (Checksum, bool, error) {
	list, err := readChecksums(folder)
	if err != nil {
		return Checksum{}, false, err
	}
	sum, ok := list.Files[name]
	return sum, ok, nil
}

func readChecksums(folder string) (checksums, error) {
	path := filepath.Join(folder, ChecksumsFile)
	var list checksums
	if err := ReadJSON(path, &list); err != nil {
		return checksums{}, err
	}
	if list.Format != checksumsFormat || list.Files == nil {
		return checksums{}, corrupt(path, "not a list of checksums")
	}
	if list.Version != formatVersion {
		return checksums{}, unsupported(path, list.Version)
	}
	for name := range list.Files {
		if !plainName(name) {
			return checksums{}, corrupt(path, "an entry for %q", name)
		}
	}
	if !WrittenAs(path, list) {
		return checksums{}, corrupt(path, "not as it was written")
	}
	return list, nil
}

func plainName(name string) bool {
	return filepath.IsLocal(name) && filepath.Base(name) == name && name != "." && name != ChecksumsFile
}

// IntegrityError lists the files of a folder that are not what they were when
// their checksums were recorded.
type IntegrityError struct {
	Folder   string
	Problems []FileProblem // in the order asked for, or by name
}

// FileProblem says what happened to one file.
type FileProblem struct {
	Name    string
	Problem string // "missing", "truncated: …", "longer: …", "changed: …" or why it cannot be read
}

// Error lists all files and what to do about them.
func (e *IntegrityError) Error() string {
	var text strings.Builder
	for _, p := range e.Problems {
		fmt.Fprintf(&text, "store: %s: %s\n", filepath.Join(e.Folder, p.Name), p.Problem)
	}
	text.WriteString("  hint: remove them and run again: what wrote them will write them anew")
	return text.String()
}

// Unwrap returns ErrCorrupt.
func (e *IntegrityError) Unwrap() error { return ErrCorrupt }

// Verify reads the named files of a folder, or without names every file entered
// in its ChecksumsFile, and holds them against their checksums. All that differ,
// are missing or were never entered are in the *IntegrityError it returns.
func Verify(folder string, names ...string) error {
	list, err := readChecksums(folder)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(list.Files))
	}
	var problems []FileProblem
	for _, name := range names {
		if _, ok := list.Files[name]; !ok {
			problems = append(problems, FileProblem{name, "no checksum recorded"})
		} else if problem := verifyFile(filepath.Join(folder, name), list.Files[name]); problem != "" {
			problems = append(problems, FileProblem{name, problem})
		}
	}
	if problems == nil {
		return nil
	}
	return &IntegrityError{folder, problems}
}

// verifyFile returns what is wrong with a file, or nothing.
func verifyFile(path string, want Checksum) string {
	found, err := Sum(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "missing"
	case err != nil:
		return err.Error()
	case found.Size < want.Size:
		return fmt.Sprintf("truncated: %d bytes of %d", found.Size, want.Size)
	case found.Size > want.Size:
		return fmt.Sprintf("longer: %d bytes instead of %d", found.Size, want.Size)
	case found.SHA256 != want.SHA256:
		return fmt.Sprintf("changed: its SHA-256 begins with %.12s, not %.12s", found.SHA256, want.SHA256)
	}
	return ""
}
