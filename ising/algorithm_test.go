package ising

import (
	"math"
	"strings"
	"testing"
)

func TestCheckAlgorithm(t *testing.T) {
	torus, odd := mustLattice(t, Square, 6, Periodic), mustLattice(t, Square, 5, Periodic)
	open, triangle := mustLattice(t, Square, 5, Open), mustLattice(t, Triangular, 6, Periodic)
	for _, c := range []struct {
		m           Model
		algorithm   Algorithm
		temperature float64
		want        string // empty: right
	}{
		{Model{torus, 1, 0}, Auto, 2, ""},
		{Model{torus, 1, 0}, Wolff, 2, ""},
		{Model{torus, -1, 0}, MetropolisWolff, 2, ""},
		{Model{open, -1, 0}, Wolff, 2, ""},
		{Model{torus, -1, 0}, SwendsenWang, 2, ""},
		{Model{torus, 1, 0}, Perfect, 3, ""},
		{Model{torus, 1, 0.5}, Perfect, 3, ""},
		{Model{torus, 1, 0}, Perfect, 0, ""},
		{Model{torus, -1, 0}, Perfect, 3, "needs a ferromagnet"},
		{Model{torus, 1, 0.1}, SwendsenWang, 2, `"swendsen-wang" has no cluster flips in a field`},
		{Model{odd, -1, 0}, SwendsenWang, 2, "frustrated"},
		{Model{triangle, 1, 0}, Wolff, 2, ""},
		{Model{torus, 1, 0.5}, Metropolis, 2, ""},
		{Model{triangle, -1, 0}, HeatBath, 0.1, ""},
		{Model{torus, 1, 0}, Auto, 0, ""},
		{Model{torus, 1, 0}, Auto, math.Inf(1), ""},
		{Model{torus, 1, 0.5}, Wolff, 2, `want "auto", "metropolis" or "heat-bath"`},
		{Model{torus, 1, -0.5}, MetropolisWolff, 2, "field"},
		{Model{triangle, -1, 0}, Wolff, 2, "frustrated"},
		{Model{odd, -1, 0}, MetropolisWolff, 2, `want "auto", "metropolis" or "heat-bath"`},
		{Model{torus, 1, 0}, "swendsen", 2, `no algorithm "swendsen": want "auto", "metropolis", "heat-bath", "wolff", "swendsen-wang",`},
		{Model{torus, 1, 0}, "", 2, "no algorithm"},
		{Model{torus, 1, 0}, Auto, -1, "temperature -1"},
		{Model{torus, 1, 0}, Auto, math.NaN(), "temperature NaN"},
		{Model{torus, 1, 0}, Auto, math.Inf(-1), "temperature -Inf"},
		{Model{triangle, -1, 0}, Auto, 0, "frustrated"},
		{Model{torus, 0, 0}, Auto, 2, "coupling 0"},
		{Model{nil, 1, 0}, Auto, 2, "lattice"},
	} {
		err := CheckAlgorithm(c.m, c.algorithm, c.temperature)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v %s at %v: error %v, want %q", c.m, c.algorithm, c.temperature, err, c.want)
		}
		if c.m.Lattice == nil {
			continue
		}
		if _, blockErr := NewBlock(c.m, c.temperature, c.algorithm, [32]byte{}); (blockErr == nil) != (err == nil) {
			t.Errorf("%v %s at %v: NewBlock says %v", c.m, c.algorithm, c.temperature, blockErr)
		}
	}
}

func TestChoose(t *testing.T) {
	lattice := func(kind Kind, size int, boundary Boundary) *Lattice { return mustLattice(t, kind, size, boundary) }
	for _, c := range []struct {
		m           Model
		temperature float64
		want        Algorithm
	}{
		{Model{lattice(Square, 32, Periodic), 1, 0}, 1, Metropolis},
		{Model{lattice(Square, 32, Periodic), 1, 0}, 2.269, MetropolisWolff},
		{Model{lattice(Square, 32, Periodic), -2, 0}, 2 * 2.269, MetropolisWolff},
		{Model{lattice(Square, 32, Periodic), 1, 0}, 3.5, Metropolis},
		{Model{lattice(Square, 32, Periodic), 1, 0}, 20, HeatBath},
		{Model{lattice(Square, 8, Periodic), 1, 0}, 2.269, Metropolis},
		{Model{lattice(Square, 8, Open), 1, 0}, 1.5, MetropolisWolff},
		{Model{lattice(Square, 32, Periodic), 1, 0.01}, 2.269, Metropolis},
		{Model{lattice(Square, 33, Periodic), -1, 0}, 2.269, Metropolis},
		{Model{lattice(Triangular, 32, Periodic), 1, 0}, 3.64, MetropolisWolff},
		{Model{lattice(Triangular, 32, Periodic), -1, 0}, 1, Metropolis},
		{Model{lattice(Cubic, 16, Periodic), 1, 0}, 4.51, MetropolisWolff},
		{Model{lattice(Chain, 8, Periodic), 1, 0}, 1, MetropolisWolff},
		{Model{lattice(Chain, 8, Periodic), 1, 0}, 2, Metropolis},
		{Model{lattice(Square, 8, Periodic), 1, 0}, 0, HeatBath},
		{Model{lattice(Square, 8, Periodic), 1, 0}, math.Inf(1), HeatBath},
		{Model{lattice(Square, 8, Periodic), 1, 0}, 1e9, HeatBath},
	} {
		got, reason := Choose(c.m, c.temperature)
		if got != c.want {
			t.Errorf("%v T=%v: %s, want %s", c.m, c.temperature, got, c.want)
		}
		if reason == "" || strings.HasSuffix(reason, ".") || strings.ContainsRune(reason, '\n') {
			t.Errorf("%v T=%v: reason %q", c.m, c.temperature, reason)
		}
		if err := CheckAlgorithm(c.m, got, c.temperature); err != nil {
			t.Errorf("%v T=%v: chosen and refused: %v", c.m, c.temperature, err)
		}
	}
}

// At infinite temperature a step leaves nothing of the state before, whatever the algorithm: the agreement of two successive
// states is binomial, and 5σ has probability 6·10⁻⁷.
func TestInfiniteTemperatureDrawsAfresh(t *testing.T) {
	m := Model{mustLattice(t, Square, 16, Periodic), 1, 0}
	for _, algorithm := range []Algorithm{Auto, Metropolis, HeatBath, Wolff, SwendsenWang, MetropolisWolff} {
		b := mustBlock(t, m, math.Inf(1), algorithm, 71)
		before := append([]lanes(nil), b.spins...)
		b.Step()
		equal := 0
		for i := range before {
			for l := range before[i] {
				for bit := range 64 {
					equal += int(^(before[i][l] ^ b.spins[i][l]) >> bit & 1)
				}
			}
		}
		n := float64(Lanes * m.Lattice.sites)
		if z := (float64(equal) - n/2) / math.Sqrt(n/4); math.Abs(z) > 5 {
			t.Errorf("%s: %d of %v spins stay, %.1fσ", algorithm, equal, n, z)
		}
	}
}
