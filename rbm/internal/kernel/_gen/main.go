// Command gen writes the assembly of package kernel.
package main

import (
	. "github.com/mmcloughlin/avo/build"
)

func main() {
	ConstraintExpr("!noasm")
	for _, t := range []target{avx512(), avx2()} {
		t.fill()
		t.add()
		if t.halves == 1 {
			t.addDecide()
		}
		for _, d := range []decision{{bits: true}, {means: true}, {bits: true, means: true}} {
			t.decide(d)
		}
	}
	scaleTranspose()
	Generate()
}
