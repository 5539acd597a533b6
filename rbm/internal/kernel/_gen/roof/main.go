// Command roof writes loops that measure what a core can do at best.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	chains = 12 // more than a core can have in flight, and they fit 16 registers
	buffer = 16 << 10
)

func main() {
	ConstraintExpr("!noasm")
	for _, t := range []struct {
		name   string
		bytes  int
		vector func() reg.VecVirtual
	}{{"AVX512", 64, ZMM}, {"AVX2", 32, YMM}} {
		fma(t.name, t.vector)
		read(t.name, t.bytes, t.vector)
	}
	Generate()
}

// fma repeats independent fused multiplications and additions.
func fma(name string, vector func() reg.VecVirtual) {
	TEXT("fma"+name, NOSPLIT, "func(rounds int)")
	Doc("fma" + name + " makes 12 vector multiply-adds a round.")
	n := Load(Param("rounds"), GP64())
	sums := make([]reg.VecVirtual, chains)
	for i := range sums {
		sums[i] = vector()
		VXORPS(sums[i].AsX(), sums[i].AsX(), sums[i].AsX())
	}
	factor := vector()
	VXORPS(factor.AsX(), factor.AsX(), factor.AsX())
	Label("round")
	for _, s := range sums {
		VFMADD231PS(factor, factor, s)
	}
	DECQ(n)
	JNZ(LabelRef("round"))
	VZEROUPPER()
	RET()
}

// read loads a buffer again and again.
func read(name string, bytes int, vector func() reg.VecVirtual) {
	TEXT("read"+name, NOSPLIT, "func(rounds int, buffer *[16384]byte)")
	Pragma("noescape")
	Doc("read" + name + " reads 16 KiB a round.")
	n, from := Load(Param("rounds"), GP64()), Load(Param("buffer"), GP64())
	p, left := GP64(), GP64()
	Label("round")
	MOVQ(from, p)
	MOVQ(U32(buffer/bytes/16), left)
	Label("part")
	for i := range 16 {
		VMOVUPS(Mem{Base: p, Disp: i * bytes}, vector())
	}
	ADDQ(U32(16*uint32(bytes)), p)
	DECQ(left)
	JNZ(LabelRef("part"))
	DECQ(n)
	JNZ(LabelRef("round"))
	VZEROUPPER()
	RET()
}
