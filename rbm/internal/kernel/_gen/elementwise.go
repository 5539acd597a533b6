package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// advance adds multiples of strips to others.
func advance() {
	t := avx2()
	t.text("advance", "adds rate × along to n strips.", "func(strips, along *[16]float32, n int, rate float32)")
	strips, along, n := number("strips"), number("along"), number("n")
	scalar, rate := XMM(), YMM()
	Load(Param("rate"), scalar)
	VBROADCASTSS(scalar, rate)
	eachStrip(n, func() {
		for h := range t.halves {
			x := t.vector()
			VMULPS(Mem{Base: along, Disp: h * t.bytes}, rate, x)
			VADDPS(Mem{Base: strips, Disp: h * t.bytes}, x, x)
			VMOVUPS(x, Mem{Base: strips, Disp: h * t.bytes})
		}
		ADDQ(U32(stripBytes), strips)
		ADDQ(U32(stripBytes), along)
	})
	VZEROUPPER()
	RET()
}

// finite looks at exponents: that of a number that is not finite is all ones, and one
// more carries into the sign.
func finite() {
	t := avx2()
	t.text("infinite", "returns zero if every number of n strips is finite.", "func(strips *[16]float32, n int) uint32")
	strips, n := number("strips"), number("n")
	exponent, one := t.words("exponent", 0x7f800000), t.words("exponentOne", 0x00800000)
	carries := make([]reg.VecVirtual, t.halves)
	for h := range carries {
		carries[h] = t.vector()
		VPXOR(carries[h], carries[h], carries[h])
	}
	mask, step := t.vector(), t.vector()
	VMOVUPS(exponent, mask)
	VMOVUPS(one, step)
	eachStrip(n, func() {
		for h, c := range carries {
			x := t.vector()
			VPAND(Mem{Base: strips, Disp: h * t.bytes}, mask, x)
			VPADDD(step, x, x)
			VPOR(x, c, c)
		}
		ADDQ(U32(stripBytes), strips)
	})
	VPOR(carries[0], carries[1], carries[0])
	signs := GP32()
	VMOVMSKPS(carries[0], signs)
	Store(signs, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// eachStrip repeats work for n strips.
func eachStrip(n reg.Register, work func()) {
	TESTQ(n, n)
	JZ(LabelRef("end"))
	Label("strip")
	work()
	DECQ(n)
	JNZ(LabelRef("strip"))
	Label("end")
}
