package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// programName names the running program by what is in it.
func programName() (string, error) {
	file, err := openProgram()
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return "program-" + hex.EncodeToString(hash.Sum(nil)[:6]), nil
}

func openProgram() (*os.File, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return os.Open(path)
}

// copyProgram copies the running program to a path that programName names, so
// that a later build changes nothing in a queued job. A copy that is there
// already is used.
func copyProgram(path string) error {
	file, err := openProgram()
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if there, err := os.Stat(path); err == nil && there.Size() == info.Size() {
		return nil
	}
	return writeProgram(path, file)
}

// writeProgram writes an executable file, complete or not at all.
func writeProgram(path string, content io.Reader) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = io.Copy(file, content)
	err = errors.Join(err, file.Chmod(0o755), file.Sync(), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// explainWrite adds to an error of writing under dir what to do about it.
func explainWrite(dir string, err error) error {
	var hint string
	switch {
	case errors.Is(err, syscall.EDQUOT):
		hint = "your quota there is used up: `quota -s` or the site's own command shows it; make room, or move the run file to a folder with more, then submit again"
	case errors.Is(err, syscall.ENOSPC):
		hint = "the disk is full: make room, or move the run file to a folder with more, then submit again"
	case errors.Is(err, os.ErrPermission), errors.Is(err, syscall.EROFS):
		hint = "move the run file to a folder that you may write and that the nodes see too, then submit again"
	default:
		return err
	}
	return fmt.Errorf("nothing was submitted: %s cannot be written: %w\n  hint: %s", dir, err, hint)
}
