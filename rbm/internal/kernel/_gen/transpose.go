package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// scaleTranspose scales 16 × 16 numbers and transposes the result, in quarters of
// 8 × 8, which the halves of every target hold.
func scaleTranspose() {
	avx2().text("scaleTranspose", "sets up to factor times the 16 rows of src and down to the transpose of that.",
		"func(up, down, src *[16]float32, factor float32)")
	up, down, src := number("up"), number("down"), number("src")
	scalar, factor := XMM(), YMM()
	Load(Param("factor"), scalar)
	VBROADCASTSS(scalar, factor)
	for i := range 2 {
		for j := range 2 {
			r := avx2().vectors(8)
			for k := range r {
				at := (8*i+k)*stripBytes + 32*j
				VMULPS(Mem{Base: src, Disp: at}, factor, r[k])
				VMOVUPS(r[k], Mem{Base: up, Disp: at})
			}
			for k, column := range transposed(r) {
				VMOVUPS(column, Mem{Base: down, Disp: (8*j+k)*stripBytes + 32*i})
			}
		}
	}
	VZEROUPPER()
	RET()
}

// transposed interleaves ever larger parts: numbers, pairs, fours.
func transposed(r []reg.VecVirtual) (columns []reg.VecVirtual) {
	pairs, fours, columns := avx2().vectors(8), avx2().vectors(8), avx2().vectors(8)
	for k := 0; k < 8; k += 2 {
		VUNPCKLPS(r[k+1], r[k], pairs[k])
		VUNPCKHPS(r[k+1], r[k], pairs[k+1])
	}
	for k := 0; k < 8; k += 4 {
		for q := range 2 {
			VSHUFPS(Imm(0x44), pairs[k+2+q], pairs[k+q], fours[k+2*q])
			VSHUFPS(Imm(0xee), pairs[k+2+q], pairs[k+q], fours[k+2*q+1])
		}
	}
	for k := range 4 {
		VPERM2F128(Imm(0x20), fours[4+k], fours[k], columns[k])
		VPERM2F128(Imm(0x31), fours[4+k], fours[k], columns[4+k])
	}
	return columns
}
