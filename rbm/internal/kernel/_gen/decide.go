package main

import (
	"fmt"
	"math"

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
	limit, toSteps, lowered, rest, powers, one Op
	lowest                                     Op // of AVX2, which limits in two steps
	highest, offset                            Op // of AVX2, whose powers fill two vectors
	top, lowBit, whole                         Op // of AVX-512, which draws in units of 2⁻³²
}

func (t target) definition(d decision) (k definition) {
	k.limit, k.toSteps, k.lowered, k.rest = t.float("limit", 64), t.float("toSteps", toSteps), t.float("lowered", toSteps+center), t.float("rest", rest)
	if d.means || t.halves == 2 {
		k.one = t.float("one", 1)
	}
	if t.halves == 2 {
		k.lowest, k.offset = t.float("lowest", -64), t.float("offset", 1-0x1p-24)
		k.powers, k.highest = t.words("powersLow", powers(0)[:8]...), t.words("powersHigh", powers(0)[8:]...)
		return k
	}
	// A rotation brings the upper bits of toSteps to the bottom.
	k.powers = t.words("powers", powers(math.Float32bits(toSteps)>>(32-toExponent))...)
	if d.bits {
		k.top, k.lowBit, k.whole = t.words("top", 0xfffffe00), t.words("lowBit", 1<<8), t.float("whole", 1<<32)
	}
	return k
}

// The numbers of exp.go.
const (
	perBit     = 16 // steps
	toSteps    = 3<<18 + 1<<8
	center     = 23.0 / perBit
	rest       = 8728475.0 / (1 << 22)
	leading    = 16180803.0 / (1 << 26)
	toExponent = 19 // bits that steps are shifted to the left
)

// powers are leading·2^(j/16) less what t holds at j steps.
func powers(less uint32) (p []uint32) {
	for j := range uint32(perBit) {
		p = append(p, math.Float32bits(float32(leading*math.Exp2(float64(j)/perBit)))-j<<toExponent-1<<31-less)
	}
	return p
}

// decider is one function of them in the making.
type decider struct {
	target
	decision
	definition
	state    []reg.VecVirtual
	scale    []reg.VecVirtual
	acc, dst reg.Register
	stride   Op
	half     int
	steps    steps
}

// steps are instructions to come, so that they can be mixed with others.
type steps []func()

// each adds one step for each of some rows.
func (f *decider) each(side int, step func(s int)) {
	for s := range side {
		f.steps = append(f.steps, func() { step(s) })
	}
}

// decide draws bits with the probabilities 1/(1+2^(−z)), or computes the means.
func (t target) decide(d decision) {
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
	f := t.decider(d)
	if d.bits {
		f.stride = argument("stride")
	}
	for f.half = range t.halves {
		f.begin()
		overRows(fmt.Sprintf("half%d", f.half), number("n"), []int{t.wide, 1}, func(side int) {
			f.rows(side)
			f.steps.run()
		})
		f.end()
	}
	VZEROUPPER()
	RET()
}

// run makes the steps.
func (s *steps) run() {
	for _, step := range *s {
		step()
	}
	*s = nil
}

// decider prepares what all rows need.
func (t target) decider(d decision) *decider {
	f := &decider{target: t, decision: d, definition: t.definition(d)}
	if t.halves == 1 && d.bits {
		lanes := Load(Param("lanes"), GP32())
		KMOVW(lanes, reg.K2)
	}
	return f
}

// begin prepares what all rows of one half need.
func (f *decider) begin() {
	offset := f.half * f.bytes
	f.acc = number("acc")
	if f.bits {
		gen := number("gen")
		f.state = f.load(Mem{Base: gen, Disp: offset}, 4)
		f.dst = number("dst")
		ADDQ(argument("at"), f.dst)
	}
	if f.means {
		f.scale = f.load(Mem{Base: number("scale"), Disp: offset}, 1)
	}
}

// end keeps the state of the generators.
func (f *decider) end() {
	if !f.bits {
		return
	}
	gen := number("gen")
	for k, s := range f.state {
		VMOVUPS(s, Mem{Base: gen, Disp: k*stripBytes + f.half*f.bytes})
	}
}

// rows adds the steps that decide some rows side by side, with activations in memory.
func (f *decider) rows(side int) {
	z := f.vectors(side)
	f.each(side, func(s int) { VMOVUPS(Mem{Base: f.acc, Disp: s*stripBytes + f.half*f.bytes}, z[s]) })
	f.decideRows(z)
	f.each(1, func(int) { ADDQ(U32(side*stripBytes), f.acc) })
}

// decideRows adds the steps that decide rows with activations in registers.
func (f *decider) decideRows(z []reg.VecVirtual) {
	var words []reg.VecVirtual
	if f.bits {
		for range z {
			words = append(words, f.draw())
		}
	}
	e := f.exp(z)
	if f.bits {
		f.compare(words, e)
	}
	if f.means {
		side := len(z)
		f.each(side, func(s int) { VADDPS(f.one, e[s], e[s]) })
		f.each(side, func(s int) { VDIVPS(e[s], f.scale[0], e[s]) })
		f.each(side, func(s int) { VMOVUPS(e[s], Mem{Base: f.acc, Disp: s*stripBytes + f.half*f.bytes}) })
	}
}

// exp returns 2^(−z), z limited to [−64, 64], and uses z up. NaN becomes a limit.
func (f *decider) exp(z []reg.VecVirtual) (p []reg.VecVirtual) {
	side := len(z)
	t := f.vectors(side)
	p = f.vectors(side)
	if f.halves == 1 {
		const smaller = 2 // in absolute value, with the sign of z
		f.each(side, func(s int) { VRANGEPS(Imm(smaller), f.limit, z[s], z[s]) })
		f.each(side, func(s int) { VSUBPS(z[s], f.toSteps.(reg.VecVirtual), t[s]) })
	} else { // as integers, signed and unsigned, which add ports of their own
		f.each(side, func(s int) { VPMINSD(f.limit, z[s], z[s]) })
		f.each(side, func(s int) { VPMINUD(f.lowest, z[s], z[s]) })
		f.each(side, func(s int) { VMOVUPS(f.toSteps, t[s]) })
		f.each(side, func(s int) { VSUBPS(z[s], t[s], t[s]) })
	}
	f.each(side, func(s int) { VSUBPS(f.lowered, t[s], p[s]) })
	f.each(side, func(s int) { VADDPS(p[s], z[s], z[s]) })
	f.each(side, func(s int) { VMULPS(z[s], z[s], z[s]) })
	f.each(side, func(s int) { VADDPS(f.rest, z[s], z[s]) })
	f.power(t, p)
	f.each(side, func(s int) { VMULPS(z[s], p[s], p[s]) })
	return p
}

// power sets p to the power of two that t holds; it uses t up.
func (f *decider) power(t, p []reg.VecVirtual) {
	side := len(t)
	if f.halves == 1 {
		f.each(side, func(s int) { VPERMPS(f.powers, t[s], p[s]) })
		f.each(side, func(s int) { VPROLD(Imm(toExponent), t[s], t[s]) })
		f.each(side, func(s int) { VPADDD(t[s], p[s], p[s]) })
		return
	}
	upper, choice := f.vector(), f.vector() // one after the other: registers are few
	f.each(side, func(s int) {
		VPERMPS(f.powers, t[s], p[s])
		VPERMPS(f.highest, t[s], upper)
		VPSLLD(Imm(28), t[s], choice)
		VBLENDVPS(choice, upper, p[s], p[s])
	})
	f.each(side, func(s int) { VPSLLD(Imm(toExponent), t[s], t[s]) })
	f.each(side, func(s int) { VPADDD(t[s], p[s], p[s]) })
}

// compare writes the bits u + u·e < 1.
func (f *decider) compare(u, e []reg.VecVirtual) {
	side, sum := len(u), f.vectors(len(u))
	if f.halves == 1 { // ((w >> 9) + ½)·2⁹ is exact as a float32
		f.each(side, func(s int) { VPTERNLOGD(Imm(selectOr), f.lowBit, f.top, u[s]) })
		f.each(side, func(s int) { VCVTUDQ2PS(u[s], u[s]) })
	} else {
		f.each(side, func(s int) { VPSRLD(Imm(9), u[s], u[s]) })
		f.each(side, func(s int) { VPOR(f.one, u[s], u[s]) })
		f.each(side, func(s int) { VSUBPS(f.offset, u[s], u[s]) })
	}
	f.each(side, func(s int) { VMULPS(u[s], e[s], sum[s]) })
	f.each(side, func(s int) { VADDPS(u[s], sum[s], sum[s]) })
	f.each(side, func(s int) {
		f.place(sum[s])
		ADDQ(f.stride, f.dst)
	})
}
