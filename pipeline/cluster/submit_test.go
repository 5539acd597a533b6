//go:build cluster

package cluster_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// many is a run of 1 000 cells, 500 of data and 500 machines, each of a blink.
const many = `
[lattice]
kind = "chain"
sizes = [4]
[sweep]
temperatures = { from = 1.0, to = 3.0, count = 500 }
[monte_carlo]
configurations = 100
validation = 100
[rbm]
hidden = [2]
[training]
algorithm = "cd"
warm_start = false
updates = 2
batch = 10
[sampling]
configurations = 100
chains = 10
burn_in = 1
thinning = 1
[output]
figures = []
[slurm]
memory = "100M"
cells_per_task = %d
`

// TestThousandCells: a large sweep is submitted, a task for each cell, looked at
// and canceled; then carried out by some hundreds of tasks. No folder of it
// holds more than 300 entries at any time.
func TestThousandCells(t *testing.T) {
	path := writeRun(t, fmt.Sprintf(many, 1))
	command(t, "scontrol", "update", "partitionname=main", "state=down") // so that nothing starts
	start := time.Now()
	if out := isingrbm(t, 0, "submit", path); !strings.Contains(out, "submitted 1000 cells in 1000 tasks") {
		t.Fatalf("submit: %s", out)
	}
	t.Logf("submitted in %v", time.Since(start).Round(10*time.Millisecond))
	if n := len(inQueue(t)); n != 1001 {
		t.Errorf("%d tasks in the queue, want 1 000 and the report", n)
	}
	statusOf(t, path, "1000 queued")
	if out := isingrbm(t, 0, "submit", path); !strings.Contains(out, "nothing to submit; left out: 1000 in the queue") {
		t.Errorf("a second submit: %s", out)
	}
	smallFolders(t, runDir(path))
	if out := isingrbm(t, 0, "cancel", path); out != "canceled 1001 tasks\n" {
		t.Errorf("cancel: %s", out)
	}
	finished(t)
	command(t, "scontrol", "update", "partitionname=main", "state=up")
	if err := os.WriteFile(path, fmt.Appendf(nil, many, 4), 0o666); err != nil {
		t.Fatal(err)
	}
	if out := isingrbm(t, 0, "submit", path); !strings.Contains(out, "submitted 1000 cells in 250 tasks") {
		t.Fatalf("submit: %s", out)
	}
	finished(t)
	if launchFailed(t, path) { // by Slurm, which loses a script of some hundreds now and then
		t.Log(isingrbm(t, 0, "submit", path))
		finished(t)
	}
	smallFolders(t, runDir(path))
	statusOf(t, path, "1000 done")
	results, err := os.ReadFile(filepath.Join(runDir(path), "results.csv"))
	if rows := strings.Count(string(results), "\n"); err != nil || rows != 1+3*500 {
		t.Errorf("%d lines in results.csv, want a heading and three for each temperature: %v", rows, err)
	}
}

// launchFailed reports whether a node could not start the script of a task, so
// that the program never ran.
func launchFailed(t *testing.T, path string) bool {
	t.Helper()
	logs, err := filepath.Glob(runDir(path) + "/cluster/*/*/*.log")
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(logs, func(log string) bool {
		text, _ := os.ReadFile(log)
		return bytes.Contains(text, []byte("error: execve(): ")) && !bytes.Contains(text, []byte(", attempt 1\n"))
	})
}

// statusOf asks for the status of all 1 000 cells.
func statusOf(t *testing.T, path, want string) {
	t.Helper()
	start := time.Now()
	if out := isingrbm(t, 0, "status", path); !strings.Contains(out, "1000 cells: "+want) {
		t.Errorf("status: %s", lastLines(out))
	}
	t.Logf("status, %s, in %v", want, time.Since(start).Round(10*time.Millisecond))
}

func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-3):], "\n")
}

// smallFolders fails for folders of more than 300 entries.
func smallFolders(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		entries, err := os.ReadDir(path)
		if len(entries) > 300 {
			t.Errorf("%s holds %d entries", path, len(entries))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRefusals: every failure that a user can meet at submit gets one clear
// error with what to do, leaves nothing in the queue, and is mended by a second
// submit.
func TestRefusals(t *testing.T) {
	text := fmt.Sprintf(sweep, quickly)
	for _, c := range []struct {
		name, slurm string
		environment []string
		message     string
		hint        string
	}{
		{"partition", "partition = 'nope'", nil, "nvalid partition", "the partitions here are main (up to 2:00:00), scavenge (up to 2:00:00)"},
		{"option", "extra = ['--account-wrong']", nil, "unrecognized option", "slurm.extra"},
		{"time", "time = '1-00:00:00'", nil, "time limit is invalid", "slurm.time 1-0:00:00"},
		{"processors", "cpus = 100", nil, "More processors requested than permitted", "slurm.cpus"},
		{"memory", "memory = '1T'", nil, "emory", "slurm.memory"},
		{"constraint", "constraint = 'gpu9'", nil, "nvalid feature", "slurm.constraint"},
		{"no Slurm", "", []string{"PATH=/nowhere"}, "there is no squeue on this machine", "login node"},
		{"no controller", "", []string{"SLURM_CONF=" + deadConf(t)}, "slurm_load_jobs error: Unable to contact slurm controller", "not submitted twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := writeRun(t, strings.Replace(text, "[slurm]\n"+`memory = "100M"`, "[slurm]\n"+c.slurm+orMemory(c.slurm), 1))
			refused(t, path, c.environment, c.message, c.hint)
			if _, err := os.Stat(filepath.Join(runDir(path), "cluster", "001")); err == nil {
				t.Error("a folder of the submission is left")
			}
			if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			mended(t, path)
		})
	}
}

// orMemory is the memory that the sweep asks for, unless the setting is that.
func orMemory(setting string) string {
	if strings.HasPrefix(setting, "memory") {
		return ""
	}
	return "\nmemory = \"100M\""
}

// refused runs a submit that must fail with one message and a hint.
func refused(t *testing.T, path string, environment []string, message, hint string) {
	t.Helper()
	cmd := exec.Command(site.program, "submit", path)
	cmd.Env = append(os.Environ(), environment...)
	out, _ := cmd.CombinedOutput()
	text := string(out)
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(text, message) || !strings.Contains(text, hint) || strings.Count(text, "hint: ") != 1 {
		t.Errorf("status %d, %s\nwant %q with the hint %q", cmd.ProcessState.ExitCode(), text, message, hint)
	}
	if list := inQueue(t); len(list) != 0 {
		t.Errorf("in the queue: %v", list)
	}
}

// mended sees a second submit succeed, and takes the tasks back.
func mended(t *testing.T, path string) {
	t.Helper()
	if out := isingrbm(t, 0, "submit", path); !strings.Contains(out, "submitted 24 cells") {
		t.Errorf("the second submit: %s", out)
	}
	isingrbm(t, 0, "cancel", path)
	finished(t)
}

// deadConf is a configuration whose controller is not there.
func deadConf(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(os.Getenv("SLURM_CONF"))
	if err != nil {
		t.Fatal(err)
	}
	ports, err := freePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "slurm.conf")
	dead := regexp.MustCompile(`SlurmctldPort=\d+`).ReplaceAllString(string(text), fmt.Sprintf("SlurmctldPort=%d", ports[0]))
	if err := os.WriteFile(path, []byte(dead), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// wrapSbatch puts a script in front of sbatch, which it calls as $SBATCH.
func wrapSbatch(t *testing.T, script string) (environment []string) {
	t.Helper()
	real, err := exec.LookPath("sbatch")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sbatch"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "SBATCH="+real, "CALLS="+filepath.Join(dir, "calls"))
}

// holdPartition keeps the partition's jobs from starting until the test ends.
func holdPartition(t *testing.T) {
	t.Helper()
	command(t, "scontrol", "update", "partitionname=main", "state=down")
	t.Cleanup(func() { command(t, "scontrol", "update", "partitionname=main", "state=up") })
}

// TestLostAnswer: jobs whose answer was lost are found in the queue by their
// names, and are not submitted twice.
func TestLostAnswer(t *testing.T) {
	holdPartition(t)
	path := writeRun(t, fmt.Sprintf(sweep, quickly))
	cmd := exec.Command(site.program, "submit", path)
	cmd.Env = wrapSbatch(t, `"$SBATCH" "$@" >/dev/null
echo "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation" >&2
exit 1
`)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "submitted 24 cells in 24 tasks") {
		t.Errorf("submit: %v\n%s", err, out)
	}
	if n := len(inQueue(t)); n != 25 {
		t.Errorf("%d tasks in the queue, want 24 and the report", n)
	}
	if out := isingrbm(t, 0, "submit", path); !strings.Contains(out, "nothing to submit; left out: 24 in the queue") {
		t.Errorf("a second submit: %s", out)
	}
	isingrbm(t, 0, "cancel", path)
	finished(t)
}

// TestBrokenOff: of a submit that was killed after its second array, the next
// one finds what is queued, and submits the rest.
func TestBrokenOff(t *testing.T) {
	holdPartition(t)
	path := writeRun(t, fmt.Sprintf(sweep, quickly))
	cmd := exec.Command(site.program, "submit", path)
	cmd.Env = wrapSbatch(t, `echo call >> "$CALLS"
"$SBATCH" "$@"
[ "$(wc -l < "$CALLS")" != 2 ] || kill -9 "$PPID"
`)
	if out, err := cmd.CombinedOutput(); err == nil {
		t.Fatalf("submit was not killed: %s", out)
	}
	if n := len(inQueue(t)); n != 16 {
		t.Errorf("%d tasks in the queue, want 8 of data and 8 machines", n)
	}
	if out := isingrbm(t, 0, "submit", path); !strings.Contains(out, "submitted 8 cells in 8 tasks") || !strings.Contains(out, "left out: 16 in the queue") {
		t.Errorf("a second submit: %s", out)
	}
	if n := len(inQueue(t)); n != 25 {
		t.Errorf("%d tasks in the queue, want 24 and the report", n)
	}
	isingrbm(t, 0, "cancel", path)
	finished(t)
}

// TestFailedData: where data cannot be drawn, their machines do not wait for
// them, the others go on, and the report shows what there is; submit continues
// once the cause is gone.
func TestFailedData(t *testing.T) {
	text := fmt.Sprintf(sweep, quickly)
	want := reference(t, text)
	path := writeRun(t, text)
	isingrbm(t, 0, "generate", path)
	blocked := filepath.Join(runDir(path), "cells", "L004", "T2.700000", "validation.parquet")
	command(t, "rm", blocked)
	command(t, "mkdir", "-p", filepath.Join(blocked, "somebody's"))
	if out := isingrbm(t, 0, "submit", path); !strings.Contains(out, "submitted 17 cells") {
		t.Errorf("submit: %s", out)
	}
	finished(t)
	if status := isingrbm(t, 0, "status", path); !strings.Contains(status, "24 cells: 21 done, 1 failed, 2 missing") || !strings.Contains(status, "  rename ") {
		t.Errorf("status:\n%s", status)
	}
	if _, err := os.Stat(filepath.Join(runDir(path), "report.html")); err != nil {
		t.Error(err)
	}
	command(t, "rm", "-r", blocked)
	if out := isingrbm(t, 0, "submit", path, "--missing"); !strings.Contains(out, "submitted 3 cells") {
		t.Errorf("submit: %s", out)
	}
	finished(t)
	sameBytes(t, want, runDir(path))
}

// TestLimit: a site that keeps few jobs, those that have ended among them, gets
// what it takes, one message says so, and the collector submits the rest as soon
// as there is room again, without any hand.
func TestLimit(t *testing.T) {
	t.Setenv("SLURM_CONF", os.Getenv("SLURM_CONF")) // and back at the end
	small, err := startSlurm(slurmSettings{nodes: 1, processors: 8, maxJobs: 13, extra: "MinJobAge=2\n"})
	if err != nil {
		t.Fatal(err)
	}
	defer small.stop()
	text := fmt.Sprintf(sweep, quickly)
	want := reference(t, text)
	path := writeRun(t, text)
	out := isingrbm(t, 0, "submit", path)
	if !strings.Contains(out, "a limit kept other cells out: sbatch: error: Slurm temporarily unable to accept job") {
		t.Errorf("submit: %s", out)
	}
	finished(t)
	sameBytes(t, want, runDir(path))
}

// TestUnwritable: a folder that cannot be written, and one whose disk is full.
func TestUnwritable(t *testing.T) {
	text := fmt.Sprintf(sweep, quickly)
	for _, c := range []struct{ name, options, message, hint string }{
		{"read-only", "ro,size=64m", "cannot be written", "move the run file to a folder that you may write"},
		{"full", "size=256k", "no space left on device", "the disk is full"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "sweep.toml")
			command(t, "mount", "-t", "tmpfs", "-o", "size=64m", "none", dir)
			defer command(t, "umount", "-l", dir)
			if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			command(t, "mount", "-o", "remount,"+c.options, dir)
			refused(t, path, nil, c.message, c.hint)
			command(t, "mount", "-o", "remount,rw,size=200m", dir)
			mended(t, path)
		})
	}
}

// TestQuota: a user who may write no more than the program's beginning.
func TestQuota(t *testing.T) {
	if _, err := exec.LookPath("mkfs.btrfs"); err != nil {
		t.Fatalf("%v\n  hint: apt-get install -y --no-install-recommends btrfs-progs", err)
	}
	dir, disk := t.TempDir(), filepath.Join(t.TempDir(), "disk")
	command(t, "truncate", "-s", "256M", disk)
	command(t, "mkfs.btrfs", "-q", disk)
	command(t, "mount", "-o", "loop", disk, dir)
	defer command(t, "umount", "-l", dir)
	command(t, "btrfs", "quota", "enable", dir)
	command(t, "btrfs", "quota", "rescan", "-w", dir)
	text := fmt.Sprintf(sweep, quickly)
	path := filepath.Join(dir, "sweep.toml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	command(t, "btrfs", "qgroup", "limit", "4M", dir)
	refused(t, path, nil, "disk quota exceeded", "your quota there is used up")
	command(t, "btrfs", "qgroup", "limit", "none", dir)
	mended(t, path)
}

// TestScriptsAreSound: what --dry-run prints passes shellcheck for every batch
// system and sbatch --test-only for this one, and nothing is written.
func TestScriptsAreSound(t *testing.T) {
	if _, err := exec.LookPath("shellcheck"); err != nil {
		t.Fatalf("%v\n  hint: apt-get install -y --no-install-recommends shellcheck", err)
	}
	folder := filepath.Join(t.TempDir(), "it's 50% of my runs")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "sweep.toml")
	text := fmt.Sprintf(sweep, quickly) + "max_running = 3\nextra = [\"--mail-type=END\"]\nsetup = [\"cd /\"]\n"
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, system := range []string{"slurm", "grid-engine", "pbs", "lsf"} {
		out := isingrbm(t, 0, "submit", path, "--dry-run", "--system", system)
		scripts := strings.Split(out, "\n#!/bin/sh\n")[1:]
		if len(scripts) != 5 {
			t.Fatalf("%s: %d scripts in\n%s", system, len(scripts), out)
		}
		for i, script := range scripts {
			script, _, _ = strings.Cut(script, "\n# ")
			file := filepath.Join(t.TempDir(), "script.sh")
			if err := os.WriteFile(file, []byte("#!/bin/sh\n"+script+"\n"), 0o666); err != nil {
				t.Fatal(err)
			}
			command(t, "shellcheck", file)
			if system == "slurm" && i < len(scripts)-1 {
				command(t, "sbatch", "--test-only", file)
			}
		}
	}
	if _, err := os.Stat(runDir(path)); err == nil {
		t.Error("a dry run has written something")
	}
}

// guided is the run file that stands in for the user's in the guide.
const guided = `
[lattice]
kind = "square"
sizes = [8]
[sweep]
temperatures = [1.0, 3.0]
[monte_carlo]
configurations = 1_000
validation = 200
[rbm]
hidden = [8]
[training]
updates = 100
batch = 50
[sampling]
configurations = 1_000
chains = 64
[slurm]
memory = "200M"
`

// TestGuide runs the commands of runs/cluster/README.md, in order, and leaves
// the jobs time to end where the guide says "come back".
func TestGuide(t *testing.T) {
	text, err := os.ReadFile("../../runs/cluster/README.md")
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "it's 50% of my runs")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	command(t, "cp", site.program, filepath.Join(folder, "isingrbm"))
	if err := os.WriteFile(filepath.Join(folder, "my.toml"), []byte(guided), 0o666); err != nil {
		t.Fatal(err)
	}
	commands := 0
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(block[1]) {
			cmd := exec.Command("sh", "-c", line)
			cmd.Dir = folder
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s%v\n%s", line, err, out)
			}
			commands++
		}
		finished(t)
	}
	if commands != 8 {
		t.Errorf("%d commands found, want 8", commands)
	}
	if _, err := os.Stat(filepath.Join(folder, "my.out", "report.html")); err != nil {
		t.Error(err)
	}
}

// TestBroughtData: files that a run file names are found where they are seen
// from it, though jobs work from a copy of it.
func TestBroughtData(t *testing.T) {
	drawn := reference(t, fmt.Sprintf(sweep, quickly))
	text := `
[lattice]
kind = "square"
[data]
configurations = "given/*.parquet"
[rbm]
hidden = [4]
[training]
updates = 60
batch = 50
[sampling]
configurations = 500
chains = 50
burn_in = 10
thinning = 1
[slurm]
memory = "100M"
`
	path := writeRun(t, text)
	given := filepath.Join(filepath.Dir(path), "given")
	if err := os.Mkdir(given, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, temperature := range []string{"T1.500000", "T3.600000"} {
		command(t, "cp", filepath.Join(drawn, "cells", "L004", temperature, "configurations.parquet"), filepath.Join(given, temperature+".parquet"))
	}
	isingrbm(t, 0, "submit", path)
	finished(t)
	if status := isingrbm(t, 0, "status", path); !strings.Contains(status, "4 cells: 4 done") {
		t.Errorf("status:\n%s", status)
	}
}

// TestStages: stages and cells can be submitted on their own, each after what
// is in the queue before it, and the rest later.
func TestStages(t *testing.T) {
	text := fmt.Sprintf(sweep, quickly)
	want := reference(t, text)
	path := writeRun(t, text)
	command(t, "scontrol", "update", "partitionname=main", "state=down") // so that nothing starts yet
	for _, step := range []struct {
		args string
		want string
	}{
		{"--stage generate --only L004/T1.500000", "submitted 1 cells in 1 tasks"},
		{"--stage generate", "submitted 7 cells in 7 tasks"},
		{"--stage train --only */*/h0004_r00", "submitted 8 cells in 8 tasks"},
		{"--stage sample --only L004/T3.600000", "nothing to submit; left out: 1 in the queue, 1 waiting for cells that are not submitted"},
	} {
		out := isingrbm(t, 0, append([]string{"submit", path}, strings.Fields(step.args)...)...)
		if !strings.Contains(out, step.want) || strings.Contains(out, "report") {
			t.Errorf("%s: %s, want %q and no report", step.args, out, step.want)
		}
	}
	command(t, "scontrol", "update", "partitionname=main", "state=up")
	finished(t)
	if status := isingrbm(t, 0, "status", path); !strings.Contains(status, "24 cells: 8 done, 16 missing") || strings.Count(status, "missing  sample") != 8 {
		t.Errorf("status:\n%s", status)
	}
	if out := isingrbm(t, 0, "submit", path); !strings.Contains(out, "submitted 16 cells in 16 tasks") || !strings.Contains(out, "left out: 8 done") {
		t.Errorf("submit: %s", out)
	}
	finished(t)
	sameBytes(t, want, runDir(path))
}
