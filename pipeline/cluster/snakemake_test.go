//go:build cluster

package cluster_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestSnakemake: a workflow engine that drives single cells gives the bytes of
// one run.
func TestSnakemake(t *testing.T) {
	if _, err := exec.LookPath("snakemake"); err != nil {
		t.Fatalf("%v\n  hint: apt-get install -y --no-install-recommends snakemake", err)
	}
	text := fmt.Sprintf(sweep, quickly)
	want := reference(t, text)
	path := writeRun(t, text)
	snakefile, err := filepath.Abs("../../runs/cluster/Snakefile")
	if err != nil {
		t.Fatal(err)
	}
	command(t, "snakemake", "--snakefile", snakefile, "--directory", filepath.Dir(path), "--cores", "2",
		"--config", "run="+path, "program="+site.program)
	sameBytes(t, want, runDir(path))
}
