package pipeline

import (
	"math"
	"testing"

	"isingrbm/analysis"
	"isingrbm/ising"
	"isingrbm/ising/exact"
	"isingrbm/rbm"
)

func squareModel(t *testing.T, size int) ising.Model {
	t.Helper()
	lattice, err := ising.NewLattice(ising.Square, size, ising.Periodic)
	if err != nil {
		t.Fatal(err)
	}
	return ising.Model{Lattice: lattice, Coupling: 1}
}

// TestBondMachineFreeEnergy: over all 2⁹ states of the 3 × 3 torus the
// machine's free energy minus E/T is one constant, and with it ln Z_RBM is
// ln Z_Ising + N_bonds (ln(1+e^{−4w}) − K).
func TestBondMachineFreeEnergy(t *testing.T) {
	m := squareModel(t, 3)
	for _, temperature := range []float64{1.5, 2.269185314213022, 4} {
		machine, err := BondMachine(m, temperature)
		if err != nil {
			t.Fatal(err)
		}
		first := math.NaN()
		logZ := math.Inf(-1)
		for state := range uint64(1) << 9 {
			v := []uint64{state}
			f := machine.FreeEnergy(v)
			logZ = logSumExp(logZ, -f)
			constant := f - m.Energy(v)/temperature
			if math.IsNaN(first) {
				first = constant
			}
			if math.Abs(constant-first) > 1e-4 { // float32 parameters of order 10
				t.Fatalf("T = %v: F − E/T is %v in state %#x, %v in state 0", temperature, constant, state, first)
			}
		}
		_, want, err := exact.BondMachine(m, temperature)
		if err != nil || math.Abs(logZ-want) > 1e-4 {
			t.Errorf("T = %v: ln Z = %v, want %v (%v)", temperature, logZ, want, err)
		}
	}
}

func logSumExp(a, b float64) float64 {
	top := max(a, b)
	return top + math.Log(math.Exp(a-top)+math.Exp(b-top))
}

// TestBondMachineCoupling: the couplings read off its weights are J/T.
func TestBondMachineCoupling(t *testing.T) {
	m := squareModel(t, 4)
	machine, err := BondMachine(m, 2.5)
	if err != nil {
		t.Fatal(err)
	}
	k := analysis.NearestNeighborCoupling(m.Lattice, machine.Visible, machine.Hidden, machine.Weights, machine.HiddenBias, nil)
	if math.Abs(k.Value-1/2.5) > 1e-5 {
		t.Errorf("coupling %v, want %v", k.Value, 1/2.5)
	}
}

// TestBondMachineSampled: our own Gibbs sampler on the machine that is the
// Ising model, measured by our own analysis, agrees with the exact answer at
// L = 8, T_c. Four observables within 4σ: a false alarm in 4000 seeds.
func TestBondMachineSampled(t *testing.T) {
	m := squareModel(t, 8)
	const temperature = 2.269185314213022
	estimates := sampleMachine(t, m, temperature, 1)
	want, err := exact.Solve(m, temperature)
	if err != nil {
		t.Fatal(err)
	}
	for i, reference := range ExactEstimates(want) {
		switch i {
		case analysis.Energy, analysis.AbsMagnetization, analysis.SpecificHeat, analysis.Susceptibility, analysis.UpFraction:
			got := estimates[i]
			if z := (got.Value - reference.Value) / got.Err; !(math.Abs(z) < 4) {
				t.Errorf("%s = %v, exact %v: %.1f σ", analysis.Observables()[i].Name, got, reference.Value, z)
			}
		}
	}
}

// TestBondMachineSampledControl: the same test refuses a machine whose weights
// are 2 % too large.
func TestBondMachineSampledControl(t *testing.T) {
	m := squareModel(t, 8)
	const temperature = 2.269185314213022
	estimates := sampleMachine(t, m, temperature, 1.02)
	want, err := exact.Solve(m, temperature)
	if err != nil {
		t.Fatal(err)
	}
	got := estimates[analysis.Energy]
	if z := (got.Value - want.Energy) / got.Err; math.Abs(z) < 4 {
		t.Errorf("energy of a wrong machine %v, exact %v: only %.1f σ", got, want.Energy, z)
	}
}

// sampleMachine measures samples of the bond machine with its weights scaled.
// The machine mixes about as slowly as single-spin dynamics, so chains start
// at configurations of a short Monte Carlo run and are burnt in on top.
func sampleMachine(t *testing.T, m ising.Model, temperature float64, scale float32) []analysis.Estimate {
	t.Helper()
	const chains, stored, thinning, burnIn = ising.Lanes, 40, 10, 100
	machine, err := BondMachine(m, temperature)
	if err != nil {
		t.Fatal(err)
	}
	for i := range machine.Weights {
		machine.Weights[i] *= scale
	}
	gibbs, err := rbm.NewGibbs(machine, chains, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	block, err := ising.NewBlock(m, temperature, ising.Auto, [32]byte{2})
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		block.Step()
	}
	block.FlipAtRandom()
	words := ising.Words(m.Lattice.Sites())
	start := make([]uint64, chains*words)
	block.Configurations(start)
	gibbs.SetVisible(start)
	gibbs.Step(burnIn)
	collector := analysis.NewCollector(m, temperature)
	for range stored {
		gibbs.Step(thinning)
		for i := range chains {
			row := gibbs.Visible()[i*words : (i+1)*words]
			collector.Add(int32(i), m.Energy(row), int32(m.Magnetization(row)), row)
		}
	}
	return collector.Estimates()
}
