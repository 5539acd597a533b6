package store

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// A subject is a kind of file with a reader of all its contents, metadata
// included.
type subject struct {
	name  string
	bytes []byte
	read  func(path string, data []byte) (any, error)
}

func readDamagedConfigurations(path string, data []byte) (any, error) {
	r, err := newConfigurationsReader(path, bytes.NewReader(data), memory.NewGoAllocator())
	if err != nil {
		return nil, err
	}
	batch, err := readAll(r, 10)
	if err != nil {
		return nil, err
	}
	// The layout says how the numbers are stored, not which they are.
	return []any{batch, r.Metadata(), r.Sites(), r.Rows()}, nil
}

func readDamagedTable(path string, data []byte) (any, error) {
	table, meta, err := readTable(path, bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	// As text, in which NaN equals itself.
	return []any{fmt.Sprint(table), meta}, nil
}

func readDamagedMachine(path string, data []byte) (any, error) {
	machine, meta, err := readMachine(path, bytes.NewReader(data), int64(len(data)))
	return []any{machine, meta}, err
}

func subjects(t testing.TB) []subject {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x")
	var out []subject
	for _, layout := range []ConfigurationLayout{{}, {IntegerEnergy: true, Compression: Zstd}} {
		writeConfigurations(t, path, 70, layout, randomBatch(25, 70, 1), 25)
		out = append(out, subject{fmt.Sprintf("configurations/%s", layout.Compression), mustRead(t, path), readDamagedConfigurations})
	}
	writeTable(t, path, exampleTable())
	out = append(out, subject{"table", mustRead(t, path), readDamagedTable})
	if err := WriteMachine(path, exampleMachine(5, 3), testMetadata()); err != nil {
		t.Fatal(err)
	}
	out = append(out, subject{"machine", mustRead(t, path), readDamagedMachine})
	for _, compression := range []string{Uncompressed, Zstd} {
		layout := ConfigurationLayout{IntegerEnergy: true, Compression: compression, Format: ArrowFile}
		writeConfigurations(t, path, 70, layout, randomBatch(25, 70, 1), 25)
		out = append(out, subject{"configurations/arrow/" + compression, mustRead(t, path), readDamagedConfigurations})
	}
	return out
}

// TestDamageIsNoticed truncates each file at every byte and changes every byte.
// Reading must give an error that names the file, or all that was written, and
// neither panic nor loop.
func TestDamageIsNoticed(t *testing.T) {
	for _, s := range subjects(t) {
		t.Run(s.name, func(t *testing.T) {
			want, err := s.read("x", s.bytes)
			if err != nil {
				t.Fatal(err)
			}
			refused := 0
			for i := range s.bytes {
				if _, err := s.read("some/file", s.bytes[:i]); err == nil {
					t.Errorf("truncated to %d bytes of %d: read", i, len(s.bytes))
				}
				damagedBytes := bytes.Clone(s.bytes)
				damagedBytes[i] ^= 1 << (i % 8)
				got, err := s.read("some/file", damagedBytes)
				switch {
				case err == nil && !reflect.DeepEqual(got, want):
					t.Errorf("byte %d changed: other contents read", i)
				case err != nil && !strings.Contains(err.Error(), "some/file"):
					t.Errorf("byte %d changed: error does not name the file: %v", i, err)
				case err != nil:
					refused++
				}
				describe("some/file", io.NewSectionReader(bytes.NewReader(damagedBytes), 0, int64(len(damagedBytes))))
			}
			t.Logf("%d bytes, %d of them refused when changed", len(s.bytes), refused)
			if refused < len(s.bytes)/2 {
				t.Errorf("only %d of %d changed bytes refused", refused, len(s.bytes))
			}
		})
	}
}

// TestVerifySeesEveryByte: what a reader may overlook, the checksums do not.
func TestVerifySeesEveryByte(t *testing.T) {
	folder := t.TempDir()
	for i, s := range subjects(t) {
		name := fmt.Sprint("file", i)
		path := filepath.Join(folder, name)
		mustWrite(t, path, s.bytes)
		if err := Record(folder, name); err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(s.bytes); at += 13 {
			spoilt := bytes.Clone(s.bytes)
			spoilt[at] ^= 0x10
			mustWrite(t, path, spoilt)
			var integrity *IntegrityError
			if err := Verify(folder); !errors.As(err, &integrity) || len(integrity.Problems) != 1 || integrity.Problems[0].Name != name {
				t.Fatalf("%s: byte %d changed: %v", s.name, at, err)
			}
			mustWrite(t, path, s.bytes[:at])
			if err := Verify(folder); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("truncated: %d bytes of %d", at, len(s.bytes))) {
				t.Fatalf("%s: truncated to %d: %v", s.name, at, err)
			}
		}
		mustWrite(t, path, s.bytes)
	}
	if err := Verify(folder); err != nil {
		t.Errorf("all restored: %v", err)
	}
}

// stamp writes a Parquet file without rows, with the given columns and metadata.
func stamp(t *testing.T, columns schema.FieldList, meta Metadata) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := newParquetWriter(&out, columns, memory.NewGoAllocator())
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range meta {
		if err := w.AppendKeyValueMetadata(pair.Key, pair.Value); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.FlushWithFooter(), w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// withSums adds the checksums of the schema with the metadata, and of row groups.
func withSums(columns schema.FieldList, meta Metadata, groups ...uint32) Metadata {
	root := schema.MustGroup(schema.NewGroupNode(parquet.DefaultRootName, parquet.Repetitions.Required, columns, noField))
	sum := meta.checksum(schema.NewSchema(root).String())
	return append(meta, KeyValue{checksumKey, formatChecksums(append([]uint32{sum}, groups...))})
}

func TestOtherFilesAreRefused(t *testing.T) {
	columns := ConfigurationLayout{}.columns(9)
	sites := KeyValue{sitesKey, "9"}
	right := Metadata(nil).stamped(configurationsFormat, sites)
	newer := Metadata{{formatKey, configurationsFormat}, {versionKey, "2"}, sites}
	if _, err := readDamagedConfigurations("x", stamp(t, columns, withSums(columns, right))); err != nil {
		t.Fatalf("the good one: %v", err)
	}
	optional := append(schema.FieldList{}, columns...)
	optional[0] = schema.NewInt32Node("chain", 1, noField)
	table := written(t, func(w io.Writer) error { return exampleTable().WriteParquet(w, nil) })
	machine := written(t, func(w io.Writer) error { return exampleMachine(3, 2).write(w, nil) })
	for name, test := range map[string]struct {
		data []byte
		read func(string, []byte) (any, error)
		kind error
		says string
	}{
		"a table":           {[]byte(table), readDamagedConfigurations, ErrForeign, "a table, not a configurations"},
		"configurations":    {stamp(t, columns, withSums(columns, right)), readDamagedTable, ErrForeign, "a configurations, not a table"},
		"foreign Parquet":   {stamp(t, columns, Metadata{{"pandas", "{}"}}), readDamagedConfigurations, ErrForeign, "metadata"},
		"newer":             {stamp(t, columns, withSums(columns, newer)), readDamagedConfigurations, ErrVersion, `version "2"`},
		"no version":        {stamp(t, columns, withSums(columns, Metadata{right[0]})), readDamagedConfigurations, ErrVersion, `version ""`},
		"no checksum":       {stamp(t, columns, right), readDamagedConfigurations, ErrCorrupt, "crc32c"},
		"many checksums":    {stamp(t, columns, withSums(columns, right, 0)), readDamagedConfigurations, ErrCorrupt, "crc32c"},
		"sites":             {stamp(t, columns, withSums(columns, Metadata(nil).stamped(configurationsFormat))), readDamagedConfigurations, ErrCorrupt, "sites"},
		"other sites":       {stamp(t, columns, withSums(columns, Metadata(nil).stamped(configurationsFormat, KeyValue{sitesKey, "17"}))), readDamagedConfigurations, ErrCorrupt, "17 sites"},
		"a column less":     {stamp(t, columns[1:], withSums(columns[1:], right)), readDamagedConfigurations, ErrCorrupt, "columns"},
		"optional":          {stamp(t, optional, withSums(optional, right)), readDamagedConfigurations, ErrCorrupt, "columns"},
		"columns of tables": {stamp(t, columns, withSums(columns, Metadata(nil).stamped(tableFormat))), readDamagedTable, ErrCorrupt, "column"},
		"npz":               {[]byte(machine), readDamagedTable, ErrForeign, `begins with "PK`},
		"no archive":        {[]byte(table), readDamagedMachine, ErrCorrupt, "zip"},
		"empty":             {nil, readDamagedConfigurations, ErrCorrupt, "EOF"},
	} {
		var found *FileError
		_, err := test.read("the/path", test.data)
		if !errors.As(err, &found) || !errors.Is(err, test.kind) || found.Path != "the/path" || found.Advice == "" || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// archiveOf makes an npz archive of arbitrary entries.
func archiveOf(t *testing.T, entries map[string]any) []byte {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for name, value := range entries {
		var err error
		if raw, ok := value.(string); ok {
			var w io.Writer
			if w, err = archive.Create(name + ".npy"); err == nil {
				_, err = io.WriteString(w, raw)
			}
		} else {
			err = writeArray(archive, name, value)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestOtherArchivesAreRefused(t *testing.T) {
	meta := []byte(`{"isingrbm.format":"machine","isingrbm.format_version":"1"}`)
	two, one := []float32{1, 2}, []float32{1}
	array := func(header string) string {
		return "\x93NUMPY\x02\x00" + string([]byte{byte(len(header)), 0, 0, 0}) + header
	}
	good := func() map[string]any {
		return map[string]any{"W": matrix(two, 2, 1), "b": two, "c": one, "metadata": meta}
	}
	if _, err := readDamagedMachine("x", archiveOf(t, good())); err != nil {
		t.Fatalf("the good one: %v", err)
	}
	for name, test := range map[string]struct {
		array string
		value any
		kind  error
	}{
		"no metadata":       {"metadata", nil, ErrForeign},
		"no JSON":           {"metadata", []byte("x"), ErrCorrupt},
		"metadata of words": {"metadata", two, ErrCorrupt},
		"other format":      {"metadata", []byte(`{"isingrbm.format":"table"}`), ErrForeign},
		"newer":             {"metadata", []byte(`{"isingrbm.format":"machine","isingrbm.format_version":"2"}`), ErrVersion},
		"no W":              {"W", nil, ErrCorrupt},
		"flat W":            {"W", two, ErrCorrupt},
		"W of doubles":      {"W", []float64{1, 2}, ErrCorrupt},
		"short b":           {"b", one, ErrCorrupt},
		"c of a matrix":     {"c", matrix(one, 1, 1), ErrCorrupt},
		"no npy":            {"c", "x", ErrCorrupt},
		"endless header":    {"c", "\x93NUMPY\x02\x00\xff\xff\xff\xff{", ErrCorrupt},
		"no newline":        {"c", array("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"), ErrCorrupt},
		"no dictionary":     {"c", array("{}\n"), ErrCorrupt},
		"negative":          {"c", array("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }\n"), ErrCorrupt},
		"huge":              {"c", array("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 2), }\n"), ErrCorrupt},
		"no values":         {"c", array("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n"), ErrCorrupt},
		"Fortran":           {"W", array("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 1), }\n") + "12345678", ErrCorrupt},
		"objects":           {"c", array("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"), ErrCorrupt},
	} {
		entries := good()
		entries[test.array] = test.value
		if test.value == nil {
			delete(entries, test.array)
		}
		if _, err := readDamagedMachine("the/path", archiveOf(t, entries)); !errors.Is(err, test.kind) || !strings.Contains(err.Error(), "the/path") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A failing source reads well up to a point, as a bad disk does.
type failingSource struct {
	*bytes.Reader
	left int
}

func (s *failingSource) ReadAt(p []byte, off int64) (int, error) {
	if s.left--; s.left < 0 {
		return 0, &fs.PathError{Op: "read", Path: "x", Err: syscall.EIO}
	}
	return s.Reader.ReadAt(p, off)
}

// TestFailingDiskIsNotDamage: nobody should be told to remove a good file.
func TestFailingDiskIsNotDamage(t *testing.T) {
	all := subjects(t)
	for reads := range 20 {
		for _, configurations := range [][]byte{all[0].bytes, all[4].bytes} {
			r, err := newConfigurationsReader("x", &failingSource{bytes.NewReader(configurations), reads}, memory.NewGoAllocator())
			if err == nil {
				_, err = readAll(r, 10)
			}
			checkDiskError(t, err, reads)
		}
		_, _, err := readTable("x", &failingSource{bytes.NewReader(all[2].bytes), reads})
		checkDiskError(t, err, reads)
		_, _, err = readMachine("x", &failingSource{bytes.NewReader(all[3].bytes), reads}, int64(len(all[3].bytes)))
		checkDiskError(t, err, reads)
	}
}

func checkDiskError(t *testing.T, err error, reads int) {
	t.Helper()
	if err != nil && (errors.Is(err, ErrCorrupt) || !errors.Is(err, syscall.EIO)) || err == nil && reads == 0 {
		t.Errorf("failing after %d reads: %v", reads, err)
	}
}
