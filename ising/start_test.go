package ising

import (
	"math"
	"testing"
)

func TestBlocksStartOrderedBelowTheCriticalTemperature(t *testing.T) {
	for _, c := range []struct {
		kind        Kind
		size        int
		boundary    Boundary
		coupling    float64
		field       float64
		temperature float64
		ordered     bool
	}{
		{Square, 8, Periodic, 1, 0, 2.26, true}, {Square, 8, Periodic, 1, 0, 2.28, false},
		{Square, 8, Periodic, -2, 0, 4.5, true}, {Square, 8, Periodic, -2, 0, 4.6, false},
		{Square, 5, Periodic, -1, 0, 0.5, false}, {Square, 5, Open, -1, 0, 0.5, true}, {Square, 5, Open, -1, 1, 0.5, true},
		{Triangular, 6, Periodic, 1, 0, 3.6, true}, {Triangular, 6, Periodic, 1, 0, 3.7, false},
		{Triangular, 6, Periodic, -1, 0, 0.1, false}, {Cubic, 4, Open, 1, 0, 4.5, true}, {Cubic, 4, Open, 1, 0, 4.6, false},
		{Chain, 8, Periodic, 1, 0, 0.7, true}, {Chain, 8, Periodic, 1, 0, 0.75, false}, {Square, 8, Periodic, 1, 0.1, 2, true},
		{Square, 8, Periodic, 1, -0.1, 2, true},
	} {
		m := Model{mustLattice(t, c.kind, c.size, c.boundary), c.coupling, c.field}
		b := mustBlock(t, m, c.temperature, Auto, 73)
		orders := make([]int32, Lanes)
		b.OrderParameters(orders)
		full, up := 0, 0
		for _, o := range orders {
			if int(math.Abs(float64(o))) == m.Lattice.Sites() {
				full++
			}
			if o > 0 {
				up++
			}
		}
		if (full == Lanes) != c.ordered {
			t.Errorf("%v T=%v: %d chains ordered", m, c.temperature, full)
		}
		switch {
		case c.ordered && c.coupling > 0 && c.field > 0 && up != Lanes, c.ordered && c.coupling > 0 && c.field < 0 && up != 0:
			t.Errorf("%v: %d chains up", m, up)
		case c.field == 0 && (up < Lanes/4 || up > 3*Lanes/4):
			t.Errorf("%v: %d chains up of %d", m, up, Lanes)
		}
	}
}
