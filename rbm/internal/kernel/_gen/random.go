package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// draw adds the steps that take one word from every lane of the generators.
func (f *decider) draw() reg.VecVirtual {
	s, word, shifted, crossed := f.state, f.vector(), f.vector(), f.vector()
	f.steps = append(f.steps,
		func() { VPADDD(s[3], s[0], word) },
		func() { f.rotate(7, word) },
		func() { VPADDD(s[0], word, word) },
		func() { VPSLLD(Imm(9), s[1], shifted) })
	if f.halves == 1 {
		f.steps = append(f.steps,
			func() { VPXORD(s[3], s[1], crossed) },
			func() { VPTERNLOGD(Imm(xor3), s[0], s[2], s[1]) },
			func() { VPTERNLOGD(Imm(xor3), shifted, s[0], s[2]) },
			func() { VPXORD(crossed, s[0], s[0]) },
			func() { VPROLD(Imm(11), crossed, s[3]) })
		return word
	}
	f.steps = append(f.steps,
		func() { VPXOR(s[0], s[2], s[2]) },
		func() { VPXOR(s[1], s[3], s[3]) },
		func() { VPXOR(s[2], s[1], s[1]) },
		func() { VPXOR(s[3], s[0], s[0]) },
		func() { VPXOR(shifted, s[2], s[2]) },
		func() { f.rotate(11, s[3]) })
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
