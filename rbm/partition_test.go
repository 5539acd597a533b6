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
