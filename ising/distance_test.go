package ising

import "testing"

// Neighbors are at distance 1 and nothing else is; distances by hand; symmetric.
func TestSquaredDistance(t *testing.T) {
	for _, kind := range []Kind{Chain, Square, Triangular, Cubic} {
		for _, boundary := range []Boundary{Periodic, Open} {
			l, err := NewLattice(kind, 5, boundary)
			if err != nil {
				t.Fatal(err)
			}
			neighbors := make(map[[2]int32]bool)
			for _, b := range l.Bonds() {
				neighbors[[2]int32{min(b.A, b.B), max(b.A, b.B)}] = true
			}
			for a := range l.Sites() {
				for b := a + 1; b < l.Sites(); b++ {
					d := l.SquaredDistance(a, b)
					if d != l.SquaredDistance(b, a) || (d == 1) != neighbors[[2]int32{int32(a), int32(b)}] || d < 1 {
						t.Fatalf("%s, %s: sites %d and %d at %d", kind, boundary, a, b, d)
					}
				}
			}
		}
	}
	for _, c := range []struct {
		kind     Kind
		boundary Boundary
		a, b     int
		want     int
	}{
		{Square, Periodic, 0, 5*3 + 4, 4 + 1}, {Square, Open, 0, 5*3 + 4, 9 + 16}, {Cubic, Periodic, 0, 4 + 5*4 + 25*4, 3},
		{Triangular, Open, 4, 5 * 4, 48}, {Triangular, Periodic, 0, 4 + 5*1, 3}, {Triangular, Periodic, 0, 2 + 5*3, 7}, {Chain, Periodic, 1, 4, 4},
	} {
		l, err := NewLattice(c.kind, 5, c.boundary)
		if err != nil {
			t.Fatal(err)
		}
		if got := l.SquaredDistance(c.a, c.b); got != c.want {
			t.Errorf("%s, %s: sites %d and %d at %d, want %d", c.kind, c.boundary, c.a, c.b, got, c.want)
		}
	}
}
