package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	groups     = 16 // of four inputs, in a word
	groupBytes = 16 * stripBytes
)

// fill writes the sums of the nonempty subsets of each group of four rows.
func (t target) fill() {
	t.text("fill", "writes the sums of groups of four rows of a panel to a table; groups is not zero.",
		"func(table, panel *[16]float32, groups int)")
	table, panel, n := number("table"), number("panel"), number("groups")
	Label("group")
	for h := range t.halves {
		entry := t.vectors(16)
		for b := range 4 {
			VMOVUPS(Mem{Base: panel, Disp: b*stripBytes + h*t.bytes}, entry[1<<b])
			for q := 1; q < 1<<b; q++ {
				VADDPS(entry[1<<b], entry[q], entry[1<<b+q])
			}
			for q := range 1 << b {
				VMOVUPS(entry[1<<b+q], Mem{Base: table, Disp: (1<<b+q)*stripBytes + h*t.bytes})
			}
		}
	}
	ADDQ(U32(4*stripBytes), panel)
	ADDQ(U32(groupBytes), table)
	DECQ(n)
	JNZ(LabelRef("group"))
	VZEROUPPER()
	RET()
}

// rows are the arguments that walk over rows of bits and of sums.
type rows struct {
	table, bits, stride, start, step, out, shift reg.Register
}

// add adds entries of a table to sums, chosen by the nibbles of one word a row.
func (t target) add() {
	t.text("add", `sets out[r] to start[r*step/64] plus the entries of the table that the lowest
nibbles of the word of row r choose. Stride and step are in bytes; groups is 1 to 16.`,
		"func(out, start *[16]float32, step int, bits *uint64, stride, n int, table *[16]float32, groups int)")
	r := rows{number("table"), number("bits"), number("stride"), number("start"), number("step"), number("out"), number("groups")}
	NEGQ(r.shift)
	ADDQ(Imm(groups), r.shift)
	skipped := GP64() // what is before the table's groups if they are its last
	MOVQ(r.shift, skipped)
	SHLQ(Imm(10), skipped)
	SUBQ(skipped, r.table)
	SHLQ(Imm(2), r.shift)
	n := number("n")
	for _, side := range []int{t.rows, 1} {
		loop, end := fmt.Sprintf("rows%d", side), fmt.Sprintf("end%d", side)
		Label(loop)
		CMPQ(n, Imm(uint64(side)))
		JL(LabelRef(end))
		t.addRows(r, side)
		SUBQ(Imm(uint64(side)), n)
		JMP(LabelRef(loop))
		Label(end)
	}
	VZEROUPPER()
	RET()
}

// addRows adds to some rows side by side. The words are shifted so that their last
// nibble is the highest, and the work begins in the middle where they are shorter.
func (t target) addRows(r rows, side int) {
	words := make([]reg.GPVirtual, side)
	sums := make([][]reg.VecVirtual, side)
	for s := range side {
		words[s], sums[s] = GP64(), t.vectors(t.halves)
		SHLXQ(r.shift, Mem{Base: r.bits}, words[s])
		ADDQ(r.stride, r.bits)
		for h := range t.halves {
			VMOVUPS(Mem{Base: r.start, Disp: h * t.bytes}, sums[s][h])
		}
		ADDQ(r.step, r.start)
	}
	label := func(g int) string { return fmt.Sprintf("group%dof%d", g, side) }
	CMPQ(r.shift, Imm(0))
	JE(LabelRef(label(0)))
	enter(r.shift, 1, groups-1, label)
	for g := range groups {
		Label(label(g))
		for s := range side {
			entry := GP64()
			RORXQ(Imm(uint64(4*g-6+64)%64), words[s], entry)
			ANDL(U32(15*stripBytes), entry.As32())
			for h := range t.halves {
				VADDPS(Mem{Base: r.table, Index: entry, Scale: 1, Disp: g*groupBytes + h*t.bytes}, sums[s][h], sums[s][h])
			}
		}
	}
	for s := range side {
		for h := range t.halves {
			VMOVUPS(sums[s][h], Mem{Base: r.out, Disp: s*stripBytes + h*t.bytes})
		}
	}
	ADDQ(U32(side*stripBytes), r.out)
}

// enter jumps to the group whose number is shift/4, by halving the range.
func enter(shift reg.Register, first, last int, label func(int) string) {
	if first == last {
		JMP(LabelRef(label(first)))
		return
	}
	middle := (first + last + 1) / 2
	CMPQ(shift, Imm(uint64(4*middle)))
	upper := fmt.Sprintf("from%dto%dof%s", middle, last, label(0))
	JGE(LabelRef(upper))
	enter(shift, first, middle-1, label)
	Label(upper)
	enter(shift, middle, last, label)
}
