package store

import (
	"errors"
	"fmt"
	"io/fs"
)

// What can be wrong with a file that was found and could be opened. Errors of
// reading are *FileError and unwrap to one of these.
var (
	ErrCorrupt = errors.New("corrupted or truncated")
	ErrForeign = errors.New("not written by isingrbm")
	ErrVersion = errors.New("format version not supported")
	ErrUnfit   = errors.New("not what is asked for")
)

// FileError says what is wrong with the contents of a file and what to do.
type FileError struct {
	Path   string
	Kind   error  // one of the four
	Detail string // what was found
	Advice string // what to do about it
}

// Error names the file, the problem, and the way out of it.
func (e *FileError) Error() string {
	return fmt.Sprintf("store: %s: %v: %s\n  hint: %s", e.Path, e.Kind, e.Detail, e.Advice)
}

// Unwrap returns Kind.
func (e *FileError) Unwrap() error { return e.Kind }

func corrupt(path, format string, values ...any) error {
	return &FileError{path, ErrCorrupt, fmt.Sprintf(format, values...),
		"remove it and run again: what wrote it will write it anew"}
}

// damaged is what a failure to make sense of part of a file means: damage,
// unless it was the operating system that failed, which says nothing about the
// file.
func damaged(path, part string, err error) error {
	var system *fs.PathError
	if errors.As(err, &system) {
		return fmt.Errorf("store: read %s: %w", path, err)
	}
	return corrupt(path, "%s: %v", part, err)
}

func foreign(path, format string, values ...any) error {
	return &FileError{path, ErrForeign, fmt.Sprintf(format, values...),
		"check the path, or remove the file and run again"}
}

func unsupported(path, found string) error {
	return &FileError{path, ErrVersion, fmt.Sprintf("it has version %q, this program reads version %q", found, formatVersion),
		"use the program that wrote it, or remove it and run again"}
}

// unfit is about a file that another program may have written.
func unfit(path, detail, advice string) error {
	return &FileError{path, ErrUnfit, detail, advice}
}

// guard turns a panic into an error about the file at path. The Parquet and npy
// libraries trust the lengths and types that they read, and panic where a
// damaged file breaks that trust; it is deferred around calls to them.
func guard(path string, err *error) {
	if reason := recover(); reason != nil {
		*err = corrupt(path, "%v", reason)
	}
}
