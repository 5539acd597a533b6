package rbm

import (
	"fmt"
	"math/bits"
)

// permutation moves the units of a row: new[i] = old[p[i]]. Units that move by the
// same distance between the same words move together, so the translations of a
// lattice take a few operations a word, and any other permutation at most one a
// unit.
type permutation []move

// move rotates the masked bits of one word into another.
type move struct {
	mask     uint64
	from, to uint16
	distance int8
}

// compile checks p, a permutation of the given number of units.
func compile(p []int32, units int) (permutation, error) {
	if len(p) != units {
		return nil, fmt.Errorf("%d elements for %d units", len(p), units)
	}
	seen := make([]bool, units)
	index := make(map[move]int)
	var moves permutation
	for i, old := range p {
		if old < 0 || int(old) >= units || seen[old] {
			return nil, fmt.Errorf("element %d is %d: out of range or there twice", i, old)
		}
		seen[old] = true
		key := move{from: uint16(old / 64), to: uint16(i / 64), distance: int8((i - int(old)) & 63)}
		k, known := index[key]
		if !known {
			k = len(moves)
			index[key] = k
			moves = append(moves, key)
		}
		moves[k].mask |= 1 << (old % 64)
	}
	return moves, nil
}

// apply writes the permuted row to dst.
func (p permutation) apply(dst, row []uint64) {
	clear(dst)
	for _, m := range p {
		dst[m.to] |= bits.RotateLeft64(row[m.from]&m.mask, int(m.distance))
	}
}
