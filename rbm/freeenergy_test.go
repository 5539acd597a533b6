package rbm

import (
	"math"
	"testing"
)

func TestFreeEnergiesAgainstFreeEnergy(t *testing.T) {
	for _, shape := range [][2]int{{3, 2}, {64, 64}, {70, 130}, {9, 600}} {
		m := randomMachine(4, shape[0], shape[1], 0.5)
		rows := randomRows(5, 600, shape[0])
		for r, got := range m.FreeEnergies(rows) {
			want := m.FreeEnergy(rows[r*Words(shape[0]):][:Words(shape[0])])
			if !near(got, want, 1e-6*math.Sqrt(float64(shape[0]*shape[1]))) {
				t.Fatalf("%v: row %d: F = %v, want %v", shape, r, got, want)
			}
		}
	}
}

func TestFreeEnergiesRefusePartsOfRows(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("half a row passed")
		}
	}()
	NewMachine(65, 1).FreeEnergies(make([]uint64, 3))
}
