package pipeline

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A quick variant is a run file beside the one it stands for, is written anew when that
// changes, and never over a file of somebody else.
func TestWriteQuick(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.toml")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, updates := range []string{"2", "3"} {
		write(path, strings.Replace(smallRun, "updates = 120", "updates = "+updates, 1))
		quick, err := WriteQuick(path)
		if err != nil {
			t.Fatal(err)
		}
		w, err := OpenWorkspace(quick)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(w.Dir) != "run-quick.out" || w.Run.Training.Updates != int(updates[0]-'0') {
			t.Errorf("%s has %d updates, want %s", w.Dir, w.Run.Training.Updates, updates)
		}
	}
	mine := strings.TrimSuffix(path, ".toml") + "-quick.toml"
	write(mine, smallRun)
	if _, err := WriteQuick(path); err == nil || !strings.Contains(err.Error(), mine) {
		t.Errorf("error %v, want one that names %s", err, mine)
	}
	if text, err := os.ReadFile(mine); err != nil || string(text) != smallRun {
		t.Errorf("the file was changed: %v", err)
	}
}

// A run file that is not there, or not valid, has no quick variant.
func TestWriteQuickRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.toml")
	if _, err := WriteQuick(path); err == nil {
		t.Error("no error without a run file")
	}
	if err := os.WriteFile(path, []byte("seed = 1"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := WriteQuick(path); err == nil {
		t.Error("no error for an incomplete run file")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*-quick*")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}
