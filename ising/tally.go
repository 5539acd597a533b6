package ising

// A tally counts, for every chain, in how many of the added lanes its bit is set: up to 2^26 − 1.
//
// The counts are bit planes. Eight words are added at a time by full adders (Harley and Seal's method; Warren, Hacker's
// Delight, section 5-1), so that carries reach the plane of the eights once for eight words.
type tally struct{ planes [26]lanes }

// add counts eight more.
func (t *tally) add(block *[8]lanes) {
	for l := range laneWords {
		ones, twos, fours := t.planes[0][l], t.planes[1][l], t.planes[2][l]
		ones, twoA := fullAdder(ones, block[0][l], block[1][l])
		ones, twoB := fullAdder(ones, block[2][l], block[3][l])
		twos, fourA := fullAdder(twos, twoA, twoB)
		ones, twoA = fullAdder(ones, block[4][l], block[5][l])
		ones, twoB = fullAdder(ones, block[6][l], block[7][l])
		twos, fourB := fullAdder(twos, twoA, twoB)
		fours, carry := fullAdder(fours, fourA, fourB)
		t.planes[0][l], t.planes[1][l], t.planes[2][l] = ones, twos, fours
		for p := 3; carry != 0; p++ {
			plane := &t.planes[p][l]
			*plane, carry = *plane^carry, *plane&carry
		}
	}
}

// fullAdder adds three bits in every position.
func fullAdder(a, b, c uint64) (sum, carry uint64) {
	either := a ^ b
	return either ^ c, a&b | either&c
}

// counts returns the count of every chain.
func (t *tally) counts() (n [Lanes]int32) {
	for p := range t.planes {
		if t.planes[p] == (lanes{}) {
			continue
		}
		for c := range n {
			n[c] += int32(t.planes[p][c>>6]>>(c&63)&1) << p
		}
	}
	return n
}

// tallyUp counts the up spins of every chain, or on a staggered count those that are up on sublattice 0 and down on 1.
func tallyUp(l *Lattice, spins []lanes, staggered bool) [Lanes]int32 {
	var t tally
	for from := 0; from < len(spins); from += 8 {
		var block [8]lanes
		for j := range min(8, len(spins)-from) {
			block[j] = spins[from+j]
			if staggered && l.odd[(from+j)>>6]>>((from+j)&63)&1 == 1 {
				block[j] = not(block[j])
			}
		}
		t.add(&block)
	}
	return t.counts()
}

// tallyUnequal counts the antiparallel bonds of every chain.
func tallyUnequal(l *Lattice, spins []lanes) [Lanes]int32 {
	var t tally
	for from := 0; from < len(l.bonds); from += 8 {
		var block [8]lanes
		for j := range min(8, len(l.bonds)-from) {
			a, b := &spins[l.bonds[from+j].A], &spins[l.bonds[from+j].B]
			for w := range a {
				block[j][w] = a[w] ^ b[w]
			}
		}
		t.add(&block)
	}
	return t.counts()
}
