package analysis

import (
	"math"
	"testing"

	"isingrbm/ising"
)

// Against Σ p ln p over all states; a machine with F(v) = E(v)/T + const is the
// Ising model.
func TestPotentials(t *testing.T) {
	tab := newTable(ising.Model{Lattice: lattice(t, ising.Square, 3, ising.Periodic), Coupling: 1}, 2.5)
	entropy, logZ := 0.0, 0.0
	for s, p := range tab.probability {
		entropy -= p * math.Log(p)
		if s == 0 {
			logZ = -tab.energy[s]/2.5 - math.Log(p)
		}
	}
	e := tab.mean(func(s int) float64 { return tab.energy[s] }) / 9
	got, free := IsingPotentials(9, 2.5, logZ, Estimate{Value: e, Err: 0.01})
	within(t, "entropy", got.Value, entropy/9, 1e-12)
	within(t, "error", got.Err, 0.004, 1e-12)
	within(t, "free energy", free.Value, e-2.5*entropy/9, 1e-12)

	const shift = 7 // of F(v), which ln Z_RBM takes back
	machine, also := MachinePotentials(9, 2.5, Estimate{Value: logZ - shift}, Estimate{Value: 9*e/2.5 + shift, Err: 0.09}, Estimate{Value: e, Err: 0.01})
	within(t, "entropy of the machine", machine.Value, entropy/9, 1e-12)
	within(t, "its error", machine.Err, 0.01, 1e-12)
	within(t, "free energy of the machine", also.Value, free.Value, 1e-12)

	if s, f := IsingPotentials(9, math.Inf(1), 9*math.Ln2, Estimate{}); math.Abs(s.Value-math.Ln2) > 1e-12 || !math.IsNaN(f.Value) {
		t.Errorf("at T = ∞: %v, %v", s, f)
	}
	if s, f := MachinePotentials(9, 2, Undefined(), Estimate{}, Estimate{}); !math.IsNaN(s.Value) || !math.IsNaN(f.Value) {
		t.Errorf("without ln Z: %v, %v", s, f)
	}
}
