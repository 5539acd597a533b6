package main

import (
	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A walk is the registers that grow clusters in a row.
type walk struct {
	target
	bonds, along   reg.GPVirtual
	x, at          reg.GPVirtual // a site and its place
	first, last    reg.GPVirtual // the span of new sites
	now, new, pass lanes         // a site, what is new of it, and what comes to it along the row
}

// row generates the growth of clusters in a row.
func (t target) row() {
	TEXT("row"+t.name, attr.NOSPLIT, "func(reached, bonds, row *[8]uint64, along *uint32, sides *[2]uint32, "+
		"size, degree, from, to int) (first, last int)")
	Pragma("noescape")
	Doc("row" + t.name + " is row with " + t.name + ".")
	w := &walk{target: t, at: GP64(), last: GP64(), now: t.lanes(), new: t.lanes(), pass: t.lanes()}
	w.bonds = Load(Param("bonds"), GP64()).(reg.GPVirtual)
	w.along = Load(Param("along"), GP64()).(reg.GPVirtual)
	w.first = Load(Param("size"), GP64()).(reg.GPVirtual)
	MOVQ(I32(-1), w.last)
	w.open()
	TESTQ(w.last, w.last)
	JLT(LabelRef("return"))

	Comment("On along the row as long as something is new.")
	w.forth("forth", w.last)

	Comment("Back from the last new site to the first, and on as long as something is new.")
	MOVQ(w.last, w.x)
	w.locate()
	w.reload(Mem{Base: w.at}, w.pass)
	w.inside()
	w.back("back", w.first)

	Comment("Across the boundary, if that leads to anything new.")
	w.ends()
	JEQ(LabelRef("return"))
	XORQ(w.first, w.first)
	Load(Param("size"), w.last)
	DECQ(w.last)
	MOVQ(w.last, w.x)
	w.locate()
	w.reload(Mem{Base: w.at}, w.pass)
	w.follow(w.pass)
	XORQ(w.x, w.x)
	w.locate()
	any := GP64()
	w.forth("again", any)
	Load(Param("size"), w.x)
	w.locate()
	start := GP64()
	Load(Param("row"), start)
	w.reload(Mem{Base: start}, w.pass)
	w.back("backAgain", any)

	Label("return")
	VZEROUPPER()
	Store(w.first, ReturnIndex(0))
	Store(w.last, ReturnIndex(1))
	RET()
}

// locate sets at to the place of site x.
func (w *walk) locate() {
	MOVQ(w.x, w.at)
	SHLQ(Imm(6), w.at)
	ADDQ(mustAddr(Param("row")), w.at)
}

// follow is pass = v & the bond from site x to the next.
func (w *walk) follow(v lanes) {
	bond := GP64()
	MOVL(Mem{Base: w.along, Index: w.x, Scale: 4}, bond.As32())
	for h := range v {
		w.and(w.part(Mem{Base: w.bonds, Index: bond, Scale: 1}, h), v[h], w.pass[h])
	}
}

// open takes in, from site from to site to, what the sides bring and passes it on along the row.
func (w *walk) open() {
	reached := Load(Param("reached"), GP64()).(reg.GPVirtual)
	sides := Load(Param("sides"), GP64()).(reg.GPVirtual)
	w.x = Load(Param("from"), GP64()).(reg.GPVirtual)
	to := Load(Param("to"), GP64()).(reg.GPVirtual)
	skipped := GP64()
	MOVQ(w.x, skipped)
	IMULQ(mustAddr(Param("degree")), skipped)
	LEAQ(Mem{Base: sides, Index: skipped, Scale: 8}, sides)
	w.locate()
	w.clear(w.pass)
	Label("open")
	w.reload(Mem{Base: w.at}, w.now)
	side := Load(Param("degree"), GP64()).(reg.GPVirtual)
	TESTQ(side, side)
	JEQ(LabelRef("along"))
	Label("side")
	for range 2 {
		w.takeIn(reached, sides)
	}
	SUBQ(Imm(2), side)
	JNE(LabelRef("side"))
	Label("along")
	for h, now := range w.now {
		w.or(w.pass[h], now, now)
		w.xor(w.part(Mem{Base: w.at}, h), now, w.new[h])
	}
	w.follow(w.now)
	w.store(w.now, Mem{Base: w.at})
	smaller := GP64()
	MOVQ(w.x, smaller)
	CMPQ(w.first, w.x)
	CMOVQLT(w.first, smaller)
	w.test(w.new)
	CMOVQNE(smaller, w.first)
	CMOVQNE(w.x, w.last)
	ADDQ(Imm(64), w.at)
	INCQ(w.x)
	CMPQ(w.x, to)
	JLE(LabelRef("open"))
}

// takeIn adds to now what the next side brings.
func (w *walk) takeIn(reached, sides reg.GPVirtual) {
	from, over := GP64(), GP64()
	MOVL(Mem{Base: sides}, from.As32())
	MOVL(Mem{Base: sides, Disp: 4}, over.As32())
	ADDQ(Imm(8), sides)
	for h, now := range w.now {
		v := w.vector()
		w.move(w.part(Mem{Base: reached, Index: from, Scale: 1}, h), v)
		w.include(w.part(Mem{Base: w.bonds, Index: over, Scale: 1}, h), v, now, v)
	}
}

// forth passes on from site x as long as that is new, and sets last to the last new site.
func (w *walk) forth(name string, last reg.GPVirtual) {
	end := name + "End"
	Label(name)
	CMPQ(w.x, mustAddr(Param("size")))
	JEQ(LabelRef(end))
	w.reload(Mem{Base: w.at}, w.now)
	for h, now := range w.now {
		w.without(w.pass[h], now, w.new[h])
	}
	w.test(w.new)
	JEQ(LabelRef(end))
	for h, now := range w.now {
		w.or(w.pass[h], now, now)
	}
	w.follow(w.now)
	w.store(w.now, Mem{Base: w.at})
	MOVQ(w.x, last)
	ADDQ(Imm(64), w.at)
	INCQ(w.x)
	JMP(LabelRef(name))
	Label(end)
}

// inside passes back from site x to the first new site.
func (w *walk) inside() {
	Label("inside")
	CMPQ(w.x, w.first)
	JLE(LabelRef("insideEnd"))
	DECQ(w.x)
	SUBQ(Imm(64), w.at)
	w.follow(w.pass)
	for h, pass := range w.pass {
		w.or(w.part(Mem{Base: w.at}, h), pass, pass)
	}
	w.store(w.pass, Mem{Base: w.at})
	JMP(LabelRef("inside"))
	Label("insideEnd")
}

// back passes on to the sites before x as long as that is new, and sets first to the first new one. It starts with the lanes
// of site x.
func (w *walk) back(name string, first reg.GPVirtual) {
	end := name + "End"
	Label(name)
	DECQ(w.x)
	JLT(LabelRef(end))
	SUBQ(Imm(64), w.at)
	w.follow(w.pass)
	w.reload(Mem{Base: w.at}, w.now)
	for h, now := range w.now {
		w.without(w.pass[h], now, w.new[h])
	}
	w.test(w.new)
	JEQ(LabelRef(end))
	for h, now := range w.now {
		w.or(now, w.pass[h], w.pass[h])
	}
	w.store(w.pass, Mem{Base: w.at})
	MOVQ(w.x, first)
	JMP(LabelRef(name))
	Label(end)
}

// ends sets the zero flag if the bond from the last site to the first leads to nothing new.
func (w *walk) ends() {
	Load(Param("size"), w.x)
	DECQ(w.x)
	w.locate()
	start := GP64()
	Load(Param("row"), start)
	w.reload(Mem{Base: start}, w.now)
	for h, now := range w.now {
		w.xor(w.part(Mem{Base: w.at}, h), now, now)
	}
	w.follow(w.now)
	w.test(w.pass)
}
