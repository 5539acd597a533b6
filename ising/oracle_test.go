package ising

import (
	"fmt"
	"math"
	"sort"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// The oracles of this package's tests: lattices, energies and Boltzmann weights written down a second time, by coordinates,
// one spin at a time and without any code of the package.

// slowBonds returns the bonds of a lattice as a set of ordered pairs.
func slowBonds(kind Kind, size int, boundary Boundary) map[Bond]bool {
	depth, height := 1, 1
	if kind != Chain {
		height = size
	}
	if kind == Cubic {
		depth = size
	}
	at := func(x, y, z int) int32 {
		if boundary == Open && (x >= size || y >= height || z >= depth) {
			return -1
		}
		return int32(x%size + size*(y%height) + size*size*(z%depth))
	}
	bonds := map[Bond]bool{}
	join := func(a, b int32) {
		if b >= 0 && a != b {
			bonds[Bond{min(a, b), max(a, b)}] = true
		}
	}
	for z := range depth {
		for y := range height {
			for x := range size {
				a := at(x, y, z)
				join(a, at(x+1, y, z))
				if kind != Chain {
					join(a, at(x, y+1, z))
				}
				if kind == Triangular {
					join(a, at(x+1, y+1, z))
				}
				if kind == Cubic {
					join(a, at(x, y, z+1))
				}
			}
		}
	}
	return bonds
}

// slow is a model given by its bonds.
type slow struct {
	kind     Kind
	size     int
	boundary Boundary
	coupling float64
	field    float64
	sites    int
	bonds    []Bond
}

func newSlow(m Model) slow {
	l := m.Lattice
	s := slow{kind: l.Kind(), size: l.Size(), boundary: l.Boundary(), coupling: m.Coupling, field: m.Field, sites: l.Sites()}
	for b := range slowBonds(s.kind, s.size, s.boundary) {
		s.bonds = append(s.bonds, b)
	}
	sort.Slice(s.bonds, func(i, k int) bool {
		return s.bonds[i].A < s.bonds[k].A || s.bonds[i].A == s.bonds[k].A && s.bonds[i].B < s.bonds[k].B
	})
	return s
}

// measure returns energy, magnetization and staggered magnetization of ±1 spins.
func (s slow) measure(spin func(i int) int) (energy float64, magnetization, staggered int) {
	for _, b := range s.bonds {
		energy -= s.coupling * float64(spin(int(b.A))*spin(int(b.B)))
	}
	for i := range s.sites {
		energy -= s.field * float64(spin(i))
		magnetization += spin(i)
		if (i%s.size+i/s.size%s.size+i/(s.size*s.size))%2 == 0 {
			staggered += spin(i)
		} else {
			staggered -= spin(i)
		}
	}
	return energy, magnetization, staggered
}

// order returns the order parameter out of both magnetizations.
func (s slow) order(magnetization, staggered int) int {
	bipartite := s.kind != Triangular && (s.boundary == Open || s.size%2 == 0)
	if s.coupling < 0 && bipartite {
		return staggered
	}
	return magnetization
}

func spinOf(state uint64) func(i int) int {
	return func(i int) int { return 2*int(state>>i&1) - 1 }
}

// boltzmann returns the probabilities of all 2^N states.
func (s slow) boltzmann(temperature float64) []float64 {
	p := make([]float64, 1<<s.sites)
	lowest := math.Inf(1)
	for state := range p {
		p[state], _, _ = s.measure(spinOf(uint64(state)))
		lowest = min(lowest, p[state])
	}
	z := 0.0
	for state, e := range p {
		p[state] = math.Exp((lowest - e) / temperature)
		z += p[state]
	}
	for state := range p {
		p[state] /= z
	}
	return p
}

// moments are the expectations that the grids compare.
var momentNames = []string{"E", "E²", "M", "|O|", "O²", "O⁴", "staggered"}

func momentsOf(energy float64, magnetization, order, staggered int) []float64 {
	o2 := float64(order * order)
	return []float64{energy, energy * energy, float64(magnetization), math.Abs(float64(order)), o2, o2 * o2, float64(staggered)}
}

// exactMoments returns the expectations of momentNames and the standard deviations of what they are expectations of.
func (s slow) exactMoments(temperature float64) (means, deviations []float64) {
	means, deviations = make([]float64, len(momentNames)), make([]float64, len(momentNames))
	for state, p := range s.boltzmann(temperature) {
		e, m, staggered := s.measure(spinOf(uint64(state)))
		for k, x := range momentsOf(e, m, s.order(m, staggered), staggered) {
			means[k] += p * x
			deviations[k] += p * x * x
		}
	}
	for k, mean := range means {
		deviations[k] = math.Sqrt(max(0, deviations[k]-mean*mean))
	}
	return means, deviations
}

// mustLattice returns a lattice that exists.
func mustLattice(t testing.TB, kind Kind, size int, boundary Boundary) *Lattice {
	t.Helper()
	l, err := NewLattice(kind, size, boundary)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// testStream returns the stream of a seed with the kernel that blocks use.
func testStream(seed [32]byte) *stream {
	k, err := kernel()
	if err != nil {
		panic(err)
	}
	return newStream(seed, k)
}

// mustSamplers returns samplers that exist.
func mustSamplers(t testing.TB, m Model, temperature float64, algorithm Algorithm) []sampler {
	t.Helper()
	s, err := samplers(m, temperature, algorithm)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// mustBlock returns a block that exists.
func mustBlock(t testing.TB, m Model, temperature float64, algorithm Algorithm, seed byte) *Block {
	t.Helper()
	b, err := NewBlock(m, temperature, algorithm, [32]byte{seed})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (m Model) String() string {
	l := m.Lattice
	return fmt.Sprintf("%s-%d-%s J=%v h=%v", l.kind, l.size, l.boundary, m.Coupling, m.Field)
}

// pearson returns the p-value of observed counts against expected ones by Pearson's χ², cells with an expectation below 10
// being thrown together.
func pearson(observed []int, expected []float64) float64 {
	chi2, cells := 0.0, 0
	restObserved, restExpected := 0, 0.0
	add := func(o int, e float64) {
		chi2 += (float64(o) - e) * (float64(o) - e) / e
		cells++
	}
	for k, e := range expected {
		if e < 10 {
			restObserved += observed[k]
			restExpected += e
			continue
		}
		add(observed[k], e)
	}
	if restExpected > 0 {
		add(restObserved, restExpected)
	}
	return distuv.ChiSquared{K: float64(cells - 1)}.Survival(chi2)
}
