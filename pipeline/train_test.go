package pipeline

import (
	"math"
	"testing"

	"isingrbm/ising"
	"isingrbm/pipeline/runfile"
)

// Filters begin localized about the first site, to the nearest image, and the range is
// where their deviation has fallen by e^{−½}.
func TestEnvelopeOfTiedMachines(t *testing.T) {
	run := &runfile.Run{Training: runfile.Training{Symmetry: "translation+flip", InitialRange: 2}}
	lattice, err := ising.NewLattice(ising.Square, 8, ising.Periodic)
	if err != nil {
		t.Fatal(err)
	}
	s := trainerSettings(run, ising.Model{Lattice: lattice, Coupling: 1})
	for site, want := range map[int]float64{0: 1, 2: math.Exp(-0.5), 6: math.Exp(-0.5), 16: math.Exp(-0.5), 9: math.Exp(-0.25), 36: math.Exp(-4)} {
		if got := s.InitialEnvelope[site]; math.Abs(got-want) > 1e-15 {
			t.Errorf("site %d: %g, want %g", site, got, want)
		}
	}
	run.Training.InitialRange = 0
	if s := trainerSettings(run, ising.Model{Lattice: lattice, Coupling: 1}); s.InitialEnvelope != nil {
		t.Error("an envelope without a range")
	}
}
