//go:build cluster

package cluster_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// disturbed submits a sweep, disturbs it in the middle of all its trainings,
// which are held still for so long, and sees it end with the bytes of a run on
// one machine: nothing lost, nothing left over, and nothing in the queue twice
// at any time.
func disturbed(t *testing.T, slurm string, disturb func(runFile string, held []taskProcess)) (runFile string) {
	t.Helper()
	want := slowReference(t)
	runFile = writeRun(t, fmt.Sprintf(sweep, slowly))
	args := []string{"submit", runFile}
	if slurm != "" {
		profile := filepath.Join(filepath.Dir(runFile), "profile.toml")
		if err := os.WriteFile(profile, []byte("[slurm]\n"+slurm), 0o666); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--profile", profile)
	}
	isingrbm(t, 0, args...)
	held := hold(t, runFile)
	disturb(runFile, held)
	release(held)
	until(t, "end of all jobs", func() bool {
		list := inQueue(t)
		twice(t, list)
		return len(list) == 0
	})
	sameBytes(t, want, runDir(runFile))
	return runFile
}

var slowDir string

// slowReference is the undisturbed run that all disturbances are held against.
func slowReference(t *testing.T) string {
	t.Helper()
	if slowDir == "" {
		dir, err := os.MkdirTemp(filepath.Dir(site.program), "")
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "sweep.toml")
		if err := os.WriteFile(path, []byte(fmt.Sprintf(sweep, slowly)), 0o666); err != nil {
			t.Fatal(err)
		}
		isingrbm(t, 0, "run", path)
		slowDir = runDir(path)
	}
	return slowDir
}

// queued is an element in the queue.
type queued struct{ name, index, state, job, node string }

// inQueue lists the elements of the sweep in the queue. Only one test submits
// at a time.
func inQueue(t *testing.T) []queued {
	t.Helper()
	var list []queued
	for line := range strings.Lines(command(t, "squeue", "-h", "-r", "-o", "%j|%K|%T|%F|%N")) {
		f := strings.Split(strings.TrimSpace(line), "|")
		if strings.HasPrefix(f[0], "sweep-") || strings.HasPrefix(f[0], "my-") {
			list = append(list, queued{f[0], f[1], f[2], f[3], f[4]})
		}
	}
	return list
}

// elements lists those of the arrays of a kind that are in a state.
func elements(t *testing.T, kind, state string) []queued {
	t.Helper()
	var list []queued
	for _, q := range inQueue(t) {
		if strings.Contains(q.name, "."+kind+".") && q.state == state {
			list = append(list, q)
		}
	}
	return list
}

// twice fails if an element of an array is in the queue twice.
func twice(t *testing.T, list []queued) {
	t.Helper()
	seen := make(map[string]bool)
	for _, q := range list {
		if id := q.name + " " + q.index; seen[id] {
			t.Errorf("%s is in the queue twice: %v", id, list)
		} else {
			seen[id] = true
		}
	}
}

// restarted counts the trainings that were begun more than once.
func restarted(t *testing.T, runFile string) int {
	t.Helper()
	return logsWith(t, runFile, ", attempt 2\n")
}

// logsWith counts the logs of training that have a text.
func logsWith(t *testing.T, runFile, text string) int {
	t.Helper()
	logs, err := filepath.Glob(runDir(runFile) + "/cluster/*/train.*/*.log")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, path := range logs {
		log, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(log, []byte(text)) {
			n++
		}
	}
	return n
}

// hold stops all trainings, each once it is at work, so that they take no time
// of the processor. What has queued itself again meanwhile is not held a second
// time: it would make no progress.
func hold(t *testing.T, runFile string) []taskProcess {
	t.Helper()
	held := make(map[string]taskProcess) // by element
	t.Cleanup(func() { release(slices.Collect(maps.Values(held))) })
	until(t, "start of all trainings", func() bool {
		for _, p := range tasks(t, runFile) {
			element := p.label + " " + p.index
			if _, known := held[element]; !known && strings.HasPrefix(p.label, "train") && atWork(t, runFile, p) {
				syscall.Kill(p.pid, syscall.SIGSTOP)
				held[element] = p
			}
		}
		return len(held) == trainings
	})
	return slices.Collect(maps.Values(held))
}

// trainings is how many machines the sweep trains.
const trainings = 16

func release(held []taskProcess) {
	for _, p := range held {
		syscall.Kill(p.pid, syscall.SIGCONT)
	}
}

// untilRequeued waits until every training has queued itself again. Slurm
// itself lets a process that is held go on before it sends a signal.
func untilRequeued(t *testing.T, runFile string) {
	t.Helper()
	until(t, "requeue of every training", func() bool { return logsWith(t, runFile, "saved, and queued again") == trainings })
}

// TestPowerLoss: a node goes dark with all that runs on it, and comes back.
func TestPowerLoss(t *testing.T) {
	path := disturbed(t, "", func(string, []taskProcess) {
		site.cutPower(t, "n1")
		if err := site.startNode("n1"); err != nil {
			t.Fatal(err)
		}
	})
	if n := restarted(t, path); n != trainings/2 {
		t.Errorf("%d trainings were begun again, want those of one node of two", n)
	}
}

// TestControllerRestart: the tasks go on, and so do those that wait.
func TestControllerRestart(t *testing.T) {
	disturbed(t, "", func(string, []taskProcess) {
		site.stopController()
		if err := site.startController(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestPreemption: a job of a partition that comes first takes all processors.
func TestPreemption(t *testing.T) {
	path := disturbed(t, "partition = 'scavenge'\n", func(path string, _ []taskProcess) {
		command(t, "sbatch", "-p", "main", "-N2", "--ntasks-per-node=8", "--mem=100M", "-t1", "-o", "/dev/null", "--wrap", "sleep 1")
		untilRequeued(t, path)
	})
	if n := restarted(t, path); n != trainings {
		t.Errorf("%d of %d trainings were queued again", n, trainings)
	}
}

// TestCancelAndResubmit: one task is canceled, by its cell; submit puts that
// one back, and nothing else.
func TestCancelAndResubmit(t *testing.T) {
	const cell = "L004/T2.700000/h0006_r00"
	disturbed(t, "", func(path string, held []taskProcess) {
		if out := isingrbm(t, 0, "cancel", path, "--only", cell); out != "canceled 1 tasks\n" {
			t.Errorf("cancel: %s", out)
		}
		release(held)
		until(t, "cancellation", func() bool {
			return !strings.Contains(isingrbm(t, 0, "submit", path, "--dry-run", "--only", cell), "nothing to submit")
		})
		if out := isingrbm(t, 0, "submit", path); !strings.Contains(out, "submitted 1 cells in 1 tasks") {
			t.Errorf("submit: %s", out)
		}
	})
}

// TestTimeLimit: Slurm's own limit strikes every training once.
func TestTimeLimit(t *testing.T) {
	path := disturbed(t, "time = '0:01:00'\ngrace = 30\n", func(path string, _ []taskProcess) {
		untilRequeued(t, path)
	})
	if n := restarted(t, path); n != trainings {
		t.Errorf("%d of %d trainings were queued again", n, trainings)
	}
}

// taskProcess is a process that works on an element.
type taskProcess struct {
	pid                int
	label, index, node string
}

// tasks lists the processes of a run, on all nodes.
func tasks(t *testing.T, runFile string) []taskProcess {
	t.Helper()
	out, err := exec.Command("pgrep", "-f", "^"+runDir(runFile)+"/cluster/program-").Output()
	if err != nil {
		return nil // there is none
	}
	var list []taskProcess
	for _, word := range strings.Fields(string(out)) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		proc := func(name string) string {
			text, _ := os.ReadFile(filepath.Join("/proc", word, name)) // it may have ended
			return string(text)
		}
		args := strings.Split(proc("cmdline"), "\x00")
		if len(args) < 5 {
			continue
		}
		p := taskProcess{pid: pid, label: args[3], index: args[4]}
		for _, variable := range strings.Split(proc("environ"), "\x00") {
			if value, ok := strings.CutPrefix(variable, "SLURMD_NODENAME="); ok {
				p.node = value
			}
		}
		list = append(list, p)
	}
	return list
}

// TestSplitBrain: Slurm gives up a node that still lives, so that two copies of
// its tasks are at work. One of the old copies is frozen and goes on after its
// successor has taken the cell over; the others never stopped.
func TestSplitBrain(t *testing.T) {
	path := disturbed(t, "", func(path string, held []taskProcess) {
		frozen := held[slices.IndexFunc(held, func(p taskProcess) bool { return p.node == "n1" })]
		daemon := site.slurmd(t, "n1")
		syscall.Kill(daemon, syscall.SIGSTOP)
		command(t, "scontrol", "update", "nodename=n1", "state=down", "reason=partition")
		release(slices.DeleteFunc(slices.Clone(held), func(p taskProcess) bool { return p.pid == frozen.pid }))
		log := filepath.Join(runDir(path), "cluster", "001", frozen.label, frozen.index+".log")
		until(t, "end of the successor", func() bool {
			text, _ := os.ReadFile(log)
			return bytes.Contains(text, []byte(", attempt 2\n")) && len(elementsOf(t, frozen)) == 0
		})
		syscall.Kill(frozen.pid, syscall.SIGCONT)
		syscall.Kill(daemon, syscall.SIGCONT)
		until(t, "end of the old copies", func() bool {
			return !slices.ContainsFunc(tasks(t, path), func(p taskProcess) bool { return p.pid == frozen.pid })
		})
	})
	if n := restarted(t, path); n != trainings/2 {
		t.Errorf("%d trainings were begun again, want those of one node of two", n)
	}
	if err := site.waitIdle(); err != nil {
		t.Error(err)
	}
}

// atWork reports whether a process has begun to train its cell: its state says
// so.
func atWork(t *testing.T, runFile string, p taskProcess) bool {
	t.Helper()
	var record struct {
		Arrays []struct {
			Label    string
			Elements []struct {
				Index int
				Cells []string
			}
		}
	}
	text, err := os.ReadFile(filepath.Join(runDir(runFile), "cluster", "001", "submission.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &record); err != nil {
		t.Fatal(err)
	}
	for _, a := range record.Arrays {
		for _, e := range a.Elements {
			if a.Label == p.label && strconv.Itoa(e.Index) == p.index {
				text, _ := os.ReadFile(filepath.Join(runDir(runFile), "cells", filepath.FromSlash(e.Cells[0]), "log.txt"))
				return bytes.Contains(text, []byte("msg=training")) // the first of some hundred records
			}
		}
	}
	return false
}

// elementsOf lists what the queue has of the element of a process.
func elementsOf(t *testing.T, p taskProcess) []queued {
	t.Helper()
	var list []queued
	for _, q := range inQueue(t) {
		if strings.HasSuffix(q.name, "."+p.label) && q.index == p.index {
			list = append(list, q)
		}
	}
	return list
}

// TestGivenUp: what is not finished in the times it may have is marked as failed
// with what to do, submit leaves it alone, and submit --missing finishes it.
// Files are written by way of the scratch folder, in which nothing is left.
func TestGivenUp(t *testing.T) {
	want := slowReference(t)
	path := writeRun(t, fmt.Sprintf(sweep, slowly))
	scratch := t.TempDir()
	profile := filepath.Join(filepath.Dir(path), "profile.toml")
	text := "[slurm]\ntime = '0:01:00'\ngrace = 30\nmax_requeues = 0\nscratch = '" + scratch + "'\n"
	if err := os.WriteFile(profile, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	isingrbm(t, 0, "submit", path, "--profile", profile)
	held := make(map[int]bool)
	until(t, "end of all times", func() bool { // Slurm's signal lets each go on
		for _, p := range tasks(t, path) {
			if !held[p.pid] && strings.HasPrefix(p.label, "train") && atWork(t, path, p) {
				syscall.Kill(p.pid, syscall.SIGSTOP)
				held[p.pid] = true
			}
		}
		return len(inQueue(t)) == 0
	})
	status := isingrbm(t, 0, "status", path)
	if !strings.Contains(status, "8 done, 16 failed") || strings.Count(status, "not finished in 1 × 0:01:00") != trainings {
		t.Errorf("status:\n%s", status)
	}
	if out := isingrbm(t, 0, "submit", path); !strings.Contains(out, "16 failed (--missing submits them again)") {
		t.Errorf("submit: %s", out)
	}
	if out := isingrbm(t, 0, "logs", path, "L004/T2.700000/h0006_r00"); strings.Count(out, "== ") != 2 || !strings.Contains(out, "attempt 1") {
		t.Errorf("logs: %s", out)
	}
	if out := isingrbm(t, 0, "submit", path, "--missing"); !strings.Contains(out, "submitted 16 cells") {
		t.Errorf("submit --missing: %s", out)
	}
	finished(t)
	sameBytes(t, want, runDir(path))
	if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
		t.Errorf("left in the scratch folder: %v, %v", left, err)
	}
}
