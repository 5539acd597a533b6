//go:build quickstart

package pipeline

import (
	"math"
	"path/filepath"
	"testing"

	"isingrbm/pipeline/store"
)

// TestQuickstart holds the results of runs/quickstart.toml, which must have
// been run, against the exact values: Monte Carlo within 4σ in e, m, c and χ
// (24 values: a false alarm in 650 seeds), the machines within 1 % in e and m,
// 5 % in c and 8 % in χ, with p₊ between 0.4 and 0.6.
func TestQuickstart(t *testing.T) {
	dir := filepath.Join("..", "runs", "quickstart.out")
	results, _, err := store.ReadTable(filepath.Join(dir, resultsParquet))
	if err != nil {
		t.Fatal(err)
	}
	column := func(name string, row int) float64 {
		c, ok := results.Column(name)
		if !ok {
			t.Fatalf("no column %s", name)
		}
		return c.Float(row)
	}
	sources, _ := results.Column("source")
	exact := make(map[float64]int)
	counts := make(map[string]int)
	for row := range results.Rows() {
		source, temperature := sources.Strings[row], column("T", row)
		counts[source]++
		if source == "exact" {
			exact[temperature] = row
			continue
		}
		for name, tolerance := range map[string]float64{"energy": 0.01, "abs_magnetization": 0.01, "specific_heat": 0.05, "susceptibility": 0.08} {
			want := column(name, exact[temperature])
			delta := column(name, row) - want
			if source == "mc" {
				tolerance = 4 * column(name+"_err", row) / math.Abs(want)
			}
			if !(math.Abs(delta) <= tolerance*math.Abs(want)) {
				t.Errorf("T = %.6g: %s of %s is off by %+.2f %%, tolerance %.2f %%", temperature, name, source, 100*delta/math.Abs(want), 100*tolerance)
			}
		}
		if up := column("up_fraction", row); source == "rbm" && !(0.4 < up && up < 0.6) {
			t.Errorf("T = %.6g: p₊ = %v", temperature, up)
		}
	}
	if counts["exact"] != 6 || counts["mc"] != 6 || counts["rbm"] != 6 {
		t.Errorf("rows by source: %v, want six each", counts)
	}
}
