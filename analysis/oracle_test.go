package analysis

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"sort"
	"testing"

	"isingrbm/ising"
)

// table holds every state of a small model with its Boltzmann weight: an exact
// sampler, and the exact value of every observable, computed spin by spin.
type table struct {
	model       ising.Model
	temperature float64
	energy      []float64
	uniform     []int32
	cumulative  []float64 // of the probabilities
	probability []float64
}

func lattice(t testing.TB, kind ising.Kind, size int, boundary ising.Boundary) *ising.Lattice {
	t.Helper()
	l, err := ising.NewLattice(kind, size, boundary)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func newTable(model ising.Model, temperature float64) *table {
	states := 1 << model.Lattice.Sites()
	tab := &table{model: model, temperature: temperature}
	tab.probability = make([]float64, states)
	sum := 0.0
	for state := range states {
		row := []uint64{uint64(state)}
		tab.energy = append(tab.energy, model.Energy(row))
		tab.uniform = append(tab.uniform, int32(model.Magnetization(row)))
		tab.probability[state] = math.Exp(-tab.energy[state] / temperature)
		sum += tab.probability[state]
	}
	total := 0.0
	for state := range states {
		tab.probability[state] /= sum
		total += tab.probability[state]
		tab.cumulative = append(tab.cumulative, total)
	}
	return tab
}

// draw returns a state with its exact probability.
func (tab *table) draw(rng *rand.Rand) int {
	u := rng.Float64() * tab.cumulative[len(tab.cumulative)-1]
	return sort.SearchFloat64s(tab.cumulative, u)
}

// fill adds chains of the given length. A step keeps the state with probability
// stay and draws a new one otherwise: stationary at the exact distribution, with
// autocorrelation stay^t and so τ = ½ (1 + stay)/(1 − stay) in every observable.
func (tab *table) fill(c *Collector, chains, length int, stay float64, rng *rand.Rand) {
	row := make([]uint64, 1)
	for id := range chains {
		state := tab.draw(rng)
		for range length {
			if rng.Float64() >= stay {
				state = tab.draw(rng)
			}
			row[0] = uint64(state)
			c.Add(int32(id), tab.energy[state], tab.uniform[state], row)
		}
	}
}

// spin is ±1, turned over on sublattice 1 where the order is staggered.
func (tab *table) spin(state, site int) float64 {
	s := float64(state>>site&1)*2 - 1
	if tab.model.Coupling < 0 && tab.model.Lattice.Bipartite() && tab.model.Lattice.Sublattice(site) == 1 {
		return -s
	}
	return s
}

// mean is the exact average of a function of the states.
func (tab *table) mean(f func(state int) float64) float64 {
	sum := 0.0
	for state, p := range tab.probability {
		sum += p * f(state)
	}
	return sum
}

func (tab *table) order(state int) float64 {
	sum := 0.0
	for site := range tab.model.Lattice.Sites() {
		sum += tab.spin(state, site)
	}
	return sum
}

// structure is |Σ s_r e^{ikr}|²/N at k = 2π/L, averaged over the axes.
func (tab *table) structure(state int) float64 {
	l := tab.model.Lattice
	sum, stride := 0.0, 1
	for range l.Dimension() {
		var wave complex128
		for site := range l.Sites() {
			x := float64(site / stride % l.Size())
			wave += complex(tab.spin(state, site), 0) * cmplx.Exp(complex(0, 2*math.Pi*x/float64(l.Size())))
		}
		sum += real(wave * cmplx.Conj(wave))
		stride *= l.Size()
	}
	return sum / float64(l.Dimension()*l.Sites())
}

// exact evaluates the definitions of the package comment.
func (tab *table) exact() []float64 {
	n, t := float64(tab.model.Lattice.Sites()), tab.temperature
	e := tab.mean(func(s int) float64 { return tab.energy[s] })
	ee := tab.mean(func(s int) float64 { return tab.energy[s] * tab.energy[s] })
	m := tab.mean(tab.order)
	abs := tab.mean(func(s int) float64 { return math.Abs(tab.order(s)) })
	mm := tab.mean(func(s int) float64 { return math.Pow(tab.order(s), 2) })
	mmmm := tab.mean(func(s int) float64 { return math.Pow(tab.order(s), 4) })
	plus := tab.mean(func(s int) float64 {
		switch m := tab.order(s); {
		case m > 0:
			return 1
		case m == 0:
			return 0.5
		}
		return 0
	})
	square, connected, zero := abs*abs, mm, mm/(n*t)
	if tab.model.Field != 0 {
		square, connected, zero = m*m, mm-m*m, math.NaN()
	}
	length := math.NaN()
	if tab.model.Lattice.Boundary() == ising.Periodic {
		ratio := connected / n / tab.mean(tab.structure)
		length = math.Sqrt(ratio-1) / (2 * math.Sin(math.Pi/float64(tab.model.Lattice.Size())))
	}
	return []float64{
		Energy: e / n, AbsMagnetization: abs / n,
		Magnetization: tab.mean(func(s int) float64 { return float64(tab.uniform[s]) }) / n,
		SpecificHeat:  (ee - e*e) / (n * t * t), Susceptibility: (mm - square) / (n * t), SusceptibilityZero: zero,
		Binder: 1 - mmmm/(3*mm*mm), UpFraction: plus, CorrelationLength: length,
	}
}
