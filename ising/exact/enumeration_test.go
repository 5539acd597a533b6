package exact

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"isingrbm/ising"
)

// smallModels are models of all kinds with up to 16 sites.
func smallModels(t testing.TB) []ising.Model {
	var models []ising.Model
	for _, c := range []struct {
		kind     ising.Kind
		size     int
		boundary ising.Boundary
	}{
		{ising.Chain, 3, ising.Periodic}, {ising.Chain, 6, ising.Periodic}, {ising.Chain, 9, ising.Open},
		{ising.Square, 3, ising.Periodic}, {ising.Square, 3, ising.Open}, {ising.Triangular, 3, ising.Periodic},
		{ising.Triangular, 3, ising.Open}, {ising.Cubic, 2, ising.Open},
	} {
		for _, coupling := range []float64{1, -1, -0.7} {
			for _, field := range []float64{0, 0.3, -2.5} {
				models = append(models, model(t, c.kind, c.size, c.boundary, coupling, field))
			}
		}
	}
	return append(models,
		model(t, ising.Square, 4, ising.Periodic, 1, 0),
		model(t, ising.Square, 4, ising.Periodic, -1, 0.4),
		model(t, ising.Triangular, 4, ising.Periodic, 1.3, 0))
}

func TestEnumerationValues(t *testing.T) {
	for _, m := range smallModels(t) {
		e, err := Enumerate(m)
		if err != nil {
			t.Fatal(err)
		}
		for _, temperature := range []float64{0.8, 2.27, 10} {
			sameValues(t, describe(m, temperature), e.Values(temperature), brute(m, temperature), 1e-11)
		}
	}
}

// TestEnumerationStructureNeedsStagger is a negative control: with the uniform wave in place of the staggered one the oracle
// must object for J < 0.
func TestEnumerationStructureNeedsStagger(t *testing.T) {
	m := model(t, ising.Chain, 6, ising.Periodic, -1, 0)
	c := newCensus(m)
	c.phases = newCensus(model(t, ising.Chain, 6, ising.Periodic, 1, 0)).phases
	c.take()
	e, want := &Enumeration{model: m, levels: c.list()}, brute(m, 1).CorrelationLength
	if got := e.Values(1).CorrelationLength; math.Abs(got-want) < 1e-2 {
		t.Errorf("ξ = %g with the wrong structure factor, too close to %g to tell", got, want)
	}
}

func TestEnumerationEnds(t *testing.T) {
	m := model(t, ising.Square, 3, ising.Periodic, 1, 0)
	e, err := Enumerate(m)
	if err != nil {
		t.Fatal(err)
	}
	n := math.NaN()
	sameValues(t, "T = 0", e.Values(0), Values{-2, 1, 0, n, n, n, 2.0 / 3, 0.5, n, n, ""}, 1e-15)
	sameValues(t, "T = ∞", e.Values(math.Inf(1)), Values{0, 315. / 1152, 0, n, n, n, 2.0 / 27, 0.5, 0, 9 * math.Ln2, ""}, 1e-14)

	// The frustrated ring of three spins has six ground states, with |M| = 1.
	m = model(t, ising.Chain, 3, ising.Periodic, -1, 0)
	e, err = Enumerate(m)
	if err != nil {
		t.Fatal(err)
	}
	v := e.Values(0)
	near(t, "frustrated e", v.Energy, -1.0/3, 1e-15)
	near(t, "frustrated m", v.AbsMagnetization, 1.0/3, 1e-15)
	if levels := e.Levels(0); levels[0].States != 6 || levels[0].Probability != 1 || levels[1].Probability != 0 {
		t.Errorf("frustrated levels at T = 0: %v", levels)
	}
}

// TestEnumerationCold holds what is exponentially small: the specific heat and susceptibility of single turned spins.
func TestEnumerationCold(t *testing.T) {
	m := model(t, ising.Square, 4, ising.Periodic, 1, 0)
	e, err := Enumerate(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, temperature := range []float64{0.4, 0.2, 0.1} {
		v, flip := e.Values(temperature), math.Exp(-8/temperature)
		tolerance := 10 * math.Exp(-4/temperature)
		nearly(t, "c", v.SpecificHeat, 64*flip/(temperature*temperature), tolerance)
		nearly(t, "χ", v.Susceptibility, 4*flip/temperature, tolerance)
		// S(0) = N (1 − …), S(k) = 4·flip for every momentum.
		nearly(t, "ξ", v.CorrelationLength, math.Sqrt(16/(4*flip))/math.Sqrt2, 1e-2)
	}
}

func TestLevels(t *testing.T) {
	// 3×3 torus: the density of states, from 2 ground states up; known by hand for the first excitations: 18 of one spin turned.
	e, err := Enumerate(model(t, ising.Square, 3, ising.Periodic, 2, 0))
	if err != nil {
		t.Fatal(err)
	}
	levels := e.Levels(3)
	var states, sum, mean float64
	for i, l := range levels {
		states += l.States
		sum += l.Probability
		mean += l.Probability * l.Energy
		if i > 0 && l.Energy <= levels[i-1].Energy {
			t.Error("levels are not in ascending order")
		}
		nearly(t, "Boltzmann", l.Probability/l.States, levels[0].Probability/2*math.Exp(-(l.Energy-levels[0].Energy)/3), 1e-13)
	}
	if states != 512 || levels[0].States != 2 || levels[0].Energy != -36 || levels[1].States != 18 || levels[1].Energy != -20 {
		t.Errorf("levels %v, want 2 states at −36, 18 at −20, 512 in all", levels)
	}
	near(t, "Σ P(E)", sum, 1, 1e-14)
	near(t, "mean energy", mean/9, e.Values(3).Energy, 1e-13)
}

func TestStates(t *testing.T) {
	for _, m := range []ising.Model{
		model(t, ising.Chain, 6, ising.Periodic, 1, 0), model(t, ising.Square, 3, ising.Open, -1, 0.2),
	} {
		e, err := Enumerate(m)
		if err != nil {
			t.Fatal(err)
		}
		energies, p, err := e.States(1.7)
		if err != nil {
			t.Fatal(err)
		}
		logZ, sum := e.Values(1.7).LogZ, 0.0
		for state, energy := range energies {
			if want := m.Energy([]uint64{uint64(state)}); energy != want {
				t.Fatalf("state %b: energy %g, want %g", state, energy, want)
			}
			nearly(t, fmt.Sprintf("p(%b)", state), p[state], math.Exp(-energy/1.7-logZ), 1e-12)
			sum += p[state]
		}
		near(t, "Σ p", sum, 1, 1e-14)
	}
	e, err := Enumerate(model(t, ising.Chain, 3, ising.Periodic, -1, 0))
	if err != nil {
		t.Fatal(err)
	}
	_, p, _ := e.States(0)
	sixth := 1.0 / 6
	if !slices.Equal(p, []float64{0, sixth, sixth, sixth, sixth, sixth, sixth, 0}) {
		t.Errorf("ground states of the frustrated ring: %v", p)
	}
}

func TestEnumerateRefuses(t *testing.T) {
	if _, err := Enumerate(model(t, ising.Square, 5, ising.Periodic, 1, 0)); err == nil {
		t.Error("25 sites are enumerated")
	}
	if _, err := Enumerate(ising.Model{}); err == nil {
		t.Error("a model without a lattice is enumerated")
	}
	e, err := Enumerate(model(t, ising.Chain, 21, ising.Open, 1, 0))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := e.States(1); err == nil {
		t.Error("2^21 states are listed")
	}
	mustPanic(t, "exact: a temperature is negative or NaN", func() { e.Values(-1) })
	mustPanic(t, "exact: a temperature is negative or NaN", func() { e.Levels(math.NaN()) })
	mustPanic(t, "exact: a temperature is negative or NaN", func() { e.States(-1) })
}

func BenchmarkEnumerate(b *testing.B) {
	for _, sites := range []int{16, 24} {
		m := model(b, ising.Chain, sites, ising.Periodic, 1, 0)
		b.Run(fmt.Sprintf("N=%d", sites), func(b *testing.B) {
			for b.Loop() {
				if _, err := Enumerate(m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
