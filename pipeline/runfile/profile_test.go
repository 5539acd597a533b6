package runfile

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const slurmBase = "lattice.kind = 'square'\nlattice.sizes = [8]\nsweep.temperatures = [2.0]\n"

func TestSlurmDefaults(t *testing.T) {
	got := mustParse(t, slurmBase).Slurm
	if got.Time != 2*time.Hour || got.CPUs != 1 || got.Grace != 120 || got.MaxRequeues != 20 {
		t.Errorf("%+v", got)
	}
	if got.Memory != 0 || got.CellsPerTask != 0 || got.MaxRunning != 0 || len(got.Setup)+len(got.Extra) != 0 {
		t.Errorf("%+v", got)
	}
}

// What [slurm] says is read in full, written as it was, and no part of what
// two runs are compared by.
func TestSlurmKeys(t *testing.T) {
	run := mustParse(t, readTestFile(t, "good", "every-key"))
	want := Slurm{
		Account: "physics", Partition: "long,short", QOS: "low", Constraint: "avx512&ib",
		Time: 36 * time.Hour, Memory: 3 << 30, CPUs: 4, MaxRunning: 50, CellsPerTask: 8, Grace: 300, MaxRequeues: 3,
		Setup: []string{"module purge", "ulimit -n 4096"}, Scratch: "$TMPDIR", Extra: []string{"--mail-type=END", "--nice=100"},
	}
	if got := run.Slurm; !slices.Equal(got.Setup, want.Setup) || !slices.Equal(got.Extra, want.Extra) || got.Time != want.Time || got.Memory != want.Memory {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	text := make(map[string]string)
	for _, kv := range run.SlurmKeys() {
		text[kv.Key] = kv.Value
	}
	for key, value := range map[string]string{"slurm.time": `"1-12:00:00"`, "slurm.memory": `"3G"`, "slurm.setup": `["module purge", "ulimit -n 4096"]`} {
		if text[key] != value {
			t.Errorf("%s = %s, want %s", key, text[key], value)
		}
	}
	other := mustParse(t, strings.Replace(readTestFile(t, "good", "every-key"), `"physics"`, `"chemistry"`, 1))
	if keysText(run) != keysText(other) {
		t.Error("the account changes what runs are compared by")
	}
}

// The run file comes before the profile, and the profile before the defaults.
func TestProfile(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(t.TempDir(), "config"))
	dir := t.TempDir()
	runFile := filepath.Join(dir, "my.toml")
	own := filepath.Join(os.Getenv("XDG_CONFIG_HOME"), "isingrbm", "cluster")
	for path, text := range map[string]string{
		runFile: slurmBase + "slurm.partition = 'long'\n",
		filepath.Join(dir, "cluster", "ours.toml"): "[slurm]\npartition = 'short'\naccount = 'physics'\n",
		filepath.Join(own, "ours.toml"):            "[slurm]\naccount = 'unseen'\n",
		filepath.Join(own, "mine.toml"):            "[slurm]\ncpus = 3\n",
		filepath.Join(dir, "bad.toml"):             "seed = 1\n[slurm]\ntime = 'soon'\n",
	} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	load := func(name string) Slurm {
		t.Helper()
		profile, err := FindProfile(name, runFile)
		if err != nil {
			t.Fatal(err)
		}
		run, err := profile.Load(runFile)
		if err != nil {
			t.Fatal(err)
		}
		return run.Slurm
	}
	if got := load("ours"); got.Partition != "long" || got.Account != "physics" || got.CPUs != 1 {
		t.Errorf("ours: %+v", got)
	}
	if got := load("mine"); got.Partition != "long" || got.CPUs != 3 {
		t.Errorf("mine: %+v", got)
	}
	if got := load(filepath.Join(own, "ours.toml")); got.Account != "unseen" {
		t.Errorf("by its path: %+v", got)
	}
	if _, err := FindProfile("our", runFile); err == nil || !strings.Contains(err.Error(), "did you mean ours?") {
		t.Errorf("our: %v", err)
	}
	_, err := FindProfile(filepath.Join(dir, "bad.toml"), runFile)
	if err == nil || !strings.Contains(err.Error(), "bad.toml:1:1: seed: a profile says nothing") || !strings.Contains(err.Error(), `bad.toml:3:8: slurm.time: 'soon' is no time`) {
		t.Errorf("bad: %v", err)
	}
}
