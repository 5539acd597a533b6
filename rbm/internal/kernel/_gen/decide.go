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

// rows adds the steps that decide some rows side by side.
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
		f.each(side, func(s int) { VADDPS(f.one, e[s], e[s]) })
		f.each(side, func(s int) { VDIVPS(e[s], f.scale[0], e[s]) })
		f.each(side, func(s int) { VMOVUPS(e[s], Mem{Base: f.acc, Disp: s*stripBytes + f.half*f.bytes}) })
	}
	f.each(1, func(int) { ADDQ(U32(side*stripBytes), f.acc) })
}

// exp returns 2^(−z), z limited to [−64, 64]. NaN becomes the upper limit.
func (f *decider) exp(side int) (p []reg.VecVirtual) {
	g, t := f.vectors(side), f.vectors(side)
	p = f.vectors(side)
	f.each(side, func(s int) { VMOVUPS(Mem{Base: f.acc, Disp: s*stripBytes + f.half*f.bytes}, g[s]) })
	f.each(side, func(s int) { VMINPS(f.limit, g[s], g[s]) })
	f.each(side, func(s int) { VMAXPS(f.lowest, g[s], g[s]) })
	f.each(side, func(s int) {
		if f.halves == 1 {
			VSUBPS(g[s], f.round.(reg.VecVirtual), t[s])
			return
		}
		VMOVUPS(f.round, t[s])
		VSUBPS(g[s], t[s], t[s])
	})
	f.each(side, func(s int) { VSUBPS(f.round, t[s], p[s]) })
	f.each(side, func(s int) { VADDPS(p[s], g[s], g[s]) })
	f.each(side, func(s int) { VMULPS(f.c[5], g[s], p[s]) })
	for i := 4; i > 0; i-- {
		f.each(side, func(s int) { VADDPS(f.c[i], p[s], p[s]) })
		f.each(side, func(s int) { VMULPS(g[s], p[s], p[s]) })
	}
	f.each(side, func(s int) { VADDPS(f.one, p[s], p[s]) })
	f.each(side, func(s int) { VPSLLD(Imm(23), t[s], t[s]) })
	f.each(side, func(s int) { VPADDD(t[s], p[s], p[s]) })
	return p
}

// compare writes the bits u + u·e < 1.
func (f *decider) compare(u, e []reg.VecVirtual) {
	side, sum := len(u), f.vectors(len(u))
	f.each(side, func(s int) { VPSRLD(Imm(9), u[s], u[s]) })
	f.each(side, func(s int) { f.or(f.one, u[s], u[s]) })
	f.each(side, func(s int) { VSUBPS(f.offset, u[s], u[s]) })
	f.each(side, func(s int) { VMULPS(u[s], e[s], sum[s]) })
	f.each(side, func(s int) { VADDPS(u[s], sum[s], sum[s]) })
	f.each(side, func(s int) {
		f.place(sum[s])
		ADDQ(f.stride, f.dst)
	})
}
