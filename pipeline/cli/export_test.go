package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"isingrbm/pipeline"
	"isingrbm/pipeline/store"
)

// TestExport carries a small run's files out and a machine back in.
func TestExport(t *testing.T) {
	path := writeRun(t, smallRun)
	folder := filepath.Dir(path)
	at := func(name string) string { return filepath.Join(folder, name) }
	if r := execute(t.Context(), "run", path); r.status != statusDone {
		t.Fatal(r.stderr)
	}
	cell := at("small.out/cells/L004/T2.000000/")
	spins, model := filepath.Join(cell, "configurations.parquet"), filepath.Join(cell, "h0006_r00", "model.npz")
	step := func(status int, want string, args ...string) {
		t.Helper()
		checkStep(t, folder, status, want, args...)
	}
	step(statusDone, "2 cells of data, 2 machines", "export", path, "--to", "numpy", "--out", at("run.npz"))
	step(statusDone, "CELL", "help", "export")
	step(statusDone, "L004/T2.000000/h0006_r00/samples/spins", "inspect", at("run.npz"))
	step(statusDone, "1000 configurations of 16 spins", "export", spins, "--to", "numpy", "--out", at("configurations.npz"))
	step(statusDone, "1000 configurations of 16 bits", "export", spins, "--to", "numpy", "--values", "bits", "--out", at("SPINS.NPY"))
	step(statusDone, "1000 configurations of 16 spins", "export", spins, "--to", "text", "--out", at("spins.dat"))
	for _, layout := range pipeline.Layouts() {
		step(statusDone, "16 × 6 units in layout "+layout, "export", model, "--layout", layout, "--out", at(layout+".npz"))
		step(statusDone, "16 × 6 units from layout "+layout, "import", at(layout+".npz"), "--layout", layout, "--out", at("back_"+layout+".npz"))
		step(statusDone, "layout "+layout, "inspect", at("back_"+layout+".npz"))
	}
	step(statusDone, "energy of spins + (", "export", model, "--layout", "spins", "--out", at("spins.npz"), "--force")
	checkExportRefusals(t, folder, path, spins, model)
}

// TestExportArrow: files of configurations in Arrow are looked at and exported as those
// in Parquet, and give the same npy files.
func TestExportArrow(t *testing.T) {
	exported := make(map[string][]byte)
	for _, format := range []string{"parquet", "arrow"} {
		path := writeRun(t, smallRun+"\n[output]\nformat = \""+format+"\"\n")
		folder := filepath.Dir(path)
		if r := execute(t.Context(), "generate", path); r.status != statusDone {
			t.Fatal(r.stderr)
		}
		file := filepath.Join(folder, "small.out/cells/L004/T2.000000/configurations."+format)
		checkStep(t, folder, statusDone, "monte carlo configurations", "inspect", file)
		checkStep(t, folder, statusDone, "1000 configurations of 16 spins", "export", file, "--to", "numpy", "--out", filepath.Join(folder, "x.npy"))
		content, err := os.ReadFile(filepath.Join(folder, "x.npy"))
		if err != nil {
			t.Fatal(err)
		}
		exported[format] = content
	}
	if !bytes.Equal(exported["parquet"], exported["arrow"]) {
		t.Error("the formats give other spins")
	}
}

// checkExportRefusals: each has one message with a hint, and changes nothing.
func checkExportRefusals(t *testing.T, folder, run, spins, model string) {
	t.Helper()
	at := func(name string) string { return filepath.Join(folder, name) }
	results := at("small.out/results.parquet")
	for _, c := range []struct {
		status int
		want   string
		args   []string
	}{
		{statusFailed, "exists already\n  hint: --force", []string{"export", model, "--layout", "spins", "--out", at("spins.npz")}},
		{statusFailed, "exists already\n  hint: --force", []string{"export", run, "--to", "numpy", "--out", at("run.npz")}},
		{statusFailed, "exists already\n  hint: --force", []string{"import", at("rbms.npz"), "--layout", "rbms", "--out", at("back_rbms.npz")}},
		{statusFailed, "is the file to be read", []string{"export", model, "--layout", "rbms", "--force", "--out", model}},
		{statusFailed, "is a folder", []string{"export", spins, "--to", "text", "--force", "--out", folder}},
		{statusFailed, "create the folder", []string{"export", spins, "--to", "text", "--out", at("none/x")}},
		{statusFailed, "no array weights, visible_bias", []string{"import", at("rbms.npz"), "--layout", "qucumber", "--out", at("x.npz")}},
		{statusFailed, "--layout rbms", []string{"import", at("rbms.npz"), "--layout", "qucumber", "--out", at("x.npz")}},
		{statusFailed, "machine of isingrbm already", []string{"import", model, "--layout", "spins", "--out", at("x.npz")}},
		{statusFailed, "not an npz archive", []string{"import", spins, "--layout", "spins", "--out", at("x.npz")}},
		{statusFailed, "neither Parquet, Arrow, npz", []string{"export", at("spins.dat"), "--layout", "spins", "--out", at("x.npz")}},
		{statusUsage, "holds a machine", []string{"export", model, "--to", "text", "--out", at("x.txt")}},
		{statusUsage, "holds configurations", []string{"export", spins, "--layout", "rbms", "--out", at("x.npz")}},
		{statusUsage, "neither a machine nor configurations", []string{"export", results, "--to", "numpy", "--out", at("x.npz")}},
		{statusUsage, "neither a machine nor configurations", []string{"export", at("rbms.npz"), "--layout", "spins", "--out", at("x.npz")}},
		{statusUsage, "does not end in .npz or .npy", []string{"export", spins, "--to", "numpy", "--out", at("x.txt")}},
		{statusUsage, "does not end in .npz", []string{"export", model, "--layout", "rbms", "--out", at("x.npy")}},
		{statusUsage, "does not end in .npz", []string{"export", run, "--to", "numpy", "--out", at("x")}},
		{statusUsage, "does not end in .npz", []string{"import", at("rbms.npz"), "--layout", "rbms", "--out", at("x")}},
		{statusUsage, "with --to numpy", []string{"export", run, "--to", "text", "--out", at("x.txt")}},
		{statusUsage, "with --to numpy", []string{"export", run, "--layout", "rbms", "--out", at("x.npz")}},
		{statusUsage, "--out is missing", []string{"export", run, "--to", "numpy"}},
	} {
		checkStep(t, folder, c.status, c.want, c.args...)
	}
}

// checkStep carries out a command; one that fails must leave the folder as it was, and
// say what to do in one message.
func checkStep(t *testing.T, folder string, status int, want string, args ...string) {
	t.Helper()
	before := listing(t, folder)
	r := execute(t.Context(), args...)
	if r.status != status || !strings.Contains(r.stdout+r.stderr, want) {
		t.Errorf("%v: status %d, want %d; no %q in\n%s%s", args, r.status, status, want, r.stdout, r.stderr)
	}
	if status == statusDone {
		return
	}
	if r.stdout != "" || strings.Count(r.stderr, "hint: ") != 1 {
		t.Errorf("%v: %q, %q", args, r.stdout, r.stderr)
	}
	if after := listing(t, folder); after != before {
		t.Errorf("%v changed the folder:\n%s\n%s", args, before, after)
	}
}

// listing has the names and times of the files in a folder.
func listing(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(entry.Name() + " " + info.ModTime().String() + "\n")
	}
	return b.String()
}

// TestExportUsage: command lines that are wrong whatever the file.
func TestExportUsage(t *testing.T) {
	for _, c := range []struct{ args, message string }{
		{"export", "export needs one file, got 0"},
		{"export x.npz", "export needs --layout for a machine, or --to"},
		{"export x.npz --layout keras --out y.npz", `--layout is "keras"`},
		{"export x.npz --layout spins --to numpy --out y.npz", "--layout is for machines"},
		{"export x.npz --layout spins --values bits --out y.npz", "--layout is for machines"},
		{"export x.parquet --to matlab --out y", `--to is "matlab"`},
		{"export x.parquet --to text --values updown --out y", `--values is "updown"`},
		{"export missing.toml --to numpy --out y.npz", "missing.toml"},
		{"import", "import needs one file, got 0"},
		{"import x.npz --out y.npz", `--layout is ""`},
		{"import x.npz --layout sklearn", "--out is missing"},
	} {
		r := execute(t.Context(), strings.Fields(c.args)...)
		if r.status != statusUsage || r.stdout != "" || !strings.HasPrefix(r.stderr, "isingrbm: ") || !strings.Contains(r.stderr, c.message) {
			t.Errorf("%q: status %d, message %q, want %q", c.args, r.status, r.stderr, c.message)
		}
	}
	if r := execute(t.Context(), "export", filepath.Join(t.TempDir(), "x.npz"), "--layout", "spins", "--out", "y.npz"); r.status != statusFailed {
		t.Errorf("no such file: status %d", r.status)
	}
}

// TestExportInterrupted: nothing is left of an export that was stopped.
func TestExportInterrupted(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "x.parquet")
	w, err := store.CreateConfigurations(path, 4, store.ConfigurationLayout{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	batch := store.ConfigurationBatch{Chain: []int32{0}, Step: []int64{1}, Energy: []float64{0}, Magnetization: []int32{0}, Spins: []uint64{3}}
	if err := w.Append(batch); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := execute(ctx, "export", path, "--to", "text", "--out", filepath.Join(folder, "x.txt"))
	entries, err := os.ReadDir(folder)
	if r.status != statusInterrupted || err != nil || len(entries) != 1 {
		t.Errorf("%+v; %v %v", r, entries, err)
	}
}
