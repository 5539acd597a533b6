package analysis

import (
	"math"
	"math/rand/v2"
	"testing"

	"isingrbm/ising"
)

func squareModel(t *testing.T, size int) ising.Model {
	t.Helper()
	lattice, err := ising.NewLattice(ising.Square, size, ising.Periodic)
	if err != nil {
		t.Fatal(err)
	}
	return ising.Model{Lattice: lattice, Coupling: 1}
}

// TestIndependenceOfBlocks: the chains of a block are independent at, below and
// above T_c, so that z is a standard normal deviate: the mean square of 240 is 1 within
// 0.37, 4 of its standard deviations √(2/240). At infinite temperature the overlap
// Σ_ij <σ_i σ_j>²/N² is 1/N, here within 5 of its standard errors of 0.00004. A false
// alarm in 10 000.
func TestIndependenceOfBlocks(t *testing.T) {
	model := squareModel(t, 8)
	var squares, n float64
	for _, temperature := range []float64{1.5, 2.269185314213022, 3, math.Inf(1)} {
		var overlap float64
		for seed := range 60 {
			found := blockIndependence(t, model, temperature, byte(seed), 5)
			squares += float64(found.OverlapZ * found.OverlapZ)
			n++
			overlap += found.Overlap / 60
		}
		if math.IsInf(temperature, 1) && math.Abs(overlap-1./64) > 2e-4 {
			t.Errorf("overlap %v at infinite temperature, want %v", overlap, 1./64)
		}
	}
	if ratio := squares / n; math.Abs(ratio-1) > 0.37 {
		t.Errorf("mean square of z %v over %v blocks, want 1", ratio, n)
	}
}

// TestOverlapIsExact: on the 4×4 torus the overlap is Σ_ij <σ_i σ_j>²/N² by enumeration,
// within 5 standard errors, which 30 blocks give (false alarms 1 in 10⁵).
func TestOverlapIsExact(t *testing.T) {
	model := squareModel(t, 4)
	const temperature, blocks = 2.5, 30
	var z, products [16]float64 // of site 0, all sites being equivalent
	for state := range uint64(1) << 16 {
		weight := math.Exp(-model.Energy([]uint64{state}) / temperature)
		for site := range products {
			z[site] += weight
			products[site] += weight * float64(1-2*int(state&1^state>>site&1))
		}
	}
	exact := 0.0
	for site := range products {
		g := products[site] / z[site]
		exact += g * g / 16
	}
	var sum, squares float64
	for seed := range blocks {
		x := blockIndependence(t, model, temperature, byte(seed), 5).Overlap
		sum, squares = sum+x, squares+x*x
	}
	mean := sum / blocks
	if err := math.Sqrt((squares/blocks - mean*mean) / (blocks - 1)); math.Abs(mean-exact) > 5*err || err > 0.01 {
		t.Errorf("overlap %v(%v), exact %v", mean, err, exact)
	}
}

// blockIndependence stores 32 configurations a chain.
func blockIndependence(t *testing.T, model ising.Model, temperature float64, seed byte, thinning int) Independence {
	t.Helper()
	block, err := ising.NewBlock(model, temperature, ising.Auto, [32]byte{1, seed})
	if err != nil {
		t.Fatal(err)
	}
	meter := NewIndependenceMeter(model)
	chain, energies, spins := make([]int32, ising.Lanes), make([]float64, ising.Lanes), make([]uint64, ising.Lanes)
	for c := range chain {
		chain[c] = int32(c)
	}
	for range 40 {
		block.Step()
	}
	for range 32 {
		for range thinning {
			block.Step()
		}
		block.FlipAtRandom()
		block.Energies(energies)
		block.Configurations(spins)
		meter.Add(chain, energies, spins)
	}
	return meter.Independence()
}

// TestSharedRandomNumbersShow is the negative control: chains of scalar Metropolis that
// all use the same random numbers have the right distribution each, and are
// found out by their overlap.
func TestSharedRandomNumbersShow(t *testing.T) {
	model := squareModel(t, 8)
	const chains, temperature = 32, 2.6
	random := rand.New(rand.NewPCG(1, 2))
	spins := make([]uint64, chains)
	for c := range spins {
		spins[c] = random.Uint64()
	}
	meter := NewIndependenceMeter(model)
	chain, energies, flipped := make([]int32, chains), make([]float64, chains), make([]uint64, chains)
	for step := range 100 {
		for range 64 * 4 {
			site, u := random.IntN(64), random.Float64()
			for c := range spins {
				turned := spins[c] ^ 1<<site
				change := model.Energy([]uint64{turned}) - model.Energy([]uint64{spins[c]})
				if u < math.Exp(-change/temperature) {
					spins[c] = turned
				}
			}
		}
		for c := range spins {
			chain[c], energies[c] = int32(c), model.Energy(spins[c:c+1])
			flipped[c] = spins[c] ^ -(random.Uint64() & 1)
		}
		if step >= 20 {
			meter.Add(chain, energies, flipped)
		}
	}
	found := meter.Independence()
	if found.Overlap < 0.9 || found.OverlapExpected > 0.5 || !(found.OverlapZ > 10) {
		t.Errorf("shared random numbers go unnoticed: %+v", found)
	}
}

// TestIndependenceRho: the correlation of successive energies is that of an AR(1)
// series, 0.6 within 5 standard deviations of 0.0032 (false alarms below 1 in 10⁶).
func TestIndependenceRho(t *testing.T) {
	model := squareModel(t, 8)
	random := rand.New(rand.NewPCG(3, 4))
	const chains, steps, rho = 64, 1000, 0.6
	meter := NewIndependenceMeter(model)
	chain, x, spins := make([]int32, chains), make([]float64, chains), make([]uint64, chains)
	for step := range steps {
		for c := range x {
			chain[c] = int32(c)
			if step == steps/2 {
				chain[c] += chains // the chains end here and others begin
			}
			x[c] = rho*x[c] + math.Sqrt(1-rho*rho)*random.NormFloat64() - 100*(1-rho)
			spins[c] = random.Uint64()
		}
		if step > 30 {
			meter.Add(chain, x, spins)
		}
	}
	found := meter.Independence()
	if math.Abs(found.EnergyRho-rho) > 0.016 || math.Abs(found.AbsMagnetizationRho) > 0.02 {
		t.Errorf("%+v, want 0.6 and 0", found)
	}
}

// TestIndependenceUndefined: nothing is made up where there is nothing to compare.
func TestIndependenceUndefined(t *testing.T) {
	meter := NewIndependenceMeter(squareModel(t, 8))
	check := func(what string, overlaps bool) {
		t.Helper()
		found := meter.Independence()
		if !math.IsNaN(found.EnergyRho) || !math.IsNaN(found.AbsMagnetizationRho) || !math.IsNaN(found.OverlapZ) || math.IsNaN(found.Overlap) == overlaps {
			t.Errorf("%s: %+v", what, found)
		}
	}
	check("nothing", false)
	ground := make([]uint64, 64)
	meter.Add(make([]int32, 64), make([]float64, 64), ground)
	check("one batch", false)
	meter.Add(make([]int32, 64), make([]float64, 64), ground)
	check("the ground state", true)
}
