package main

import (
	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// bonds generates the draw of bonds.
func (t target) bonds() {
	TEXT("bonds"+t.name, attr.Attribute(0),
		"func(drawn *[8]uint64, spins *[8]uint64, ends *[2]int32, count int, odds *[64][4]uint64, rounds int, agree uint64, state *[4][8]uint64)")
	Pragma("noescape")
	Doc("bonds" + t.name + " is bonds with " + t.name + ".")
	f := newFrame()
	drawn := Load(Param("drawn"), GP64()).(reg.GPVirtual)
	spins := Load(Param("spins"), GP64()).(reg.GPVirtual)
	ends := Load(Param("ends"), GP64()).(reg.GPVirtual)
	left := Load(Param("count"), GP64()).(reg.GPVirtual)
	d := t.decider(f, 0)
	agree := t.vector()
	broadcast(mustAddr(Param("agree")), agree)
	if t.parts > 1 {
		t.move(agree, f.at(scrapAt))
	}
	size := GP64()
	Label("group")
	t.groupSize(size, left)
	j := GP64()
	XORQ(j, j)
	Label("member")
	a, b := GP64(), GP64()
	MOVLQSX(Mem{Base: ends}, a)
	MOVLQSX(Mem{Base: ends, Disp: 4}, b)
	ADDQ(Imm(8), ends)
	SHLQ(Imm(6), a)
	SHLQ(Imm(6), b)
	MOVQ(drawn, Mem{Base: f.base, Disp: homesAt, Index: j, Scale: 8})
	SHLQ(Imm(3), j)
	m := member{open: t.lanes(), flips: t.lanes()}
	for h := range t.parts {
		t.move(t.part(Mem{Base: spins, Index: a, Scale: 1}, h), m.open[h])
		t.xor(t.part(Mem{Base: spins, Index: b, Scale: 1}, h), m.open[h], m.open[h])
		if t.parts == 1 {
			t.xor(agree, m.open[h], m.open[h])
		} else {
			t.xor(f.at(scrapAt), m.open[h], m.open[h])
		}
		t.move(m.open[h], m.flips[h])
	}
	d.alone(m)
	t.store(m.flips, Mem{Base: drawn})
	ADDQ(Imm(64), drawn)
	t.store(m.open, f.of(openAt, j))
	SHRQ(Imm(3), j)
	INCQ(j)
	CMPQ(j, size)
	JNE(LabelRef("member"))
	d.finish(size, left)
}
