package store

import (
	"fmt"
	"hash/crc32"
	"io"
	"math"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	pq "github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

const (
	createdBy = "isingrbm version 1.0.0" // fixed: it is part of the bytes
	readAhead = 1 << 16                  // bytes buffered for each open column
	maxChunk  = 1 << 30                  // bytes; ours stay far below, so more is damage
	noField   = -1                       // no field id in the schema
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// newParquetWriter starts a file with the given columns. The root is REQUIRED:
// the library's default, REPEATED, confuses other readers.
func newParquetWriter(w io.Writer, columns schema.FieldList, options ...parquet.WriterProperty) (writer *pq.Writer, err error) {
	defer guardWrite(&err)
	root, err := schema.NewGroupNode(parquet.DefaultRootName, parquet.Repetitions.Required, columns, noField)
	if err != nil {
		return nil, err
	}
	options = append([]parquet.WriterProperty{
		parquet.WithCreatedBy(createdBy),
		parquet.WithRootRepetition(parquet.Repetitions.Required),
		parquet.WithDictionaryDefault(false),
	}, options...)
	// The library closes any writer that can be closed; this one is not its to close.
	sink := struct{ io.Writer }{w}
	return pq.NewParquetWriter(sink, root, pq.WithWriterProps(parquet.NewWriterProperties(options...))), nil
}

// finishParquet writes the metadata and the footer. The library's Close drops
// the errors of the footer, hence the flush before it.
func finishParquet(writer *pq.Writer, meta Metadata) (err error) {
	defer guardWrite(&err)
	for _, pair := range meta {
		if err := writer.AppendKeyValueMetadata(pair.Key, pair.Value); err != nil {
			return err
		}
	}
	if err := writer.FlushWithFooter(); err != nil {
		return err
	}
	return writer.Close()
}

// guardWrite turns the library's panics, its way to report some failed writes,
// into errors.
func guardWrite(err *error) {
	if reason := recover(); reason != nil {
		*err = fmt.Errorf("parquet: %v", reason)
	}
}

// columnWriter is what all typed column writers of the library have in common.
type columnWriter[T any] interface {
	WriteBatch(values []T, definitionLevels, repetitionLevels []int16) (int64, error)
}

// writeColumn writes the next column of a row group: REQUIRED when levels is
// nil, else OPTIONAL with one level a row, 1 where there is a value.
func writeColumn[W columnWriter[T], T any](group pq.SerialRowGroupWriter, values []T, levels []int16) error {
	column, err := group.NextColumn()
	if err != nil {
		return err
	}
	_, err = column.(W).WriteBatch(values, levels, nil)
	return err
}

// columnReader is what all typed column readers of the library have in common.
type columnReader[T any] interface {
	ReadBatch(batchSize int64, values []T, definitionLevels, repetitionLevels []int16) (total int64, valuesRead int, err error)
}

// readColumn fills dst with the next rows of a column, the values that exist
// coming first if there are levels, and returns how many exist.
func readColumn[R columnReader[T], T any](column pq.ColumnChunkReader, dst []T, levels []int16) (int, error) {
	rows, values, err := column.(R).ReadBatch(int64(len(dst)), dst, levels, nil)
	if err == nil {
		err = column.Err()
	}
	if err == nil && rows != int64(len(dst)) {
		err = fmt.Errorf("column %s ends %d rows early", column.Descriptor().Name(), int64(len(dst))-rows)
	}
	return values, err
}

// parquetFile is an opened file whose footer has been checked.
type parquetFile struct {
	path   string
	reader *pq.Reader
	meta   Metadata // all pairs, this package's own included
}

// openParquet reads the footer from source, the file at path, and checks that
// it is consistent with itself and with the file's size.
func openParquet(path string, source parquet.ReaderAtSeeker) (_ *parquetFile, err error) {
	defer guard(path, &err)
	size, err := source.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, fmt.Errorf("store: read %s: %w", path, err)
	}
	properties := parquet.NewReaderProperties(boundedAllocator{memory.NewGoAllocator(), maxChunk})
	properties.BufferedStreamEnabled, properties.BufferSize = true, readAhead
	reader, err := pq.NewParquetReader(source, pq.WithReadProps(properties))
	if err != nil {
		return nil, damaged(path, "footer", err)
	}
	f := &parquetFile{path: path, reader: reader}
	for _, pair := range reader.MetaData().KeyValueMetadata() {
		f.meta = append(f.meta, KeyValue{pair.GetKey(), pair.GetValue()})
	}
	return f, f.checkFooter(size)
}

// checkFooter compares the row counts and the positions that the footer states,
// so that nothing is read, or memory asked for, on the word of a damaged one.
func (f *parquetFile) checkFooter(size int64) error {
	var rows int64
	for i := range f.reader.NumRowGroups() {
		group := f.reader.MetaData().RowGroup(i)
		if group.NumRows() <= 0 || group.NumRows() > math.MaxInt64-rows {
			return corrupt(f.path, "row group %d has %d rows", i, group.NumRows())
		}
		rows += group.NumRows()
		for c := range f.reader.MetaData().Schema.NumColumns() {
			if err := f.checkChunk(i, c, size); err != nil {
				return err
			}
		}
	}
	if rows != f.reader.NumRows() {
		return corrupt(f.path, "%d rows in all, %d in its row groups", f.reader.NumRows(), rows)
	}
	return nil
}

func (f *parquetFile) checkChunk(group, column int, size int64) error {
	rows := f.reader.MetaData().RowGroup(group)
	chunk, err := rows.ColumnChunk(column)
	if err != nil {
		return corrupt(f.path, "row group %d, column %d: %v", group, column, err)
	}
	start, length := chunk.DataPageOffset(), chunk.TotalCompressedSize()
	switch {
	case chunk.NumValues() != rows.NumRows():
		return corrupt(f.path, "row group %d, column %d: %d values in %d rows", group, column, chunk.NumValues(), rows.NumRows())
	case start < 0 || length < 0 || length > size || start > size-length:
		return corrupt(f.path, "row group %d, column %d: bytes %d to %d of a file of %d", group, column, start, start+length, size)
	case chunk.TotalUncompressedSize() > maxChunk:
		return corrupt(f.path, "row group %d, column %d: %d bytes", group, column, chunk.TotalUncompressedSize())
	}
	return nil
}

// checkMetadata compares the metadata with their checksum, of which the rest,
// the checksums of the contents, is returned.
func (f *parquetFile) checkMetadata(contents int) ([]uint32, error) {
	text, ok := f.meta.Get(checksumKey)
	if !ok {
		return nil, corrupt(f.path, "no %s in its metadata", checksumKey)
	}
	sums, err := parseChecksums(text)
	if err != nil || len(sums) != 1+contents {
		return nil, corrupt(f.path, "%s is %q", checksumKey, text)
	}
	if sums[0] != f.meta.checksum() {
		return nil, corrupt(f.path, "its metadata do not match their checksum")
	}
	return sums[1:], nil
}

// columns opens all columns of a row group.
func (f *parquetFile) columns(group int) ([]pq.ColumnChunkReader, error) {
	reader := f.reader.RowGroup(group)
	columns := make([]pq.ColumnChunkReader, reader.NumColumns())
	for i := range columns {
		var err error
		if columns[i], err = reader.Column(i); err != nil {
			return nil, err
		}
	}
	return columns, nil
}

// compression names the codec of a column in a row group.
func (f *parquetFile) compression(group, column int) string {
	chunk, err := f.reader.MetaData().RowGroup(group).ColumnChunk(column)
	switch {
	case err != nil:
		return "unknown"
	case chunk.Compression() == compress.Codecs.Uncompressed:
		return Uncompressed
	case chunk.Compression() == compress.Codecs.Zstd:
		return Zstd
	}
	return chunk.Compression().String()
}

// boundedAllocator refuses what no file of ours can need, because a damaged
// page header may state any length. The panic ends in guard.
type boundedAllocator struct {
	memory.Allocator
	limit int // bytes
}

func (a boundedAllocator) Allocate(size int) []byte {
	a.check(size)
	return a.Allocator.Allocate(size)
}

func (a boundedAllocator) Reallocate(size int, b []byte) []byte {
	a.check(size)
	return a.Allocator.Reallocate(size, b)
}

func (a boundedAllocator) check(size int) {
	if size > a.limit {
		panic(fmt.Sprintf("a page of %d bytes", size))
	}
}

// formatChecksums and parseChecksums turn checksums into the text of one
// metadata value and back: eight hexadecimal digits each, a space between.
func formatChecksums(sums []uint32) string {
	text := make([]byte, 0, 9*len(sums))
	for i, sum := range sums {
		if i > 0 {
			text = append(text, ' ')
		}
		text = fmt.Appendf(text, "%08x", sum)
	}
	return string(text)
}

func parseChecksums(text string) ([]uint32, error) {
	sums := make([]uint32, (len(text)+1)/9)
	for i := range sums {
		if _, err := fmt.Sscanf(text[9*i:9*i+8], "%08x", &sums[i]); err != nil {
			return nil, err
		}
	}
	if formatChecksums(sums) != text {
		return nil, fmt.Errorf("checksums %q", text)
	}
	return sums, nil
}
