package cluster

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"isingrbm/pipeline/runfile"
)

var update = flag.Bool("update", false, "rewrite the golden files of testdata")

// fullSubmission asks for everything that can be asked for, from a folder whose
// name is as bad as names get.
func fullSubmission(system System) *Draft {
	s := &Submission{
		System: system, Program: "program-0123456789ab", RunFile: "my.toml", Memory: 1500 << 20,
		dir: "/data/J. O'Neil 50%/my.out/cluster/003",
		Slurm: runfile.Slurm{
			Account: "physics", Partition: "long,short", QOS: "low", Constraint: "avx512&ib", Time: 36 * time.Hour, CPUs: 4,
			Grace: 300, Setup: []string{"module purge", "ulimit -n 4096"}, Extra: []string{"-l feature=1"},
		},
	}
	p := newPlanner()
	p.prefix, p.maxRunning = "my-0a1b2c3d.003", 5
	data, machines := sweepCells(3, 2)
	p.generate(data)
	p.machines(machines)
	p.limit()
	p.collect([]Dependency{{Kind: afterEnd, Array: "my-0a1b2c3d.002.train.1", Job: "77"}})
	p.arrays[2].Elements = p.arrays[2].Elements[:1]
	s.Arrays = p.arrays
	return &Draft{Submission: s}
}

// TestScripts holds the scripts of every batch system as they are. That they
// are right is shown by running them: on Slurm and Grid Engine, and by
// shellcheck.
func TestScripts(t *testing.T) {
	for _, system := range Systems() {
		var b bytes.Buffer
		if err := fullSubmission(system).Print(&b); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", string(system)+".txt")
		if *update {
			if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), want) {
			t.Errorf("%s differs; got:\n%s", path, b.Bytes())
		}
	}
}

func TestPlainName(t *testing.T) {
	for name, want := range map[string]string{"my-run_2": "my-run_2", "2d": "run2d", "größe 1": "gr__e_1", "": "run", "-x": "run-x"} {
		if got := plainName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// TestMatches: a cell is meant by its id, by the data cell it belongs to, or by
// a pattern.
func TestMatches(t *testing.T) {
	const id = "L008/T2.269185/h0064_r00"
	for pattern, want := range map[string]bool{
		id: true, "L008/T2.269185": true, "L008": true, "L008/": true, "*/*/h0064_r0?": true,
		"L008/T2": false, "L016": false, "*": false, "h0064_r00": false,
	} {
		if got := matches([]string{pattern}, id); got != want {
			t.Errorf("%q: %v, want %v", pattern, got, want)
		}
	}
	if !matches(nil, id) {
		t.Error("no pattern means all cells")
	}
}

// TestBundle: short cells are bundled to some minutes, long ones are not, and
// processors get at least a cell each.
func TestBundle(t *testing.T) {
	for _, c := range []struct {
		cost        time.Duration
		cpus, cells int
		time        time.Duration
		want        int
	}{
		{time.Minute, 1, 100, 2 * time.Hour, 10},
		{time.Minute, 1, 100, 10 * time.Minute, 5}, // half of the time
		{time.Minute, 4, 100, 2 * time.Hour, 40},
		{time.Hour, 1, 100, 2 * time.Hour, 1},
		{time.Hour, 4, 100, 2 * time.Hour, 4},
		{time.Second, 1, 24, 2 * time.Hour, 24},
		{0, 1, 0, 2 * time.Hour, 1},
	} {
		d := &Draft{Submission: &Submission{Slurm: runfile.Slurm{CPUs: c.cpus, Time: c.time}}}
		if got := d.bundle(c.cost, c.cells); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}
