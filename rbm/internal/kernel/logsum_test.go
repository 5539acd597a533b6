package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Sums agree with float64 up to the rounding of activations and means, for every
// number of lanes, beyond the strips after which products are folded, beyond the rows
// of a block, and for activations beyond the limit of exponentials.
func TestLogSumsAgainstFloat64(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	for _, c := range []struct {
		inputs, outputs, rows int
		deviation             float64
	}{
		{1, 1, 3, 0.7}, {3, 15, 2, 0.7}, {4, 16, 1, 0.7}, {17, 33, 4, 0.7}, {64, 64, 513, 0.2},
		{65, Lanes*foldEvery + 7, 2, 0.1}, {10, 3*Lanes*foldEvery + 1, 2, 5}, {64, 20, 5, 30},
	} {
		p := randomParams(rng, c.inputs, c.outputs, c.deviation)
		up, _ := p.layers()
		src := randomRows(rng, c.rows, c.inputs)
		kept, got := slices.Clone(src), make([]LogSum, c.rows)
		up.LogSums(got, src, new(Workspace))
		if !slices.Equal(src, kept) {
			t.Fatal("rows were written to")
		}
		for r, sum := range got {
			want, size := 0.0, 1.0
			for o := range c.outputs {
				x := float64(p.activation(src[r*Words(c.inputs):], o)) * math.Ln2
				want += max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
				size += math.Abs(x)
			}
			value := float64(sum.Bits*math.Ln2) + math.Log(sum.Factor)
			if !(math.Abs(value-want) <= 3e-7*(size+float64(c.outputs))) || !(1 < sum.Factor && sum.Factor <= 2) {
				t.Fatalf("%v: row %d: %v, factor %v, want %v", c, r, value, sum.Factor, want)
			}
		}
	}
}

// Every kernel gives the bits of the portable one.
func TestLogSumsAreTheSameBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 2))
	p := randomParams(rng, 70, 90, 0.5)
	up, _ := p.layers()
	src := randomRows(rng, 21, 70)
	want := make([]LogSum, 21)
	up.LogSums(want, src, NewWorkspace(Portable))
	for _, k := range Kernels() {
		got := make([]LogSum, 21)
		up.LogSums(got, src, NewWorkspace(k))
		if !slices.Equal(got, want) {
			t.Errorf("kernel %s differs", k.Name())
		}
	}
}

func TestLogSumsRefuseWhatDoesNotFit(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("two rows went into one sum")
		}
	}()
	NewLayer(3, 3).LogSums(make([]LogSum, 1), make([]uint64, 2), new(Workspace))
}
