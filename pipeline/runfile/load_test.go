package runfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.toml")
	if err := os.WriteFile(path, []byte(Template()), 0o600); err != nil {
		t.Fatal(err)
	}
	run, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if run.RBM == nil || run.Lattice.Sizes[0] != 8 {
		t.Errorf("%+v", run)
	}
}

// A file that cannot be read is one problem without a place.
func TestLoadUnreadable(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"quickstart.toml", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("seed = 1"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.toml"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, message, hint string
		cause               error
	}{
		{"quickstrat.toml", "no such file", "did you mean " + filepath.Join(dir, "quickstart.toml") + "?", fs.ErrNotExist},
		{"other-name.toml", "no such file", "`isingrbm init`", fs.ErrNotExist},
		{"none/run.toml", "no such file", "there is no folder " + filepath.Join(dir, "none"), fs.ErrNotExist},
		{"folder.toml", "cannot be read: is a directory", "", nil},
		{"notes.txt", "the name of a run file ends in .toml", "notes.out", nil},
		{"quickstart.TOML", "the name of a run file ends in .toml", "quickstart.toml", nil},
		{"quickstart", "the name of a run file ends in .toml", "quickstart.toml", nil},
		{".toml", "the name of a run file ends in .toml", "call it run.toml; its results are then kept in run.out", nil},
	} {
		path := filepath.Join(dir, c.name)
		run, err := Load(path)
		list, ok := errors.AsType[*Errors](err)
		if run != nil || !ok || len(list.Problems) != 1 {
			t.Errorf("%s: %v, %v", c.name, run, err)
			continue
		}
		p := list.Problems[0]
		if p.Line != 0 || p.Column != 0 || p.Message != c.message || !strings.Contains(p.Hint, c.hint) {
			t.Errorf("%s: %+v", c.name, p)
		}
		if !strings.HasPrefix(list.Error(), path+": "+c.message) {
			t.Errorf("%s: %q", c.name, list.Error())
		}
		if c.cause != nil && !errors.Is(err, c.cause) {
			t.Errorf("%s: %v is not %v", c.name, err, c.cause)
		}
	}
}
