package kernel

import (
	"math/bits"
	"math/rand/v2"
)

// Generator is 16 xoshiro128+ generators, one a lane: element [k][l] is word k of
// lane l's state, which must not be all zero.
type Generator [4][Lanes]uint32

// NewGenerators returns n generators whose states are drawn from src.
func NewGenerators(n int, src *rand.ChaCha8) []Generator {
	gens := make([]Generator, n)
	for i := range gens {
		gens[i].seed(src)
	}
	return gens
}

func (g *Generator) seed(src *rand.ChaCha8) {
	for l := range Lanes {
		for g[0][l]|g[1][l]|g[2][l]|g[3][l] == 0 {
			low, high := src.Uint64(), src.Uint64()
			g[0][l], g[1][l] = uint32(low), uint32(low>>32)
			g[2][l], g[3][l] = uint32(high), uint32(high>>32)
		}
	}
}

// draw takes one word from every lane.
func (g *Generator) draw(words *[Lanes]uint32) {
	for l := range Lanes {
		s0, s1, s2, s3 := g[0][l], g[1][l], g[2][l], g[3][l]
		words[l] = s0 + s3
		s2 ^= s0
		s3 ^= s1
		g[0][l] = s0 ^ s3
		g[1][l] = s1 ^ s2
		g[2][l] = s2 ^ s1<<9
		g[3][l] = bits.RotateLeft32(s3, 11)
	}
}
