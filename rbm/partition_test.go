package rbm

import (
	"math"
	"testing"
)

func TestLogPartitionAgainstEnumerationOfBothLayers(t *testing.T) {
	for _, shape := range machineShapes {
		m := randomMachine(7, shape[0], shape[1], 2)
		_, want := marginal(m)
		got, err := m.LogPartition()
		if err != nil || !near(got, want, 1e-11*max(1, math.Abs(want))) {
			t.Errorf("%v: ln Z = %.14g, %v; want %.14g", shape, got, err, want)
		}
	}
}

// ln Z of a machine without weights factorizes, at any size of the other layer
// and far beyond the range of exp.
func TestLogPartitionOfIndependentUnits(t *testing.T) {
	m := NewMachine(300, 12)
	want := 0.0
	for i := range m.VisibleBias {
		m.VisibleBias[i] = float32(i - 100)
		want += softplus(float64(i - 100))
	}
	for j := range m.HiddenBias {
		m.HiddenBias[j] = float32(j * 9)
		want += softplus(float64(j * 9))
	}
	if got, err := m.LogPartition(); err != nil || !near(got/want, 1, 1e-13) {
		t.Errorf("ln Z = %.14g, %v; want %.14g", got, err, want)
	}
}

func TestLogPartitionRefusesTwoLargeLayers(t *testing.T) {
	if _, err := NewMachine(26, 26).LogPartition(); err == nil {
		t.Error("26 × 26 units were enumerated")
	}
}

// The walk by factors gives what the walk by activations gives, also where products are
// split and where states' weights differ by more than float64 holds; it is left where a
// factor might overflow.
func TestFactorWalkAgainstWalk(t *testing.T) {
	for _, c := range []struct {
		visible, hidden int
		deviation       float64
		factors         bool
	}{{3, 2, 1, true}, {64, 9, 0.3, true}, {9, 700, 2, true}, {2000, 8, 5, true}, {10, 30, 40, false}, {1, 1, 400, false}} {
		m := randomMachine(9, c.visible, c.hidden, c.deviation)
		e := m.enumeration()
		f := e.factors()
		if (f != nil) != c.factors {
			t.Errorf("%v: factors are used: %v", c, f != nil)
			continue
		}
		e.walk(0, 0)
		want := e.sum.log()
		if f != nil {
			f.walk(0, 1)
			if got := f.sum.log(); !near(got, want, 1e-13*(1+math.Abs(want))) {
				t.Errorf("%v: ln Z = %.16g, want %.16g", c, got, want)
			}
		}
		if got, err := m.LogPartition(); err != nil || !near(got, want, 1e-13*(1+math.Abs(want))) {
			t.Errorf("%v: LogPartition %.16g, %v; want %.16g", c, got, err, want)
		}
	}
}

func TestScaledSum(t *testing.T) {
	var s scaledSum
	for _, x := range []struct {
		value    float64
		exponent int
	}{{0.5, -3000}, {0.5, 2001}, {0.75, 2000}, {0.5, 2002}, {0.9, 1000}} {
		s.add(x.value, x.exponent)
	}
	if want := math.Log(3.75) + 2000*math.Ln2; !near(s.log(), want, 1e-12*want) {
		t.Errorf("ln of the sum is %v, want %v", s.log(), want)
	}
}

func TestLogSum(t *testing.T) {
	var s logSum
	if !math.IsInf(s.log(), -1) {
		t.Error("the empty sum is not zero")
	}
	for _, x := range []float64{-2000, 1000, 999, 1001, -5} {
		s.add(x)
	}
	want := 1001 + math.Log(1+math.Exp(-1)+math.Exp(-2))
	if !near(s.log(), want, 1e-12) {
		t.Errorf("got %.14g, want %.14g", s.log(), want)
	}
}

func BenchmarkLogPartition(b *testing.B) {
	m := randomMachine(8, 64, 12, 0.5)
	for b.Loop() {
		if _, err := m.LogPartition(); err != nil {
			b.Fatal(err)
		}
	}
}
