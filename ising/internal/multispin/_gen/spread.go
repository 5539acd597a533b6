package main

import (
	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// row generates the growth of clusters in a row.
func (t target) row() {
	TEXT("row"+t.name, attr.NOSPLIT,
		"func(reached, bonds, row *[8]uint64, along *uint32, sides *[2]uint32, size, degree int, grew uint64) uint64")
	Pragma("noescape")
	Doc("row" + t.name + " is row with " + t.name + ".")
	reached := Load(Param("reached"), GP64()).(reg.GPVirtual)
	bonds := Load(Param("bonds"), GP64()).(reg.GPVirtual)
	row := Load(Param("row"), GP64()).(reg.GPVirtual)
	along := Load(Param("along"), GP64()).(reg.GPVirtual)
	sides := Load(Param("sides"), GP64()).(reg.GPVirtual)
	size := Load(Param("size"), GP64()).(reg.GPVirtual)
	degree := Load(Param("degree"), GP64()).(reg.GPVirtual)
	grew := t.lanes()
	for h := range grew {
		broadcast(mustAddr(Param("grew")), grew[h])
	}

	last, wrap := GP64(), GP64()
	LEAQ(Mem{Base: size, Disp: -1}, last)
	MOVL(Mem{Base: along, Index: last, Scale: 4}, wrap.As32())
	ADDQ(bonds, wrap)
	SHLQ(Imm(6), last)
	ADDQ(row, last)

	// Forth, with what comes in from the sides. carry is what reaches the next site along the row.
	carry := t.load(Mem{Base: last})
	for h := range carry {
		t.and(t.part(Mem{Base: wrap}, h), carry[h], carry[h])
	}
	at, x := GP64(), GP64()
	MOVQ(row, at)
	XORQ(x, x)
	Label("forth")
	old := t.load(Mem{Base: at})
	now := t.lanes()
	for h := range now {
		t.move(old[h], now[h])
	}
	side := GP64()
	MOVQ(degree, side)
	TESTQ(side, side)
	JEQ(LabelRef("along"))
	Label("side")
	for range 2 {
		from, over := GP64(), GP64()
		MOVL(Mem{Base: sides}, from.As32())
		MOVL(Mem{Base: sides, Disp: 4}, over.As32())
		ADDQ(Imm(8), sides)
		for h := range now {
			v := t.vector()
			t.move(t.part(Mem{Base: reached, Index: from, Scale: 1}, h), v)
			t.include(t.part(Mem{Base: bonds, Index: over, Scale: 1}, h), v, now[h], v)
		}
	}
	SUBQ(Imm(2), side)
	JNE(LabelRef("side"))
	Label("along")
	bond := GP64()
	MOVL(Mem{Base: along, Index: x, Scale: 4}, bond.As32())
	for h := range now {
		t.or(carry[h], now[h], now[h])
		t.and(t.part(Mem{Base: bonds, Index: bond, Scale: 1}, h), now[h], carry[h])
		t.xor(now[h], old[h], old[h])
		t.or(old[h], grew[h], grew[h])
	}
	t.store(now, Mem{Base: at})
	ADDQ(Imm(64), at)
	INCQ(x)
	CMPQ(x, size)
	JNE(LabelRef("forth"))
	t.test(grew)
	JEQ(LabelRef("same"))

	// Back along the row, starting across the boundary, and once more in both directions if what crosses it is new.
	Label("back")
	next := t.load(Mem{Base: row})
	MOVQ(size, x)
	Label("backward")
	MOVL(Mem{Base: along, Index: x, Scale: 4, Disp: -4}, bond.As32())
	SUBQ(Imm(64), at)
	here := t.load(Mem{Base: at})
	for h := range here {
		t.include(t.part(Mem{Base: bonds, Index: bond, Scale: 1}, h), next[h], here[h], next[h])
		t.move(here[h], next[h])
	}
	t.store(here, Mem{Base: at})
	DECQ(x)
	JNE(LabelRef("backward"))
	across := t.load(Mem{Base: last})
	for h := range across {
		t.xor(next[h], across[h], across[h])
		t.and(t.part(Mem{Base: wrap}, h), across[h], across[h])
	}
	t.test(across)
	JEQ(LabelRef("grown"))
	for h := range carry {
		t.move(t.part(Mem{Base: last}, h), carry[h])
		t.and(t.part(Mem{Base: wrap}, h), carry[h], carry[h])
	}
	XORQ(x, x)
	Label("again")
	MOVL(Mem{Base: along, Index: x, Scale: 4}, bond.As32())
	for h := range here {
		t.move(t.part(Mem{Base: at}, h), here[h])
		t.or(carry[h], here[h], here[h])
		t.and(t.part(Mem{Base: bonds, Index: bond, Scale: 1}, h), here[h], carry[h])
	}
	t.store(here, Mem{Base: at})
	ADDQ(Imm(64), at)
	INCQ(x)
	CMPQ(x, size)
	JNE(LabelRef("again"))
	JMP(LabelRef("back"))

	Label("grown")
	VZEROUPPER()
	result := GP64()
	MOVQ(U32(1), result)
	Store(result, ReturnIndex(0))
	RET()
	Label("same")
	VZEROUPPER()
	XORQ(result, result)
	Store(result, ReturnIndex(0))
	RET()
}
