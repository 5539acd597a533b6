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
	table, bits, start, out, shift reg.Register
	stride, step                   Op
}

// add adds entries of a table to sums, chosen by the nibbles of one word a row.
func (t target) add() {
	t.text("add", `sets out[r] to start[r*step/64] plus the entries of the table that the lowest
nibbles of the word of row r choose. Stride and step are in bytes; groups is 1 to 16.`,
		"func(out, start *[16]float32, step int, bits *uint64, stride, n int, table *[16]float32, groups int)")
	r := rows{number("table"), number("bits"), number("start"), number("out"), number("groups"), number("stride"), number("step")}
	NEGQ(r.shift)
	ADDQ(Imm(groups), r.shift)
	skipped := GP64() // what is before the table's groups if they are its last
	MOVQ(r.shift, skipped)
	SHLQ(Imm(10), skipped)
	SUBQ(skipped, r.table)
	SHLQ(Imm(2), r.shift)
	overRows("", number("n"), []int{t.rows, 1}, func(side int) {
		words, sums := t.open(r, side)
		label := func(g int) string { return fmt.Sprintf("group%dof%d", g, side) }
		CMPQ(r.shift, Imm(0))
		JE(LabelRef(label(0)))
		enter(r.shift, 1, groups-1, label)
		for g := range groups {
			Label(label(g))
			for s := range side {
				t.addEntry(r, g, words[s], sums[s])
			}
		}
		t.close(r, sums)
	})
	VZEROUPPER()
	RET()
}

// open loads the words and sums of some rows. The words are shifted so that their
// last nibble is the highest, and the work begins in the middle where they are
// shorter.
func (t target) open(r rows, side int) (words []reg.GPVirtual, sums [][]reg.VecVirtual) {
	for range side {
		word, sum := GP64(), t.vectors(t.halves)
		if r.shift == nil {
			MOVQ(Mem{Base: r.bits}, word)
		} else {
			SHLXQ(r.shift, Mem{Base: r.bits}, word)
		}
		ADDQ(r.stride, r.bits)
		for h := range sum {
			VMOVUPS(Mem{Base: r.start, Disp: h * t.bytes}, sum[h])
		}
		ADDQ(r.step, r.start)
		words, sums = append(words, word), append(sums, sum)
	}
	return words, sums
}

// addEntry adds the entry of group g that a word chooses.
func (t target) addEntry(r rows, g int, word reg.GPVirtual, sum []reg.VecVirtual) {
	entry := GP64()
	RORXQ(Imm(uint64(4*g-6+64)%64), word, entry)
	ANDL(U32(15*stripBytes), entry.As32())
	for h := range sum {
		VADDPS(Mem{Base: r.table, Index: entry, Scale: 1, Disp: g*groupBytes + h*t.bytes}, sum[h], sum[h])
	}
}

// close stores the sums.
func (t target) close(r rows, sums [][]reg.VecVirtual) {
	for s, sum := range sums {
		for h := range sum {
			VMOVUPS(sum[h], Mem{Base: r.out, Disp: s*stripBytes + h*t.bytes})
		}
	}
	ADDQ(U32(uint32(len(sums)*stripBytes)), r.out)
}

// addDecide decides one block of rows while it adds to the next, because each waits
// for other parts of the processor. Only where the registers suffice, and only for
// words of 64 inputs and whole blocks of rows.
func (t target) addDecide() {
	t.text("addDecide", `is add of 16 groups to n rows beside decide of n rows; n is a multiple of four.`,
		"func(out, start *[16]float32, step int, bits *uint64, stride, n int, table *[16]float32, dst *uint64, at, dstStride int, acc *[16]float32, gen *[4][16]uint32, lanes uint32)")
	r := rows{number("table"), number("bits"), number("start"), number("out"), nil, argument("stride"), argument("step")}
	f := t.decider(decision{bits: true})
	f.stride = argument("dstStride")
	f.begin()
	overRows("", argument("n"), []int{t.rows}, func(side int) {
		for range side / 2 {
			f.rows(2)
		}
		words, sums := t.open(r, side)
		done, all := 0, f.steps
		for k := range groups * side {
			t.addEntry(r, k/side, words[k%side], sums[k%side])
			next := (k + 1) * len(all) / (groups * side)
			for _, step := range all[done:next] {
				step()
			}
			done = next
		}
		f.steps = nil
		t.close(r, sums)
	})
	f.end()
	VZEROUPPER()
	RET()
}

// overRows repeats work for as many rows as are left, in blocks of the given sizes.
func overRows(label string, n Op, sides []int, work func(side int)) {
	for _, side := range sides {
		loop, end := fmt.Sprintf("%srows%d", label, side), fmt.Sprintf("%send%d", label, side)
		Label(loop)
		CMPQ(n, Imm(uint64(side)))
		JL(LabelRef(end))
		work(side)
		SUBQ(Imm(uint64(side)), n)
		JMP(LabelRef(loop))
		Label(end)
	}
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
