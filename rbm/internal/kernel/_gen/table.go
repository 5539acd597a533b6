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

// fill writes the sums of the subsets of each group of four rows; start is part of the
// first group's.
func (t target) fill() {
	t.text("fill", "writes the sums of groups of four rows of a panel to a table, and start plus those of\nthe first group; groups is not zero.",
		"func(table, panel, start *[16]float32, groups int)")
	table, panel, start, n := number("table"), number("panel"), number("start"), number("groups")
	t.fillGroup(table, panel, start)
	DECQ(n)
	JZ(LabelRef("end"))
	Label("group")
	t.fillGroup(table, panel, nil)
	DECQ(n)
	JNZ(LabelRef("group"))
	Label("end")
	VZEROUPPER()
	RET()
}

// fillGroup writes one group, with a start or without the empty subset.
func (t target) fillGroup(table, panel, start reg.Register) {
	for h := range t.halves {
		entry := t.vectors(16)
		for b := range 4 {
			VMOVUPS(Mem{Base: panel, Disp: b*stripBytes + h*t.bytes}, entry[1<<b])
			for q := 1; q < 1<<b; q++ {
				VADDPS(entry[1<<b], entry[q], entry[1<<b+q])
			}
			if start == nil {
				t.storeEntries(table, h, 1<<b, entry[1<<b:2<<b])
			}
		}
		if start == nil {
			continue
		}
		VMOVUPS(Mem{Base: start, Disp: h * t.bytes}, entry[0])
		for _, e := range entry[1:] {
			VADDPS(entry[0], e, e)
		}
		t.storeEntries(table, h, 0, entry)
	}
	ADDQ(U32(4*stripBytes), panel)
	ADDQ(U32(groupBytes), table)
}

// storeEntries writes half of some entries, the first being number q.
func (t target) storeEntries(table reg.Register, half, q int, entries []reg.VecVirtual) {
	for i, e := range entries {
		VMOVUPS(e, Mem{Base: table, Disp: (q+i)*stripBytes + half*t.bytes})
	}
}

// rows are the arguments that walk over rows of bits and of sums.
type rows struct {
	table, bits, acc reg.Register
	stride           Op
	fresh            bool // sums start at the first entry, not at acc
}

// sum adds entries of a table, chosen by the nibbles of one word a row. Fewer than 16
// groups are the last of 16: the words are shifted to the left, the table starts that
// much before, and the work begins in the middle.
func (t target) sum(fresh bool) {
	r := t.rowsOf(fresh, "set", "add", "the entries of the table that the lowest nibbles of the word\nof row r choose. The stride is in bytes; groups is 1 to 16.",
		"func(acc *[16]float32, bits *uint64, stride, n int, table *[16]float32, groups int)")
	shift, begin, shifted := number("groups"), GP64(), r
	NEGQ(shift)
	ADDQ(Imm(groups), shift)
	shifted.table = GP64()
	MOVQ(shift, begin)
	SHLQ(Imm(10), begin)
	MOVQ(r.table, shifted.table)
	SUBQ(begin, shifted.table)
	SHLQ(Imm(2), shift)
	LEAQ(Mem{Base: shift, Disp: 4 * r.first()}, begin)
	overRows("", argument("n"), t.sums, func(side int) {
		words, sums := t.open(r, side)
		for _, word := range words {
			SHLXQ(shift, word, word)
		}
		label := func(g int) string { return fmt.Sprintf("group%dof%d", g, side) }
		CMPQ(begin, Imm(uint64(4*r.first())))
		JE(LabelRef(label(r.first())))
		enter(begin, r.first()+1, r.first()+groups-1, label)
		for g := r.first(); g < groups; g++ {
			Label(label(g))
			for s := range side {
				t.addEntry(shifted, g, words[s], sums[s])
			}
		}
		Label(label(groups))
		t.close(r, sums)
	})
	VZEROUPPER()
	RET()
}

// rowsOf begins a function that sums, of one name where the sums are fresh and of
// another where they go on from acc.
func (t target) rowsOf(fresh bool, set, add, what, signature string) rows {
	if fresh {
		t.text(set, "sets acc[r] to "+what, signature)
	} else {
		t.text(add, "adds to acc[r] "+what, signature)
	}
	return rows{number("table"), number("bits"), number("acc"), argument("stride"), fresh}
}

// first is the group that additions begin with.
func (r rows) first() int {
	if r.fresh {
		return 1
	}
	return 0
}

// open loads the words of some rows and what their sums begin with.
func (t target) open(r rows, side int) (words []reg.GPVirtual, sums [][]reg.VecVirtual) {
	for s := range side {
		word, sum := GP64(), t.vectors(t.halves)
		MOVQ(Mem{Base: r.bits}, word)
		ADDQ(r.stride, r.bits)
		from := Mem{Base: r.acc, Disp: s * stripBytes}
		if r.fresh {
			from = Mem{Base: r.table, Index: offset(word, 0), Scale: 1}
		}
		for h := range sum {
			VMOVUPS(from.Offset(h*t.bytes), sum[h])
		}
		words, sums = append(words, word), append(sums, sum)
	}
	return words, sums
}

// offset is that of the entry of group g which a word chooses, from the group's first.
func offset(word reg.GPVirtual, g int) reg.GPVirtual {
	entry := GP64()
	RORXQ(Imm(uint64(4*g-6+64)%64), word, entry)
	ANDL(U32(15*stripBytes), entry.As32())
	return entry
}

// addEntry adds the entry of group g that a word chooses.
func (t target) addEntry(r rows, g int, word reg.GPVirtual, sum []reg.VecVirtual) {
	entry := offset(word, g)
	for h := range sum {
		VADDPS(Mem{Base: r.table, Index: entry, Scale: 1, Disp: g*groupBytes + h*t.bytes}, sum[h], sum[h])
	}
}

// close stores the sums.
func (t target) close(r rows, sums [][]reg.VecVirtual) {
	for s, sum := range sums {
		for h := range sum {
			VMOVUPS(sum[h], Mem{Base: r.acc, Disp: s*stripBytes + h*t.bytes})
		}
	}
	ADDQ(U32(uint32(len(sums)*stripBytes)), r.acc)
}

// sumDecide decides one block of rows while it sums the next, because loads and
// arithmetic wait for different parts of the processor; the sums stay in registers.
// Only for words of 64 inputs and whole blocks of rows.
func (t target) sumDecide(fresh bool) {
	r := t.rowsOf(fresh, "setDecide", "addDecide", "16 entries of the table and decides; n is a multiple of four, not zero, and acc\nis only read.",
		"func(acc *[16]float32, bits *uint64, stride, n int, table *[16]float32, dst *uint64, at, dstStride int, gen *[4][16]uint32, lanes uint32)")
	f := t.decider(decision{bits: true})
	f.stride = number("dstStride")
	f.begin()
	n, z := number("n"), t.vectors(t.rows)
	words, sums := t.open(r, t.rows)
	t.sumBeside(r, words, sums, f)
	for s := range z {
		VMOVUPS(sums[s][0], z[s])
	}
	JMP(LabelRef("next"))
	Label("rows")
	words, sums = t.open(r, t.rows)
	f.decideRows(z)
	t.sumBeside(r, words, sums, f)
	for s := range z {
		VMOVUPS(sums[s][0], z[s])
	}
	Label("next")
	SUBQ(Imm(uint64(t.rows)), n)
	JNZ(LabelRef("rows"))
	f.decideRows(z)
	f.steps.run()
	f.end()
	VZEROUPPER()
	RET()
}

// sumBeside completes the sums of some rows and mixes the steps of f into that.
func (t target) sumBeside(r rows, words []reg.GPVirtual, sums [][]reg.VecVirtual, f *decider) {
	if !r.fresh {
		ADDQ(U32(uint32(len(sums)*stripBytes)), r.acc)
	}
	side, done, all := len(words), 0, f.steps
	entries := (groups - r.first()) * side
	for k := range entries {
		t.addEntry(r, r.first()+k/side, words[k%side], sums[k%side])
		next := (k + 1) * len(all) / entries
		for _, step := range all[done:next] {
			step()
		}
		done = next
	}
	f.steps = nil
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

// enter jumps to the group whose number is begin/4, by halving the range.
func enter(begin reg.Register, first, last int, label func(int) string) {
	if first == last {
		JMP(LabelRef(label(first)))
		return
	}
	middle := (first + last + 1) / 2
	CMPQ(begin, Imm(uint64(4*middle)))
	upper := fmt.Sprintf("from%dto%dof%s", middle, last, label(0))
	JGE(LabelRef(upper))
	enter(begin, first, middle-1, label)
	Label(upper)
	enter(begin, middle, last, label)
}
