package ising

import (
	"math/bits"
	"math/rand/v2"
)

// Lanes is the number of independent Markov chains in a [Block].
const Lanes = 512

// laneWords is the number of 64-bit words that hold one bit for every chain.
const laneWords = Lanes / 64

// lanes holds one bit for every chain of a block: chain c is bit c%64 of word c/64.
type lanes [laneWords]uint64

// A stream is a block's random numbers. Those that differ from chain to chain come from eight generators xoshiro256++
// (Blackman and Vigna, ACM Trans. Math. Softw. 47, 36 (2021)) side by side, one for each word of lanes, so that a draw gives
// every chain a bit of its own. The choices that all chains share, which never depend on a spin, come from ChaCha8, which
// also fills the eight states.
type stream struct {
	state  [4]lanes // word l of state[0..3] is the state of generator l
	shared *rand.Rand
}

func newStream(seed [32]byte) *stream {
	source := rand.NewChaCha8(seed)
	s := &stream{shared: rand.New(source)}
	for i := range s.state {
		for l := range s.state[i] {
			s.state[i][l] = source.Uint64()
		}
	}
	return s
}

// draw returns one fair bit a chain.
func (s *stream) draw() (u lanes) {
	for l := range u {
		g := s.generator(l)
		u[l], g = g.next()
		s.restore(l, g)
	}
	return u
}

// xoshiro is the state of one generator, held in registers while one word's decisions are made.
type xoshiro struct{ a, b, c, d uint64 }

func (s *stream) generator(l int) xoshiro {
	return xoshiro{s.state[0][l], s.state[1][l], s.state[2][l], s.state[3][l]}
}

func (s *stream) restore(l int, g xoshiro) {
	s.state[0][l], s.state[1][l], s.state[2][l], s.state[3][l] = g.a, g.b, g.c, g.d
}

// next returns the generator's next 64 bits and its next state.
func (g xoshiro) next() (uint64, xoshiro) {
	u := bits.RotateLeft64(g.a+g.d, 23) + g.a
	c, d := g.c^g.a, g.d^g.b
	return u, xoshiro{g.a ^ d, g.b ^ c, c ^ g.b<<17, bits.RotateLeft64(d, 45)}
}

// skip returns the state after n draws that nobody looks at.
func (g xoshiro) skip(n int) xoshiro {
	for range n {
		_, g = g.next()
	}
	return g
}

// not returns the complement.
func (u lanes) not() lanes {
	for l := range u {
		u[l] = ^u[l]
	}
	return u
}
