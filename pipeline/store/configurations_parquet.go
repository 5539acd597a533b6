package store

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	pq "github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

const (
	zstdLevel = 1
	// Pages are copied several times on their way; 128 KiB stay in a cache of the
	// second level meanwhile, which is worth half the time at 1 MiB. A compressed
	// page is the whole column of a row group, as the library sets up a new
	// compressor for every page.
	plainPageBytes = 1 << 17
	zstdPageBytes  = 2 * maxGroupBytes
)

// properties are what the library is told about pages.
func (l ConfigurationLayout) properties(sites int) []parquet.WriterProperty {
	statistics := parquet.WithStatsFor("spins", false)
	if l.Compression == Zstd {
		return []parquet.WriterProperty{statistics, parquet.WithDataPageSize(zstdPageBytes),
			parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(zstdLevel)}
	}
	// The library looks at the length of a page once a batch of rows.
	batch := int64(max(1, plainPageBytes/rowBytes(sites)))
	return []parquet.WriterProperty{statistics, parquet.WithDataPageSize(plainPageBytes), parquet.WithBatchSize(batch)}
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

// parquetConfigurations writes the row groups of a configurations file.
type parquetConfigurations struct {
	*parquetWriter
	sites   int
	integer bool                        // energies
	rows    []parquet.FixedLenByteArray // views of the group's spins
}

func newParquetConfigurations(file *AtomicFile, sites int, l ConfigurationLayout, allocator memory.Allocator) (*parquetConfigurations, error) {
	w, err := newParquetWriter(file, l.columns(sites), allocator, l.properties(sites)...)
	return &parquetConfigurations{parquetWriter: w, sites: sites, integer: l.IntegerEnergy}, err
}

func (w *parquetConfigurations) writeGroup(g *configurationGroup) error {
	return w.addGroup(func(group pq.SerialRowGroupWriter) error {
		return cmp.Or(
			writeColumn[*pq.Int32ColumnChunkWriter](group, g.chain, nil),
			writeColumn[*pq.Int64ColumnChunkWriter](group, g.step, nil),
			w.writeEnergies(group, g),
			writeColumn[*pq.Int32ColumnChunkWriter](group, g.magnetization, nil),
			writeColumn[*pq.FixedLenByteArrayColumnChunkWriter](group, w.spinRows(g), nil))
	})
}

func (w *parquetConfigurations) writeEnergies(group pq.SerialRowGroupWriter, g *configurationGroup) error {
	if w.integer {
		return writeColumn[*pq.Int32ColumnChunkWriter](group, g.wholeEnergy, nil)
	}
	return writeColumn[*pq.Float64ColumnChunkWriter](group, g.energy, nil)
}

// spinRows returns the rows of spins as the library wants them. The views last
// from one row group to the next, as the buffer does once it has its full size.
func (w *parquetConfigurations) spinRows(g *configurationGroup) []parquet.FixedLenByteArray {
	n, bytes := len(g.chain), rowBytes(w.sites)
	if len(w.rows) > 0 && &w.rows[0][0] != &g.spins[0] {
		w.rows = w.rows[:0]
	}
	for i := len(w.rows); i < n; i++ {
		w.rows = append(w.rows, g.spins[i*bytes:(i+1)*bytes])
	}
	return w.rows[:n]
}

func (w *parquetConfigurations) finish(meta Metadata) error {
	return w.parquetWriter.finish(meta.stamped(configurationsFormat, KeyValue{sitesKey, strconv.Itoa(w.sites)}))
}

// parquetGroups reads the row groups of a configurations file.
type parquetGroups struct {
	*parquetFile
	sites  int
	layout ConfigurationLayout
	chunks []pq.ColumnChunkReader // of the open row group

	wholeEnergy []int32
	packed      []parquet.FixedLenByteArray
}

func openParquetGroups(path string, source parquet.ReaderAtSeeker, allocator memory.Allocator) (*parquetGroups, error) {
	file, err := openParquet(path, source, allocator)
	if err != nil {
		return nil, err
	}
	if err := file.verify(configurationsFormat); err != nil {
		return nil, err
	}
	g := &parquetGroups{parquetFile: file}
	if g.sites, err = file.meta.sites(path); err != nil {
		return nil, err
	}
	return g, g.checkSchema()
}

// checkSchema finds the layout of the file and refuses any other schema.
func (g *parquetGroups) checkSchema() error {
	found := g.reader.MetaData().Schema
	g.layout.Format = ParquetFile
	for _, integer := range []bool{false, true} {
		g.layout.IntegerEnergy = integer
		root := schema.MustGroup(schema.NewGroupNode(found.Root().Name(), parquet.Repetitions.Required, g.layout.columns(g.sites), noField))
		if found.Root().Equals(root) {
			return g.checkCompression()
		}
	}
	return corrupt(g.path, "its columns are not those of configurations of %d sites:%v", g.sites, found)
}

func (g *parquetGroups) checkCompression() error {
	g.layout.Compression = Uncompressed
	for group := range g.reader.NumRowGroups() {
		for column := range configurationColumns {
			name := g.compression(group, column)
			if group == 0 && column == 0 {
				g.layout.Compression = name
			}
			if name != g.layout.Compression || name != Uncompressed && name != Zstd {
				return corrupt(g.path, "row group %d, column %d: compression %s", group, column, name)
			}
		}
	}
	return nil
}

func (g *parquetGroups) metadata() Metadata { return g.meta }
func (g *parquetGroups) count() int         { return g.reader.NumRowGroups() }
func (g *parquetGroups) rows() int64        { return g.reader.NumRows() }

func (g *parquetGroups) open(group int) (rows int64, err error) {
	if g.chunks, err = g.parquetFile.columns(group); err != nil {
		return 0, err
	}
	return g.reader.MetaData().RowGroup(group).NumRows(), nil
}

func (g *parquetGroups) close() {} // the library gives back a page by itself

func (g *parquetGroups) read(b ConfigurationBatch) error {
	return cmp.Or(
		readColumn[*pq.Int32ColumnChunkReader](g.chunks[chainColumn], b.Chain, nil),
		readColumn[*pq.Int64ColumnChunkReader](g.chunks[stepColumn], b.Step, nil),
		g.readEnergies(b.Energy),
		readColumn[*pq.Int32ColumnChunkReader](g.chunks[magnetizationColumn], b.Magnetization, nil),
		g.readSpins(b.Spins))
}

func (g *parquetGroups) readEnergies(dst []float64) error {
	column := g.chunks[energyColumn]
	if !g.layout.IntegerEnergy {
		return readColumn[*pq.Float64ColumnChunkReader](column, dst, nil)
	}
	g.wholeEnergy = grow(g.wholeEnergy, len(dst))
	err := readColumn[*pq.Int32ColumnChunkReader](column, g.wholeEnergy, nil)
	for i, energy := range g.wholeEnergy {
		dst[i] = float64(energy)
	}
	return err
}

func (g *parquetGroups) readSpins(dst []uint64) error {
	words, beyond := rowWords(g.sites), overhang(g.sites)
	g.packed = grow(g.packed, len(dst)/words)
	if err := readColumn[*pq.FixedLenByteArrayColumnChunkReader](g.chunks[spinsColumn], g.packed, nil); err != nil {
		return err
	}
	for i, packed := range g.packed {
		row := dst[i*words : (i+1)*words]
		unpackRow(row, packed)
		if row[words-1]&beyond != 0 {
			return fmt.Errorf("a configuration has a spin beyond its %d sites", g.sites)
		}
	}
	return nil
}
