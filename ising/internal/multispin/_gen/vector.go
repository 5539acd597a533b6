package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A target is an instruction set. Lanes fill one of its vectors or, in two halves, two.
type target struct {
	name  string
	parts int
	bytes int // of a vector
}

var targets = []target{{"AVX2", 2, 32}, {"AVX512", 1, 64}}

// lanes is 512 bits in vectors.
type lanes []reg.VecVirtual

func (t target) vector() reg.VecVirtual {
	if t.parts == 1 {
		return ZMM()
	}
	return YMM()
}

func (t target) lanes() lanes {
	v := make(lanes, t.parts)
	for h := range v {
		v[h] = t.vector()
	}
	return v
}

// part is where part h of lanes in memory is.
func (t target) part(m Mem, h int) Mem { return m.Offset(h * t.bytes) }

func (t target) move(from, to Op) {
	if t.parts == 1 {
		VMOVDQU64(from, to)
	} else {
		VMOVDQU(from, to)
	}
}

func (t target) load(m Mem) lanes {
	v := t.lanes()
	t.reload(m, v)
	return v
}

func (t target) reload(m Mem, v lanes) {
	for h := range v {
		t.move(t.part(m, h), v[h])
	}
}

func (t target) store(v lanes, m Mem) {
	for h := range v {
		t.move(v[h], t.part(m, h))
	}
}

func (t target) clear(v lanes) {
	for h := range v {
		t.xor(v[h], v[h], v[h])
	}
}

// The operations on vectors have their result last; their first operand may be in memory.

func (t target) xor(x Op, y, z reg.VecVirtual) {
	if t.parts == 1 {
		VPXORQ(x, y, z)
	} else {
		VPXOR(x, y, z)
	}
}

func (t target) and(x Op, y, z reg.VecVirtual) {
	if t.parts == 1 {
		VPANDQ(x, y, z)
	} else {
		VPAND(x, y, z)
	}
}

func (t target) or(x Op, y, z reg.VecVirtual) {
	if t.parts == 1 {
		VPORQ(x, y, z)
	} else {
		VPOR(x, y, z)
	}
}

// without is z = x &^ y.
func (t target) without(x Op, y, z reg.VecVirtual) {
	if t.parts == 1 {
		VPANDNQ(x, y, z)
	} else {
		VPANDN(x, y, z)
	}
}

// ternary is z = f(z, y, x) bit by bit. Only AVX-512 has it.
func ternary(f func(z, y, x bool) bool, x Op, y, z reg.VecVirtual) {
	var table uint64
	for k := range 8 {
		if f(k&4 != 0, k&2 != 0, k&1 != 0) {
			table |= 1 << k
		}
	}
	VPTERNLOGQ(U8(table), x, y, z)
}

// accumulate is z ^= x & y, with scratch for its use.
func (t target) accumulate(x Op, y, z, scratch reg.VecVirtual) {
	if t.parts == 1 {
		ternary(func(z, y, x bool) bool { return z != (x && y) }, x, y, z)
		return
	}
	t.and(x, y, scratch)
	t.xor(scratch, z, z)
}

// include is z |= x & y.
func (t target) include(x Op, y, z, scratch reg.VecVirtual) {
	if t.parts == 1 {
		ternary(func(z, y, x bool) bool { return z || x && y }, x, y, z)
		return
	}
	t.and(x, y, scratch)
	t.or(scratch, z, z)
}

// test sets the zero flag if no bit of v is set.
func (t target) test(v lanes) {
	if t.parts == 1 {
		k := K()
		VPTESTMQ(v[0], v[0], k)
		KORTESTB(k, k)
		return
	}
	any := v[0]
	if len(v) > 1 {
		any = t.vector()
		t.or(v[0], v[1], any)
	}
	VPTEST(any, any)
}

// rotate is z = x rotated left by n bits in each word.
func (t target) rotate(n uint64, x, z reg.VecVirtual) {
	if t.parts == 1 {
		VPROLQ(U8(n), x, z)
		return
	}
	low := t.vector()
	VPSRLQ(U8(64-n), x, low)
	VPSLLQ(U8(n), x, z)
	VPOR(low, z, z)
}
