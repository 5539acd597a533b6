package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transpose generates the exchange of rows and columns in all words, by exchanging blocks of half the size at a time.
func (t target) transpose() {
	TEXT("transpose"+t.name, attr.NOSPLIT, "func(square *[64][8]uint64)")
	Pragma("noescape")
	Doc("transpose" + t.name + " is transpose with " + t.name + ".")
	square := Load(Param("square"), GP64()).(reg.GPVirtual)
	bits, at := GP64(), GP64()
	mask := t.vector()
	for half, low := 32, uint64(1<<32-1); half > 0; half >>= 1 {
		loop := fmt.Sprintf("blocks%d", half)
		MOVQ(U64(low), bits)
		VMOVQ(bits, mask.AsX())
		VPBROADCASTQ(mask.AsX(), mask)
		XORQ(at, at)
		Label(loop)
		upper := Mem{Base: square, Index: at, Scale: 1}
		for h := range t.parts {
			t.exchange(uint64(half), mask, t.part(upper, h), t.part(upper.Offset(64*half), h))
		}
		ADDQ(U32(64*(half+1)), at)
		ANDQ(I32(int32(^(64 * half))), at)
		CMPQ(at, U32(64*64))
		JLT(LabelRef(loop))
		low ^= low << (half >> 1)
	}
	VZEROUPPER()
	RET()
}

// exchange swaps the bits of a at half + k with those of b at k, for all bits k of the mask.
func (t target) exchange(half uint64, mask reg.VecVirtual, a, b Mem) {
	upper, lower, differ, shifted := t.vector(), t.vector(), t.vector(), t.vector()
	t.move(a, upper)
	t.move(b, lower)
	VPSRLQ(U8(half), upper, differ)
	t.xor(lower, differ, differ)
	t.and(mask, differ, differ)
	VPSLLQ(U8(half), differ, shifted)
	t.xor(shifted, upper, upper)
	t.xor(differ, lower, lower)
	t.move(upper, a)
	t.move(lower, b)
}
