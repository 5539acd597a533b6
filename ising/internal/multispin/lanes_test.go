package multispin

import "testing"

// The first outputs of xoshiro256++ from the state 1, 2, 3, 4, as the authors' C code gives them.
func TestXoshiroReference(t *testing.T) {
	x := Xoshiro{1, 2, 3, 4}
	for i, want := range []uint64{41943041, 58720359, 3588806011781223, 3591011842654386, 9228616714210784205,
		9973669472204895162, 14011001112246962877, 12406186145184390807, 15849039046786891736, 10450023813501588000} {
		var got uint64
		if got, x = x.Next(); got != want {
			t.Fatalf("output %d is %d, want %d", i, got, want)
		}
	}
}

func TestXoshiroSkip(t *testing.T) {
	x := Xoshiro{1, 2, 3, 4}
	y := x
	for range 7 {
		_, y = y.Next()
	}
	if x.Skip(7) != y || x.Skip(0) != x {
		t.Error("skipping is not drawing")
	}
}
