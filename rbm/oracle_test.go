package rbm

import (
	"math"
	"math/rand/v2"
)

// The oracle of this package: machines small enough to write out every state.

// randomMachine has normally distributed parameters of the given deviation.
func randomMachine(seed uint64, visible, hidden int, deviation float64) *Machine {
	rng := rand.New(rand.NewPCG(seed, 0))
	m := NewMachine(visible, hidden)
	for _, p := range [][]float32{m.Weights, m.VisibleBias, m.HiddenBias} {
		for k := range p {
			p[k] = float32(deviation * rng.NormFloat64())
		}
	}
	return m
}

func bitOf(row []uint64, i int) float64 { return float64(row[i/64] >> (i % 64) & 1) }

// literalEnergy is E(v,h) as the definition reads.
func literalEnergy(m *Machine, v, h []uint64) float64 {
	sum := 0.0
	for i := range m.Visible {
		sum -= float64(m.VisibleBias[i]) * bitOf(v, i)
		for j := range m.Hidden {
			sum -= float64(m.Weights[i*m.Hidden+j]) * bitOf(v, i) * bitOf(h, j)
		}
	}
	for j := range m.Hidden {
		sum -= float64(m.HiddenBias[j]) * bitOf(h, j)
	}
	return sum
}

// marginal returns p(v) of all visible states and ln Z, by enumerating both layers.
func marginal(m *Machine) (p []float64, logZ float64) {
	p = make([]float64, 1<<m.Visible)
	z := 0.0
	for v := range p {
		for h := range uint64(1) << m.Hidden {
			p[v] += math.Exp(-literalEnergy(m, []uint64{uint64(v)}, []uint64{h}))
		}
		z += p[v]
	}
	for v := range p {
		p[v] /= z
	}
	return p, math.Log(z)
}

// visibleDistribution returns p(v) of all visible states from their free energies.
func visibleDistribution(m *Machine) []float64 {
	p := make([]float64, 1<<m.Visible)
	z := 0.0
	for v := range p {
		p[v] = math.Exp(-m.FreeEnergy([]uint64{uint64(v)}))
		z += p[v]
	}
	for v := range p {
		p[v] /= z
	}
	return p
}

// divergence returns KL(p‖q) in nats.
func divergence(p, q []float64) float64 {
	sum := 0.0
	for k := range p {
		if p[k] > 0 {
			sum += p[k] * math.Log(p[k]/q[k])
		}
	}
	return sum
}

// randomRows returns n rows of fair bits, zero beyond units.
func randomRows(seed uint64, n, units int) []uint64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	words := Words(units)
	rows := make([]uint64, n*words)
	for k := range rows {
		rows[k] = rng.Uint64()
		if k%words == words-1 && units%64 != 0 {
			rows[k] &= 1<<(units%64) - 1
		}
	}
	return rows
}

// sampler draws states from a tabulated distribution.
type sampler struct {
	rng        *rand.Rand
	cumulative []float64
}

func newSampler(seed uint64, p []float64) *sampler {
	s := &sampler{rng: rand.New(rand.NewPCG(seed, 2))}
	sum := 0.0
	for _, x := range p {
		sum += x
		s.cumulative = append(s.cumulative, sum)
	}
	return s
}

func (s *sampler) draw() uint64 {
	u := s.rng.Float64() * s.cumulative[len(s.cumulative)-1]
	low, high := 0, len(s.cumulative)-1
	for low < high {
		if mid := (low + high) / 2; s.cumulative[mid] > u {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return uint64(low)
}

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance }
