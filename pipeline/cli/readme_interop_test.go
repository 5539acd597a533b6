//go:build interop

package cli

import (
	"bytes"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"isingrbm/pipeline/store"
)

const python = "/usr/bin/python3" // Debian's, which python3-numpy belongs to

// TestInteropReadmePython runs the README's example on a small run that is exported as
// the README says, and holds what it prints against the results.
func TestInteropReadmePython(t *testing.T) {
	if err := exec.Command(python, "-c", "import numpy").Run(); err != nil {
		t.Fatalf("NumPy is missing from %s: apt-get install python3-numpy", python)
	}
	blocks := codeBlocks(t, "python")
	if len(blocks) != 1 || strings.Count(blocks[0], "\n") > 6 {
		t.Fatalf("the example should be one block of at most 6 lines: %q", blocks)
	}
	command := "./isingrbm export my.toml --to numpy --out my.npz"
	if !strings.Contains(readme(t), "\n"+command+" ") {
		t.Fatalf("the README lacks the line %s", command)
	}
	for _, format := range []string{"parquet", "arrow"} {
		t.Run(format, func(t *testing.T) {
			t.Chdir(t.TempDir())
			run := readmeRun + "\n[output]\nformat = \"" + format + "\"\n"
			if err := os.WriteFile("my.toml", []byte(run), 0o666); err != nil {
				t.Fatal(err)
			}
			for _, line := range []string{"./isingrbm run my.toml", command} {
				var stderr bytes.Buffer
				if status := Execute(t.Context(), strings.Fields(line)[1:], &bytes.Buffer{}, &stderr); status != 0 {
					t.Fatalf("%s: status %d, %s", line, status, stderr.String())
				}
			}
			out, err := exec.Command(python, "-W", "error", "-c", blocks[0]).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			checkPrinted(t, string(out))
		})
	}
}

// checkPrinted expects a line a machine that ends in |m|, then all of them in brackets,
// with the eight digits that NumPy prints.
func checkPrinted(t *testing.T, out string) {
	t.Helper()
	table, _, err := store.ReadTable("my.out/results.parquet")
	if err != nil {
		t.Fatal(err)
	}
	source, _ := table.Column("source")
	m, _ := table.Column("abs_magnetization")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	list := strings.Fields(strings.Trim(lines[len(lines)-1], "[]"))
	machines := 0
	for row, from := range source.Strings {
		if from != "rbm" {
			continue
		}
		fields := strings.Fields(lines[machines])
		for _, text := range []string{fields[len(fields)-1], list[machines]} {
			if got, err := strconv.ParseFloat(text, 64); err != nil || math.Abs(got-m.Floats[row]) > 1e-7 {
				t.Errorf("machine %d: %s, want %v in\n%s", machines, text, m.Floats[row], out)
			}
		}
		if !strings.Contains(lines[machines], "(64, 64)") {
			t.Errorf("the shape of W is not (64, 64): %s", lines[machines])
		}
		machines++
	}
	if machines != 2 || len(lines) != 3 || len(list) != 2 {
		t.Errorf("%d machines in\n%s", machines, out)
	}
}
