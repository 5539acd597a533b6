//go:build robust

package cli

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"isingrbm/pipeline"
)

var quickstart = filepath.Join("..", "..", "runs", "quickstart.toml")

var whole = flag.Bool("whole", false, "take the quickstart as it is for the test of its bytes")

// shortQuickstart is runs/quickstart.toml with all its cells and stages and
// fewer configurations, updates and samples.
func shortQuickstart(t *testing.T) string {
	t.Helper()
	text := string(must(os.ReadFile(quickstart)))
	for _, shorter := range []struct{ number, by string }{
		{`(?m)^(configurations|validation) = [0-9_]+$`, "$1 = 5_000"},
		{`(?m)^updates = [0-9_]+$`, "updates = 200"},
	} {
		pattern := regexp.MustCompile(shorter.number)
		if !pattern.MatchString(text) {
			t.Fatalf("runs/quickstart.toml has changed: nothing is %s", shorter.number)
		}
		text = pattern.ReplaceAllString(text, shorter.by)
	}
	return text
}

// dataFiles hashes what one seed and program must give, without the list of
// what runs on this machine.
func dataFiles(t *testing.T, dir string) map[string][32]byte {
	t.Helper()
	sums := make(map[string][32]byte)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || slices.Contains([]string{"log.txt", "state.json", "environment.json"}, entry.Name()) {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		sums[name] = sha256.Sum256(must(os.ReadFile(path)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

// TestRobustBytes: the quickstart, all its cells and stages, gives the same bytes with 1, 2 and 7
// workers, with its cells in shuffled order, each by a process of its own, and
// with every kernel that this processor has.
func TestRobustBytes(t *testing.T) {
	text := shortQuickstart(t)
	if *whole {
		text = string(must(os.ReadFile(quickstart)))
	}
	var want map[string][32]byte
	for _, way := range []struct{ name, kernel, workers string }{
		{"1 worker", "", "1"}, {"2 workers", "", "2"}, {"7 workers", "", "7"}, {"shuffled", "", "1"},
		{"portable", "portable", "2"}, {"avx2", "avx2", "2"}, {"avx512", "avx512", "2"},
	} {
		path := filepath.Join(t.TempDir(), "run.toml")
		must(0, os.WriteFile(path, []byte(text), 0o666))
		if way.name == "shuffled" {
			runShuffled(t, path)
		}
		p := startWith(t, []string{"ISINGRBM_KERNEL=" + way.kernel}, "run", "--workers", way.workers, path)
		if status := p.status(t); status != statusDone {
			if way.kernel != "" && bytes.Contains(p.stderr.Bytes(), []byte(way.kernel)) {
				t.Logf("%s: %s", way.name, strings.TrimSpace(p.stderr.String())) // the processor lacks it
				continue
			}
			t.Fatalf("%s: status %d, %s", way.name, status, &p.stderr)
		}
		got := dataFiles(t, strings.TrimSuffix(path, ".toml")+".out")
		if want == nil {
			want = got
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d files, want %d", way.name, len(got), len(want))
		}
		for name, sum := range want {
			if got[name] != sum {
				t.Errorf("%s: %s has other bytes", way.name, name)
			}
		}
	}
}

// runShuffled carries out the cells one by one in random order.
func runShuffled(t *testing.T, path string) {
	t.Helper()
	w := must(pipeline.OpenWorkspace(path))
	cells := w.Plan.AllCells()
	random := rand.New(rand.NewPCG(3, 4))
	for _, i := range random.Perm(len(cells)) {
		if p := start(t, "run", "--cell", cells[i].ID(), path); p.status(t) != statusDone {
			t.Fatalf("%s: %s", cells[i].ID(), &p.stderr)
		}
	}
}
