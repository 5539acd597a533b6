package store

import "encoding/binary"

// Names of compressions, in a ConfigurationLayout and in a Description.
const (
	Uncompressed = "none"
	Zstd         = "zstd"
)

const (
	configurationsFormat = "configurations"

	maxGroupRows  = 1 << 16
	maxGroupBytes = 8 << 20 // of spins
)

// The columns of a configurations file, in their order.
const (
	chainColumn = iota
	stepColumn
	energyColumn
	magnetizationColumn
	spinsColumn
	configurationColumns
)

// ConfigurationLayout is what can be chosen about a configurations file.
type ConfigurationLayout struct {
	IntegerEnergy bool   // energies are whole numbers and stored as 32-bit integers, else as doubles
	Compression   string // "none" (also "") or "zstd": in Parquet level 1, in Arrow the library's
	Format        string // "parquet" (also "") or "arrow"
	Scratch       string // folder for the file while it is written; "" is that of its path
}

// configurationGroup is the rows of one row group, or record batch, column by
// column as they lie on the disk.
type configurationGroup struct {
	chain         []int32
	step          []int64
	energy        []float64
	wholeEnergy   []int32 // instead of energy, in the integer layout
	magnetization []int32
	spins         []byte // ⌈N/8⌉ a row
}

// clear empties the group and keeps its memory.
func (g *configurationGroup) clear() {
	g.chain, g.step, g.magnetization = g.chain[:0], g.step[:0], g.magnetization[:0]
	g.energy, g.wholeEnergy, g.spins = g.energy[:0], g.wholeEnergy[:0], g.spins[:0]
}

// ConfigurationBatch is a set of configurations, one slice a column, all of one
// length n but Spins, which holds n rows of ⌈N/64⌉ words.
type ConfigurationBatch struct {
	Chain         []int32
	Step          []int64
	Energy        []float64 // total
	Magnetization []int32   // total
	Spins         []uint64
}

// Rows returns the number of configurations.
func (b ConfigurationBatch) Rows() int { return len(b.Chain) }

// check panics unless the columns belong together.
func (b ConfigurationBatch) check(words int) {
	n := b.Rows()
	if len(b.Step) != n || len(b.Energy) != n || len(b.Magnetization) != n || len(b.Spins) != n*words {
		panic("store: the columns of a batch differ in length")
	}
}

// rowBytes and rowWords are the lengths of a configuration on disk and in memory.
func rowBytes(sites int) int { return (sites + 7) / 8 }
func rowWords(sites int) int { return (sites + 63) / 64 }

// groupRows is the number of configurations in a full row group.
func groupRows(sites int) int {
	return max(1, min(maxGroupRows, maxGroupBytes/rowBytes(sites)))
}

// packRow fills dst, one configuration as it lies on the disk, from row.
func packRow(dst []byte, row []uint64) {
	for ; len(dst) >= 8 && len(row) > 0; dst, row = dst[8:], row[1:] {
		binary.LittleEndian.PutUint64(dst, row[0])
	}
	for i := range dst {
		dst[i] = byte(row[0] >> (8 * i))
	}
}

// unpackRow is the inverse of packRow: it fills row from src.
func unpackRow(row []uint64, src []byte) {
	for ; len(src) >= 8 && len(row) > 0; src, row = src[8:], row[1:] {
		row[0] = binary.LittleEndian.Uint64(src)
	}
	if len(src) > 0 {
		row[0] = 0
		for i, b := range src {
			row[0] |= uint64(b) << (8 * i)
		}
	}
}

// overhang returns the bits of a row's last word that belong to no site.
func overhang(sites int) uint64 {
	if sites%64 == 0 {
		return 0
	}
	return ^uint64(0) << (sites % 64)
}
