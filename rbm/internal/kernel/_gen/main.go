// Command gen writes the assembly of package kernel.
package main

import (
	. "github.com/mmcloughlin/avo/build"
)

func main() {
	ConstraintExpr("!noasm")
	for _, t := range []target{avx512(), avx2()} {
		t.fill()
		for _, fresh := range []bool{true, false} {
			t.sum(fresh)
			if t.halves == 1 {
				t.sumDecide(fresh)
			}
		}
		for _, d := range []decision{{bits: true}, {means: true}, {bits: true, means: true}} {
			t.decide(d)
		}
	}
	scaleTranspose()
	advance()
	finite()
	Generate()
}
