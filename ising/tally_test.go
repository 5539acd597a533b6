package ising

import (
	"math/rand/v2"
	"testing"
)

func TestTallyCounts(t *testing.T) {
	rng := rand.New(rand.NewPCG(26, 27))
	for _, blocks := range []int{0, 1, 2, 5, 100, 1000} {
		var tally tally
		var want [Lanes]int32
		for range blocks {
			var block [8]lanes
			for j := range block {
				for l := range block[j] {
					block[j][l] = rng.Uint64() | rng.Uint64()
				}
				for c := range want {
					want[c] += int32(block[j][c/64] >> (c % 64) & 1)
				}
			}
			tally.add(&block)
		}
		if got := tally.counts(); got != want {
			t.Errorf("%d blocks: wrong counts", blocks)
		}
	}
}

func TestTallyCountsAllOnes(t *testing.T) {
	var tally tally
	var ones [8]lanes
	for j := range ones {
		ones[j] = not(ones[j])
	}
	const blocks = 1<<17 + 3
	for range blocks {
		tally.add(&ones)
	}
	if got := tally.counts(); got[0] != 8*blocks || got[Lanes-1] != 8*blocks {
		t.Errorf("%d and %d, want %d", got[0], got[Lanes-1], 8*blocks)
	}
}
