package exact

import (
	"fmt"
	"math"
	"testing"

	"isingrbm/ising"
)

// model returns an Ising model, or ends the test.
func model(t testing.TB, kind ising.Kind, size int, boundary ising.Boundary, coupling, field float64) ising.Model {
	t.Helper()
	l, err := ising.NewLattice(kind, size, boundary)
	if err != nil {
		t.Fatal(err)
	}
	return ising.Model{Lattice: l, Coupling: coupling, Field: field}
}

func describe(m ising.Model, temperature float64) string {
	l := m.Lattice
	return fmt.Sprintf("%s %s L=%d J=%g h=%g T=%g", l.Boundary(), l.Kind(), l.Size(), m.Coupling, m.Field, temperature)
}

// brute is the slow oracle of this package: the definitions of the observables, summed over all states with the methods of
// package ising and none of this package's. Variances are sums of squared deviations.
func brute(m ising.Model, temperature float64) Values {
	l, sites := m.Lattice, m.Lattice.Sites()
	n := float64(sites)
	lowest := math.Inf(1)
	for state := range 1 << sites {
		lowest = math.Min(lowest, m.Energy([]uint64{uint64(state)}))
	}
	average := func(f func(state int, energy, order float64) float64) float64 {
		var sum, z float64
		for state := range 1 << sites {
			spins := []uint64{uint64(state)}
			energy := m.Energy(spins) - lowest
			w := math.Exp(-energy / temperature)
			z += w
			sum += w * f(state, energy, float64(m.OrderParameter(spins)))
		}
		return sum / z
	}
	e := average(func(_ int, energy, _ float64) float64 { return energy })
	ee := average(func(_ int, energy, _ float64) float64 { return (energy - e) * (energy - e) })
	uniform := average(func(state int, _, _ float64) float64 { return float64(m.Magnetization([]uint64{uint64(state)})) })
	order := average(func(_ int, _, o float64) float64 { return o })
	abs := average(func(_ int, _, o float64) float64 { return math.Abs(o) })
	m2 := average(func(_ int, _, o float64) float64 { return o * o })
	m4 := average(func(_ int, _, o float64) float64 { return o * o * o * o })
	variance := average(func(_ int, _, o float64) float64 { return (o - order) * (o - order) })
	absVariance := average(func(_ int, _, o float64) float64 { return (math.Abs(o) - abs) * (math.Abs(o) - abs) })
	wave := average(func(state int, _, _ float64) float64 { return bruteWave(m, state) })
	ground := average(func(_ int, energy, _ float64) float64 {
		if energy < 1e-12 {
			return 1
		}
		return 0
	})
	up := average(func(_ int, _, o float64) float64 {
		if o == 0 {
			return 0.5
		}
		return (1 + math.Copysign(1, o)) / 2
	})
	states := 0.0
	for state := range 1 << sites {
		if m.Energy([]uint64{uint64(state)})-lowest < 1e-12 {
			states++
		}
	}
	v := Values{
		Energy: (lowest + e) / n, AbsMagnetization: abs / n, Magnetization: uniform / n, SpecificHeat: ee / (n * temperature * temperature),
		Susceptibility: absVariance / (n * temperature), SusceptibilityZero: m2 / (n * temperature),
		Binder: 1 - m4/(3*m2*m2), UpFraction: up, CorrelationLength: math.NaN(),
		LogZ: math.Log(states/ground) - lowest/temperature, // P(ground states) = states/Z
	}
	connected := m2
	if m.Field != 0 {
		v.Susceptibility, v.SusceptibilityZero = variance/(n*temperature), math.NaN()
		connected = variance
	}
	if ratio := connected/wave - 1; l.Boundary() == ising.Periodic && ratio >= 0 {
		v.CorrelationLength = math.Sqrt(ratio) / (2 * math.Sin(math.Pi/float64(l.Size())))
		if l.Kind() == ising.Triangular {
			v.CorrelationLength *= math.Sqrt(0.75)
		}
	}
	return v
}

// bruteWave returns |Σ_i ±σ_i e^{ikx}|², averaged over the axes.
func bruteWave(m ising.Model, state int) float64 {
	l, sum, stride := m.Lattice, 0.0, 1
	for range l.Dimension() {
		wave := complex(0, 0)
		for site := range l.Sites() {
			sigma := float64(2*(state>>site&1) - 1)
			if m.Coupling < 0 && l.Bipartite() {
				sigma *= float64(1 - 2*l.Sublattice(site))
			}
			phase := 2 * math.Pi * float64(site/stride%l.Size()) / float64(l.Size())
			wave += complex(sigma*math.Cos(phase), sigma*math.Sin(phase))
		}
		sum += real(wave)*real(wave) + imag(wave)*imag(wave)
		stride *= l.Size()
	}
	return sum / float64(l.Dimension())
}

// sameValues compares two sets of values: what want knows got must know, and conversely, but for what optional lists.
func sameValues(t *testing.T, what string, got, want Values, tolerance float64, optional ...string) {
	t.Helper()
	skip := map[string]bool{}
	for _, name := range optional {
		skip[name] = true
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"energy", got.Energy, want.Energy},
		{"|m|", got.AbsMagnetization, want.AbsMagnetization},
		{"m", got.Magnetization, want.Magnetization},
		{"c", got.SpecificHeat, want.SpecificHeat},
		{"χ", got.Susceptibility, want.Susceptibility},
		{"χ₀", got.SusceptibilityZero, want.SusceptibilityZero},
		{"U", got.Binder, want.Binder},
		{"p₊", got.UpFraction, want.UpFraction},
		{"ξ", got.CorrelationLength, want.CorrelationLength},
		{"ln Z", got.LogZ, want.LogZ},
	} {
		if math.IsNaN(c.got) && math.IsNaN(c.want) || skip[c.name] && math.IsNaN(c.got) {
			continue
		}
		if !(math.Abs(c.got-c.want) <= tolerance*math.Max(1, math.Abs(c.want))) {
			t.Errorf("%s: %s = %.15g, want %.15g", what, c.name, c.got, c.want)
		}
	}
}
