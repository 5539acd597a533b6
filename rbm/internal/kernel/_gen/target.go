package main

import (
	"math"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// stripBytes is the size of 16 lanes.
const stripBytes = 64

// A target is an instruction set. A strip fills one of its vectors or, in two
// halves, two.
type target struct {
	name   string
	halves int
	bytes  int   // of a vector
	sums   []int // numbers of rows that are summed side by side: their sums and words fit the registers
	rows   int   // that are summed beside the decisions of as many
	wide   int   // rows that are decided side by side
	vector func() reg.VecVirtual
}

func avx512() target {
	return target{"AVX512", 1, 64, []int{8, 1}, 4, 4, ZMM}
}

func avx2() target {
	return target{"AVX2", 2, 32, []int{4, 1}, 4, 2, YMM}
}

// text begins a function.
func (t target) text(name, does, signature string) {
	TEXT(name+t.name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(strings.Split(name+t.name+" "+does, "\n")...)
}

// vectors returns n of them.
func (t target) vectors(n int) []reg.VecVirtual {
	v := make([]reg.VecVirtual, n)
	for i := range v {
		v[i] = t.vector()
	}
	return v
}

// load returns n vectors that were read from memory, one a strip.
func (t target) load(m Mem, n int) []reg.VecVirtual {
	v := t.vectors(n)
	for i := range v {
		VMOVUPS(m.Offset(i*stripBytes), v[i])
	}
	return v
}

// number is an argument in a general register.
func number(name string) reg.Register { return Load(Param(name), GP64()) }

// float is a constant in all lanes.
func (t target) float(name string, x float64) Op {
	return t.words(name, math.Float32bits(float32(x)))
}

// words are constant bit patterns, one for all lanes or one a lane: in a register where
// there are 32 of them, in memory where there are 16.
func (t target) words(name string, patterns ...uint32) Op {
	lanes := 8
	if t.halves == 1 && len(patterns) > 1 {
		lanes = 16
	}
	m := constant(name, lanes, patterns)
	if t.halves == 2 {
		return m
	}
	v := t.vector()
	if len(patterns) > 1 {
		VMOVUPS(m, v)
	} else {
		VBROADCASTSS(m, v)
	}
	return v
}

// constants are those laid out so far, because functions share them.
var constants = map[string]Mem{}

func constant(name string, lanes int, patterns []uint32) Mem {
	if m, there := constants[name]; there {
		return m
	}
	m := GLOBL(name, RODATA|NOPTR)
	for i := range lanes {
		DATA(4*i, U32(patterns[i%len(patterns)]))
	}
	constants[name] = m
	return m
}

// argument is one in memory.
func argument(name string) Op {
	c, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return c.Addr
}
