package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A decision draws bits, computes means, or both.
type decision struct{ bits, means bool }

func (d decision) name() string {
	switch {
	case !d.means:
		return "decide"
	case !d.bits:
		return "mean"
	}
	return "decideMean"
}

// constants of the definition.
type definition struct {
	limit, lowest, round, one, offset Op
	c                                 [6]Op // 2^(−g)
}

func (t target) definition(d decision) (k definition) {
	k.limit, k.lowest = t.float("limit", 64), t.float("lowest", -64)
	k.round, k.one = t.float("round", 3<<22), t.float("one", 1)
	if d.bits {
		k.offset = t.float("offset", 1-0x1p-24)
	}
	k.c[0] = k.one
	for i, x := range []float64{-11629077.0 / (1 << 24), 16121057.0 / (1 << 26), -14900131.0 / (1 << 28), 10384692.0 / (1 << 30), -11394314.0 / (1 << 33)} {
		k.c[i+1] = t.float(fmt.Sprintf("c%d", i+1), x)
	}
	return k
}

// decider is one function of them in the making.
type decider struct {
	target
	decision
	definition
	state                      []reg.VecVirtual
	scale                      []reg.VecVirtual
	acc, dst, stride, n, whole reg.Register
	half                       int
}

// decide draws bits with the probabilities 1/(1+2^(−z)), or computes the means.
func (t target) decide(d decision) {
	f := &decider{target: t, decision: d}
	switch {
	case !d.means:
		t.text(d.name(), `draws 16 bits a row with the activations acc, and writes those of lanes to bytes at
and at+1 of the word of row r of dst; the stride is in bytes.`,
			"func(dst *uint64, at, stride int, acc *[16]float32, n int, gen *[4][16]uint32, lanes uint32)")
	case !d.bits:
		t.text(d.name(), "replaces the activations acc by the means times scale.", "func(acc *[16]float32, n int, scale *[16]float32)")
	default:
		t.text(d.name(), "is decide and then mean.",
			"func(dst *uint64, at, stride int, acc *[16]float32, n int, gen *[4][16]uint32, lanes uint32, scale *[16]float32)")
	}
	f.definition = t.definition(d)
	if t.halves == 1 && d.bits {
		lanes := Load(Param("lanes"), GP32())
		KMOVW(lanes, reg.K2)
	}
	for f.half = range t.halves {
		f.pass()
	}
	VZEROUPPER()
	RET()
}

// pass decides one half of every row.
func (f *decider) pass() {
	offset := f.half * f.bytes
	f.acc, f.n = number("acc"), number("n")
	if f.bits {
		gen := number("gen")
		f.state = f.load(Mem{Base: gen, Disp: offset}, 4)
		f.dst, f.stride = number("dst"), number("stride")
		ADDQ(number("at"), f.dst)
	}
	if f.means {
		f.scale = f.load(Mem{Base: number("scale"), Disp: offset}, 1)
	}
	for _, side := range []int{f.wide, 1} {
		loop, end := fmt.Sprintf("half%drows%d", f.half, side), fmt.Sprintf("half%dend%d", f.half, side)
		Label(loop)
		CMPQ(f.n, Imm(uint64(side)))
		JL(LabelRef(end))
		f.rows(side)
		SUBQ(Imm(uint64(side)), f.n)
		JMP(LabelRef(loop))
		Label(end)
	}
	if f.bits {
		gen := number("gen")
		for k, s := range f.state {
			VMOVUPS(s, Mem{Base: gen, Disp: k*stripBytes + offset})
		}
	}
}

// rows decides some rows side by side.
func (f *decider) rows(side int) {
	var words []reg.VecVirtual
	if f.bits {
		for range side {
			words = append(words, f.draw())
		}
	}
	e := f.exp(side)
	if f.bits {
		f.compare(words, e)
	}
	if f.means {
		for s := range e {
			VADDPS(f.one, e[s], e[s])
			VDIVPS(e[s], f.scale[0], e[s])
			VMOVUPS(e[s], Mem{Base: f.acc, Disp: s*stripBytes + f.half*f.bytes})
		}
	}
	ADDQ(U32(side*stripBytes), f.acc)
}

// exp returns 2^(−z), z limited to [−64, 64]. NaN becomes the upper limit.
func (f *decider) exp(side int) (p []reg.VecVirtual) {
	g, t := f.vectors(side), f.vectors(side)
	p = f.vectors(side)
	round := f.definition.round
	if f.halves == 2 {
		round = f.vector()
		VMOVUPS(f.round, round)
	}
	each := func(do func(s int)) {
		for s := range side {
			do(s)
		}
	}
	each(func(s int) { VMOVUPS(Mem{Base: f.acc, Disp: s*stripBytes + f.half*f.bytes}, g[s]) })
	each(func(s int) { VMINPS(f.limit, g[s], g[s]) })
	each(func(s int) { VMAXPS(f.lowest, g[s], g[s]) })
	each(func(s int) { VSUBPS(g[s], round, t[s]) })
	each(func(s int) { VSUBPS(f.round, t[s], p[s]) })
	each(func(s int) { VADDPS(p[s], g[s], g[s]) })
	each(func(s int) { VMULPS(f.c[5], g[s], p[s]) })
	for i := 4; i > 0; i-- {
		each(func(s int) { VADDPS(f.c[i], p[s], p[s]) })
		each(func(s int) { VMULPS(g[s], p[s], p[s]) })
	}
	each(func(s int) { VADDPS(f.one, p[s], p[s]) })
	each(func(s int) { VPSLLD(Imm(23), t[s], t[s]) })
	each(func(s int) { VPADDD(t[s], p[s], p[s]) })
	return p
}

// compare writes the bits u + u·e < 1.
func (f *decider) compare(words, e []reg.VecVirtual) {
	for _, u := range words {
		VPSRLD(Imm(9), u, u)
		f.or(f.one, u, u)
		VSUBPS(f.offset, u, u)
	}
	for s, u := range words {
		sum := f.vector()
		VMULPS(u, e[s], sum)
		VADDPS(u, sum, sum)
		f.place(sum)
		ADDQ(f.stride, f.dst)
	}
}
