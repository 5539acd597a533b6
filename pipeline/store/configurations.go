package store

import (
	"encoding/binary"
	"fmt"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// Names of compressions, in a ConfigurationLayout and in a Description.
const (
	Uncompressed = "none"
	Zstd         = "zstd"
)

const (
	configurationsFormat = "configurations"

	maxGroupRows  = 1 << 16
	maxGroupBytes = 8 << 20 // of spins
	zstdLevel     = 1
	// Pages are copied several times on their way; 128 KiB stay in a cache of the
	// second level meanwhile, which is worth half the time at 1 MiB. A compressed
	// page is the whole column of a row group, as the library sets up a new
	// compressor for every page.
	plainPageBytes = 1 << 17
	zstdPageBytes  = 2 * maxGroupBytes
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
	IntegerEnergy bool   // energies are whole numbers and stored as INT32, else DOUBLE
	Compression   string // "none" (also "") or "zstd", level 1
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

func (l ConfigurationLayout) properties(sites int) ([]parquet.WriterProperty, error) {
	statistics := parquet.WithStatsFor("spins", false)
	switch l.Compression {
	case "", Uncompressed:
		// The library looks at the length of a page once a batch of rows.
		batch := int64(max(1, plainPageBytes/rowBytes(sites)))
		return []parquet.WriterProperty{statistics, parquet.WithDataPageSize(plainPageBytes), parquet.WithBatchSize(batch)}, nil
	case Zstd:
		return []parquet.WriterProperty{statistics, parquet.WithDataPageSize(zstdPageBytes),
			parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(zstdLevel)}, nil
	}
	return nil, fmt.Errorf("compression %q: choose none or zstd", l.Compression)
}

func (l ConfigurationLayout) columns(sites int) schema.FieldList {
	required := parquet.Repetitions.Required
	energy := schema.NewFloat64Node("energy", required, noField)
	if l.IntegerEnergy {
		energy = schema.NewInt32Node("energy", required, noField)
	}
	return schema.FieldList{
		schema.NewInt32Node("chain", required, noField),
		schema.NewInt64Node("step", required, noField),
		energy,
		schema.NewInt32Node("magnetization", required, noField),
		schema.NewFixedLenByteArrayNode("spins", required, int32(rowBytes(sites)), noField),
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
