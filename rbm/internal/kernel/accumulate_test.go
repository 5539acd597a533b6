package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// literalAccumulate adds to acc in the order of the definition.
func literalAccumulate(acc, panel []Strip, rows []uint64, stride int) {
	for r := range acc {
		for l := range Lanes {
			for group := 0; group < len(panel); group += 4 {
				t := float32(0)
				for i := group; i < group+4; i++ {
					if bitAt(rows[r*stride:], i) {
						t += panel[i][l]
					}
				}
				acc[r][l] += t
			}
		}
	}
}

func TestAccumulateIsLiteral(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	w := new(Workspace) // one for all sizes: leftovers must not matter
	for _, n := range []int{0, 1, 2, 7, 100} {
		for _, inputs := range []int{4, 8, 60, 64, 68, 128, 200} {
			stride := Words(inputs) + rng.IntN(2)
			rows := make([]uint64, n*stride)
			for r := range n {
				copy(rows[r*stride:], randomRows(rng, 1, inputs))
			}
			panel, acc := randomStrips(rng, inputs, 1), randomStrips(rng, n, 1)
			want := slices.Clone(acc)
			Accumulate(acc, panel, rows, stride, w)
			literalAccumulate(want, panel, rows, stride)
			if !slices.Equal(acc, want) {
				t.Fatalf("%d rows of %d inputs differ from the definition", n, inputs)
			}
		}
	}
}

// A float32 sum of n terms in groups of four is within (n/4+4)·2⁻²⁴·Σ|w| of the
// exact one.
func TestAccumulateAgainstFloat64(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	const n, inputs = 50, 256
	rows, panel, acc := randomRows(rng, n, inputs), randomStrips(rng, inputs, 1), make([]Strip, n)
	Accumulate(acc, panel, rows, Words(inputs), new(Workspace))
	for r := range acc {
		for l := range Lanes {
			sum, abs := 0.0, 0.0
			for i := range panel {
				if bitAt(rows[r*Words(inputs):], i) {
					sum += float64(panel[i][l])
					abs += math.Abs(float64(panel[i][l]))
				}
			}
			if diff := math.Abs(float64(acc[r][l]) - sum); diff > (inputs/4+4)*0x1p-24*abs {
				t.Fatalf("row %d, lane %d: %g, want %g", r, l, acc[r][l], sum)
			}
		}
	}
}

// Rows of the panel whose bits are clear may hold anything.
func TestAccumulateIgnoresClearRows(t *testing.T) {
	panel := make([]Strip, 8)
	for i := range panel {
		for l := range Lanes {
			panel[i][l] = float32(i)
		}
	}
	panel[3][5] = float32(math.NaN())
	panel[6][5] = float32(math.Inf(1))
	acc := make([]Strip, 1)
	Accumulate(acc, panel, []uint64{0b10110111}, 1, new(Workspace))
	if want := float32(0 + 1 + 2 + 4 + 5 + 7); acc[0][5] != want {
		t.Errorf("sum is %g, want %g", acc[0][5], want)
	}
}

func TestAccumulateRefusesIncompleteGroups(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a panel of three rows was accepted")
		}
	}()
	Accumulate(make([]Strip, 1), make([]Strip, 3), []uint64{0}, 1, new(Workspace))
}
