package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A stream is eight generators xoshiro256++ side by side, held in registers.
type stream struct {
	target
	state [4]lanes
	home  Mem
}

func (t target) stream(home Mem) *stream {
	s := &stream{target: t, home: home}
	for i := range s.state {
		s.state[i] = t.load(home.Offset(64 * i))
	}
	return s
}

func (s *stream) save() {
	for i := range s.state {
		s.store(s.state[i], s.home.Offset(64*i))
	}
}

// draw returns part h of the next bits, one for every chain.
func (s *stream) draw(h int) reg.VecVirtual {
	a, b, c, d := s.state[0][h], s.state[1][h], s.state[2][h], s.state[3][h]
	u, shifted := s.vector(), s.vector()
	VPADDQ(a, d, u)
	s.rotate(23, u, u)
	VPADDQ(a, u, u)
	VPSLLQ(U8(17), b, shifted)
	s.xor(b, d, d)
	if s.parts == 1 {
		parity := func(z, y, x bool) bool { return z != y != x }
		ternary(parity, a, c, b)
		ternary(parity, a, shifted, c)
	} else {
		s.xor(a, c, c)
		s.xor(c, b, b)
		s.xor(shifted, c, c)
	}
	s.xor(d, a, a)
	s.rotate(45, d, d)
	return u
}
