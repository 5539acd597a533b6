package exact

import (
	"errors"
	"math"
	"testing"

	"isingrbm/ising"
)

// bruteMachine sums e^{−E(v,h)} over the hidden units by hand and over all visible states, from the definition of the bond
// machine, and checks that its visible distribution is the Ising model's.
func bruteMachine(t *testing.T, m ising.Model, temperature, w float64) float64 {
	sites := m.Lattice.Sites()
	var sum, ratio float64
	for state := range 1 << sites {
		exponent := 2 * m.Field / temperature * float64((m.Magnetization([]uint64{uint64(state)})+sites)/2)
		for _, b := range m.Lattice.Bonds() {
			up := float64(state>>b.A&1 + state>>b.B&1)
			exponent += -2*w*up + math.Log1p(math.Exp(4*w*up-4*w))
		}
		sum += math.Exp(exponent)
		r := exponent + m.Energy([]uint64{uint64(state)})/temperature
		if state == 0 {
			ratio = r
		}
		if math.Abs(r-ratio) > 1e-11 {
			t.Fatalf("%s: −F(v) + E/T is not one constant", describe(m, temperature))
		}
	}
	return math.Log(sum)
}

func TestBondMachine(t *testing.T) {
	for _, m := range []ising.Model{
		model(t, ising.Square, 3, ising.Periodic, 1, 0), model(t, ising.Square, 3, ising.Open, 2, 0.4),
		model(t, ising.Chain, 8, ising.Periodic, 0.5, -0.3), model(t, ising.Triangular, 3, ising.Periodic, 1, 0),
	} {
		for _, temperature := range []float64{0.7, squareTc, 20, math.Inf(1)} {
			w, logZ, err := BondMachine(m, temperature)
			if err != nil {
				t.Fatal(err)
			}
			nearly(t, describe(m, temperature)+": ln Z", logZ, bruteMachine(t, m, temperature, w), 1e-13)
		}
	}
}

func TestBondMachineWeight(t *testing.T) {
	w, _, err := BondMachine(model(t, ising.Square, 8, ising.Periodic, 1, 0), squareTc)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "W at T_c", 4*w, 3.0571, 5e-5)
	for _, k := range []float64{1e-8, 0.1, 1, 20} {
		nearly(t, "cosh 2w", math.Log(math.Cosh(2*bondWeight(k)))/2, k, 1e-7)
	}
	nearly(t, "w at large K", bondWeight(1000), 1000+math.Ln2/2, 1e-15)
}

func TestBondMachineRefuses(t *testing.T) {
	if _, _, err := BondMachine(model(t, ising.Square, 4, ising.Periodic, -1, 0), 2); err == nil || errors.Is(err, ErrUnknown) {
		t.Errorf("J < 0: %v", err)
	}
	if _, _, err := BondMachine(model(t, ising.Square, 4, ising.Periodic, 1, 0), 0); err == nil || errors.Is(err, ErrUnknown) {
		t.Errorf("T = 0: %v", err)
	}
	if _, _, err := BondMachine(model(t, ising.Cubic, 4, ising.Periodic, 1, 0), 2); !errors.Is(err, ErrUnknown) {
		t.Errorf("cubic: %v, want ErrUnknown", err)
	}
}
