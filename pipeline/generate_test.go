package pipeline

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"isingrbm/analysis"
)

// dataRun is a Monte Carlo study with room for an algorithm and more keys.
const dataRun = `
[lattice]
kind = "square"
sizes = [4]
[sweep]
temperatures = [%s]
[monte_carlo]
algorithm = %q
independence = %q
configurations = 4_096
validation = 512
`

// TestGenerateAlgorithms: what every algorithm leaves on the disk, thinned or one
// configuration a chain, has the exact energy and magnetization within 4.5 standard errors:
// some 80 values, a false alarm in 1800.
func TestGenerateAlgorithms(t *testing.T) {
	for _, algorithm := range []string{"auto", "metropolis", "heat-bath", "wolff", "metropolis+wolff", "swendsen-wang", "perfect"} {
		for _, independence := range []string{"thinned", "chain"} {
			t.Run(algorithm+"/"+independence, func(t *testing.T) {
				w := openRun(t, fmt.Sprintf(dataRun, `2.5, 4.0, "inf"`, algorithm, independence))
				checkRowsAreExact(t, mustRun(t, w, 2).Results.Rows)
			})
		}
	}
}

func checkRowsAreExact(t *testing.T, rows []analysis.Row) {
	t.Helper()
	var exact analysis.Row
	for _, row := range rows {
		if row.Source == analysis.SourceExact {
			exact = row
			continue
		}
		for _, o := range []int{analysis.Energy, analysis.AbsMagnetization} {
			got, want := row.Values[o], exact.Values[o].Value
			if exact.T != row.T || !(math.Abs(got.Value-want) <= 4.5*got.Err) {
				t.Errorf("T = %v: %s %v, exact %v", row.T, analysis.Observables()[o].Name, got, want)
			}
		}
	}
}

// TestGenerateGroundStates: at T = 0 both of them, and nothing else.
func TestGenerateGroundStates(t *testing.T) {
	w := openRun(t, fmt.Sprintf(dataRun, "0", "auto", "chain"))
	mustRun(t, w, 1)
	rows := readRows(t, filepath.Join(w.folders.of(w.Plan.Cells(false)[0]), "configurations.parquet"), 16)
	up := 0
	for i, m := range rows.Magnetization {
		if rows.Energy[i] != -32 || m != 16 && m != -16 {
			t.Fatalf("configuration %d: energy %v, magnetization %v", i, rows.Energy[i], m)
		}
		if m > 0 {
			up++
		}
	}
	// 6 standard deviations of 32.
	if math.Abs(float64(up)-2048) > 192 {
		t.Errorf("%d of 4096 up", up)
	}
}

// TestIndependenceChain: every configuration is of a chain of its own, stored
// where the chain ends.
func TestIndependenceChain(t *testing.T) {
	w := openRun(t, fmt.Sprintf(dataRun, "2.5", "auto", "chain"))
	row := mustRun(t, w, 1).Results.Rows[1]
	path := filepath.Join(w.folders.of(w.Plan.Cells(false)[0]), "configurations.parquet")
	rows := readRows(t, path, 16)
	for i, chain := range rows.Chain {
		if chain != int32(i) || rows.Step[i] != rows.Step[0] {
			t.Fatalf("configuration %d is of chain %d at step %d", i, chain, rows.Step[i])
		}
	}
	meta := describe(t, path).Metadata
	for key, want := range map[string]string{"independence": "chain", "thinning_steps": "", "energy_rho1": "", "abs_magnetization_rho1": "",
		"thermalization_steps": fmt.Sprint(rows.Step[0])} {
		if got, ok := meta.Get(key); !ok || got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	d := row.Draw
	if d == nil || !math.IsNaN(d.Thinning) || !math.IsNaN(d.EnergyRho) || !(d.Overlap > 0.1) || !(math.Abs(d.OverlapZ) < 5) {
		t.Errorf("results say %+v", d)
	}
}

// TestDrawIsReported: both files and the results say how configurations were
// drawn, and that they are as independent as the pilot run promised: ρ(1) at
// most 1 % and 4.5 standard errors of 1/√3584 and 1/√7680.
func TestDrawIsReported(t *testing.T) {
	text := strings.Replace(fmt.Sprintf(dataRun, "2.269", "metropolis", "thinned"), "validation = 512", "validation = 8_192", 1)
	w := openRun(t, text)
	row := mustRun(t, w, 1).Results.Rows[1]
	dir := w.folders.of(w.Plan.Cells(false)[0])
	for _, name := range []string{"configurations.parquet", "validation.parquet"} {
		d, err := readDraw(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if reason, _ := describe(t, filepath.Join(dir, name)).Metadata.Get("algorithm_reason"); reason == "" {
			t.Errorf("%s does not say why that algorithm", name)
		}
		if d.Algorithm != "metropolis" || d.Thermalization < 20 || d.Thinning < 1 || d.PilotTau < 0.5 {
			t.Errorf("%s: %+v", name, d)
		}
		for _, rho := range []float64{d.EnergyRho, d.AbsMagnetizationRho} {
			if !(rho < 0.01+4.5/60 && rho > -4.5/60.) {
				t.Errorf("%s: rho %v", name, rho)
			}
		}
		if !(math.Abs(d.OverlapZ) < 5) || !(math.Abs(d.Overlap-d.OverlapExpected) < 0.1) {
			t.Errorf("%s: overlap %v, expected %v, z %v", name, d.Overlap, d.OverlapExpected, d.OverlapZ)
		}
		if name == "configurations.parquet" && (row.Draw == nil || *row.Draw != *d) {
			t.Errorf("the results say %+v, the file %+v", row.Draw, d)
		}
	}
}

// TestThinningIsAsGiven: thermalization and thinning of the run file are those
// of the chains, and what they leave of correlation is reported.
func TestThinningIsAsGiven(t *testing.T) {
	text := strings.Replace(fmt.Sprintf(dataRun, "2.269", "metropolis", "thinned"), "validation", "thermalization = 70\nthinning = 1\nvalidation", 1)
	w := openRun(t, text)
	d := mustRun(t, w, 1).Results.Rows[1].Draw
	rows := readRows(t, filepath.Join(w.folders.of(w.Plan.Cells(false)[0]), "configurations.parquet"), 16)
	if rows.Step[0] != 70 || rows.Step[4095] != 77 || d.Thermalization != 70 || d.Thinning != 1 || !(d.EnergyRho > 0.2) {
		t.Errorf("steps %d to %d, %+v", rows.Step[0], rows.Step[4095], d)
	}
}

// TestAlikeChainsAreReported: a file whose chains are not independent of each
// other gives a warning, one whose chains are none.
func TestAlikeChainsAreReported(t *testing.T) {
	d := &analysis.Draw{Independence: analysis.Independence{Overlap: 1, OverlapExpected: 0.45, OverlapZ: 80}}
	if text := alike(d); !strings.Contains(text, "their overlap is 1, that of independent ones 0.45 (80.0 standard deviations)") {
		t.Errorf("warning %q", text)
	}
	d.OverlapZ = 4.9
	for _, none := range []*analysis.Draw{nil, d, {Independence: analysis.Independence{OverlapZ: math.NaN()}}} {
		if text := alike(none); text != "" {
			t.Errorf("warning %q", text)
		}
	}
}
