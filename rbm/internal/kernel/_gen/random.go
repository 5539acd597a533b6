package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// draw takes one word from every lane of the generators.
func (f *decider) draw() reg.VecVirtual {
	s, word, shifted := f.state, f.vector(), f.vector()
	VPADDD(s[3], s[0], word)
	f.rotate(7, word)
	VPADDD(s[0], word, word)
	VPSLLD(Imm(9), s[1], shifted)
	if f.halves == 1 {
		crossed := f.vector()
		VPXORD(s[3], s[1], crossed)
		VPTERNLOGD(Imm(xor3), s[0], s[2], s[1])
		VPTERNLOGD(Imm(xor3), shifted, s[0], s[2])
		VPXORD(crossed, s[0], s[0])
		VPROLD(Imm(11), crossed, s[3])
		return word
	}
	VPXOR(s[0], s[2], s[2])
	VPXOR(s[1], s[3], s[3])
	VPXOR(s[2], s[1], s[1])
	VPXOR(s[3], s[0], s[0])
	VPXOR(shifted, s[2], s[2])
	f.rotate(11, s[3])
	return word
}

// xor3 is the truth table of the exclusive or of three bits.
const xor3 = 0x96

// rotate rotates every word to the left.
func (t target) rotate(by uint64, v reg.VecVirtual) {
	if t.halves == 1 {
		VPROLD(Imm(by), v, v)
		return
	}
	left := t.vector()
	VPSLLD(Imm(by), v, left)
	VPSRLD(Imm(32-by), v, v)
	VPOR(left, v, v)
}

func (t target) or(x Op, y, z reg.VecVirtual) {
	if t.halves == 1 {
		VPORD(x, y, z)
		return
	}
	VPOR(x, y, z)
}

// place writes the bits of the sums below 1.
func (f *decider) place(sum reg.VecVirtual) {
	const less = 1
	if f.halves == 1 {
		VCMPPS(Imm(less), f.one, sum, reg.K2, reg.K1)
		KMOVW(reg.K1, Mem{Base: f.dst})
		return
	}
	VCMPPS(Imm(less), f.one, sum, sum)
	bits, lanes := GP32(), Load(Param("lanes"), GP32())
	VMOVMSKPS(sum, bits)
	SHRL(Imm(uint64(8*f.half)), lanes)
	ANDL(lanes, bits)
	MOVB(bits.As8(), Mem{Base: f.dst, Disp: f.half})
}
