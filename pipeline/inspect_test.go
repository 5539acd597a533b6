package pipeline

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"isingrbm/ising"
	"isingrbm/pipeline/store"
)

// TestInspectEveryKind: every file that a run leaves can be inspected, and says
// something of its contents; so can its run file.
func TestInspectEveryKind(t *testing.T) {
	w := openRun(t, smallRun)
	mustRun(t, w, 2)
	kinds := map[string]bool{}
	paths := []string{w.Path}
	err := filepath.WalkDir(w.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		i, err := Inspect(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		kinds[i.Format] = true
		if i.Bytes == 0 || i.Header == nil && i.Format != "figure as PDF" || i.Header != nil && len(i.Rows) == 0 {
			t.Errorf("%s (%s): %d bytes, header %q, %d rows", path, i.Format, i.Bytes, i.Header, len(i.Rows))
		}
		for _, row := range i.Rows {
			if len(row) != len(i.Header) {
				t.Errorf("%s: a row of %d under a header of %d: %q", path, len(row), len(i.Header), row)
			}
		}
		if (i.Drawing != "") != (i.Contents == "configurations") {
			t.Errorf("%s: drawing %q", path, i.Drawing)
		}
	}
	if len(kinds) < 10 {
		t.Errorf("only %d kinds of files: %v", len(kinds), kinds)
	}
}

// TestInspectCheckpoint: a checkpoint of any format says whose it is, how far it is and
// its settings; one that is cut says so.
func TestInspectCheckpoint(t *testing.T) {
	for format, path := range map[string]string{"1": "format-1.checkpoint", "2": "format-2.checkpoint"} {
		path = filepath.Join("testdata", "checkpoints", path)
		content, err := readCheckpoint(path)
		if err != nil {
			t.Fatal(err)
		}
		i, err := Inspect(path)
		if err != nil || i.Format != "checkpoint" || i.Version != format {
			t.Fatalf("%s: %+v, %v", path, i, err)
		}
		rows := make(map[string]string)
		for _, row := range i.Rows {
			rows[row[0]] = row[1]
		}
		last := content.Records[len(content.Records)-1].Step
		for what, want := range map[string]string{"cell": content.Cell, "stage": "train", "last recorded update": strconv.Itoa(last), "seed": valueOf(content.Inputs, "seed")} {
			if rows[what] != want || want == "" {
				t.Errorf("%s: %s is %q, want %q", path, what, rows[what], want)
			}
		}
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		cut := filepath.Join(t.TempDir(), "checkpoint")
		if err := os.WriteFile(cut, whole[:len(whole)-1], 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Inspect(cut); err == nil || !strings.Contains(err.Error(), cut) || !strings.Contains(err.Error(), "checksum") {
			t.Errorf("a checkpoint that was cut: %v", err)
		}
	}
}

func TestInspectForeign(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(path, []byte("hello"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Inspect(path); !errors.Is(err, store.ErrForeign) {
		t.Errorf("a file of no kind: %v", err)
	}
}

// The table of a column is its least, mean, deviation and largest value.
func TestInspectMeasures(t *testing.T) {
	var s statistics
	for _, x := range []float64{3, 1, 2, 6} {
		s.add(x)
	}
	if got := strings.Join(s.record("x"), " "); got != "x 4 1 3 1.87083 6" {
		t.Errorf("%s", got)
	}
}

// A chain is a line a configuration; a plane two rows a line, side by side.
func TestDrawLattices(t *testing.T) {
	if got := drawLattices(ising.Chain, 4, 4, [][]uint64{{0b0101}, {0b1110}}); got != "▀·▀·\n·▀▀▀\n" {
		t.Errorf("chain %q", got)
	}
	// Rows 101 011 110 and all up.
	if got := drawLattices(ising.Square, 3, 9, [][]uint64{{0b011_110_101}, {0b111_111_111}}); got != "▀▄█  ███\n▀▀·  ▀▀▀\n\n" {
		t.Errorf("plane %q", got)
	}
	large := drawLattices(ising.Square, 100, 10000, [][]uint64{make([]uint64, ising.Words(10000))})
	if !strings.HasPrefix(large, "the top left 96 × 64 sites") || strings.Count(large, "\n") != 1+32+1 {
		t.Errorf("large plane of %d lines", strings.Count(large, "\n"))
	}
	if got := drawLattices(ising.Square, 4, 9, nil); got != "" {
		t.Errorf("%q of a lattice of another shape", got)
	}
}
