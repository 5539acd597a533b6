package store

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/parquet/metadata"
	"github.com/apache/thrift/lib/go/thrift"
)

// Types of pages and numbers of fields in Parquet's page headers (parquet.thrift of the
// format's specification).
const (
	dataPage, indexPage, dictionaryPage, dataPageV2 = 0, 1, 2, 3

	typeField, uncompressedField, compressedField   = 1, 2, 3
	dataField, dictionaryField, dataV2Field         = 5, 7, 8
	valuesField                                     = 1 // of the headers of data and dictionary
	longestPageHeader, largestValue, levelsOfAValue = 1 << 16, 8, 8
)

// pageHeader is what a page header says that matters here.
type pageHeader struct {
	kind, uncompressed, compressed, values int32
}

// checkPages holds the pages of a column chunk of another program to follow each other
// to its end, and their values to be as many as it says: the library reads on without
// end where they do not, and makes room for what a page claims to be.
func checkPages(source io.ReaderAt, chunk *metadata.ColumnChunkMetaData) error {
	at := chunk.DataPageOffset()
	if chunk.HasDictionaryPage() && chunk.DictionaryPageOffset() > 0 {
		at = min(at, chunk.DictionaryPageOffset())
	}
	end, values := at+chunk.TotalCompressedSize(), int64(0)
	for at < end {
		header, length, err := readPageHeader(source, at, end)
		if err != nil {
			return fmt.Errorf("a page at byte %d: %w", at, err)
		}
		most := int64(header.values)*(largestValue+levelsOfAValue) + 1024
		switch {
		case header.kind < dataPage || header.kind > dataPageV2 || header.compressed < 0 || header.uncompressed < 0:
			return fmt.Errorf("a page at byte %d: not a page", at)
		case header.kind != indexPage && (header.values < 1 || int64(header.uncompressed) > most):
			return fmt.Errorf("a page at byte %d: %d bytes of %d values", at, header.uncompressed, header.values)
		}
		if header.kind == dataPage || header.kind == dataPageV2 {
			values += int64(header.values)
		}
		at += int64(length) + int64(header.compressed)
	}
	if at != end || values != chunk.NumValues() {
		return fmt.Errorf("its pages hold %d values of %d, and end at byte %d instead of %d", values, chunk.NumValues(), at, end)
	}
	return nil
}

// readPageHeader reads the header at a place before the end of its chunk, and returns its
// length.
func readPageHeader(source io.ReaderAt, at, end int64) (h pageHeader, length int, err error) {
	raw := make([]byte, min(longestPageHeader, end-at))
	n, err := source.ReadAt(raw, at)
	if err != nil && !errors.Is(err, io.EOF) {
		return h, 0, err
	}
	buffer := thrift.NewTMemoryBufferLen(n)
	buffer.Write(raw[:n]) // into memory
	protocol := thrift.NewTCompactProtocolConf(buffer, &thrift.TConfiguration{})
	err = eachField(protocol, func(id int16, kind thrift.TType) (known bool, err error) {
		number := map[int16]*int32{typeField: &h.kind, uncompressedField: &h.uncompressed, compressedField: &h.compressed}[id]
		switch {
		case number != nil && kind == thrift.I32:
			*number, err = protocol.ReadI32(context.Background())
			return true, err
		case kind == thrift.STRUCT && (id == dataField || id == dictionaryField || id == dataV2Field):
			return true, eachField(protocol, func(id int16, kind thrift.TType) (known bool, err error) {
				if id != valuesField || kind != thrift.I32 {
					return false, nil
				}
				h.values, err = protocol.ReadI32(context.Background())
				return true, err
			})
		}
		return false, nil
	})
	return h, n - buffer.Len(), err
}

// eachField shows the fields of a struct to read, which reports whether it has read one;
// others are skipped.
func eachField(p thrift.TProtocol, read func(id int16, kind thrift.TType) (known bool, err error)) error {
	ctx := context.Background()
	if _, err := p.ReadStructBegin(ctx); err != nil {
		return err
	}
	for {
		_, kind, id, err := p.ReadFieldBegin(ctx)
		if err != nil {
			return err
		}
		if kind == thrift.STOP {
			return p.ReadStructEnd(ctx)
		}
		known, err := read(id, kind)
		if err == nil && !known {
			err = thrift.SkipDefaultDepth(ctx, p, kind)
		}
		if err != nil {
			return err
		}
		if err := p.ReadFieldEnd(ctx); err != nil {
			return err
		}
	}
}
