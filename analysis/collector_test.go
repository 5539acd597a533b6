package analysis

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"isingrbm/ising"
)

func expectPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s: no panic", what)
		}
	}()
	f()
}

func TestCollectorRefusesMistakes(t *testing.T) {
	model := ising.Model{Lattice: lattice(t, ising.Square, 9, ising.Periodic), Coupling: 1}
	expectPanic(t, "no lattice", func() { NewCollector(ising.Model{Coupling: 1}, 1) })
	expectPanic(t, "negative temperature", func() { NewCollector(model, -1) })
	expectPanic(t, "NaN", func() { NewCollector(model, math.NaN()) })
	expectPanic(t, "short row", func() { NewCollector(model, 1).Add(0, 0, 0, make([]uint64, 1)) })
}

// The same chains give the same bits however they are interleaved, whatever
// their numbers, and the rows are neither kept nor changed.
func TestCollectorIgnoresInterleaving(t *testing.T) {
	model := ising.Model{Lattice: lattice(t, ising.Square, 4, ising.Periodic), Coupling: -1}
	rng := rand.New(rand.NewPCG(3, 4))
	const chains, steps = 5, 40
	rows := make([][]uint64, chains*steps) // chain after chain
	for i := range rows {
		rows[i] = randomRow(16, rng)
	}
	add := func(c *Collector, i int) {
		row := slices.Clone(rows[i])
		c.Add(int32(7-3*(i/steps)), model.Energy(row), int32(model.Magnetization(row)), row)
		if row[0] != rows[i][0] {
			t.Fatal("Add changed its row")
		}
		clear(row)
	}
	one, other := NewCollector(model, 2), NewCollector(model, 2)
	for i := range rows {
		add(one, i)
		add(other, i%chains*steps+i/chains)
	}
	a, b := one.Estimates(), other.Estimates()
	for i, o := range Observables() {
		if a[i] != b[i] && !math.IsNaN(a[i].Value) {
			t.Errorf("%s: %v and %v", o.Name, a[i], b[i])
		}
	}
	if one.N() != chains*steps {
		t.Errorf("N = %d", one.N())
	}
}

// The checkerboard is the ground state of J < 0: fully ordered, unmagnetized.
func TestCollectorStaggeredOrder(t *testing.T) {
	model := ising.Model{Lattice: lattice(t, ising.Square, 4, ising.Periodic), Coupling: -1}
	c := NewCollector(model, 1)
	row := checkerboard(model.Lattice)
	if bits.OnesCount64(row[0]) != 8 {
		t.Fatalf("checkerboard %b", row[0])
	}
	for range 100 {
		c.Add(0, model.Energy(row), int32(model.Magnetization(row)), row)
	}
	got := c.Estimates()
	for i, want := range map[int]float64{
		Energy: -2, AbsMagnetization: 1, Magnetization: 0, SpecificHeat: 0, Susceptibility: 0,
		SusceptibilityZero: 16, Binder: 2.0 / 3, UpFraction: 0,
	} {
		if math.Abs(got[i].Value-want) > 1e-12 || got[i].Err > 1e-12 || got[i].Tau != 0.5 {
			t.Errorf("%s = %v, want %v", Observables()[i].Name, got[i], want)
		}
	}
	if !math.IsNaN(got[CorrelationLength].Value) {
		t.Errorf("ξ = %v in a perfect crystal", got[CorrelationLength])
	}
}

func BenchmarkCollector(b *testing.B) {
	model := ising.Model{Lattice: lattice(b, ising.Square, 8, ising.Periodic), Coupling: 1}
	rng := rand.New(rand.NewPCG(1, 2))
	rows := randomRow(64*512, rng)
	b.Run("200000xL8", func(b *testing.B) {
		for b.Loop() {
			c := NewCollector(model, 2.5)
			for i := range 200_000 {
				row := rows[i%512 : i%512+1]
				c.Add(int32(i%1024), float64(i%64), int32(2*bits.OnesCount64(row[0])-64), row)
			}
			c.Estimates()
		}
	})
}
