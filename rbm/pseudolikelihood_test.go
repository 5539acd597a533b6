package rbm

import (
	"math"
	"testing"
)

func TestPseudoLogLikelihoodAgainstEnumeration(t *testing.T) {
	for _, shape := range machineShapes {
		m := randomMachine(9, shape[0], shape[1], 1.5)
		p, _ := marginal(m)
		var rows []uint64
		want := 0.0
		for v := range p {
			rows = append(rows, uint64(v))
			for i := range m.Visible {
				want += math.Log(p[v]/(p[v]+p[v^1<<i])) / float64(len(p))
			}
		}
		if got := m.PseudoLogLikelihood(rows); !near(got, want, 1e-11) {
			t.Errorf("%v: %.14g, want %.14g", shape, got, want)
		}
	}
}

// Wide layers and weights whose products overflow: the difference of free energies.
func TestPseudoLogLikelihoodAgainstFreeEnergies(t *testing.T) {
	for _, deviation := range []float64{0.3, 5, 60} {
		m := randomMachine(10, 70, 90, deviation)
		v := randomRows(2, 1, m.Visible)
		want := 0.0
		for i := range m.Visible {
			f := m.FreeEnergy(v)
			v[i/64] ^= 1 << (i % 64)
			want -= softplus(f - m.FreeEnergy(v))
			v[i/64] ^= 1 << (i % 64)
		}
		if got := m.PseudoLogLikelihood(v); !near(got/want, 1, 1e-10) {
			t.Errorf("deviation %g: %.14g, want %.14g", deviation, got, want)
		}
	}
}

func TestPseudoLogLikelihoodWithoutRows(t *testing.T) {
	if !math.IsNaN(NewMachine(3, 2).PseudoLogLikelihood(nil)) {
		t.Error("no configurations have a pseudo-likelihood")
	}
}

func BenchmarkPseudoLogLikelihood(b *testing.B) {
	m := randomMachine(11, 64, 64, 0.5)
	rows := randomRows(3, 256, 64)
	for b.Loop() {
		m.PseudoLogLikelihood(rows)
	}
}
