package analysis

import (
	"math"
	"math/rand/v2"
	"testing"

	"isingrbm/ising"
)

// Two samples of one distribution lie about as far from each other as noise
// says; samples of two distributions as far as those do.
func TestDistances(t *testing.T) {
	model := ising.Model{Lattice: lattice(t, ising.Square, 3, ising.Periodic), Coupling: 1}
	cold, warm := newTable(model, 2.5), newTable(model, 3.5)
	sample := func(tab *table, seed uint64, n int) *Histogram {
		c := NewCollector(tab.model, tab.temperature)
		tab.fill(c, n, 1, 0, rand.New(rand.NewPCG(seed, 1)))
		return c.Histogram()
	}
	const n = 5000
	var same Distances
	const repeats = 40
	for k := range uint64(repeats) {
		d := sample(cold, 2*k, n).Compare(sample(cold, 2*k+1, n), n, n)
		for i, x := range same.all() {
			x.Value += d.all()[i].Value / repeats
			x.Noise += d.all()[i].Noise / repeats
		}
	}
	for i, d := range same.all() { // means of 40 positive numbers that scatter by half their size
		if ratio := d.Value / d.Noise; ratio < 0.6 || ratio > 1.4 {
			t.Errorf("distance %d of equals: %v", i, *d)
		}
	}
	d := sample(cold, 100, 40*n).Compare(sample(warm, 101, 40*n), 40*n, 40*n)
	variation, transport := 0.0, 0.0
	for s, p := range cold.probability { // all states of one cell have one energy
		variation += math.Max(0, p-warm.probability[s])
		transport += (warm.probability[s] - p) * cold.energy[s] / 9 // F of the cold one lies above everywhere
	}
	within(t, "joint variation", d.JointVariation.Value, variation, 0.05)
	within(t, "transport of the energy", d.EnergyTransport.Value, transport, 0.05)
	if d.EnergyVariation.Value > d.JointVariation.Value+1e-12 || d.OrderVariation.Value > d.JointVariation.Value+1e-12 {
		t.Errorf("parts differ by more than the whole: %+v", d)
	}
	if d.JointVariation.Value < 10*d.JointVariation.Noise {
		t.Errorf("noise as large as the distance: %+v", d.JointVariation)
	}
}

func (d *Distances) all() []*Distance {
	return []*Distance{&d.JointVariation, &d.EnergyVariation, &d.OrderVariation, &d.EnergyTransport, &d.OrderTransport}
}

// All spins up against all spins down: nothing shared, and M/N moved by 2.
func TestDistancesOfOpposites(t *testing.T) {
	model := ising.Model{Lattice: lattice(t, ising.Square, 3, ising.Periodic), Coupling: 1}
	up, down := NewCollector(model, 1), NewCollector(model, 1)
	for range 10 {
		up.Add(0, -18, 9, []uint64{0x1ff})
		down.Add(0, -18, -9, []uint64{0})
	}
	d := up.Histogram().Compare(down.Histogram(), 10, 10)
	if d.JointVariation.Value != 1 || d.EnergyVariation.Value != 0 || d.OrderVariation.Value != 1 || d.OrderTransport.Value != 2 || d.EnergyTransport.Value != 0 {
		t.Errorf("%+v", d)
	}
	other := ising.Model{Lattice: lattice(t, ising.Square, 4, ising.Periodic), Coupling: 1}
	expectPanic(t, "another model", func() { up.Histogram().Compare(NewCollector(other, 1).Histogram(), 1, 1) })
}
