package store

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// The pairs of an Arrow file that a Parquet file has no need of. Arrow's footer
// does not state numbers of rows, and the library shows neither the compression
// nor where record batches lie.
const (
	rowsKey        = reservedPrefix + "rows"
	compressionKey = reservedPrefix + "compression"
	spansKey       = reservedPrefix + "spans" // bytes up to the end of each record batch from that of the one before
	sealKey        = reservedPrefix + "seal"

	// seal stands in the footer before the CRC-32C of the footer, which is taken
	// with zeros for its eight digits.
	seal     = "isingrbm footer crc32c "
	openSeal = seal + "00000000"

	arrowMagic = "ARROW1" // first and last in a file
	arrowTail  = 10       // bytes behind the footer: its length and the magic
)

// arrowWriter writes record batches and takes the checksum of each.
type arrowWriter struct {
	*ipc.FileWriter
	schema *arrow.Schema
	out    *sealingWriter
	rows   int64
	sums   []uint32
	spans  []string
}

// newArrowWriter starts a file with the given columns.
func newArrowWriter(w io.Writer, columns []arrow.Field, allocator memory.Allocator, options ...ipc.Option) (*arrowWriter, error) {
	schema := arrow.NewSchema(columns, nil)
	out := &sealingWriter{w: w}
	options = append(options, ipc.WithSchema(schema), ipc.WithAllocator(allocator))
	writer, err := ipc.NewFileWriter(out, options...)
	if err != nil {
		return nil, err
	}
	return &arrowWriter{FileWriter: writer, schema: schema, out: out}, nil
}

// addBatch writes a record batch. The span of the first one holds also the
// beginning of the file, which the library writes with it.
func (w *arrowWriter) addBatch(record arrow.Record) error {
	start := w.out.position
	if err := w.Write(record); err != nil {
		return err
	}
	w.rows += record.NumRows()
	w.sums, w.out.sum = append(w.sums, w.out.sum), 0
	w.spans = append(w.spans, strconv.FormatInt(w.out.position-start, 10))
	return nil
}

// finish writes the footer, with the metadata, checksums added. Every reader of
// Arrow files takes schema and metadata from there. The library writes it from
// the schema that it was given at the start, which therefore changes here, once
// the metadata are complete; the copy at the beginning of the file has none.
func (w *arrowWriter) finish(meta Metadata) error {
	meta = append(meta,
		KeyValue{rowsKey, strconv.FormatInt(w.rows, 10)},
		KeyValue{spansKey, strings.Join(w.spans, " ")},
		KeyValue{checksumKey, formatChecksums(w.sums)},
		KeyValue{sealKey, openSeal})
	keys, values := make([]string, len(meta)), make([]string, len(meta))
	for i, pair := range meta {
		keys[i], values[i] = pair.Key, pair.Value
	}
	pairs := arrow.NewMetadata(keys, values)
	*w.schema = *arrow.NewSchema(w.schema.Fields(), &pairs)
	w.out.footer = new(bytes.Buffer)
	if err := w.Close(); err != nil {
		return err
	}
	return w.out.sealFooter()
}

// sealingWriter takes the CRC-32C of what passes through, keeps the end of the
// file back once footer is there, and counts bytes, which the library does by
// seeking.
type sealingWriter struct {
	w        io.Writer
	position int64
	sum      uint32
	footer   *bytes.Buffer
}

func (s *sealingWriter) Write(p []byte) (n int, err error) {
	if s.footer != nil {
		n, err = s.footer.Write(p)
	} else {
		n, err = s.w.Write(p)
		s.sum = crc32.Update(s.sum, castagnoli, p[:n])
	}
	s.position += int64(n)
	return n, err
}

// Seek says where the writing stands, and goes nowhere else.
func (s *sealingWriter) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekCurrent {
		return 0, errors.New("arrow: the library seeks in a file that is being written")
	}
	return s.position, nil
}

// sealFooter enters the footer's checksum in it and writes it.
func (s *sealingWriter) sealFooter() error {
	text := s.footer.Bytes()
	footer := text[:max(0, len(text)-arrowTail)]
	if n := bytes.Count(footer, []byte(seal)); n != 1 {
		return fmt.Errorf("arrow: %d seals in the footer: metadata must not hold the words %q", n, seal)
	}
	digits := sealedDigits(footer)
	copy(digits, fmt.Sprintf("%08x", crc32.Checksum(footer, castagnoli)))
	_, err := s.w.Write(text)
	return err
}

// sealedDigits returns the part of a footer that holds its checksum, nil where
// there is none.
func sealedDigits(footer []byte) []byte {
	at := bytes.Index(footer, []byte(seal))
	if at < 0 || at+len(openSeal) > len(footer) {
		return nil
	}
	return footer[at+len(seal) : at+len(openSeal)]
}
