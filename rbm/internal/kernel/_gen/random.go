package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// draw adds the steps that take one word from every lane of the generators. A shift by
// rotating and masking leaves the ports of additions to them.
func (f *decider) draw() reg.VecVirtual {
	s, word, shifted := f.state, f.vector(), f.vector()
	f.steps = append(f.steps, func() { VPADDD(s[3], s[0], word) })
	if f.halves == 1 {
		crossed := f.vector()
		f.steps = append(f.steps,
			func() { VPROLD(Imm(9), s[1], shifted) },
			func() { VPANDD(f.top, shifted, shifted) },
			func() { VPXORD(s[3], s[1], crossed) },
			func() { VPTERNLOGD(Imm(xor3), s[0], s[2], s[1]) },
			func() { VPTERNLOGD(Imm(xor3), shifted, s[0], s[2]) },
			func() { VPXORD(crossed, s[0], s[0]) },
			func() { VPROLD(Imm(11), crossed, s[3]) })
		return word
	}
	f.steps = append(f.steps,
		func() { VPSLLD(Imm(9), s[1], shifted) },
		func() { VPXOR(s[0], s[2], s[2]) },
		func() { VPXOR(s[1], s[3], s[3]) },
		func() { VPXOR(s[2], s[1], s[1]) },
		func() { VPXOR(s[3], s[0], s[0]) },
		func() { VPXOR(shifted, s[2], s[2]) },
		func() { f.rotate(11, s[3]) })
	return word
}

// Truth tables of three bits: their exclusive or; the first where the second is set, or
// the third.
const (
	xor3     = 0x96
	selectOr = 0xea
)

// rotate rotates every word to the left.
func (t target) rotate(by uint64, v reg.VecVirtual) {
	left := t.vector()
	VPSLLD(Imm(by), v, left)
	VPSRLD(Imm(32-by), v, v)
	VPOR(left, v, v)
}

// place writes the bits of the sums below 1, or below 2³² in units of 2⁻³².
func (f *decider) place(sum reg.VecVirtual) {
	const less = 1
	if f.halves == 1 {
		VCMPPS(Imm(less), f.whole, sum, reg.K2, reg.K1)
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
