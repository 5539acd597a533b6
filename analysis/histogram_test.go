package analysis

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"isingrbm/ising"
)

// A histogram holds the levels of a small model with their probabilities:
// 4.5σ of 20 000 independent states, some 30 levels.
func TestHistogramAgainstEnumeration(t *testing.T) {
	for name, tab := range small(t) {
		c := NewCollector(tab.model, tab.temperature)
		const n = 20000
		tab.fill(c, n, 1, 0, rand.New(rand.NewPCG(31, 32)))
		h := c.Histogram()
		sites := float64(tab.model.Lattice.Sites())
		total := 0.0
		for _, level := range h.Orders() {
			want := tab.mean(func(s int) float64 {
				if math.Abs(tab.order(s)/sites-level.At) < 1e-9 {
					return 1
				}
				return 0
			})
			if math.Abs(level.Probability-want) > 4.5*math.Sqrt(want/n) {
				t.Errorf("%s: P(M/N = %v) = %v, want %v", name, level.At, level.Probability, want)
			}
			total += level.Probability
		}
		within(t, name+": total probability", total, 1, 1e-12)
		mean := 0.0
		for _, level := range h.Energies() {
			mean += level.Probability * level.At
		}
		if e := c.Estimates()[Energy].Value; tab.model.Field == 0 && math.Abs(mean-e) > 1e-9 {
			t.Errorf("%s: levels of mean energy %v, want %v", name, mean, e)
		}
	}
}

// However the configurations come, and however often cells had to grow.
func TestHistogramIgnoresOrder(t *testing.T) {
	model := ising.Model{Lattice: lattice(t, ising.Square, 64, ising.Periodic), Coupling: 1}
	rng := rand.New(rand.NewPCG(33, 34))
	const n = 150_000
	energies, orders := make([]float64, n), make([]int32, n)
	for i := range n {
		energies[i] = -8192 + 4*math.Floor(1000*(1+rng.Float64()))
		orders[i] = int32(2 * rng.IntN(2000))
	}
	one, other := newHistogram(model), newHistogram(model)
	for i := range n {
		one.add(energies[i], orders[i])
		other.add(energies[n-1-i], orders[n-1-i])
	}
	if one.Scale() < 4 || len(one.counts) > maxCells {
		t.Fatalf("%d cells of %d levels", len(one.counts), one.Scale())
	}
	if !reflect.DeepEqual(one.Cells(), other.Cells()) {
		t.Error("the cells depend on the order")
	}
}

func TestCoarserKeepsTheMean(t *testing.T) {
	tab := newTable(ising.Model{Lattice: lattice(t, ising.Square, 3, ising.Periodic), Coupling: 1}, 4)
	c := NewCollector(tab.model, 4)
	tab.fill(c, 1, 5000, 0, rand.New(rand.NewPCG(35, 36)))
	fine, coarse := c.Histogram(), c.Histogram().Coarser(2)
	mean := func(levels []Level) (sum float64) {
		for _, l := range levels {
			sum += l.At * l.Probability
		}
		return sum
	}
	if fine.Scale() != 1 || coarse.Scale() != 2 || len(coarse.Energies()) >= len(fine.Energies()) {
		t.Fatal("not coarser")
	}
	e, m := coarse.CellSize()
	if math.Abs(mean(fine.Energies())-mean(coarse.Energies())) > e/2 || math.Abs(mean(fine.Orders())-mean(coarse.Orders())) > m/2 {
		t.Error("cells moved by more than half their size")
	}
}
