//go:build figures

package pipeline

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFigures holds the run directories of runs/paper, which must have been made:
// every figure that a run file asks for is there, in every format.
func TestFigures(t *testing.T) { checkFigures(t, false) }

// TestQuickFigures is TestFigures for the quick variants.
func TestQuickFigures(t *testing.T) { checkFigures(t, true) }

func checkFigures(t *testing.T, quick bool) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "runs", "paper", "*.toml"))
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, path := range paths {
		if strings.HasSuffix(path, "-quick.toml") != quick {
			continue
		}
		checked++
		w, err := OpenWorkspace(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range w.Run.Output.Figures {
			for _, ending := range figureEndings() {
				file := filepath.Join(w.Dir, figuresDir, name+ending)
				if info, err := os.Stat(file); err != nil || info.Size() == 0 {
					t.Errorf("%s is missing or empty", file)
				}
			}
		}
		if _, err := os.Stat(filepath.Join(w.Dir, pageFile)); err != nil {
			t.Error(err)
		}
	}
	if checked < 10 {
		t.Errorf("only %d run files", checked)
	}
}
