package rbm

import (
	"math"
	"testing"
)

// Against the sums over all states of both layers.
func TestMomentsAgainstEnumeration(t *testing.T) {
	for _, shape := range [][2]int{{5, 3}, {3, 5}, {4, 4}, {1, 6}} {
		nv, nh := shape[0], shape[1]
		m := randomMachine(70, nv, nh, 1.3)
		want := newParameters(nv, nh)
		_, logZ := marginal(m)
		sums := make([]float64, nv*nh+nv+nh)
		for v := range uint64(1) << nv {
			for h := range uint64(1) << nh {
				p := math.Exp(-literalEnergy(m, []uint64{v}, []uint64{h}) - logZ)
				for i := range nv {
					for j := range nh {
						sums[i*nh+j] += p * bitOf([]uint64{v}, i) * bitOf([]uint64{h}, j)
					}
					sums[nv*nh+i] += p * bitOf([]uint64{v}, i)
				}
				for j := range nh {
					sums[nv*nh+nv+j] += p * bitOf([]uint64{h}, j)
				}
			}
		}
		want.subtract(newMoments(m))
		for k, got := range flatten(want.machine()) {
			if !near(got, -sums[k], 1e-7) {
				t.Fatalf("%v: moment %d is %g, want %g", shape, k, -got, sums[k])
			}
		}
	}
}

// Moments stay probabilities where weights are so large that one state has all of
// the weight.
func TestMomentsOfAnExtremeMachine(t *testing.T) {
	m := NewMachine(3, 2)
	for k := range m.Weights {
		m.Weights[k] = 1e4
	}
	r := newMoments(m)
	for _, mean := range append(r.small, r.large...) {
		if !near(mean, 1, 1e-9) {
			t.Errorf("a mean of %g", mean)
		}
	}
}

// Small steps along the exact gradient of all the data raise the likelihood every
// time.
func TestExactGradientClimbs(t *testing.T) {
	rows, _ := ringRows(500, 6, 0.3)
	for _, s := range []Settings{{}, {Centered: true}, {Symmetry: "flip"}, {Symmetry: "translation", Group: ringShifts(6)}} {
		s.Algorithm, s.Updates, s.Rate = "exact", 30, 0.05
		trainer := newTestTrainer(t, s, 6, 6, rows)
		last := trainer.Record(nil).LogLikelihoodTraining
		for range 30 {
			update(t, trainer, 1)
			next := trainer.Record(nil).LogLikelihoodTraining
			if !(next > last) {
				t.Fatalf("%q: the likelihood went from %.10g to %.10g", s.Symmetry, last, next)
			}
			last = next
		}
		if len(trainer.Chains()) != 0 {
			t.Error("there are chains")
		}
	}
}

func BenchmarkMoments(b *testing.B) {
	m := randomMachine(71, 64, 12, 0.1)
	for b.Loop() {
		newMoments(m)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(1<<12), "ns/state")
}
