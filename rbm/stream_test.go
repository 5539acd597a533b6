package rbm

import (
	"math"
	"slices"
	"testing"
)

// Multinomial counts: χ² within 6 standard deviations, a false alarm in less than
// 1 of 10⁶ seeds.
func TestStreamBelow(t *testing.T) {
	s := newStream([32]byte{1})
	counts, p := make([]int, 64), slices.Repeat([]float64{1.0 / 64}, 64)
	for range 100_000 {
		counts[s.below(64)]++
	}
	if x := chiSquared(counts, p); math.Abs(x) > 6 {
		t.Errorf("χ² is %.1f standard deviations off", x)
	}
}

func TestStreamPermute(t *testing.T) {
	s := newStream([32]byte{2})
	counts, p := make([]int, 120), slices.Repeat([]float64{1.0 / 120}, 120)
	order := make([]int32, 5)
	for range 60_000 {
		s.permute(order)
		rank, sorted := 0, slices.Clone(order)
		slices.Sort(sorted)
		if !slices.Equal(sorted, []int32{0, 1, 2, 3, 4}) {
			t.Fatalf("%v is not an order", order)
		}
		for i := range order {
			smaller := 0
			for _, later := range order[i+1:] {
				if later < order[i] {
					smaller++
				}
			}
			rank = rank*(5-i) + smaller
		}
		counts[rank]++
	}
	if x := chiSquared(counts, p); math.Abs(x) > 6 {
		t.Errorf("orders are not uniform: χ² is %.1f standard deviations off", x)
	}
}

// The mean and variance of uniform numbers in (−1, 1), 5σ each.
func TestStreamSymmetric(t *testing.T) {
	s := newStream([32]byte{3})
	const n = 100_000
	sum, squares := 0.0, 0.0
	for range n {
		x := s.symmetric()
		if !(-1 < x && x < 1) {
			t.Fatalf("%g is outside", x)
		}
		sum += x
		squares += x * x
	}
	if z := sum / math.Sqrt(n/3.0); math.Abs(z) > 5 {
		t.Errorf("the mean is %.1f standard deviations off", z)
	}
	if z := (squares - n/3.0) / math.Sqrt(n*4.0/45); math.Abs(z) > 5 {
		t.Errorf("the variance is %.1f standard deviations off", z)
	}
}

func TestStreamSplit(t *testing.T) {
	parent := newStream([32]byte{4})
	a, b := parent.split(), parent.split()
	if a.Uint64() == b.Uint64() {
		t.Error("two streams begin alike")
	}
}
