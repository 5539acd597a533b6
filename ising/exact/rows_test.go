package exact

import "testing"

// TestOrbits counts necklaces that may be turned over (bracelets, OEIS A000029; with exchange of colors A000011).
func TestOrbits(t *testing.T) {
	bracelets := map[int]int{3: 4, 4: 6, 5: 8, 6: 13, 8: 30, 10: 78}
	exchanged := map[int]int{3: 2, 4: 4, 5: 4, 6: 8, 8: 18, 10: 44}
	for size, want := range bracelets {
		for _, flips := range []bool{false, true} {
			found := orbits(size, flips)
			if flips {
				want = exchanged[size]
			}
			members := 0
			for _, o := range found {
				members += o.weight
			}
			if len(found) != want || members != 1<<size {
				t.Errorf("L = %d, flips %v: %d orbits of %d rows, want %d of %d", size, flips, len(found), members, want, 1<<size)
			}
		}
	}
}

func TestRowWalls(t *testing.T) {
	walls := rowWalls(5)
	for row, want := range map[int]int{0: 0, 31: 0, 1: 2, 3: 2, 5: 4, 0b10101: 4} {
		if walls[row] != want {
			t.Errorf("row %05b has %d walls, want %d", row, walls[row], want)
		}
	}
}
