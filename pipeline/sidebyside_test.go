package pipeline

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"isingrbm/analysis"
)

// Two runs with one n_h each are paired by temperature; the settings that differ
// are named, and differences are in units of both errors.
func TestSideBySide(t *testing.T) {
	a, b := openRun(t, smallRun), openRun(t, strings.Replace(smallRun, "hidden = [6]", "hidden = [8]", 1))
	mustRun(t, a, 2)
	mustRun(t, b, 2)
	left, err := ReadSide(a.Dir)
	if err != nil {
		t.Fatal(err)
	}
	right, err := ReadSide(b.Path) // the run file will do
	if err != nil {
		t.Fatal(err)
	}
	changes := Differences(left, right)
	if len(changes) != 1 || changes[0] != (Change{"rbm.hidden", "[6]", "[8]"}) {
		t.Errorf("differences %v", changes)
	}
	pairs := Pairs(left, right)
	if len(pairs) != 2 {
		t.Fatalf("%d pairs", len(pairs))
	}
	for _, p := range pairs {
		if p.A == nil || p.B == nil || p.A.T != p.B.T || p.A.Hidden != 6 || p.B.Hidden != 8 || p.A.Verdict == "" || math.IsNaN(p.B.KL.Value) {
			t.Fatalf("%+v", p)
		}
		x, y := p.A.Values[analysis.Energy], p.B.Values[analysis.Energy]
		if z := p.Z(analysis.Energy); math.Abs(z-(y.Value-x.Value)/math.Hypot(x.Err, y.Err)) > 1e-12 {
			t.Errorf("z = %v of %v and %v", z, x, y)
		}
	}
	same := Pairs(left, left)
	if len(same) != 2 || same[0].Z(analysis.Energy) != 0 || Differences(left, left) != nil {
		t.Errorf("a run beside itself: %+v", same)
	}
}

// Several n_h are paired each with its own; what only one run has stands alone.
func TestPairsOfSeveralMachines(t *testing.T) {
	row := func(hidden int) SideRow {
		return SideRow{Row: analysis.Row{L: 8, T: 2, Hidden: hidden}}
	}
	pairs := Pairs(&Side{Rows: []SideRow{row(4), row(16)}}, &Side{Rows: []SideRow{row(16), row(64)}})
	if len(pairs) != 3 || pairs[0].B != nil || pairs[1].B.Hidden != 16 || pairs[2].A != nil || pairs[2].B.Hidden != 64 {
		t.Errorf("%+v", pairs)
	}
	if !math.IsNaN(pairs[0].Z(0)) {
		t.Error("a cell alone differs from nothing")
	}
}

func TestReadSideNeedsAReport(t *testing.T) {
	if _, err := ReadSide(t.TempDir()); err == nil || !strings.Contains(err.Error(), "hint") {
		t.Errorf("an empty folder: %v", err)
	}
	w := openRun(t, smallRun)
	mustRun(t, w, 2)
	if err := os.WriteFile(filepath.Join(w.Dir, comparisonCSV), []byte("L,T\n4,2\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadSide(w.Dir); err == nil || !strings.Contains(err.Error(), `no column "hidden"`) {
		t.Errorf("a table of another version: %v", err)
	}
}
