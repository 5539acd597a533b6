package ising

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// randomRow returns a packed random configuration.
func randomRow(rng *rand.Rand, sites int) []uint64 {
	row := make([]uint64, Words(sites))
	for i := range sites {
		row[i/64] |= rng.Uint64() & 1 << (i % 64)
	}
	return row
}

func rowSpin(row []uint64) func(i int) int {
	return func(i int) int { return 2*int(row[i/64]>>(i%64)&1) - 1 }
}

func TestModelAgainstScalarSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	everyLattice(t, func(t *testing.T, l *Lattice) {
		for _, m := range []Model{{l, 1, 0}, {l, -1, 0}, {l, 0.7, 0.3}, {l, -1.3, -2.1}} {
			for range 5 {
				row := randomRow(rng, l.Sites())
				s := newSlow(m)
				e, magnetization, staggered := s.measure(rowSpin(row))
				if got := m.Energy(row); math.Abs(got-e) > 1e-11*float64(l.Sites()) {
					t.Errorf("%v: energy %v, want %v", m, got, e)
				}
				if got := m.Magnetization(row); got != magnetization {
					t.Errorf("%v: magnetization %v, want %v", m, got, magnetization)
				}
				if got := m.StaggeredMagnetization(row); got != staggered {
					t.Errorf("%v: staggered magnetization %v, want %v", m, got, staggered)
				}
				if got, want := m.OrderParameter(row), s.order(magnetization, staggered); got != want {
					t.Errorf("%v: order parameter %v, want %v", m, got, want)
				}
			}
		}
	})
}

// A model is frustrated if its lowest energy is above −|J| times the number of bonds.
func TestFrustratedMeansUnsatisfiedBonds(t *testing.T) {
	for _, c := range []struct {
		kind     Kind
		size     int
		boundary Boundary
	}{{Chain, 5, Periodic}, {Chain, 6, Periodic}, {Chain, 5, Open}, {Square, 3, Periodic}, {Square, 4, Periodic},
		{Square, 3, Open}, {Triangular, 3, Periodic}, {Triangular, 2, Open}, {Cubic, 2, Open}} {
		for _, coupling := range []float64{1, -1} {
			m := Model{mustLattice(t, c.kind, c.size, c.boundary), coupling, 0}
			s := newSlow(m)
			lowest := math.Inf(1)
			for state := range uint64(1) << s.sites {
				e, _, _ := s.measure(spinOf(state))
				lowest = min(lowest, e)
			}
			if want := lowest > -float64(len(s.bonds)); m.Frustrated() != want {
				t.Errorf("%v: frustrated %v, want %v", m, m.Frustrated(), want)
			}
		}
	}
}

func TestModelValidate(t *testing.T) {
	l := mustLattice(t, Chain, 4, Periodic)
	for _, c := range []struct {
		model Model
		want  []string // nothing: valid
	}{
		{Model{l, 1, 0}, nil},
		{Model{l, -2, 1e-9}, nil},
		{Model{nil, 1, 0}, []string{"lattice"}},
		{Model{l, 0, 0}, []string{"coupling 0"}},
		{Model{l, math.NaN(), 0}, []string{"coupling NaN"}},
		{Model{nil, math.Inf(-1), math.Inf(1)}, []string{"lattice", "coupling -Inf", "field +Inf"}},
	} {
		err := c.model.Validate()
		if (err == nil) != (c.want == nil) {
			t.Errorf("%+v: %v", c.model, err)
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%+v: %v does not say %q", c.model, err, want)
			}
		}
	}
}

func TestModelPanicsOnAWrongLength(t *testing.T) {
	m := Model{mustLattice(t, Square, 9, Periodic), 1, 0}
	for name, call := range map[string]func([]uint64){
		"Energy":                 func(s []uint64) { m.Energy(s) },
		"Magnetization":          func(s []uint64) { m.Magnetization(s) },
		"StaggeredMagnetization": func(s []uint64) { m.StaggeredMagnetization(s) },
	} {
		mustPanic(t, name, func() { call(make([]uint64, 1)) })
	}
}

func mustPanic(t *testing.T, name string, call func()) {
	t.Helper()
	defer func() {
		if message, ok := recover().(string); !ok || !strings.HasPrefix(message, "ising: ") {
			t.Errorf("%s: panic %q, want one of this package", name, message)
		}
	}()
	call()
}
