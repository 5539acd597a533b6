//go:build kill

package cli

import (
	"crypto/sha256"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"isingrbm/pipeline"
)

// killRun has stages of comparable length, of a second or so in all, and files
// of several blocks.
const killRun = `
seed = 7
[lattice]
kind = "square"
sizes = [4]
[sweep]
temperatures = [2.0, 3.0]
[monte_carlo]
configurations = 40_000
validation = 20_000
[rbm]
hidden = [6]
[training]
updates = 1_500
batch = 50
[sampling]
configurations = 30_000
chains = 256
burn_in = 300
thinning = 3
[output]
figures = ["thermodynamics"]
`

// contents are the hashes of the files that must be the same after every run.
func contents(t *testing.T, dir string) map[string][32]byte {
	t.Helper()
	sums := make(map[string][32]byte)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		if slices.Contains([]string{"log.txt", "state.json", "environment.json"}, entry.Name()) {
			return nil
		}
		if entry.IsDir() {
			sums[name] = [32]byte{}
			return nil
		}
		content, err := os.ReadFile(path)
		sums[name] = sha256.Sum256(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

// atWork says what a run directory was at when its processes were killed.
func atWork(t *testing.T, path string) string {
	t.Helper()
	w, err := pipeline.OpenWorkspace(path)
	if err != nil {
		t.Fatal(err)
	}
	cells, err := w.Status()
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	for _, c := range cells {
		switch c.Status {
		case pipeline.Running, pipeline.Interrupted:
			return string(c.Stage)
		case pipeline.Done:
			done++
		}
	}
	if done == len(cells) {
		return "report"
	}
	return "between"
}

// TestKill kills the program at a hundred random moments, alone and beside a
// second process on the same run directory, starting it again until the run is
// done. Every run must end with the bytes of an undisturbed one, and nothing
// else in its directory.
func TestKill(t *testing.T) {
	const kills = 100
	const generation = 0.1 // of the whole, beyond which hardly any run still generates
	dir := t.TempDir()
	reference := filepath.Join(dir, "run.toml")
	must(0, os.WriteFile(reference, []byte(killRun), 0o666))
	begin := time.Now()
	if p := start(t, "run", "--workers", "1", reference); p.status(t) != statusDone {
		t.Fatal(p.stderr.String())
	}
	whole := time.Since(begin)
	want := contents(t, strings.TrimSuffix(reference, ".toml")+".out")
	random := rand.New(rand.NewPCG(1, 2))
	moments := make(map[string]int)
	runs := 0
	for killed := 0; killed < kills; runs++ {
		processes := 1 + runs%2
		path := filepath.Join(t.TempDir(), "run.toml")
		must(0, os.WriteFile(path, []byte(killRun), 0o666))
		for reach := generation; ; reach = 1.2 {
			doomed := 0
			if killed < kills {
				doomed = 1 + random.IntN(processes)
			}
			n, done := disturb(t, path, processes, doomed, time.Duration(random.Float64()*reach*float64(whole)), moments)
			killed += n
			if done {
				break
			}
		}
		got := contents(t, strings.TrimSuffix(path, ".toml")+".out")
		for name, sum := range got {
			if reference, ok := want[name]; !ok || sum != reference {
				t.Errorf("run %d with %d processes: %s is left behind or has other bytes", runs, processes, name)
			}
		}
		for name := range want {
			if _, ok := got[name]; !ok {
				t.Errorf("run %d with %d processes: no %s", runs, processes, name)
			}
		}
	}
	t.Logf("%d runs of %v, killed during %v", runs, whole.Round(time.Millisecond), moments)
	for _, what := range []string{"generate", "train", "sample", "report"} {
		if moments[what] == 0 {
			t.Errorf("never killed during %s: %v", what, moments)
		}
	}
}

// disturb starts processes on a run and kills the first few of them after a
// while. The others are left to end. It returns how many it killed, and whether
// the run is done.
func disturb(t *testing.T, path string, processes, doomed int, while time.Duration, moments map[string]int) (killed int, done bool) {
	t.Helper()
	var all []*process
	for range processes {
		all = append(all, start(t, "run", "--workers", "1", "--checkpoint", "1ns", path))
	}
	if doomed > 0 {
		time.Sleep(while)
	}
	for _, p := range all[:doomed] {
		p.Process.Kill()
	}
	for i, p := range all {
		switch status := p.status(t); {
		case status == statusDone:
			done = true
		case i < doomed && status == -1:
			killed++
			moments[atWork(t, path)]++
		default:
			t.Fatalf("status %d: %s", status, &p.stderr)
		}
	}
	return killed, done
}
