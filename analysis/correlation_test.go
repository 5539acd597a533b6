package analysis

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"isingrbm/ising"
)

// slowPairs averages σ_0 σ_r site by site, over the sites that have a partner.
func slowPairs(l *ising.Lattice, spins []uint64, r int) float64 {
	spin := func(site int) float64 { return float64(spins[site/64]>>(site%64)&1)*2 - 1 }
	sum, count, stride := 0.0, 0, 1
	for range l.Dimension() {
		for site := range l.Sites() {
			x := site / stride % l.Size()
			if x+r >= l.Size() && l.Boundary() == ising.Open {
				continue
			}
			sum += spin(site) * spin(site+((x+r)%l.Size()-x)*stride)
			count++
		}
		stride *= l.Size()
	}
	return sum / float64(count)
}

func TestPairsAgainstSites(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		kind ising.Kind
		size int
	}{
		{ising.Chain, 3}, {ising.Chain, 64}, {ising.Chain, 100}, {ising.Chain, 130},
		{ising.Square, 3}, {ising.Square, 4}, {ising.Square, 8}, {ising.Square, 9}, {ising.Square, 16},
		{ising.Square, 24}, {ising.Square, 64}, {ising.Square, 65}, {ising.Triangular, 6},
		{ising.Cubic, 4}, {ising.Cubic, 5}, {ising.Cubic, 8}, {ising.Cubic, 16},
	} {
		for _, boundary := range []ising.Boundary{ising.Periodic, ising.Open} {
			l := lattice(t, c.kind, c.size, boundary)
			p := newPairs(l)
			out := make([]float64, p.distances())
			row := randomRow(l.Sites(), rng)
			p.measure(row, out)
			for k, got := range out {
				if want := slowPairs(l, row, k+1); math.Abs(got-want) > 1e-12 {
					t.Errorf("%s %d, %s: G(%d) = %v, want %v", c.kind, c.size, boundary, k+1, got, want)
				}
			}
		}
	}
}

// correlation is the exact two-point function of the order parameter.
func (tab *table) correlation(r int) float64 {
	l := tab.model.Lattice
	return tab.mean(func(state int) float64 {
		row := []uint64{uint64(state)}
		if tab.model.Coupling < 0 && l.Bipartite() {
			row[0] ^= checkerboard(l)[0]
		}
		return slowPairs(l, row, r)
	})
}

// Samples drawn from the exact distribution: 7 models, up to 7 distances, full and
// connected, and the covariance, at 4.5σ: false alarms in 1 of 2000 seeds.
func TestCorrelationsAgainstEnumeration(t *testing.T) {
	for name, tab := range small(t) {
		c := NewCollector(tab.model, tab.temperature)
		tab.fill(c, 64, 300, 0.5, rand.New(rand.NewPCG(21, 22)))
		n := float64(tab.model.Lattice.Sites())
		order := func(s int) float64 { return math.Abs(tab.order(s)) }
		if tab.model.Field != 0 {
			order = tab.order
		}
		m := tab.mean(order) / n
		check := func(what string, got Estimate, want float64) {
			if !(math.Abs(got.Value-want) <= 4.5*got.Err) {
				t.Errorf("%s: %s = %v, want %v", name, what, got, want)
			}
		}
		list := c.Correlations()
		if list[0].Full != (Estimate{1, 0, math.NaN()}) && list[0].Full.Value != 1 {
			t.Errorf("%s: G(0) = %v", name, list[0].Full)
		}
		check("1 − m²", list[0].Connected, 1-m*m)
		for _, g := range list[1:] {
			want := tab.correlation(g.Distance)
			check(fmt.Sprintf("G(%d)", g.Distance), g.Full, want)
			check(fmt.Sprintf("connected G(%d)", g.Distance), g.Connected, want-m*m)
		}
		product := tab.mean(func(s int) float64 { return tab.energy[s] * order(s) })
		energy := tab.mean(func(s int) float64 { return tab.energy[s] })
		check("covariance", c.Covariance(), product/n-energy*m)
	}
}

func TestNoCorrelationsOfNothing(t *testing.T) {
	c := NewCollector(ising.Model{Lattice: lattice(t, ising.Square, 3, ising.Periodic), Coupling: 1}, 2)
	if c.Correlations() != nil || !math.IsNaN(c.Covariance().Value) {
		t.Error("no data have correlations")
	}
}

func BenchmarkPairs(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{8, 10, 16, 64} {
		b.Run(fmt.Sprintf("L%d", size), func(b *testing.B) {
			l := lattice(b, ising.Square, size, ising.Periodic)
			p, row := newPairs(l), randomRow(l.Sites(), rng)
			out := make([]float64, p.distances())
			for b.Loop() {
				p.measure(row, out)
			}
		})
	}
}
