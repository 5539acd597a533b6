package exact

import "math/bits"

// An orbit is a set of row configurations that symmetries of the ring of L sites turn into each other.
type orbit struct {
	row    int // its smallest member
	weight int // the number of its members
}

// orbits returns those of rotations and reflections and, if told so, of turning all spins over.
func orbits(size int, flips bool) []orbit {
	var found []orbit
	seen := make([]bool, 1<<size)
	for row := range seen {
		if seen[row] {
			continue
		}
		o := orbit{row: row}
		for _, image := range images(row, size, flips) {
			if !seen[image] {
				seen[image] = true
				o.weight++
			}
		}
		found = append(found, o)
	}
	return found
}

// images returns everything that a row turns into, with repetitions.
func images(row, size int, flips bool) []int {
	var all []int
	mirror := int(bits.Reverse64(uint64(row)) >> (64 - size))
	for range size {
		row, mirror = rotate(row, size), rotate(mirror, size)
		all = append(all, row, mirror)
		if flips {
			all = append(all, row^(1<<size-1), mirror^(1<<size-1))
		}
	}
	return all
}

// rotate turns a ring of the given size by one site.
func rotate(row, size int) int {
	return (row>>1 | row<<(size-1)) & (1<<size - 1)
}

// rowWalls returns the number of unequal neighbors in every row configuration of a ring.
func rowWalls(size int) []int {
	walls := make([]int, 1<<size)
	for row := range walls {
		walls[row] = bits.OnesCount(uint(row ^ rotate(row, size)))
	}
	return walls
}
