package ising

import (
	"math/rand/v2"

	"isingrbm/ising/internal/multispin"
)

// Lanes is the number of independent Markov chains in a [Block].
const Lanes = 512

// laneWords is the number of 64-bit words that hold one bit for every chain.
const laneWords = multispin.Words

// lanes holds one bit for every chain of a block: chain c is bit c%64 of word c/64.
type lanes = multispin.Lanes

// xoshiro is the state of one generator, held in registers while one word's decisions are made.
type xoshiro = multispin.Xoshiro

// A stream is a block's random numbers. Those that differ from chain to chain come from eight generators xoshiro256++ side by
// side, one for each word of lanes, so that a draw gives every chain a bit of its own. The choices that all chains share,
// which never depend on a spin, come from ChaCha8, which also fills the eight states.
type stream struct {
	state  multispin.State
	shared *rand.Rand
	kernel *multispin.Kernel // what consumes them
}

func newStream(seed [32]byte, k *multispin.Kernel) *stream {
	source := rand.NewChaCha8(seed)
	s := &stream{shared: rand.New(source), kernel: k}
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
		u[l], g = g.Next()
		s.restore(l, g)
	}
	return u
}

func (s *stream) generator(l int) xoshiro { return multispin.Generator(&s.state, l) }

func (s *stream) restore(l int, x xoshiro) { multispin.Restore(&s.state, l, x) }

// not returns the complement.
func not(u lanes) lanes {
	for l := range u {
		u[l] = ^u[l]
	}
	return u
}
