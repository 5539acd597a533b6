package store

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	pq "github.com/apache/arrow/go/v17/parquet/file"
)

const (
	parquetMagic = "PAR1"  // first and last in a file
	footerTail   = 8       // bytes behind the footer: its length and the magic
	readAhead    = 1 << 16 // bytes buffered for each open column
)

// columnReader is what all typed column readers of the library have in common.
type columnReader[T any] interface {
	ReadBatch(batchSize int64, values []T, definitionLevels, repetitionLevels []int16) (total int64, valuesRead int, err error)
}

// readColumn fills dst with the next rows of a column. If the column is OPTIONAL
// levels must be as long: it is filled with 1 for each row that has a value, and
// the values come first in dst.
func readColumn[R columnReader[T], T any](column pq.ColumnChunkReader, dst []T, levels []int16) error {
	rows, _, err := column.(R).ReadBatch(int64(len(dst)), dst, levels, nil)
	if err == nil {
		err = column.Err()
	}
	if err == nil && rows != int64(len(dst)) {
		err = fmt.Errorf("column %s ends %d rows early", column.Descriptor().Name(), int64(len(dst))-rows)
	}
	return err
}

// parquetFile is an opened file whose footer has been read. Row groups pass
// through window, where they are compared with their checksums: the library
// decodes nothing but what the writer wrote. (On damaged pages it can loop
// without end.)
type parquetFile struct {
	path   string
	reader *pq.Reader
	window *window
	meta   Metadata   // all pairs, this package's own included
	sums   []uint32   // of the row groups
	groups []position // in the file
}

type position struct{ start, length int64 } // bytes

// openParquet reads the footer from source, the file at path, of any writer.
func openParquet(path string, source parquet.ReaderAtSeeker, allocator memory.Allocator) (_ *parquetFile, err error) {
	defer guard(path, &err)
	magic := make([]byte, len(parquetMagic))
	if _, err := source.ReadAt(magic, 0); err != nil {
		return nil, damaged(path, "beginning", err)
	}
	if string(magic) != parquetMagic {
		return nil, foreign(path, "not a Parquet file: it begins with %q", magic)
	}
	window := &window{ReaderAtSeeker: source}
	properties := parquet.NewReaderProperties(allocator)
	properties.BufferedStreamEnabled, properties.BufferSize = true, readAhead
	reader, err := pq.NewParquetReader(window, pq.WithReadProps(properties))
	if err != nil {
		return nil, damaged(path, "footer", err)
	}
	f := &parquetFile{path: path, reader: reader, window: window}
	for _, pair := range reader.MetaData().KeyValueMetadata() {
		f.meta = append(f.meta, KeyValue{pair.GetKey(), pair.GetValue()})
	}
	return f, nil
}

// checkRows compares the numbers of rows that the footer states.
func (f *parquetFile) checkRows() error {
	var rows int64
	for i := range f.reader.NumRowGroups() {
		n := f.reader.MetaData().RowGroup(i).NumRows()
		if n <= 0 || n > math.MaxInt64-rows {
			return corrupt(f.path, "row group %d has %d rows", i, n)
		}
		rows += n
	}
	if rows != f.reader.NumRows() {
		return corrupt(f.path, "%d rows in all, %d in its row groups", f.reader.NumRows(), rows)
	}
	return nil
}

// verify checks that the file is of the given format and a version this program
// knows, that its schema and metadata are what was written, that its numbers of
// rows agree, and that its columns follow each other without gaps from the magic
// to the footer. Only then can row groups be read.
func (f *parquetFile) verify(format string) error {
	if err := f.meta.checkFormat(f.path, format); err != nil {
		return err
	}
	text, _ := f.meta.Get(checksumKey)
	sums, err := parseChecksums(text)
	if err != nil || len(sums) != 1+f.reader.NumRowGroups() {
		return corrupt(f.path, "%s is %q for %d row groups", checksumKey, text, f.reader.NumRowGroups())
	}
	if sums[0] != f.meta.checksum(f.reader.MetaData().Schema.String()) {
		return corrupt(f.path, "its metadata and schema do not match their checksum")
	}
	f.sums = sums[1:]
	if err := f.checkRows(); err != nil {
		return err
	}
	return f.checkPositions()
}

func (f *parquetFile) checkPositions() error {
	size, err := f.window.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("store: read %s: %w", f.path, err)
	}
	footer := size - footerTail - int64(f.reader.MetaData().Size())
	end := int64(len(parquetMagic))
	for group := range f.reader.NumRowGroups() {
		start := end
		for column := range f.reader.MetaData().Schema.NumColumns() {
			length, err := f.checkChunk(group, column, end, footer)
			if err != nil {
				return err
			}
			end += length
		}
		f.groups = append(f.groups, position{start, end - start})
	}
	if end != footer {
		return corrupt(f.path, "its columns end at byte %d, its footer begins at %d", end, footer)
	}
	return nil
}

// checkChunk returns the length of one column of a row group, which must begin
// at start.
func (f *parquetFile) checkChunk(group, column int, start, footer int64) (int64, error) {
	rows := f.reader.MetaData().RowGroup(group)
	chunk, err := rows.ColumnChunk(column)
	if err != nil {
		return 0, corrupt(f.path, "row group %d, column %d: %v", group, column, err)
	}
	length := chunk.TotalCompressedSize()
	switch {
	case chunk.NumValues() != rows.NumRows():
		return 0, corrupt(f.path, "row group %d, column %d: %d values in %d rows", group, column, chunk.NumValues(), rows.NumRows())
	case chunk.DataPageOffset() != start || length < 0 || length > footer-start:
		return 0, corrupt(f.path, "row group %d, column %d: %d bytes from %d on, instead of from %d", group, column, length, chunk.DataPageOffset(), start)
	case chunk.HasDictionaryPage():
		return 0, corrupt(f.path, "row group %d, column %d: a dictionary", group, column)
	}
	return length, nil
}

// columns reads a row group, compares it with its checksum, and opens all its
// columns. They last until the next call.
func (f *parquetFile) columns(group int) ([]pq.ColumnChunkReader, error) {
	if err := f.window.load(f.groups[group]); err != nil {
		return nil, err
	}
	if crc32.Checksum(f.window.loaded, castagnoli) != f.sums[group] {
		return nil, errors.New("it does not match its checksum")
	}
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

// window is a file of which a part is in memory. Once one is, nothing else can
// be read.
type window struct {
	parquet.ReaderAtSeeker
	loaded []byte
	start  int64 // of loaded in the file
}

func (w *window) load(p position) error {
	w.loaded, w.start = grow(w.loaded[:0], int(p.length)), p.start
	_, err := w.ReaderAtSeeker.ReadAt(w.loaded, p.start)
	return err
}

// ReadAt implements io.ReaderAt.
func (w *window) ReadAt(p []byte, off int64) (int, error) {
	if w.loaded == nil {
		return w.ReaderAtSeeker.ReadAt(p, off)
	}
	if off < w.start || off >= w.start+int64(len(w.loaded)) {
		return 0, io.ErrUnexpectedEOF
	}
	n := copy(p, w.loaded[off-w.start:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// grow returns s with length n, its elements kept.
func grow[T any](s []T, n int) []T {
	if n <= cap(s) {
		return s[:n]
	}
	return append(s[:cap(s)], make([]T, n-cap(s))...)
}
