package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
)

// arrowFile is an opened file whose footer has been read. The library, which
// trusts every length that it reads, sees nothing that was not compared with its
// checksum: neither the footer nor, by way of window, a record batch.
type arrowFile struct {
	path    string
	reader  *ipc.FileReader
	window  *window
	meta    Metadata // all pairs, this package's own included
	rows    int64
	sums    []uint32   // of the batches
	batches []position // in the file
}

// openArrow reads the footer from source, the file at path, which this package
// wrote.
func openArrow(path string, source parquet.ReaderAtSeeker, allocator memory.Allocator) (_ *arrowFile, err error) {
	defer guard(path, &err)
	end, size, err := readArrowFooter(path, source)
	if err != nil {
		return nil, err
	}
	f := &arrowFile{path: path, window: &window{ReaderAtSeeker: source}}
	f.reader, err = ipc.NewFileReader(io.NewSectionReader(f.window, 0, size), ipc.WithAllocator(allocator))
	if err != nil {
		return nil, damaged(path, "footer", err)
	}
	pairs := f.reader.Schema().Metadata()
	for i, key := range pairs.Keys() {
		f.meta = append(f.meta, KeyValue{key, pairs.Values()[i]})
	}
	return f, f.checkBatches(end)
}

// readArrowFooter holds the footer against its checksum, and returns where it
// begins and the size of the file.
func readArrowFooter(path string, source parquet.ReaderAtSeeker) (start, size int64, err error) {
	if size, err = source.Seek(0, io.SeekEnd); err != nil {
		return 0, 0, fmt.Errorf("store: read %s: %w", path, err)
	}
	magic, tail := make([]byte, len(arrowMagic)), make([]byte, arrowTail)
	if _, err := source.ReadAt(magic, 0); err != nil {
		return 0, 0, damaged(path, "beginning", err)
	}
	if string(magic) != arrowMagic {
		return 0, 0, foreign(path, "not an Arrow file: it begins with %q", magic)
	}
	if _, err := source.ReadAt(tail, max(0, size-arrowTail)); err != nil {
		return 0, 0, damaged(path, "end", err)
	}
	length := int64(binary.LittleEndian.Uint32(tail))
	start = size - arrowTail - length
	if string(tail[4:]) != arrowMagic || start < int64(len(arrowMagic)) {
		return 0, 0, corrupt(path, "it ends with %q", tail)
	}
	footer := make([]byte, length)
	if _, err := source.ReadAt(footer, start); err != nil {
		return 0, 0, damaged(path, "footer", err)
	}
	digits := sealedDigits(footer)
	if digits == nil {
		return 0, 0, foreign(path, "no %s in its metadata", sealKey)
	}
	found := string(digits)
	copy(digits, openSeal[len(seal):])
	if want := fmt.Sprintf("%08x", crc32.Checksum(footer, castagnoli)); found != want {
		return 0, 0, corrupt(path, "its footer does not match its checksum")
	}
	return start, size, nil
}

// checkBatches takes the batches' places and checksums from the metadata. They
// follow each other from the beginning of the file to its footer.
func (f *arrowFile) checkBatches(footer int64) (err error) {
	text := func(key string) string { value, _ := f.meta.Get(key); return value }
	if f.sums, err = parseChecksums(text(checksumKey)); err != nil || len(f.sums) != f.reader.NumRecords() {
		return corrupt(f.path, "%s is %q for %d record batches", checksumKey, text(checksumKey), f.reader.NumRecords())
	}
	if f.rows, err = strconv.ParseInt(text(rowsKey), 10, 64); err != nil || f.rows < 0 {
		return corrupt(f.path, "%s is %q", rowsKey, text(rowsKey))
	}
	end := int64(0)
	for field := range strings.FieldsSeq(text(spansKey)) {
		length, err := strconv.ParseInt(field, 10, 64)
		if err != nil || length <= 0 || length > footer-end {
			return corrupt(f.path, "%s is %q", spansKey, text(spansKey))
		}
		f.batches = append(f.batches, position{end, length})
		end += length
	}
	if len(f.batches) != len(f.sums) || end != footer {
		return corrupt(f.path, "its %d record batches end at byte %d, its footer begins at %d", len(f.batches), end, footer)
	}
	return nil
}

// record reads a record batch, compares it with its checksum, and decodes it.
func (f *arrowFile) record(batch int) (arrow.Record, error) {
	if err := f.window.load(f.batches[batch]); err != nil {
		return nil, err
	}
	if crc32.Checksum(f.window.loaded, castagnoli) != f.sums[batch] {
		return nil, errors.New("it does not match its checksum")
	}
	return f.reader.RecordAt(batch)
}

// checkFormat checks what the file says it holds.
func (f *arrowFile) checkFormat(format string) error {
	if err := f.meta.checkFormat(f.path, format); err != nil {
		return err
	}
	if name, _ := f.meta.Get(compressionKey); name != Uncompressed && name != Zstd {
		return corrupt(f.path, "%s is %q", compressionKey, name)
	}
	return nil
}
