package ising

import (
	"math"
	"testing"
)

func TestStreamsOfDifferentSeedsAndWordsDiffer(t *testing.T) {
	a, b, again := testStream([32]byte{1}), testStream([32]byte{2}), testStream([32]byte{1})
	seen := map[uint64]bool{}
	for range 100 {
		u := a.draw()
		if u != again.draw() {
			t.Fatal("one seed, two streams")
		}
		for _, words := range []lanes{u, b.draw()} {
			for _, w := range words {
				seen[w] = true
			}
		}
	}
	if len(seen) != 2*100*laneWords {
		t.Errorf("%d different words of %d", len(seen), 2*100*laneWords)
	}
	if a.shared.Uint64() == b.shared.Uint64() {
		t.Error("two seeds, one shared choice")
	}
}

// Every lane's bits are fair, and those of neighboring lanes independent. With n = 4096 draws each of 512 frequencies and of
// 511 agreements is binomial with σ = ½/√n; a largest deviation above 5σ has probability 6·10⁻⁴ in a fair stream, and the
// seed is fixed.
func TestLanesOfADrawAreFair(t *testing.T) {
	s := testStream([32]byte{3})
	const n = 4096
	var ones, equal [Lanes]int
	for range n {
		u := s.draw()
		for c := range ones {
			bit := u[c/64] >> (c % 64) & 1
			ones[c] += int(bit)
			if next := (c + 1) % Lanes; bit == u[next/64]>>(next%64)&1 {
				equal[c]++
			}
		}
	}
	for c := range ones {
		for _, count := range []int{ones[c], equal[c]} {
			if z := (float64(count) - n/2) / math.Sqrt(n/4); math.Abs(z) > 5 {
				t.Errorf("lane %d: %.1fσ", c, z)
			}
		}
	}
}
