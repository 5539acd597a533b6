package runfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// extension is that of every run file; NAME.toml has its results in NAME.out.
const extension = ".toml"

// Load reads a run file. The error is an [*Errors] with all that is wrong with
// the file, or with the one reason why it could not be read.
func Load(path string) (*Run, error) { return load(path, Profile{}) }

func load(path string, profile Profile) (*Run, error) {
	stem, found := strings.CutSuffix(filepath.Base(path), extension)
	if !found || stem == "" {
		return nil, unreadable(path, nil, "the name of a run file ends in .toml", nameHint(path))
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err, reason(err), fileHint(path, err))
	}
	return parseWith(profile, path, text)
}

func unreadable(path string, cause error, message, hint string) *Errors {
	return &Errors{File: path, Problems: []Problem{{Message: message, Hint: hint}}, cause: cause}
}

// reason words why a file could not be read, without its name.
func reason(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "no such file"
	}
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return "cannot be read: " + pathError.Err.Error()
	}
	return "cannot be read: " + err.Error()
}

// nameHint names a misnamed file as it should be.
func nameHint(path string) string {
	base := filepath.Base(path)
	name := strings.TrimSuffix(base, filepath.Ext(base))
	if name == "" {
		name = "run"
	}
	return fmt.Sprintf("call it %s%s; its results are then kept in %s.out", name, extension, name)
}

// fileHint looks for a run file beside the missing one whose name is close.
func fileHint(path string, err error) string {
	if !errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	dir := filepath.Dir(path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Sprintf("there is no folder %s", dir)
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), extension) {
			names = append(names, e.Name())
		}
	}
	if name := nearest(filepath.Base(path), names); name != "" {
		return fmt.Sprintf("did you mean %s?", filepath.Join(dir, name))
	}
	return "`isingrbm init` writes a run file to start from"
}
