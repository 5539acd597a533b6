//go:build cluster

package cluster_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// site is the cluster that all tests share, and the program under test.
var site struct {
	*slurmCluster
	program string
}

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "isingrbm-")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.RemoveAll(dir)
	site.program = filepath.Join(dir, "isingrbm")
	build := exec.Command("go", "build", "-o", site.program, "../..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Printf("go build: %v\n%s", err, out)
		return 1
	}
	if site.slurmCluster, err = startSlurm(slurmSettings{nodes: 2, processors: 8, maxArraySize: 31}); err != nil {
		fmt.Println("no Slurm to test with:", err)
		return 1
	}
	defer site.stop()
	return m.Run()
}

// sweep is a run of 24 cells: 8 of data, 16 machines.
const sweep = `
seed = 5
[lattice]
kind = "square"
sizes = [4]
[sweep]
temperatures = { from = 1.5, to = 3.6, count = 8 }
[monte_carlo]
configurations = 1_000
validation = 200
[rbm]
hidden = [4, 6]
[training]
warm_start = false
updates = %d
batch = 50
[sampling]
configurations = 1_000
chains = 64
burn_in = 20
thinning = 2
[slurm]
memory = "100M"
grace = 30
cells_per_task = 1
`

// quickly and slowly are updates of a training of a blink and of some seconds.
const (
	quickly = 100
	slowly  = 40_000
)

// writeRun writes a run file into a folder of its own.
func writeRun(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sweep.toml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(evidence(path))
		}
	})
	return path
}

// evidence is what a failed test leaves to look at.
func evidence(runFile string) string {
	var b strings.Builder
	queue, _ := exec.Command("squeue", "-r", "-t", "all", "-o", "%F|%K|%T|%r|%N|%L|%j").CombinedOutput()
	b.Write(queue)
	logs, _ := filepath.Glob(runDir(runFile) + "/cluster/*/*/*.log")
	for _, log := range logs {
		text, _ := os.ReadFile(log)
		fmt.Fprintf(&b, "== %s\n%s", log, text)
	}
	return b.String()
}

func runDir(runFile string) string { return strings.TrimSuffix(runFile, ".toml") + ".out" }

// isingrbm runs the program, which must end with the status.
func isingrbm(t *testing.T, status int, args ...string) string {
	t.Helper()
	cmd := exec.Command(site.program, args...)
	out, err := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != status {
		t.Fatalf("isingrbm %q: status %d, want %d (%v)\n%s", args, got, status, err, out)
	}
	return string(out)
}

// reference runs the run file on this machine, in another folder.
func reference(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sweep.toml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	isingrbm(t, 0, "run", path)
	return runDir(path)
}

// finished waits until nothing of the sweep is in the queue.
func finished(t *testing.T) {
	t.Helper()
	until(t, "end of all jobs", func() bool { return len(inQueue(t)) == 0 })
}

// sameBytes compares run directories: all that the design says is the same
// whatever happened, which is everything but logs, states, times and the folder
// of the cluster; and nothing may be left over.
func sameBytes(t *testing.T, want, got string) {
	t.Helper()
	wanted, found := contents(t, want), contents(t, got)
	for name, text := range wanted {
		if other, ok := found[name]; !ok {
			t.Errorf("%s is missing", name)
		} else if !bytes.Equal(text, other) {
			t.Errorf("%s differs", name)
		}
	}
	for name := range found {
		if _, ok := wanted[name]; !ok {
			t.Errorf("%s is left over", name)
		}
	}
}

func contents(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path == filepath.Join(dir, "cluster"):
			return filepath.SkipDir
		case entry.IsDir() || slices.Contains([]string{"log.txt", "state.json", "environment.json"}, entry.Name()):
			return nil
		}
		name, _ := filepath.Rel(dir, path)
		files[name], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestSweep: what was submitted gives the bytes of a run on one machine, and
// there is nothing left to submit.
func TestSweep(t *testing.T) {
	text := fmt.Sprintf(sweep, quickly)
	want := reference(t, text)
	path := writeRun(t, text)
	out := isingrbm(t, 0, "submit", path)
	if !strings.Contains(out, "submitted 24 cells in 24 tasks") {
		t.Errorf("submit: %s", out)
	}
	out = isingrbm(t, 0, "submit", path)
	if !strings.Contains(out, "nothing to submit") {
		t.Errorf("a second submit: %s", out)
	}
	finished(t)
	sameBytes(t, want, runDir(path))
	if out := isingrbm(t, 0, "submit", path); !strings.Contains(out, "nothing to submit; left out: 24 done") {
		t.Errorf("submit of a finished run: %s", out)
	}
}
