// Command gen writes the assembly of package multispin.
package main

import (
	. "github.com/mmcloughlin/avo/build"
)

func main() {
	ConstraintExpr("!noasm")
	for _, t := range targets {
		for _, c := range counters {
			t.flip(c)
		}
		t.bonds()
		t.row()
		t.transpose()
	}
	Generate()
}
