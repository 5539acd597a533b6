package ising

import (
	"context"
	"math"
	"strings"
	"testing"
)

func mustPilot(t testing.TB, m Model, temperature float64, algorithm Algorithm, seed byte) Schedule {
	t.Helper()
	s, err := Pilot(context.Background(), m, temperature, algorithm, [32]byte{seed})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The first configurations after the thermalization of a pilot, 512 of each of 20 blocks, have the exact energy and order
// parameter of the 8×8 torus (Kaufman; transfer matrix), starts of both kinds, all algorithms. |z| > 4.8 for any of the 40
// comparisons has a probability of 6·10⁻⁵ over seeds. The control is a block without thermalization.
func TestFirstConfigurationsAreInEquilibrium(t *testing.T) {
	m := Model{mustLattice(t, Square, 8, Periodic), 1, 0}
	const critical = 2.269185314213022
	for _, c := range []struct{ temperature, energy, order float64 }{
		{1.0, -1.9971602, 0.9992758}, {2.0, -1.7456832, 0.9114523}, {critical, -1.4915891, 0.7773311},
		{2.6, -1.1189710, 0.5319316}, {3.0, -0.8413154, 0.3460346}} {
		for _, algorithm := range []Algorithm{Metropolis, HeatBath, Wolff, MetropolisWolff} {
			s := mustPilot(t, m, c.temperature, algorithm, 61)
			energy, order := firstConfigurations(t, m, c.temperature, s.Algorithm, s.Thermalization)
			if z := energy.deviation(64 * c.energy); math.Abs(z) > 4.8 {
				t.Errorf("T = %v %+v: energy off by %.1fσ", c.temperature, s, z)
			}
			if z := order.deviation(64 * c.order); math.Abs(z) > 4.8 {
				t.Errorf("T = %v %+v: order parameter off by %.1fσ", c.temperature, s, z)
			}
		}
	}
	energy, _ := firstConfigurations(t, m, critical, Metropolis, 4)
	if z := energy.deviation(64 * -1.4915891); math.Abs(z) < 10 {
		t.Errorf("after 4 steps the energy is only %.1fσ off", z)
	}
}

// sample collects independent data.
type sample struct{ n, sum, squares float64 }

func (s *sample) add(x float64) { s.n, s.sum, s.squares = s.n+1, s.sum+x, s.squares+x*x }

// deviation returns how far the mean is from the expected one, in standard errors.
func (s sample) deviation(want float64) float64 {
	variance := (s.squares - s.sum*s.sum/s.n) / (s.n - 1)
	return (s.sum/s.n - want) / math.Sqrt(variance/s.n)
}

// firstConfigurations returns the energies and |order parameters| of blocks after some steps from their start.
func firstConfigurations(t *testing.T, m Model, temperature float64, algorithm Algorithm, steps int) (energy, order sample) {
	energies, orders := make([]float64, Lanes), make([]int32, Lanes)
	for seed := range byte(20) {
		b := mustBlock(t, m, temperature, algorithm, seed)
		for range steps {
			b.Step()
		}
		b.Energies(energies)
		b.OrderParameters(orders)
		for c := range Lanes {
			energy.add(energies[c])
			order.add(math.Abs(float64(orders[c])))
		}
	}
	return energy, order
}

// The thinning of a pilot leaves at most 3 % of correlation between successive configurations, and its τ is that of a run ten
// times as long in another block, within 15 %.
func TestPilotMeasuresTheCorrelation(t *testing.T) {
	for _, c := range []struct {
		kind        Kind
		size        int
		temperature float64
		algorithm   Algorithm
	}{{Square, 8, 2.269, Metropolis}, {Square, 8, 2.269, HeatBath}, {Square, 16, 2.269, Auto}, {Square, 8, 1.5, Auto},
		{Square, 8, 3, Auto}, {Cubic, 4, 4.5, Metropolis}, {Chain, 16, 1, Auto}, {Chain, 16, 1, Metropolis},
		{Triangular, 6, 3.6, MetropolisWolff}} {
		m := Model{mustLattice(t, c.kind, c.size, Periodic), 1, 0}
		s := mustPilot(t, m, c.temperature, c.algorithm, 63)
		b := mustBlock(t, m, c.temperature, s.Algorithm, 64)
		for range s.Thermalization {
			b.Step()
		}
		var r record
		r.extend(t.Context(), b, 640)
		if long := r.tau(); math.Abs(s.Tau-long) > 0.15*long {
			t.Errorf("%v T=%v: %+v, but τ = %v", m, c.temperature, s, long)
		}
		for k := range r {
			gamma, _ := autocovariance(r[k][:])
			if rho := gamma[s.Thinning] / gamma[0]; rho > 0.03 {
				t.Errorf("%v T=%v: %+v leaves ρ = %.3f", m, c.temperature, s, rho)
			}
		}
		if s.Thermalization < 20 || float64(s.Thermalization) < 10*s.Tau {
			t.Errorf("%v T=%v: %+v", m, c.temperature, s)
		}
	}
}

func TestPilotIsDeterministic(t *testing.T) {
	m := Model{mustLattice(t, Square, 6, Open), -1, 0}
	a, again := mustPilot(t, m, 2, Auto, 65), mustPilot(t, m, 2, Auto, 65)
	if a != again {
		t.Errorf("%+v and %+v", a, again)
	}
	if other := mustPilot(t, m, 2, Auto, 66); a.Tau == other.Tau {
		t.Errorf("two seeds, one τ = %v", a.Tau)
	}
	if algorithm, reason := Choose(m, 2); a.Algorithm != algorithm || a.Reason != reason {
		t.Errorf("%+v, but Choose says %s: %s", a, algorithm, reason)
	}
}

// A ring at low temperature relaxes by the diffusion of walls, which a sweep moves one site: τ is some hundreds of steps,
// too long for the longest pilot, which must end nevertheless and say so.
func TestPilotOfASlowAlgorithmSaysSo(t *testing.T) {
	m := Model{mustLattice(t, Chain, 64, Periodic), 1, 0}
	s := mustPilot(t, m, 0.42, HeatBath, 67)
	if !strings.Contains(s.Reason, "too short") || s.Tau < 100 || s.Thinning < 100 {
		t.Errorf("%+v", s)
	}
}

func TestPilotWithoutDynamics(t *testing.T) {
	m := Model{mustLattice(t, Square, 4, Periodic), 1, 0}
	for _, temperature := range []float64{0, math.Inf(1)} {
		s := mustPilot(t, m, temperature, Auto, 68)
		if s.Algorithm == Auto || s.Reason == "" || s.Thermalization != 1 || s.Thinning != 1 || s.Tau != 0.5 {
			t.Errorf("T = %v: %+v", temperature, s)
		}
	}
	// So cold that nothing ever happens, the series are constant.
	if s := mustPilot(t, m, 0.05, Metropolis, 69); s.Tau != 0.5 || s.Thinning != 1 {
		t.Errorf("%+v", s)
	}
}

func TestPilotRefuses(t *testing.T) {
	m := Model{mustLattice(t, Square, 4, Periodic), 1, 0.5}
	if s, err := Pilot(context.Background(), m, 2, Wolff, [32]byte{}); err == nil || s != (Schedule{}) {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestThinning(t *testing.T) {
	for _, c := range []struct {
		tau  float64
		want int
	}{{0.1, 1}, {0.5, 1}, {0.505, 1}, {0.55, 2}, {1, 5}, {4, 19}, {100, 461}} {
		if got := thinning(c.tau); got != c.want {
			t.Errorf("thinning(%v) = %d, want %d", c.tau, got, c.want)
		}
		if rho := phiOf(c.tau); math.Pow(rho, float64(c.want)) > 0.01 {
			t.Errorf("thinning(%v) leaves %v", c.tau, math.Pow(rho, float64(c.want)))
		}
	}
}
