package rbm

import (
	"math"
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

// below returns a whole number in [0, n).
func (s *stream) below(n int) int { return scaled(s.Uint64(), n) }

// scaled turns a random word into a whole number in [0, n), with a bias below n/2⁶⁴.
func scaled(word uint64, n int) int {
	high, _ := bits.Mul64(word, uint64(n))
	return int(high)
}

// symmetric returns a uniform number in (−1, 1).
func (s *stream) symmetric() float64 {
	return (float64(s.Uint64()>>11)+0.5)*0x1p-52 - 1
}

// unit returns a uniform number in (0, 1).
func (s *stream) unit() float64 { return (float64(s.Uint64()>>11) + 0.5) * 0x1p-53 }

// normal returns a normally distributed number (Marsaglia's polar method).
func (s *stream) normal() float64 {
	for {
		x, y := s.symmetric(), s.symmetric()
		if r := float64(x*x) + float64(y*y); r < 1 {
			return x * math.Sqrt(-2*log(r)/r)
		}
	}
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

// state returns the state of the stream, to be given to restore.
func (s *stream) state() []byte {
	state, err := s.MarshalBinary()
	if err != nil {
		panic("rbm: " + err.Error()) // package rand documents that there is none
	}
	return state
}

// restore continues where state was taken.
func (s *stream) restore(state []byte) error { return s.UnmarshalBinary(state) }
