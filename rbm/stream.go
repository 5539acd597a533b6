package rbm

import (
	"math/bits"
	"math/rand/v2"

	"isingrbm/rbm/internal/kernel"
)

// stream is a source of scalar random numbers; its methods are written out so that
// no change of package rand can change a training.
type stream struct{ *rand.ChaCha8 }

// split draws the seed of another stream.
func (s *stream) split() *stream {
	var seed [32]byte
	for i := range seed {
		seed[i] = byte(s.Uint64() >> 56)
	}
	return newStream(seed)
}

func newStream(seed [32]byte) *stream { return &stream{rand.NewChaCha8(seed)} }

// below returns a whole number in [0, n); its bias is below n/2⁶⁴.
func (s *stream) below(n int) int {
	high, _ := bits.Mul64(s.Uint64(), uint64(n))
	return int(high)
}

// symmetric returns a uniform number in (−1, 1).
func (s *stream) symmetric() float64 {
	return (float64(s.Uint64()>>11)+0.5)*0x1p-52 - 1
}

// permute writes a random order of 0 … len(order)−1 (Fisher and Yates).
func (s *stream) permute(order []int32) {
	for i := range order {
		j := s.below(i + 1)
		order[i] = order[j]
		order[j] = int32(i)
	}
}

// flipRows flips all units of each row of the given layers, which share rows, with
// probability ½.
func (s *stream) flipRows(n int, layers ...packed) {
	var coins uint64
	for r := range n {
		if r%64 == 0 {
			coins = s.Uint64()
		}
		for _, l := range layers {
			l.flip(r, coins&1)
		}
		coins >>= 1
	}
}

// packed is a set of rows of a number of units.
type packed struct {
	rows  []uint64
	units int
}

// flip inverts the units of row r if bit is 1.
func (p packed) flip(r int, bit uint64) {
	words := Words(p.units)
	row := p.rows[r*words:][:words]
	for k := range row {
		row[k] ^= -bit
	}
	row[words-1] &= ^uint64(0) >> (-uint(p.units) % 64)
}

// generators draws the states of the generators of a layer of units.
func (s *stream) generators(units int) []kernel.Generator {
	return kernel.NewGenerators(kernel.Strips(units), s.ChaCha8)
}
