package pipeline

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"isingrbm/ising/exact"
)

func TestEmpiricalEntropy(t *testing.T) {
	rows := []uint64{5, 1, 7, 2, 5, 1, 5, 0} // of two words
	got, distinct := empiricalEntropy(rows, 2)
	if want := -0.5*math.Log(0.5) - 2*0.25*math.Log(0.25); distinct != 3 || math.Abs(got-want) > 1e-15 {
		t.Errorf("H = %v of %d distinct rows, want %v of 3", got, distinct, want)
	}
	if got, distinct := empiricalEntropy([]uint64{3, 3, 3}, 1); got != 0 || distinct != 1 {
		t.Errorf("H = %v of %d distinct rows, want 0 of 1", got, distinct)
	}
}

// TestLossOfASmallSystem: on a ring of six spins, whose 64 states are all seen often,
// L − H_D agrees with the absolute divergence, and both with the exact entropy of the
// ring, S = ln Z + ⟨E⟩/T, which the data's entropy is; the gradient has vanished next to
// its two terms; and the table says so.
func TestLossOfASmallSystem(t *testing.T) {
	w := openRun(t, `
seed = 5
lattice = { kind = "chain", sizes = [6] }
sweep = { temperatures = [2.0] }
monte_carlo = { configurations = 20_000, validation = 5_000 }
rbm = { hidden = [6] }
training = { updates = 3_000 }
sampling = { configurations = 20_000 }
`)
	results := mustRun(t, w, 1).Results
	l, c := results.losses[0], results.Comparisons[0]
	values, err := exact.Solve(w.Plan.Model(l.cell), 2)
	if err != nil {
		t.Fatal(err)
	}
	// The entropy of n configurations is too low by (states − 1)/2n, and scatters by some
	// 1/√n.
	if entropy := values.LogZ + 6*values.Energy/2; l.Distinct != 64 || math.Abs(float64(l.Entropy)-entropy) > 4/math.Sqrt(20_000) {
		t.Errorf("H_D = %v of %d configurations, exact entropy %v", l.Entropy, l.Distinct, entropy)
	}
	if math.Abs(float64(l.KL)-c.KL) > 4*c.KLErr+63.0/20_000 || !(l.KL > 0) {
		t.Errorf("L − H_D = %v, absolute divergence %v ± %v", l.KL, c.KL, c.KLErr)
	}
	if l.Training-l.Entropy != l.KL || math.Abs(float64(l.Validation-l.Training)) > 4*float64(l.ValidationErr) {
		t.Errorf("%+v", l)
	}
	if !(l.GradientWeights < 0.05*l.Data.Weights) || !(l.GradientVisible < 0.05*l.Machine.Visible) || math.Abs(float64(l.Data.Visible)-0.5) > 0.02 {
		t.Errorf("gradient %v of %v and %v", l.GradientWeights, l.Data.Weights, l.Machine.Weights)
	}
	if math.Abs(float64(l.Data.Energy-l.Machine.Energy)) > 5*math.Hypot(float64(l.Data.EnergyErr), float64(l.Machine.EnergyErr))+0.02 {
		t.Errorf("⟨E(v,h)⟩ = %v over the data, %v over samples", l.Data.Energy, l.Machine.Energy)
	}
	text, err := os.ReadFile(filepath.Join(w.Dir, likelihoodCSV))
	if err != nil || !strings.HasPrefix(string(text), "L,T,hidden,replica,loss,loss_err,loss_validation,loss_validation_err,entropy_data,distinct,kl_data,machine_energy_over_data,") ||
		!strings.Contains(string(text), "\n6,2,6,0,") {
		t.Errorf("%s, %v", text, err)
	}
}
