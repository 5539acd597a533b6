package store

import (
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

// What was appended, in pieces of any length, is there, and the folder stays empty.
func TestSpill(t *testing.T) {
	folder, random := t.TempDir(), rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 1000, 3 * writeBuffer / 8} {
		s, err := NewSpill(folder)
		if err != nil {
			t.Fatal(err)
		}
		var want []uint64
		for len(want) < n {
			piece := make([]uint64, min(n-len(want), random.IntN(5000)))
			for i := range piece {
				piece[i] = random.Uint64()
			}
			if err := s.Append(piece); err != nil {
				t.Fatal(err)
			}
			want = append(want, piece...)
		}
		got, err := s.Words()
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%d words: other ones, %v", n, err)
		}
		if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 {
			t.Errorf("the folder has %v, %v", entries, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestSpillWithoutFolder(t *testing.T) {
	if _, err := NewSpill(t.TempDir() + "/none"); err == nil {
		t.Error("no error")
	}
}
