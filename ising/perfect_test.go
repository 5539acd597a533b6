package ising

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// perfectModels are small ferromagnets with a temperature, in fields of either direction.
func perfectModels(t *testing.T) []gridCase {
	return []gridCase{
		{Model{mustLattice(t, Chain, 6, Periodic), 1, 0}, 1.5, Perfect}, {Model{mustLattice(t, Chain, 7, Open), 1, 0.3}, 2, Perfect},
		{Model{mustLattice(t, Square, 3, Periodic), 1, 0}, 3, Perfect}, {Model{mustLattice(t, Square, 3, Open), 0.8, -0.4}, 2, Perfect},
		{Model{mustLattice(t, Triangular, 3, Periodic), 1, 0}, 6, Perfect}, {Model{mustLattice(t, Triangular, 3, Open), 1, 0}, 3, Perfect},
		{Model{mustLattice(t, Cubic, 2, Open), 1, -0.1}, 3, Perfect},
	}
}

// from1 returns the p-value of the states of many chains after one call of step, all chains starting with all spins up.
func from1(c gridCase, step func(spins []lanes, s *stream), blocks int) float64 {
	weights := newSlow(c.m).boltzmann(c.temperature)
	observed, expected := make([]int, len(weights)), make([]float64, len(weights))
	s := testStream([32]byte{91})
	for range blocks {
		spins := slices.Repeat([]lanes{not(lanes{})}, c.m.Lattice.sites)
		step(spins, s)
		for _, state := range states(spins) {
			observed[state]++
		}
	}
	for state, w := range weights {
		expected[state] = w * float64(blocks*Lanes)
	}
	return pearson(observed, expected)
}

// One step, whatever the start, gives the Boltzmann distribution: p < 10⁻⁵ for any of the seven has probability 7·10⁻⁵.
func TestPerfectSamplesAreExact(t *testing.T) {
	for _, c := range perfectModels(t) {
		t.Run(c.String(), func(t *testing.T) {
			if p := from1(c, mustSamplers(t, c.m, c.temperature, Perfect)[0].step, 20); p < tooRare {
				t.Errorf("p = %.1g", p)
			}
		})
	}
}

// The controls: to stop when companions meet, forward in time, and to start again with fresh random numbers.
func TestImperfectSamplesAreNot(t *testing.T) {
	c := gridCase{Model{mustLattice(t, Chain, 4, Open), 1, 0}, 0.7, Perfect}
	p := mustSamplers(t, c.m, c.temperature, Perfect)[0].(*coupling)
	if right := from1(c, p.step, 400); right < tooRare {
		t.Errorf("from the past: p = %.1g", right)
	}
	if wrong := from1(c, wrongForward(p), 400); wrong > tooRare/1000 {
		t.Errorf("forward: passes with p = %.1g", wrong)
	}
	if wrong := from1(c, wrongFresh(p), 400); wrong > tooRare/1000 {
		t.Errorf("fresh random numbers: passes with p = %.1g", wrong)
	}
}

// wrongForward takes every chain where its companions first meet.
func wrongForward(p *coupling) func(spins []lanes, s *stream) {
	return func(spins []lanes, s *stream) {
		p.restart()
		for open := not(lanes{}); open != (lanes{}); {
			p.sweep(s)
			open = takeMet(p, spins, open)
		}
	}
}

// wrongFresh runs ever longer, each time with new random numbers, and takes every chain when its companions have met.
func wrongFresh(p *coupling) func(spins []lanes, s *stream) {
	return func(spins []lanes, s *stream) {
		sweeps := 1
		for open := not(lanes{}); open != (lanes{}); sweeps *= 2 {
			p.restart()
			for range sweeps {
				p.sweep(s)
			}
			open = takeMet(p, spins, open)
		}
	}
}

// takeMet sets the spins of open chains whose companions have met, and returns those that are still open.
func takeMet(p *coupling, spins []lanes, open lanes) lanes {
	apart := p.apart()
	for l := range open {
		met := open[l] &^ apart[l]
		for i := range spins {
			spins[i][l] = spins[i][l]&^met | p.up[i][l]&met
		}
		open[l] &= apart[l]
	}
	return open
}

// Companions stay in order, which is what the method rests on, and use as many random numbers wherever they start.
func TestCouplingIsMonotone(t *testing.T) {
	for _, c := range perfectModels(t) {
		p := mustSamplers(t, c.m, c.temperature, Perfect)[0].(*coupling)
		s, again := testStream([32]byte{92}), testStream([32]byte{92})
		p.restart()
		for range 30 {
			p.sweep(s)
			for i := range p.up {
				for l := range p.up[i] {
					if p.down[i][l]&^p.up[i][l] != 0 {
						t.Fatalf("%v: the lower companion is above the upper one", c)
					}
				}
			}
		}
		copy(p.up, p.down)
		for range 30 {
			p.sweep(again)
		}
		if s.state != again.state {
			t.Errorf("%v: the random numbers depend on the spins", c)
		}
	}
}

// At 8×8 the mean energy is that of Kaufman's solution; the samples are independent, and |z| > 4.8 has probability 1.6·10⁻⁶.
func TestPerfectEnergyOfTheTorus(t *testing.T) {
	b := mustBlock(t, Model{mustLattice(t, Square, 8, Periodic), 1, 0}, 3, Perfect, 93)
	energies := make([]float64, Lanes)
	var all sample
	for range 8 {
		b.Step()
		b.Energies(energies)
		for _, e := range energies {
			all.add(e)
		}
	}
	if z := all.deviation(64 * -0.8413154); math.Abs(z) > 4.8 {
		t.Errorf("energy off by %.1fσ", z)
	}
}

func TestPerfectSamplesAreRefused(t *testing.T) {
	for _, c := range []struct {
		size        int
		temperature float64
		want        string
	}{{3, 0.1, "far more sweeps would be needed"}, {3, 1, "and some 6e+05 sweeps would be needed"}} {
		m := Model{mustLattice(t, Square, c.size, Periodic), 1, 0}
		for _, refuse := range []func() error{
			func() error { _, err := NewBlock(m, c.temperature, Perfect, [32]byte{}); return err },
			func() error { _, err := Pilot(context.Background(), m, c.temperature, Perfect, [32]byte{}); return err },
		} {
			if err := refuse(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v T=%v: error %v", m, c.temperature, err)
			}
		}
	}
	s, err := Pilot(context.Background(), Model{mustLattice(t, Square, 8, Periodic), 1, 0}, 3, Perfect, [32]byte{})
	if want := (Schedule{Perfect, "the algorithm was named", 1, 1, 0.5}); err != nil || s != want {
		t.Errorf("schedule %+v, %v", s, err)
	}
}

// BenchmarkPerfect measures exact samples.
func BenchmarkPerfect(b *testing.B) {
	for _, size := range []int{8, 32, 64} {
		for _, temperature := range []float64{2.6, 3, 4} {
			b.Run(fmt.Sprintf("L=%d/T=%v", size, temperature), func(b *testing.B) {
				block := mustBlock(b, Model{mustLattice(b, Square, size, Periodic), 1, 0}, temperature, Perfect, 1)
				b.ReportMetric(timed(b, block.Step)/Lanes/1000, "µs/config")
			})
		}
	}
}
