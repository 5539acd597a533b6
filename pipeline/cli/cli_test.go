package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const smallRun = `
seed = 7
[lattice]
kind = "square"
sizes = [4]
[sweep]
temperatures = [2.0, 3.0]
[monte_carlo]
configurations = 1_000
validation = 300
[rbm]
hidden = [6]
[training]
warm_start = false
updates = 120
batch = 50
[sampling]
configurations = 1_000
chains = 64
burn_in = 20
thinning = 2
`

// result is what a command line did.
type result struct {
	status         int
	stdout, stderr string
}

func execute(ctx context.Context, args ...string) result {
	var stdout, stderr bytes.Buffer
	status := Execute(ctx, args, &stdout, &stderr)
	return result{status, stdout.String(), stderr.String()}
}

// writeRun writes a run file into a new folder.
func writeRun(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "small.toml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestUsage: wrong command lines have status 2, one message with a hint, and
// nothing on standard output.
func TestUsage(t *testing.T) {
	path := writeRun(t, smallRun)
	for _, c := range []struct{ args, message string }{
		{"frobnicate", `no command "frobnicate"`},
		{"run", "run needs one run file, got 0"},
		{"run a.toml b.toml", "run needs one run file, got 2"},
		{"run --worker 2 " + path, "unknown flag: --worker"},
		{"run --workers 0 " + path, "--workers is 0"},
		{"run --log-format xml " + path, `--log-format is "xml"`},
		{"run missing.toml", "missing.toml"},
		{"check missing.toml", "missing.toml"},
		{"status", "status needs one run file"},
		{"inspect", "inspect needs one file"},
		{"analyse", "analyse needs one run file"},
		{"analyse a.out --compare", "needs two run directories, got 1"},
		{"report --figure portrait " + path, `no figure "portrait"`},
		{"clean --stage dream " + path, `--stage is "dream"`},
		{"init now", "init takes no arguments"},
		{"version now", "version takes no arguments"},
		{"exact", "exact needs --size and --temperature"},
		{"exact --size 8 --temperature hot", "--temperature hot"},
		{"exact --size 8 --temperature -1", "--temperature -1"},
		{"exact --size 2 --temperature 1", "smallest size is 3"},
		{"exact --size 8 --temperature 1 --lattice cube", `no lattice "cube"`},
		{"exact --size 8 --temperature 1 --boundary closed", `no boundary "closed"`},
		{"exact --size 8 --temperature Tc --lattice chain", "no critical temperature"},
		{"exact --size 8 --temperature 1 --format xml", `--format is "xml"`},
		{"exact --size eight --temperature 1", "eight"},
		{"submit", "submit needs one run file"},
		{"submit --stage dream " + path, `--stage is "dream"`},
		{"submit --system torque " + path, `no batch system "torque"`},
		{"submit --profile nowhere " + path, "no such profile"},
		{"cancel", "cancel needs one run file"},
		{"logs " + path, "logs needs a run file and a cell"},
		{"logs " + path + " L099", `no cell "L099"`},
	} {
		r := execute(t.Context(), strings.Fields(c.args)...)
		if r.status != statusUsage || r.stdout != "" {
			t.Errorf("%q: status %d, want %d; stdout %q", c.args, r.status, statusUsage, r.stdout)
		}
		if !strings.HasPrefix(r.stderr, "isingrbm: ") || !strings.Contains(r.stderr, c.message) {
			t.Errorf("%q: message %q, want %q", c.args, r.stderr, c.message)
		}
	}
}

// TestBadRunFile: every command that reads a run file refuses a bad one with
// status 2 and its place, and writes nothing.
func TestBadRunFile(t *testing.T) {
	path := writeRun(t, strings.Replace(smallRun, "hidden = [6]", "hiden = [6]", 1))
	for _, command := range []string{"run", "generate", "train", "sample", "analyse", "report", "check", "status", "submit", "cancel", "clean"} {
		r := execute(t.Context(), command, path)
		if r.status != statusUsage || !strings.Contains(r.stderr, "small.toml:12:1: ") || !strings.Contains(r.stderr, "hidden") {
			t.Errorf("%s: status %d, message %q", command, r.status, r.stderr)
		}
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil || len(entries) != 1 {
			t.Errorf("%s wrote something: %v %v", command, entries, err)
		}
	}
}

// TestRun carries a small run through every command.
func TestRun(t *testing.T) {
	path := writeRun(t, smallRun)
	dir := strings.TrimSuffix(path, ".toml") + ".out"
	step := func(status int, want string, args ...string) {
		t.Helper()
		r := execute(t.Context(), args...)
		if r.status != status || !strings.Contains(r.stdout+r.stderr, want) {
			t.Fatalf("%v: status %d, want %d; no %q in\n%s%s", args, r.status, status, want, r.stdout, r.stderr)
		}
	}
	step(statusDone, "2 cells of data, 2 machines", "check", path)
	step(statusDone, "of memory at most", "check", path)
	step(statusDone, "4 missing", "status", path)
	step(statusDone, "0,1,2,3\n", "status", "--missing", path)
	step(statusFailed, "does not exist", "clean", path)
	step(statusFailed, "does not exist", "analyse", path)
	step(statusFailed, "wait for files of an earlier stage", "sample", path)
	step(statusUsage, "no cell", "run", "--cell", "L004/T9.000000", path)
	step(statusUsage, "no cell", "run", "--cell", "4", path)
	step(statusDone, "3 stages completed now, 0 done before", "run", "--cell", "L004/T2.000000/h0006_r00", path)
	step(statusDone, "nothing to do: all 3 stages", "run", "--cell", "1", "--cell", "0", path)
	step(statusDone, "removed "+dir, "clean", path)
	step(statusDone, `"stage":"generate","done":2600,"total":2600`, "generate", "--log-format", "json", path)
	step(statusDone, "2 done, 2 missing", "status", path)
	step(statusDone, "100 %", "train", path)
	step(statusDone, "2 stages completed now, 4 done before", "run", path)
	step(statusDone, "nothing to do: all 6 stages", "run", path)
	step(statusDone, "are as they were written", "check", "--verify", path)
	step(statusDone, "4 cells: 4 done", "status", path)
	step(statusDone, "verdict", "analyse", path)
	step(statusDone, "report.html", "report", path)
	step(statusDone, "magnetization", "inspect", filepath.Join(dir, "cells/L004/T2.000000/configurations.parquet"))
	step(statusDone, "training.rate", "inspect", filepath.Join(dir, "cells/L004/T2.000000/h0006_r00/model.npz"))
	step(statusDone, "specific_heat_err", "inspect", filepath.Join(dir, "results.csv"))
	step(statusDone, "run_file_sha256", "inspect", filepath.Join(dir, "manifest.json"))
	if err := os.WriteFile(filepath.Join(dir, "..", "notes"), []byte("hello"), 0o666); err != nil {
		t.Fatal(err)
	}
	step(statusDone, "sampling.burn_in", "inspect", path)
	step(statusFailed, "not written by isingrbm", "inspect", filepath.Join(dir, "..", "notes"))
	step(statusDone, "training.png", "report", "--figure", "training,receptive-fields", path)
	step(statusDone, "B − A", "analyse", dir, path, "--compare")
	step(statusFailed, "no run directory", "analyse", dir, t.TempDir(), "--compare")
	step(statusDone, "from 2 cells", "clean", "--stage", "sample", path)
	step(statusDone, "2 stages completed now, 0 done before", "sample", path)
	step(statusDone, "removed "+dir, "clean", path)
}

// TestBrought: a run may bring its data, here what another generated; check says so, and a
// pattern without files has status 2.
func TestBrought(t *testing.T) {
	source := writeRun(t, smallRun)
	if r := execute(t.Context(), "generate", source); r.status != statusDone {
		t.Fatal(r.stderr)
	}
	const own = "[lattice]\nkind = \"square\"\n[data]\nconfigurations = %q\n"
	pattern := filepath.ToSlash(filepath.Join(filepath.Dir(source), "small.out/cells/L004/*/configurations.parquet"))
	path := writeRun(t, fmt.Sprintf(own, pattern))
	for _, step := range []struct{ command, want string }{
		{"check", "800 configurations and 200 held out, from"},
		{"run", "2 stages completed now"},
		{"status", "2 cells: 2 done"},
	} {
		if r := execute(t.Context(), step.command, path); r.status != statusDone || !strings.Contains(r.stdout, step.want) {
			t.Errorf("%s: status %d, no %q in\n%s%s", step.command, r.status, step.want, r.stdout, r.stderr)
		}
	}
	none := writeRun(t, fmt.Sprintf(own, "none/*.npz"))
	if r := execute(t.Context(), "check", none); r.status != statusUsage || !strings.Contains(r.stderr, `no file matches "none/*.npz"`) {
		t.Errorf("status %d, %s", r.status, r.stderr)
	}
}

// TestRunFailed: a damaged file gives status 3 and names its cell; the other
// cell's results are printed all the same.
func TestRunFailed(t *testing.T) {
	path := writeRun(t, smallRun)
	if r := execute(t.Context(), "generate", path); r.status != statusDone {
		t.Fatal(r.stderr)
	}
	victim := strings.TrimSuffix(path, ".toml") + ".out/cells/L004/T3.000000/validation.parquet"
	if err := os.Truncate(victim, 100); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(victim, append(make([]byte, 1), must(os.ReadFile(victim))...), 0o666); err != nil {
		t.Fatal(err)
	}
	// A file of another size is made again: truncation heals itself.
	if r := execute(t.Context(), "run", path); r.status != statusDone {
		t.Errorf("after a truncation: status %d, %s", r.status, r.stderr)
	}
	if r := execute(t.Context(), "clean", "--stage", "train", path); r.status != statusDone {
		t.Fatal(r.stderr)
	}
	content := must(os.ReadFile(victim))
	content[len(content)/2] ^= 1
	if err := os.WriteFile(victim, content, 0o666); err != nil {
		t.Fatal(err)
	}
	r := execute(t.Context(), "run", path)
	for _, again := range []string{"run", "train"} {
		if r := execute(t.Context(), again, path); r.status != statusCells || !strings.Contains(r.stderr, "--retry-failed") {
			t.Errorf("%s again: status %d, %s", again, r.status, r.stderr)
		}
	}
	if r.status != statusCells || !strings.Contains(r.stderr, "train of L004/T3.000000/h0006_r00") || !strings.Contains(r.stderr, "validation.parquet") {
		t.Errorf("after damage: status %d, %s", r.status, r.stderr)
	}
	if !strings.Contains(r.stdout, "1 failed") || !strings.Contains(r.stdout, "verdict") {
		t.Errorf("after damage: %s", r.stdout)
	}
	if r := execute(t.Context(), "status", path); !strings.Contains(r.stdout, "failed") || !strings.Contains(r.stdout, "validation.parquet") {
		t.Errorf("status: %s", r.stdout)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// TestInterrupted: a canceled run has status 75 and says how to go on.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := execute(ctx, "run", writeRun(t, smallRun))
	if r.status != statusInterrupted || !strings.Contains(r.stderr, "run again to continue") {
		t.Errorf("status %d, %s", r.status, r.stderr)
	}
}

// exactRows are values of the periodic square lattice from the literature's
// formulas (Kaufman 1949) and from a transfer matrix, to the digits given.
var exactRows = []struct {
	size                  string
	t                     string
	e, c, m, chi, u, logZ float64
}{
	{"4", "Tc", -1.565624, 0.783267, 0.843860, 0.347321, 0.617199, math.NaN()},
	{"8", "1", -1.9971602, 0.0233796, 0.9992758, 0.0015694, 0.6666351, 128.7154373},
	{"8", "2", -1.7456832, 0.7141226, 0.9114523, 0.3496304, 0.6546186, 66.3445819},
	{"8", "Tc", -1.4915891, 1.1455592, 0.7773311, 1.2034049, 0.6130454, 60.1417808},
	{"8", "2.6", -1.1189710, 0.9614402, 0.5319316, 1.7220484, 0.4729551, 55.4472345},
	{"8", "3", -0.8413154, 0.4839665, 0.3460346, 1.0788748, 0.2798399, 52.2614097},
	{"16", "Tc", -1.453065, 1.498705, math.NaN(), math.NaN(), math.NaN(), math.NaN()},
	{"32", "Tc", -1.433658, 1.846768, math.NaN(), math.NaN(), math.NaN(), math.NaN()},
	{"64", "Tc", -1.423938, 2.192211, math.NaN(), math.NaN(), math.NaN(), math.NaN()},
}

// TestExact reads the command's CSV and JSON and holds them against known
// values to the digits known.
func TestExact(t *testing.T) {
	for _, row := range exactRows {
		want := map[string]float64{"energy": row.e, "specific_heat": row.c, "abs_magnetization": row.m, "susceptibility": row.chi, "binder": row.u, "log_z": row.logZ}
		r := execute(t.Context(), "exact", "--size", row.size, "--temperature", row.t, "--format", "csv")
		records, err := csv.NewReader(strings.NewReader(r.stdout)).ReadAll()
		if err != nil || len(records) != 2 {
			t.Fatalf("L = %s, T = %s: %v %q %s", row.size, row.t, err, r.stdout, r.stderr)
		}
		for i, name := range records[0] {
			value, ok := want[name]
			if !ok || math.IsNaN(value) {
				continue
			}
			got, err := strconv.ParseFloat(records[1][i], 64)
			digits := 0.6e-6
			if row.size == "8" {
				digits = 0.6e-7
			}
			if err != nil || math.Abs(got-value) > digits {
				t.Errorf("L = %s, T = %s: %s = %s, want %v", row.size, row.t, name, records[1][i], value)
			}
		}
	}
	r := execute(t.Context(), "exact", "--size", "8", "--temperature", "inf", "--format", "json")
	var objects []map[string]any
	if err := json.Unmarshal([]byte(r.stdout), &objects); err != nil || len(objects) != 1 || objects[0]["T"] != "inf" || objects[0]["specific_heat"] != nil {
		t.Errorf("%v in %s", err, r.stdout)
	}
	r = execute(t.Context(), "exact", "--size", "8", "--temperature", "2.5,Tc")
	for _, part := range []string{"L = 8, T = 2.5", "L = 8, T = 2.269185314213022", "-1.49158", "Specific heat", "60.14178"} {
		if !strings.Contains(r.stdout, part) {
			t.Errorf("no %q in the table\n%s%s", part, r.stdout, r.stderr)
		}
	}
}

// TestInit: the template is a run file that check accepts.
func TestInit(t *testing.T) {
	r := execute(t.Context(), "init")
	if r.status != statusDone {
		t.Fatal(r.stderr)
	}
	path := writeRun(t, r.stdout)
	if r := execute(t.Context(), "status", path); r.status != statusDone {
		t.Errorf("the template is refused: %s", r.stderr)
	}
}

// TestSchema: the schema is JSON.
func TestSchema(t *testing.T) {
	var schema map[string]any
	if r := execute(t.Context(), "schema"); r.status != statusDone || json.Unmarshal([]byte(r.stdout), &schema) != nil || schema["properties"] == nil {
		t.Errorf("%+v", r)
	}
}

// TestVerify: a damaged file is named with what to do, and gives status 1.
func TestVerify(t *testing.T) {
	path := writeRun(t, smallRun)
	if r := execute(t.Context(), "generate", path); r.status != statusDone {
		t.Fatal(r.stderr)
	}
	victim := strings.TrimSuffix(path, ".toml") + ".out/cells/L004/T3.000000/validation.parquet"
	content := must(os.ReadFile(victim))
	content[len(content)/2] ^= 1
	must(0, os.WriteFile(victim, content, 0o666))
	must(0, os.WriteFile(filepath.Join(filepath.Dir(victim), "notes.txt"), nil, 0o666))
	r := execute(t.Context(), "check", "--verify", path)
	for _, part := range []string{victim + ": changed: ", "hint: remove it", "notes.txt: not written by isingrbm", "hint: move it"} {
		if !strings.Contains(r.stdout, part) {
			t.Errorf("no %q in\n%s", part, r.stdout)
		}
	}
	if r.status != statusFailed || !strings.Contains(r.stderr, "2 of ") {
		t.Errorf("status %d, %s", r.status, r.stderr)
	}
}

func TestVersion(t *testing.T) {
	if r := execute(t.Context(), "version"); r.status != statusDone || !strings.HasPrefix(r.stdout, "isingrbm ") {
		t.Errorf("%+v", r)
	}
}

// TestHelp: the help lists every command and the exit statuses.
func TestHelp(t *testing.T) {
	r := execute(t.Context())
	for _, part := range []string{"run", "generate", "train", "sample", "flow", "analyse", "report", "check", "status", "submit", "cancel", "logs", "inspect", "export", "import", "exact", "init", "schema", "version", "clean", "75 interrupted"} {
		if !strings.Contains(r.stdout, part) {
			t.Errorf("no %q in the help", part)
		}
	}
}
