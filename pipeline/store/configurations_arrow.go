package store

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
)

// fields are the columns of an Arrow file. A list of N truth values is N bits,
// and the lists follow each other without gaps: where N is a multiple of 8 the
// bytes of the column are those of Parquet's.
func (l ConfigurationLayout) fields(sites int) []arrow.Field {
	var energy arrow.DataType = arrow.PrimitiveTypes.Float64
	if l.IntegerEnergy {
		energy = arrow.PrimitiveTypes.Int32
	}
	return []arrow.Field{
		{Name: "chain", Type: arrow.PrimitiveTypes.Int32},
		{Name: "step", Type: arrow.PrimitiveTypes.Int64},
		{Name: "energy", Type: energy},
		{Name: "magnetization", Type: arrow.PrimitiveTypes.Int32},
		{Name: "spins", Type: arrow.FixedSizeListOfNonNullable(int32(sites), arrow.FixedWidthTypes.Boolean)},
	}
}

// arrowConfigurations writes the record batches of a configurations file.
type arrowConfigurations struct {
	*arrowWriter
	sites    int
	layout   ConfigurationLayout
	squeezed []byte // the spins of a group whose rows are not whole bytes
}

func newArrowConfigurations(file *AtomicFile, sites int, l ConfigurationLayout, allocator memory.Allocator) (*arrowConfigurations, error) {
	var options []ipc.Option
	if l.Compression == Zstd {
		options = append(options, ipc.WithZstd())
	} else {
		l.Compression = Uncompressed
	}
	w, err := newArrowWriter(file, l.fields(sites), allocator, options...)
	return &arrowConfigurations{arrowWriter: w, sites: sites, layout: l}, err
}

// writeGroup hands the columns of the group to the library, which copies none.
func (w *arrowConfigurations) writeGroup(g *configurationGroup) error {
	n := len(g.chain)
	column := func(kind arrow.DataType, values []byte, children ...arrow.ArrayData) arrow.ArrayData {
		buffers := []*memory.Buffer{nil}
		if children == nil {
			buffers = append(buffers, memory.NewBufferBytes(values))
			return array.NewData(kind, n, buffers, nil, 0, 0)
		}
		return array.NewData(kind, n, buffers, children, 0, 0)
	}
	energy := arrow.Float64Traits.CastToBytes(g.energy)
	if w.layout.IntegerEnergy {
		energy = arrow.Int32Traits.CastToBytes(g.wholeEnergy)
	}
	fields := w.schema.Fields()
	bits := array.NewData(arrow.FixedWidthTypes.Boolean, n*w.sites, []*memory.Buffer{nil, memory.NewBufferBytes(w.packed(g))}, nil, 0, 0)
	defer bits.Release()
	columns := make([]arrow.Array, len(fields))
	for i, data := range []arrow.ArrayData{
		column(fields[chainColumn].Type, arrow.Int32Traits.CastToBytes(g.chain)),
		column(fields[stepColumn].Type, arrow.Int64Traits.CastToBytes(g.step)),
		column(fields[energyColumn].Type, energy),
		column(fields[magnetizationColumn].Type, arrow.Int32Traits.CastToBytes(g.magnetization)),
		column(fields[spinsColumn].Type, nil, bits),
	} {
		columns[i] = array.MakeFromData(data)
		defer columns[i].Release()
		data.Release()
	}
	record := array.NewRecord(w.schema, columns, int64(n))
	defer record.Release()
	return w.addBatch(record)
}

// packed returns the spins of a group without gaps between its rows.
func (w *arrowConfigurations) packed(g *configurationGroup) []byte {
	if w.sites%8 == 0 {
		return g.spins
	}
	w.squeezed = squeeze(w.squeezed, g.spins, w.sites)
	return w.squeezed
}

// finish writes a record batch even where there are no rows: the library begins
// the file with it.
func (w *arrowConfigurations) finish(meta Metadata) error {
	if len(w.spans) == 0 {
		if err := w.writeGroup(&configurationGroup{}); err != nil {
			return err
		}
	}
	return w.arrowWriter.finish(meta.stamped(configurationsFormat,
		KeyValue{sitesKey, strconv.Itoa(w.sites)}, KeyValue{compressionKey, w.layout.Compression}))
}

// squeeze packs rows of whole bytes, of which only the first sites bits count,
// without gaps into dst, whose memory it uses.
func squeeze(dst, rows []byte, sites int) []byte {
	bytes := rowBytes(sites)
	bits := len(rows) / bytes * sites
	dst = grow(dst[:0], (bits+7)/8+1) // and one that the last byte may reach into
	clear(dst)
	for at := 0; len(rows) > 0; rows = rows[bytes:] {
		for i, b := range rows[:bytes] {
			eight := uint16(b) << (at % 8)
			dst[at/8] |= byte(eight)
			dst[at/8+1] |= byte(eight >> 8)
			at += min(8, sites-8*i)
		}
	}
	return dst[:(bits+7)/8]
}

// arrowGroups reads the record batches of a configurations file.
type arrowGroups struct {
	*arrowFile
	sites   int
	layout  ConfigurationLayout
	current arrow.Record // the open one
	next    int          // row of it
	seen    int64        // rows of all batches opened so far
}

func openArrowGroups(path string, source parquet.ReaderAtSeeker, allocator memory.Allocator) (*arrowGroups, error) {
	file, err := openArrow(path, source, allocator)
	if err != nil {
		return nil, err
	}
	if err := file.checkFormat(configurationsFormat); err != nil {
		return nil, err
	}
	g := &arrowGroups{arrowFile: file}
	if g.sites, err = file.meta.sites(path); err != nil {
		return nil, err
	}
	return g, g.checkSchema()
}

// checkSchema finds the layout of the file and refuses any other schema.
func (g *arrowGroups) checkSchema() error {
	g.layout.Format = ArrowFile
	g.layout.Compression, _ = g.meta.Get(compressionKey)
	for _, integer := range []bool{false, true} {
		g.layout.IntegerEnergy = integer
		if g.reader.Schema().Equal(arrow.NewSchema(g.layout.fields(g.sites), nil)) {
			return nil
		}
	}
	return corrupt(g.path, "its columns are not those of configurations of %d sites: %v", g.sites, g.reader.Schema().Fields())
}

func (g *arrowGroups) metadata() Metadata { return g.meta }
func (g *arrowGroups) count() int         { return len(g.batches) }
func (g *arrowGroups) rows() int64        { return g.arrowFile.rows }

// open decodes a record batch. The last one must bring the rows to the number
// that the file states.
func (g *arrowGroups) open(group int) (rows int64, err error) {
	g.close()
	if g.current, err = g.arrowFile.record(group); err != nil {
		return 0, err
	}
	g.next = 0
	g.seen += g.current.NumRows()
	if g.seen > g.rows() || group == g.count()-1 && g.seen != g.rows() {
		return 0, fmt.Errorf("it ends with row %d of %d", g.seen, g.rows())
	}
	return g.current.NumRows(), nil
}

// close releases the open record batch.
func (g *arrowGroups) close() {
	if g.current != nil {
		g.current.Release()
		g.current = nil
	}
}

func (g *arrowGroups) read(b ConfigurationBatch) error {
	first, last := g.next, g.next+b.Rows()
	g.next = last
	if first == last {
		return nil // a batch without rows has no bits
	}
	copy(b.Chain, g.current.Column(chainColumn).(*array.Int32).Int32Values()[first:last])
	copy(b.Step, g.current.Column(stepColumn).(*array.Int64).Int64Values()[first:last])
	copy(b.Magnetization, g.current.Column(magnetizationColumn).(*array.Int32).Int32Values()[first:last])
	switch energies := g.current.Column(energyColumn).(type) {
	case *array.Float64:
		copy(b.Energy, energies.Float64Values()[first:last])
	case *array.Int32:
		for i, energy := range energies.Int32Values()[first:last] {
			b.Energy[i] = float64(energy)
		}
	}
	bits := g.current.Column(spinsColumn).(*array.FixedSizeList).ListValues().Data().Buffers()[1].Bytes()
	g.readSpins(b.Spins, bits, first)
	return nil
}

// readSpins fills whole rows of words from the bits of all rows of a batch.
func (g *arrowGroups) readSpins(dst []uint64, bits []byte, first int) {
	words := rowWords(g.sites)
	for row := 0; row*words < len(dst); row++ {
		at := (first + row) * g.sites
		for w := range words {
			dst[row*words+w] = bitsAt(bits, at+64*w)
		}
		dst[row*words+words-1] &^= overhang(g.sites)
	}
}

// bitsAt returns 64 bits from a place on, zeros beyond the end.
func bitsAt(bits []byte, at int) uint64 {
	var nine [9]byte
	copy(nine[:], bits[at/8:])
	word := binary.LittleEndian.Uint64(nine[:]) >> (at % 8)
	return word | uint64(nine[8])<<(64-at%8)
}
