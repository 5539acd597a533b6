package rbm

import "testing"

// What the benchmarks compare with must train as well: the same machine by matrix
// products learns an exact distribution.
func TestDenseLearns(t *testing.T) {
	rows, p := ringRows(300, 6, 0.3)
	d := newDense(task{visible: 6, hidden: 6, steps: 5, batch: len(rows)})
	d.rate = 0.5
	for r, row := range rows {
		for i := range d.visibleBias {
			d.data.Data[r*d.data.Stride+i] = float32(row >> i & 1)
		}
	}
	machine := &Machine{6, 6, d.weights.Data, d.visibleBias, d.hiddenBias}
	start := divergence(p, visibleDistribution(machine))
	for range 1000 {
		d.update()
	}
	if kl := divergence(p, visibleDistribution(machine)); kl > 0.05*start {
		t.Errorf("KL went from %g to %g", start, kl)
	}
}
