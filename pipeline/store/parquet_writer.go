package store

import (
	"fmt"
	"hash/crc32"
	"io"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	pq "github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

const (
	createdBy = "isingrbm version 1.0.0" // fixed: it is part of the bytes
	noField   = -1                       // no field id in the schema
)

// parquetWriter writes row groups and takes the checksum of each.
type parquetWriter struct {
	*pq.Writer
	out *summingWriter
}

// summingWriter takes the CRC-32C of what passes through since the last cut. It
// has no Close, which the library would call.
type summingWriter struct {
	w    io.Writer
	sum  uint32
	sums []uint32 // one for each row group
}

func (s *summingWriter) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.sum = crc32.Update(s.sum, castagnoli, p[:n])
	return n, err
}

// newParquetWriter starts a file with the given columns. The root is REQUIRED:
// the library's default, REPEATED, confuses other readers.
func newParquetWriter(w io.Writer, columns schema.FieldList, allocator memory.Allocator, options ...parquet.WriterProperty) (_ *parquetWriter, err error) {
	defer guardWrite(&err)
	root, err := schema.NewGroupNode(parquet.DefaultRootName, parquet.Repetitions.Required, columns, noField)
	if err != nil {
		return nil, err
	}
	options = append([]parquet.WriterProperty{
		parquet.WithAllocator(allocator),
		parquet.WithCreatedBy(createdBy),
		parquet.WithRootRepetition(parquet.Repetitions.Required),
		parquet.WithDictionaryDefault(false),
	}, options...)
	out := &summingWriter{w: w}
	writer := pq.NewParquetWriter(out, root, pq.WithWriterProps(parquet.NewWriterProperties(options...)))
	out.sum = 0 // the magic, written by now, belongs to no row group
	return &parquetWriter{writer, out}, nil
}

// addGroup writes a row group, whose columns write puts out in turn.
func (w *parquetWriter) addGroup(write func(pq.SerialRowGroupWriter) error) (err error) {
	defer guardWrite(&err)
	group := w.AppendRowGroup()
	if err := write(group); err != nil {
		return err
	}
	if err := group.Close(); err != nil {
		return err
	}
	w.out.sums, w.out.sum = append(w.out.sums, w.out.sum), 0
	return nil
}

// finish writes the metadata, checksums added, and the footer. The library's
// Close drops the errors of the footer, hence the flush before it.
func (w *parquetWriter) finish(meta Metadata) (err error) {
	defer guardWrite(&err)
	sums := append([]uint32{meta.checksum(w.Schema.String())}, w.out.sums...)
	meta = append(meta, KeyValue{checksumKey, formatChecksums(sums)})
	for _, pair := range meta {
		if err := w.AppendKeyValueMetadata(pair.Key, pair.Value); err != nil {
			return err
		}
	}
	if err := w.FlushWithFooter(); err != nil {
		return err
	}
	return w.Close()
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
