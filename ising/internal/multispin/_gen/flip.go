package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A counter classifies a site by its number of antiparallel neighbors.
type counter struct {
	name   string
	degree int
	planes int
	count  func(t target, x func(k int) reg.VecVirtual) (open, flips reg.VecVirtual, planes [2]reg.VecVirtual)
}

var counters = []counter{
	{"metropolis4", 4, 1, metropolis4},
	{"metropolis6", 6, 2, metropolis6},
	{"heatBath4", 4, 2, heatBath4},
}

// metropolis4 flips from two on; plane 0 is one.
func metropolis4(t target, x func(int) reg.VecVirtual) (open, flips reg.VecVirtual, planes [2]reg.VecVirtual) {
	one, two, open := x(0), t.vector(), t.vector()
	y := x(1)
	t.and(y, one, two)
	t.or(y, one, one)
	y, z := x(2), x(3)
	t.or(y, z, open)
	t.and(y, z, z)
	t.or(z, two, two)
	t.include(open, one, two, z)
	t.or(open, one, one)
	t.complement(two, open)
	return open, two, [2]reg.VecVirtual{one}
}

// metropolis6 flips from three on; plane 0 is two or more, plane 1 one or more.
func metropolis6(t target, x func(int) reg.VecVirtual) (open, flips reg.VecVirtual, planes [2]reg.VecVirtual) {
	sum, carry := t.add3(x(0), x(1), x(2))
	sum2, carry2 := t.add3(x(3), x(4), x(5))
	any, both := t.vector(), t.vector()
	t.or(sum, sum2, any)
	t.and(sum, sum2, both)
	t.and(carry, carry2, sum) // four or more
	t.or(carry, carry2, carry)
	t.or(carry, both, both) // two or more
	t.include(any, carry, sum, sum2)
	t.or(carry, any, any)
	open = t.vector()
	t.complement(sum, open)
	return open, sum, [2]reg.VecVirtual{both, any}
}

// heatBath4 flips likelier from two on; plane 0 is one or three, plane 1 two.
func heatBath4(t target, x func(int) reg.VecVirtual) (open, flips reg.VecVirtual, planes [2]reg.VecVirtual) {
	sum, carry := t.add3(x(0), x(1), x(2))
	last := x(3)
	two := t.vector()
	t.and(sum, last, two)  // a second carry
	t.xor(sum, last, sum)  // odd
	t.or(carry, two, last) // two or more
	t.xor(carry, two, two) // two or three
	t.without(two, sum, two)
	open = t.vector()
	t.ones(open)
	return open, last, [2]reg.VecVirtual{sum, two}
}

// add3 returns the sum and the carry of three bits.
func (t target) add3(x, y, z reg.VecVirtual) (sum, carry reg.VecVirtual) {
	if t.parts == 1 {
		sum = t.vector()
		t.move(x, sum)
		ternary(func(z, y, x bool) bool { return z != y != x }, y, z, sum)
		ternary(func(z, y, x bool) bool { return z && y || z && x || x && y }, y, z, x)
		return sum, x
	}
	t.xor(y, x, x)
	half := t.vector()
	t.and(x, z, half)
	t.xor(x, z, z) // the sum
	// y is the carry where x and y agree, and y XOR x is what they differ by: y &^ (x XOR y) | z & (x XOR y).
	t.without(y, x, y)
	t.or(half, y, y)
	return z, y
}

func (t target) ones(z reg.VecVirtual) {
	if t.parts == 1 {
		VPTERNLOGQ(U8(0xff), z, z, z)
	} else {
		VPCMPEQQ(z, z, z)
	}
}

// complement is z = ^x.
func (t target) complement(x, z reg.VecVirtual) {
	if t.parts == 1 {
		VPTERNLOGQ(U8(0x55), x, x, z)
		return
	}
	t.ones(z)
	t.xor(x, z, z)
}

// A flipper is the registers that update sites.
type flipper struct {
	*decider
	counter
	spins, sites reg.GPVirtual
	differ       reg.VecVirtual // also at scrapAt, where registers are few
}

// flip generates the update of sites.
func (t target) flip(c counter) {
	TEXT(c.name+t.name, attr.Attribute(0), "func(spins *[8]uint64, sites []int32, first, neighbors *int32, "+
		"odds *[64][4]uint64, rounds int, differ uint64, state *[4][8]uint64)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s%s is %s with %s.", c.name, t.name, c.name, t.name))
	f := &flipper{counter: c}
	frame := newFrame()
	f.spins = Load(Param("spins"), GP64()).(reg.GPVirtual)
	f.sites = Load(Param("sites").Base(), GP64()).(reg.GPVirtual)
	left := Load(Param("sites").Len(), GP64()).(reg.GPVirtual)
	f.decider = t.decider(frame, c.planes)
	f.differ = t.vector()
	broadcast(mustAddr(Param("differ")), f.differ)
	if t.parts > 1 {
		t.store(lanes{f.differ, f.differ}, frame.at(scrapAt))
	}
	size := GP64()
	Label("group")
	t.groupSize(size, left)
	j := GP64()
	XORQ(j, j)
	Label("member")
	f.member(j)
	INCQ(j)
	CMPQ(j, size)
	JNE(LabelRef("member"))
	LEAQ(Mem{Base: f.sites, Index: size, Scale: 4}, f.sites)
	f.finish(size, left)
}

// member classifies site j of the group and makes its draws alone.
func (f *flipper) member(j reg.GPVirtual) {
	site, list := GP64(), GP64()
	MOVLQSX(Mem{Base: f.sites, Index: j, Scale: 4}, site)
	Load(Param("first"), list)
	MOVLQSX(Mem{Base: list, Index: site, Scale: 4}, list)
	SHLQ(Imm(2), list)
	ADDQ(mustAddr(Param("neighbors")), list)
	SHLQ(Imm(6), site)
	ADDQ(f.spins, site)
	MOVQ(site, Mem{Base: f.base, Disp: homesAt, Index: j, Scale: 8})
	SHLQ(Imm(3), j)
	m := member{open: f.lanes(), flips: f.lanes()}
	for h := range f.parts {
		f.classify(&m, h, site, list, j)
	}
	f.alone(m)
	for h := range f.parts {
		at := f.part(Mem{Base: site}, h)
		f.xor(at, m.flips[h], m.flips[h])
		f.move(m.flips[h], at)
	}
	f.store(m.open, f.of(openAt, j))
	SHRQ(Imm(3), j)
}

// classify counts the neighbors in the list that differ from a site.
func (f *flipper) classify(m *member, h int, site, list, j reg.GPVirtual) {
	spin := f.vector()
	if f.parts == 1 {
		f.xor(Mem{Base: site}, f.differ, spin)
	}
	x := func(k int) reg.VecVirtual {
		neighbor, v := GP64(), f.vector()
		MOVLQSX(Mem{Base: list, Disp: 4 * k}, neighbor)
		SHLQ(Imm(6), neighbor)
		at := f.part(Mem{Base: f.spins, Index: neighbor, Scale: 1}, h)
		if f.parts == 1 {
			f.xor(at, spin, v)
			return v
		}
		f.move(at, v)
		f.xor(f.part(Mem{Base: site}, h), v, v)
		f.xor(f.at(scrapAt), v, v)
		return v
	}
	open, flips, planes := f.count(f.target, x)
	m.open[h], m.flips[h] = open, flips
	for p := range f.counter.planes {
		at := f.part(f.of(planesAt+p*planeGap, j), h)
		if f.parts == 1 {
			f.move(planes[p], at) // for the merged member
		}
		m.planes[p] = append(m.planes[p], f.keep(planes[p], at))
	}
}

func mustAddr(c gotypes.Component) Mem {
	b, err := c.Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

func broadcast(from Op, to reg.VecVirtual) { VPBROADCASTQ(from, to) }

// decider loads what decisions need from the parameters odds, rounds and state.
func (t target) decider(f frame, planes int) *decider {
	d := &decider{frame: f, planes: planes}
	d.odds = Load(Param("odds"), GP64()).(reg.GPVirtual)
	d.end = Load(Param("rounds"), GP64()).(reg.GPVirtual)
	SHLQ(Imm(5), d.end)
	ADDQ(d.odds, d.end)
	state := GP64()
	Load(Param("state"), state)
	d.stream = t.stream(Mem{Base: state})
	return d
}

// groupSize sets size to the size of the next group.
func (t target) groupSize(size, left reg.GPVirtual) {
	MOVQ(U32(groupSize), size)
	CMPQ(left, size)
	CMOVQLT(left, size)
}

// finish ends a group and goes back for the next, or ends the function.
func (d *decider) finish(size, left reg.GPVirtual) {
	d.absent(size)
	SUBQ(size, left)
	d.together()
	TESTQ(left, left)
	JNE(LabelRef("group"))
	Load(Param("state"), d.home.Base)
	d.save()
	VZEROUPPER()
	RET()
}
