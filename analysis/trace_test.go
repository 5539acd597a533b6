package analysis

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"isingrbm/ising"
)

// A trace that must make blocks of its configurations gives the times and errors
// of one that need not. Those of 16 000 configurations are known to 5 % from
// either; what blocks of up to 8 forget of τ = 2.5 is less.
func TestCoarseTraceAgrees(t *testing.T) {
	tab := newTable(ising.Model{Lattice: lattice(t, ising.Square, 3, ising.Periodic), Coupling: 1}, 3)
	for _, shape := range [][2]int{{1, 16000}, {4, 4001}} {
		fine, coarse := NewCollector(tab.model, tab.temperature), NewCollector(tab.model, tab.temperature)
		coarse.trace.limit = 4000
		tab.fill(fine, shape[0], shape[1], 2.0/3, rand.New(rand.NewPCG(23, 24)))
		tab.fill(coarse, shape[0], shape[1], 2.0/3, rand.New(rand.NewPCG(23, 24)))
		if coarse.trace.length < 4 || coarse.trace.blocks > 4000 {
			t.Fatalf("%d blocks of %d", coarse.trace.blocks, coarse.trace.length)
		}
		a, b := fine.Estimates(), coarse.Estimates()
		for i, o := range Observables() {
			within(t, "τ of "+o.Name, b[i].Tau, a[i].Tau, 0.1)
			within(t, "error of "+o.Name, b[i].Err, a[i].Err, 0.15)
			if math.Abs(a[i].Value-b[i].Value) > 0.02*a[i].Err && i < SpecificHeat {
				t.Errorf("%s: %v and %v", o.Name, a[i], b[i])
			}
		}
	}
}

// Once there are chains to bin by, the first ones tell the times; the values are
// those of all.
func TestTraceOfManyChains(t *testing.T) {
	tab := newTable(ising.Model{Lattice: lattice(t, ising.Square, 3, ising.Periodic), Coupling: 1}, 3)
	c := NewCollector(tab.model, tab.temperature)
	c.trace.limit = 2000
	tab.fill(c, 3000, 32, 0.5, rand.New(rand.NewPCG(25, 26)))
	if n := len(c.trace.chains); n < minChains || n > 100 {
		t.Fatalf("%d chains are traced", n)
	}
	want := tab.exact()
	for i, e := range c.Estimates() { // 9 values at 4.5σ
		if !(math.Abs(e.Value-want[i]) <= 4.5*e.Err) {
			t.Errorf("%s = %v, want %v", Observables()[i].Name, e, want[i])
		}
		within(t, "τ of "+Observables()[i].Name, e.Tau, 1.5, 0.25)
	}
}

// What a collector keeps does not grow with the configurations.
func TestMemoryIsBounded(t *testing.T) {
	model := ising.Model{Lattice: lattice(t, ising.Square, 8, ising.Periodic), Coupling: 1}
	rng := rand.New(rand.NewPCG(27, 28))
	held := func(n int) (bytes uint64) {
		c := NewCollector(model, 2.5)
		row := make([]uint64, 1)
		for i := range n {
			row[0] = rng.Uint64()
			c.Add(int32(i/32), model.Energy(row), int32(model.Magnetization(row)), row)
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		runtime.KeepAlive(c)
		return m.HeapAlloc
	}
	few := held(300_000)
	if many := held(900_000); many > few+few/10 {
		t.Errorf("%d bytes for 300 000 configurations, %d for 900 000", few, many)
	}
}

// Beyond maxPlaced, chains go to the bin that their number says: nothing is lost.
func TestMoreChainsThanPlaces(t *testing.T) {
	tab := newTable(ising.Model{Lattice: lattice(t, ising.Square, 3, ising.Periodic), Coupling: 1}, 3)
	c := NewCollector(tab.model, tab.temperature)
	tab.fill(c, maxPlaced+2000, 4, 0.5, rand.New(rand.NewPCG(29, 30)))
	total := 0.0
	for _, b := range c.chains.bins {
		total += b.count
	}
	if total != float64(c.N()) || len(c.chains.bins) != maxBins || len(c.chains.places) != maxPlaced {
		t.Errorf("%v of %d configurations in %d bins", total, c.N(), len(c.chains.bins))
	}
	want := tab.exact()
	for i, e := range c.Estimates() { // 9 values at 4.5σ
		if !(math.Abs(e.Value-want[i]) <= 4.5*e.Err) {
			t.Errorf("%s = %v, want %v", Observables()[i].Name, e, want[i])
		}
	}
}
