package kernel

import (
	"math/rand/v2"
	"testing"
)

// Reference outputs of xoshiro128+ from the state 1, 2, 3, 4, as in the test of
// the Rust crate rand_xoshiro, which took them from the authors' C code.
var xoshiroReference = []uint32{5, 12295, 25178119, 27286542, 39879690,
	1140358681, 3276312097, 4110231701, 399823256, 2144435200}

func TestGeneratorReference(t *testing.T) {
	gen := testGenerators(1, 9)[0]
	const lane = 11
	gen[0][lane], gen[1][lane], gen[2][lane], gen[3][lane] = 1, 2, 3, 4
	for i, want := range xoshiroReference {
		var words [Lanes]uint32
		gen.draw(&words)
		if words[lane] != want {
			t.Fatalf("word %d is %d, want %d", i, words[lane], want)
		}
	}
}

func TestGeneratorLanesAreIndependentCopies(t *testing.T) {
	gen := testGenerators(1, 5)[0]
	var lanes [Lanes]scalar
	for l := range lanes {
		lanes[l] = scalar{gen[0][l], gen[1][l], gen[2][l], gen[3][l]}
	}
	for range 1000 {
		var words [Lanes]uint32
		gen.draw(&words)
		for l := range lanes {
			if want := lanes[l].next(); words[l] != want {
				t.Fatalf("lane %d drew %d, want %d", l, words[l], want)
			}
		}
	}
}

func TestGeneratorsFromOneSeed(t *testing.T) {
	a, b := testGenerators(3, 1), NewGenerators(3, rand.NewChaCha8([32]byte{1}))
	seen := map[[4]uint32]bool{}
	for i := range a {
		if a[i] != b[i] {
			t.Fatal("one seed gave two generators")
		}
		for l := range Lanes {
			seen[[4]uint32{a[i][0][l], a[i][1][l], a[i][2][l], a[i][3][l]}] = true
		}
	}
	if len(seen) != 3*Lanes {
		t.Fatalf("%d distinct states of %d", len(seen), 3*Lanes)
	}
}
