package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The size of a group and the draws that each member makes alone, as in the portable code.
const (
	groupSize   = 8
	aloneRounds = 5
)

// A row of odds is 32 bytes: the bit of the basic threshold, what planes 0 and 1 change it by, and whether any is set.
const (
	rowBytes = 32
	anyAt    = 24
)

// frame is the memory of a group on the stack, aligned to 64 bytes.
type frame struct{ base reg.GPVirtual }

const (
	homesAt  = 0                      // where each member's lanes are
	scrapAt  = 64                     // one lanes
	openAt   = 128                    // of each member
	takenAt  = openAt + groupSize*64  // of each member
	planesAt = takenAt + groupSize*64 // of each member, and of the merged one
	planeGap = (groupSize + 1) * 64
	frameEnd = planesAt + 2*planeGap
)

func newFrame() frame {
	local := AllocLocal(frameEnd + 64)
	base := GP64()
	LEAQ(local, base)
	ADDQ(Imm(63), base)
	ANDQ(I8(-64), base)
	return frame{base}
}

func (f frame) at(offset int) Mem { return Mem{Base: f.base, Disp: offset} }

// of is the entry of member j, in a register, in a table of lanes.
func (f frame) of(table int, j reg.GPVirtual) Mem {
	return Mem{Base: f.base, Disp: table, Index: j, Scale: 8}
}

// A decider makes the decisions of a group.
type decider struct {
	*stream
	frame
	planes int
	odds   reg.GPVirtual // the first row
	end    reg.GPVirtual // behind the last row
}

// A member is a member's lanes while it decides alone: those open, and those whose decisions change them.
type member struct {
	open, flips lanes
	planes      [2][]Op
}

// compare draws the next bit of the uniform numbers of the open chains and compares it with that of their thresholds, in the
// row of odds. Decisions with yes are added to flips.
func (d *decider) compare(row Mem, m member) {
	for h := range d.parts {
		u := d.draw(h)
		t := d.vector()
		VPBROADCASTQ(row, t)
		for p := range d.planes {
			d.mux(row.Offset(8*(p+1)), m.planes[p][h], t)
		}
		d.settle(u, t, m.open[h], m.flips[h])
	}
}

// mux is t ^= plane & the word at change.
func (d *decider) mux(change Mem, plane Op, t reg.VecVirtual) {
	if d.parts == 1 {
		VPTERNLOGQ_BCST(U8(0x78), change, plane, t)
		return
	}
	x := d.vector()
	VPBROADCASTQ(change, x)
	d.and(plane, x, x)
	d.xor(x, t, t)
}

// settle decides the chains in which u and the threshold t differ.
func (d *decider) settle(u, t, open, flips reg.VecVirtual) {
	yes := d.vector()
	d.without(t, u, yes)
	d.accumulate(open, yes, flips, yes)
	if d.parts == 1 {
		ternary(func(z, y, x bool) bool { return z && x == y }, u, t, open)
		return
	}
	d.xor(t, u, u)
	d.without(open, u, open)
}

// alone makes the first draws of one member. Where the bits of all thresholds are 0 no chain decides with yes.
func (d *decider) alone(m member) {
	for k := range aloneRounds {
		row := Mem{Base: d.odds, Disp: k * rowBytes}
		zero, next := fmt.Sprintf("zero%d", k), fmt.Sprintf("next%d", k)
		CMPQ(row.Offset(anyAt), Imm(0))
		JEQ(LabelRef(zero))
		d.compare(row, m)
		JMP(LabelRef(next))
		Label(zero)
		for h := range d.parts {
			d.without(m.open[h], d.draw(h), m.open[h])
		}
		Label(next)
	}
}

// together decides, pass by pass, of every chain the first member that has it open, until none is.
func (d *decider) together() {
	Label("pass")
	m, more := d.merge()
	d.test(m.open)
	JEQ(LabelRef("decided"))
	row := GP64()
	LEAQ(Mem{Base: d.odds, Disp: aloneRounds * rowBytes}, row)
	Label("draw")
	d.compare(Mem{Base: row}, m)
	ADDQ(Imm(rowBytes), row)
	d.test(m.open)
	JEQ(LabelRef("spread"))
	CMPQ(row, d.end)
	JNE(LabelRef("draw"))
	Label("spread")
	d.spread(m.flips)
	TESTQ(more, more)
	JNE(LabelRef("pass"))
	Label("decided")
}

// merge takes every chain from the first member that has it open. It returns the merged member and whether there are others.
func (d *decider) merge() (m member, more reg.GPVirtual) {
	m.open, m.flips = d.lanes(), d.lanes()
	others := d.vector()
	d.xor(others, others, others)
	for h := range d.parts {
		d.mergePart(&m, h, others)
	}
	more = GP64()
	XORQ(more, more)
	d.test(lanes{others})
	SETNE(more.As8())
	d.clear(m.flips)
	return m, more
}

func (d *decider) mergePart(m *member, h int, others reg.VecVirtual) {
	open := m.open[h]
	d.xor(open, open, open)
	var planes [2]reg.VecVirtual
	for p := range d.planes {
		planes[p] = d.vector()
		d.xor(planes[p], planes[p], planes[p])
	}
	for j := range groupSize {
		at := d.part(d.at(openAt+64*j), h)
		left, taken := d.vector(), d.vector()
		d.move(at, left)
		d.without(left, open, taken)
		d.and(left, open, left)
		d.or(taken, open, open)
		d.or(left, others, others)
		d.move(left, at)
		d.move(taken, d.part(d.at(takenAt+64*j), h))
		for p := range d.planes {
			d.include(d.part(d.at(planesAt+p*planeGap+64*j), h), taken, planes[p], left)
		}
	}
	for p := range d.planes {
		m.planes[p] = append(m.planes[p], d.keep(planes[p], d.part(d.at(planesAt+p*planeGap+64*groupSize), h)))
	}
}

// keep returns an operand that holds v: itself where registers abound, or where it is stored.
func (d *decider) keep(v reg.VecVirtual, m Mem) Op {
	if d.parts == 1 {
		return v
	}
	d.move(v, m)
	return m
}

// spread gives the merged flips back to the members that they are of.
func (d *decider) spread(flips lanes) {
	home := GP64()
	for j := range groupSize {
		MOVQ(d.at(homesAt+8*j), home)
		for h := range d.parts {
			at := d.part(Mem{Base: home}, h)
			v, scratch := d.vector(), d.vector()
			d.move(at, v)
			if d.parts > 1 {
				d.move(flips[h], scratch)
				d.accumulate(d.part(d.at(takenAt+64*j), h), scratch, v, scratch)
			} else {
				d.accumulate(d.part(d.at(takenAt+64*j), h), flips[h], v, scratch)
			}
			d.move(v, at)
		}
	}
}

// absent makes members from number size on have no open chain, and their homes that of member 0.
func (d *decider) absent(size reg.GPVirtual) {
	j, home := GP64(), GP64()
	none := d.lanes()
	d.clear(none)
	MOVQ(size, j)
	MOVQ(d.at(homesAt), home)
	Label("absent")
	CMPQ(j, Imm(groupSize))
	JEQ(LabelRef("present"))
	MOVQ(home, Mem{Base: d.base, Disp: homesAt, Index: j, Scale: 8})
	offset := GP64()
	MOVQ(j, offset)
	SHLQ(Imm(3), offset)
	d.store(none, d.of(openAt, offset))
	INCQ(j)
	JMP(LabelRef("absent"))
	Label("present")
}
