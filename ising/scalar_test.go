package ising

import (
	"fmt"
	"math"
	"testing"
)

// scalar is one chain of the periodic square lattice, J = 1, whose size is a power of two, as a careful program without bit
// lanes has it: what the benchmarks compare with.
type scalar struct {
	size   int
	spins  []int8
	accept [5]uint64 // Metropolis thresholds by σ_i Σ_j σ_j
	bond   uint64    // threshold of a bond between equal spins
	random xoshiro
	stack  []int32 // of Wolff's cluster
	parent []int32 // of Swendsen and Wang's
}

func newScalar(size int, temperature float64) *scalar {
	s := &scalar{size: size, spins: make([]int8, size*size), parent: make([]int32, size*size)}
	for i := range s.spins {
		s.spins[i] = 1
	}
	for k := range s.accept {
		s.accept[k] = threshold(min(below1, math.Exp(-2*float64(k)/temperature)))
	}
	s.bond = threshold(-math.Expm1(-2 / temperature))
	s.random = xoshiro{A: 1, B: 2, C: 3, D: 4}.Skip(100)
	return s
}

func (s *scalar) draw() (u uint64) {
	u, s.random = s.random.Next()
	return u
}

// metropolis attempts all sites in order.
func (s *scalar) metropolis() {
	x, mask, random := s.size, s.size-1, s.random
	var u uint64
	for y := range s.size {
		row, up, down := s.spins[y*x:(y+1)*x], s.spins[(y-1)&mask*x:][:x], s.spins[(y+1)&mask*x:][:x]
		for i, spin := range row {
			cost := spin * (row[(i+1)&mask] + row[(i-1)&mask] + up[i] + down[i])
			if cost > 0 {
				u, random = random.Next()
				if u >= s.accept[cost] {
					continue
				}
			}
			row[i] = -spin
		}
	}
	s.random = random
}

// neighbors returns right, left, below and above.
func (s *scalar) neighbors(i int32) [4]int32 {
	size, mask, n := int32(s.size), int32(s.size-1), int32(len(s.spins)-1)
	return [4]int32{i&^mask | (i+1)&mask, i&^mask | (i-1)&mask, (i + size) & n, (i - size) & n}
}

// wolff flips the cluster of one site.
func (s *scalar) wolff() {
	seed := int32(s.draw() >> 32 * uint64(len(s.spins)) >> 32)
	spin := s.spins[seed]
	s.spins[seed] = -spin
	s.stack = append(s.stack[:0], seed)
	for len(s.stack) > 0 {
		i := s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
		for _, k := range s.neighbors(i) {
			if s.spins[k] == spin && s.draw() < s.bond {
				s.spins[k] = -spin
				s.stack = append(s.stack, k)
			}
		}
	}
}

func (s *scalar) find(i int32) int32 {
	for s.parent[i] != i {
		s.parent[i] = s.parent[s.parent[i]]
		i = s.parent[i]
	}
	return i
}

// swendsenWang flips every cluster with probability ½.
func (s *scalar) swendsenWang() {
	for i := range s.parent {
		s.parent[i] = int32(i)
	}
	for i := range int32(len(s.spins)) {
		n := s.neighbors(i)
		for _, k := range [2]int32{n[0], n[2]} {
			if s.spins[i] == s.spins[k] && s.draw() < s.bond {
				a, b := s.find(i), s.find(k)
				s.parent[max(a, b)] = min(a, b)
			}
		}
	}
	for i := range int32(len(s.spins)) { // the first site of a cluster comes before the others and tells them by its sign
		first := s.parent[s.parent[i]]
		s.parent[i] = first
		if first == i && s.draw()>>63 == 1 {
			s.spins[i] += 4
		}
	}
	for i := range s.spins {
		if f := s.parent[i]; int(f) != i && s.spins[f] > 2 {
			s.spins[i] = -s.spins[i]
		}
	}
	for i, spin := range s.spins {
		if spin > 2 {
			s.spins[i] = 4 - spin
		}
	}
}

// measure returns the energy and the magnetization.
func (s *scalar) measure() (energy, magnetization float64) {
	e, m := 0, 0
	for i, spin := range s.spins {
		n := s.neighbors(int32(i))
		e -= int(spin * (s.spins[n[0]] + s.spins[n[2]]))
		m += int(spin)
	}
	return float64(e), float64(m)
}

// tau returns the largest autocorrelation time of E, |M| and M² over the given number of steps.
func (s *scalar) tau(step func(), steps int) float64 {
	var series [3][]float64
	for range steps {
		step()
		e, m := s.measure()
		series[0], series[1], series[2] = append(series[0], e), append(series[1], math.Abs(m)), append(series[2], m*m)
	}
	longest := 0.5
	for _, values := range series {
		tau, _ := AutocorrelationTime([][]float64{values})
		longest = max(longest, tau)
	}
	return longest
}

// steppers are the scalar algorithms.
func (s *scalar) steppers() []struct {
	name string
	step func()
} {
	return []struct {
		name string
		step func()
	}{{"metropolis", s.metropolis}, {"wolff", s.wolff}, {"swendsen-wang", s.swendsenWang}}
}

// A baseline must be right before it is fast: its mean energy is that of the lattice of 4 × 4 by enumeration. |z| > 4.5 for
// any of the three has probability 2·10⁻⁵.
func TestScalarEnergy(t *testing.T) {
	m := Model{mustLattice(t, Square, 4, Periodic), 1, 0}
	for _, temperature := range []float64{2.269, 4} {
		want, _ := newSlow(m).exactMoments(temperature)
		for k, name := range []string{"metropolis", "wolff", "swendsen-wang"} {
			t.Run(fmt.Sprintf("%s/T=%v", name, temperature), func(t *testing.T) {
				s := newScalar(4, temperature)
				step := s.steppers()[k].step
				energies := make([]float64, 20000)
				for i := range energies {
					if k == 0 && i%7 == 0 {
						s.wolff() // out of the states that Metropolis in order does not leave
					}
					step()
					energies[i], _ = s.measure()
				}
				tau, _ := AutocorrelationTime([][]float64{energies})
				average, squares := mean(energies), 0.0
				for _, e := range energies {
					squares += (e - average) * (e - average)
				}
				n := float64(len(energies))
				if z := (average - want[0]) / math.Sqrt(squares/n*2*tau/n); math.Abs(z) > 4.5 {
					t.Errorf("energy %v, want %v: %.1fσ", average, want[0], z)
				}
			})
		}
	}
}
