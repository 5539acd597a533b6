package analysis

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"isingrbm/ising"
)

// small lists models whose exact values come from enumeration.
func small(t *testing.T) map[string]*table {
	model := func(kind ising.Kind, size int, boundary ising.Boundary, coupling, field float64) ising.Model {
		return ising.Model{Lattice: lattice(t, kind, size, boundary), Coupling: coupling, Field: field}
	}
	return map[string]*table{
		"square 3x3":          newTable(model(ising.Square, 3, ising.Periodic, 1, 0), 2.5),
		"square 3x3 in field": newTable(model(ising.Square, 3, ising.Periodic, 1, 0.3), 2.5),
		"square 3x3 open":     newTable(model(ising.Square, 3, ising.Open, 1, 0), 2),
		"chain of 8":          newTable(model(ising.Chain, 8, ising.Periodic, 1, 0), 1),
		"antiferromagnet":     newTable(model(ising.Chain, 8, ising.Periodic, -1, 0), 1),
		"antiferro in field":  newTable(model(ising.Chain, 6, ising.Periodic, -1, 0.4), 1.5),
		"frustrated":          newTable(model(ising.Chain, 5, ising.Periodic, -1, 0), 4),
	}
}

// Samples drawn from the exact distribution give the exact values. 9 observables,
// 7 models and 2 shapes of data at 4.5σ: false alarms in 1 of 1500 seeds.
func TestEstimatesAgainstEnumeration(t *testing.T) {
	for name, tab := range small(t) {
		for _, shape := range [][2]int{{64, 300}, {2, 9600}} {
			c := NewCollector(tab.model, tab.temperature)
			tab.fill(c, shape[0], shape[1], 0.5, rand.New(rand.NewPCG(5, 6)))
			got := c.Estimates()
			for i, want := range tab.exact() {
				at := fmt.Sprintf("%s, %d chains: %s", name, shape[0], Observables()[i].Name)
				if math.IsNaN(want) || math.IsNaN(got[i].Value) {
					if math.IsNaN(want) != math.IsNaN(got[i].Value) {
						t.Errorf("%s = %v, want %v", at, got[i].Value, want)
					}
					continue
				}
				if !(math.Abs(got[i].Value-want) <= 4.5*got[i].Err) {
					t.Errorf("%s = %v, want %v", at, got[i], want)
				}
				if math.Abs(got[i].Tau-1.5) > 0.3 { // ½(1 + ½)/(1 − ½), known to 5 % or so
					t.Errorf("%s: τ = %v, want 1.5", at, got[i].Tau)
				}
			}
			if w := c.Warnings(); len(w) > 0 {
				t.Errorf("%s: %v", name, w)
			}
		}
	}
}

// covered counts, over runs with known answers, how often the interval of one
// standard deviation around the estimate holds the exact value.
func covered(tab *table, runs, chains, length int, stay float64, estimates func(*Collector) []Estimate) []float64 {
	want := tab.exact()
	hits := make([]float64, observableCount)
	rng := rand.New(rand.NewPCG(7, uint64(chains)))
	for range runs {
		c := NewCollector(tab.model, tab.temperature)
		tab.fill(c, chains, length, stay, rng)
		for i, e := range estimates(c) {
			if math.Abs(e.Value-want[i]) <= e.Err {
				hits[i] += 1 / float64(runs)
			}
		}
	}
	return hits
}

// 300 runs know a coverage of 68.3 % to 2.7 %; 4σ of that and 1 % for the bins
// give ±11.7 %. 9 observables in 3 shapes: false alarms in 1 of 600 seeds. Every
// third configuration is new, τ = 2.5.
func TestErrorsCoverTheTruth(t *testing.T) {
	tab := newTable(ising.Model{Lattice: lattice(t, ising.Square, 3, ising.Periodic), Coupling: 1}, 3)
	for _, shape := range [][2]int{{48, 50}, {4, 600}, {1, 2400}} {
		for i, p := range covered(tab, 300, shape[0], shape[1], 2.0/3, (*Collector).Estimates) {
			if math.Abs(p-0.683) > 0.117 {
				t.Errorf("%d chains: 1σ of %s covers the exact value in %.1f %% of runs", shape[0], Observables()[i].Name, 100*p)
			}
		}
	}
}

// Negative control: bins of one configuration ignore that τ = 2.5, their errors
// are too small by √5, and 1σ covers 35 % instead of 68 %.
func TestErrorsWithoutAutocorrelationFail(t *testing.T) {
	tab := newTable(ising.Model{Lattice: lattice(t, ising.Square, 3, ising.Periodic), Coupling: 1}, 3)
	naive := func(c *Collector) []Estimate {
		bins := c.trace.pieces(1)
		values, errs := jackknife(bins, func(mean *bin) []float64 { return []float64{mean.sum[meanE]} })
		return []Estimate{{Value: values[0] + c.shift/9, Err: errs[0]}}
	}
	if p := covered(tab, 400, 1, 2400, 2.0/3, naive)[Energy]; p > 0.5 {
		t.Errorf("errors that ignore the correlations cover %.1f %%", 100*p)
	}
}

// gaussian fills chains of an AR(1) process x' = ρ x + √(1−ρ²) ξ of unit variance
// into the energies, sd times N per spin.
func gaussian(c *Collector, chains, length int, rho, sd float64, rng *rand.Rand) {
	n := float64(c.model.Lattice.Sites())
	row := make([]uint64, ising.Words(c.model.Lattice.Sites()))
	for id := range chains {
		x := rng.NormFloat64()
		for range length {
			c.Add(int32(id), n*(sd*x-1), 1, row)
			x = rho*x + math.Sqrt(1-rho*rho)*rng.NormFloat64()
		}
	}
}

// An AR(1) series of n steps has τ = ½(1+ρ)/(1−ρ), the mean the error
// √(2τ/n) and the variance the relative error √(4τ'/n), τ' that of ρ². Averaged over
// 60 runs, errors from 100 bins or more are known to 1 %; bins cost another 2.5 %.
func TestErrorsOfAR1(t *testing.T) {
	model := ising.Model{Lattice: lattice(t, ising.Square, 3, ising.Periodic), Coupling: 1}
	const rho, sd, runs = 0.8, 0.1, 60
	tau, tauSquare := 0.5*(1+rho)/(1-rho), 0.5*(1+rho*rho)/(1-rho*rho)
	for _, shape := range [][2]int{{100, 100}, {1, 10000}} {
		n := float64(shape[0] * shape[1])
		rng := rand.New(rand.NewPCG(11, uint64(shape[0])))
		var errEnergy, errHeat, tauEnergy, tauHeat float64
		for range runs {
			c := NewCollector(model, 1)
			gaussian(c, shape[0], shape[1], rho, sd, rng)
			e := c.Estimates()
			errEnergy += e[Energy].Err * e[Energy].Err / runs
			errHeat += e[SpecificHeat].Err * e[SpecificHeat].Err / runs
			tauEnergy += e[Energy].Tau / runs
			tauHeat += e[SpecificHeat].Tau / runs
		}
		heat := 9 * sd * sd
		within(t, "error of e", math.Sqrt(errEnergy), sd*math.Sqrt(2*tau/n), 0.05)
		within(t, "error of c", math.Sqrt(errHeat), heat*math.Sqrt(4*tauSquare/n), 0.05)
		within(t, "τ of e", tauEnergy, tau, 0.05)
		within(t, "τ of c", tauHeat, tauSquare, 0.05)
	}
}

func within(t *testing.T, what string, got, want, relative float64) {
	t.Helper()
	if !(math.Abs(got-want) <= relative*math.Abs(want)) {
		t.Errorf("%s = %v, want %v within %g", what, got, want, relative)
	}
}

// With one configuration a bin, the bias-corrected jackknife of ⟨E²⟩ − ⟨E⟩² is the
// unbiased variance Σ(E − Ē)²/(n−1), exactly, and the error of the mean its root
// over n.
func TestJackknifeIsTheUnbiasedVariance(t *testing.T) {
	model := ising.Model{Lattice: lattice(t, ising.Square, 3, ising.Periodic), Coupling: 1}
	rng := rand.New(rand.NewPCG(13, 14))
	const n = 50
	c := NewCollector(model, 2)
	var energies [n]float64
	mean, variance := 0.0, 0.0
	for i := range energies {
		energies[i] = 1e6 + rng.NormFloat64() // the shift must save the digits
		mean += energies[i] / n
		c.Add(int32(i), energies[i], 1, []uint64{0})
	}
	for _, e := range energies {
		variance += (e - mean) * (e - mean) / (n - 1)
	}
	got := c.Estimates()
	within(t, "c", got[SpecificHeat].Value, variance/(9*2*2), 1e-8)
	within(t, "e", got[Energy].Value, mean/9, 1e-12)
	within(t, "error of e", got[Energy].Err, math.Sqrt(variance/n)/9, 1e-8)
}

// Chains of unequal length: the jackknife weighs them by it. Independent data of
// unit variance have the error 1/√n whatever the bins.
func TestJackknifeOfUnequalBins(t *testing.T) {
	model := ising.Model{Lattice: lattice(t, ising.Square, 3, ising.Periodic), Coupling: 1}
	rng := rand.New(rand.NewPCG(15, 16))
	variance, n := 0.0, 0
	const runs = 200
	for range runs {
		c := NewCollector(model, 1)
		for id := range 60 {
			for range 1 + 5*(id%4) {
				c.Add(int32(id), 9*rng.NormFloat64(), 1, []uint64{0})
			}
		}
		e := c.Estimates()[Energy]
		variance += e.Err * e.Err / runs
		n = c.N()
	}
	within(t, "error of e", math.Sqrt(variance), 1/math.Sqrt(float64(n)), 0.03) // 60 bins, 200 runs: known to 0.7 %
}

func TestEstimatesAtTheEndsOfTheScale(t *testing.T) {
	model := ising.Model{Lattice: lattice(t, ising.Square, 3, ising.Periodic), Coupling: 1}
	for _, temperature := range []float64{0, math.Inf(1)} {
		c := NewCollector(model, temperature)
		rng := rand.New(rand.NewPCG(17, 18))
		for i := range 4000 {
			row := randomRow(9, rng)
			if temperature == 0 {
				row[0] = 0x1ff * uint64(i&1)
			}
			c.Add(int32(i%40), model.Energy(row), int32(model.Magnetization(row)), row)
		}
		got := c.Estimates()
		for _, i := range []int{SpecificHeat, Susceptibility, SusceptibilityZero} {
			if !math.IsNaN(got[i].Value) || !math.IsNaN(got[i].Err) {
				t.Errorf("T = %v: %s = %v exists", temperature, Observables()[i].Name, got[i])
			}
		}
		if xi := got[CorrelationLength].Value; !math.IsNaN(xi) {
			t.Errorf("T = %v: ξ = %v", temperature, xi)
		}
		if temperature == 0 {
			if got[Energy] != (Estimate{Value: -2, Err: 0, Tau: 0.5}) {
				t.Errorf("e = %v in the ground state", got[Energy])
			}
			continue
		}
		if z := got[Energy].Value / got[Energy].Err; math.Abs(z) > 4.5 {
			t.Errorf("e = %v at T = ∞", got[Energy])
		}
		if z := (got[Binder].Value - 2.0/27) / got[Binder].Err; math.Abs(z) > 4.5 { // 2/(3N)
			t.Errorf("U = %v at T = ∞, want 2/27", got[Binder])
		}
	}
}

func TestEstimatesOfNothing(t *testing.T) {
	model := ising.Model{Lattice: lattice(t, ising.Square, 3, ising.Periodic), Coupling: 1}
	c := NewCollector(model, 2)
	for i, e := range c.Estimates() {
		if !math.IsNaN(e.Value) || !math.IsNaN(e.Err) || !math.IsNaN(e.Tau) {
			t.Errorf("%s = %v of no data", Observables()[i].Name, e)
		}
	}
	c.Add(0, -18, 9, []uint64{0x1ff})
	got := c.Estimates()
	if got[Energy].Value != -2 || !math.IsNaN(got[Energy].Err) {
		t.Errorf("e = %v of one configuration", got[Energy])
	}
	if w := c.Warnings(); len(w) != 1 || !strings.Contains(w[0], "no errors") {
		t.Errorf("warnings %q", w)
	}
}

func TestWarnings(t *testing.T) {
	tab := newTable(ising.Model{Lattice: lattice(t, ising.Square, 3, ising.Periodic), Coupling: 1}, 3)
	for _, c := range []struct {
		chains, length int
		stay           float64
		want           string
	}{
		{1, 8000, 0.5, ""},
		{1, 800, 0.98, "energy, abs_magnetization, magnetization, specific_heat, susceptibility, susceptibility_zero, binder, up_fraction, correlation_length: bins of 50 configurations are shorter than 5 autocorrelation times (up to "},
		{40, 200, 0.5, ""},
		{200, 20, 0.97, "up_fraction, correlation_length: chains of 20 configurations are shorter than 2 autocorrelation times (up to "},
	} {
		collector := NewCollector(tab.model, tab.temperature)
		tab.fill(collector, c.chains, c.length, c.stay, rand.New(rand.NewPCG(19, 20)))
		collector.Estimates()
		got := strings.Join(collector.Warnings(), "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%d chains of %d: warnings %q, want %q", c.chains, c.length, got, c.want)
		}
	}
}
