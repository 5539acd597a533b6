package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRunQuick: a quick run is a run of its own, from few configurations, beside the one
// it stands for, which stays undone.
func TestRunQuick(t *testing.T) {
	path := writeRun(t, strings.NewReplacer("configurations = 1_000", "configurations = 50_000", "updates = 120", "updates = 1_000_000").Replace(smallRun))
	stem := strings.TrimSuffix(path, ".toml")
	r := execute(t.Context(), "run", path, "--quick")
	if r.status != 0 || !strings.Contains(r.stdout, "small-quick.out") {
		t.Fatalf("status %d, %s%s", r.status, r.stdout, r.stderr)
	}
	if _, err := os.Stat(filepath.Join(stem+"-quick.out", "figures", "thermodynamics.png")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(stem + ".out"); err == nil {
		t.Error("the run itself was begun")
	}
	if r := execute(t.Context(), "run", "--quick", path); r.status != 0 || !strings.Contains(r.stdout, "nothing to do") {
		t.Errorf("again: status %d, %s%s", r.status, r.stdout, r.stderr)
	}
}
