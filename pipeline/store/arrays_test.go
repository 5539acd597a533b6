package store

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sbinet/npyio/npy"
)

// npyFile returns an array's npy file.
func npyFile(t *testing.T, array Array) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := WriteArray(&out, array); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// values cuts a file where its header says that the values begin.
func npyValues(file []byte) (header string, values []byte) {
	length := 10 + int(binary.LittleEndian.Uint16(file[8:]))
	return string(file[10:length]), file[length:]
}

// TestWriteArray holds the files against the definition of npy.
func TestWriteArray(t *testing.T) {
	for _, c := range []struct {
		array       Array
		descr, tail string
	}{
		{Numbers("x", []int8{1, -1, 0, 5, 6, 7}, 2, 3), "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3), }", "\x01\xff\x00\x05\x06\x07"},
		{Numbers("x", []uint8("ab"), 2), "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", "ab"},
		{Numbers("x", []int32{-2}, 1), "{'descr': '<i4', 'fortran_order': False, 'shape': (1,), }", "\xfe\xff\xff\xff"},
		{Numbers("x", []int64{3}, 1, 1), "{'descr': '<i8', 'fortran_order': False, 'shape': (1, 1), }", "\x03\x00\x00\x00\x00\x00\x00\x00"},
		{Numbers("x", []float32{1}, 1), "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "\x00\x00\x80\x3f"},
		{Numbers("x", []float64{}, 0, 4), "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 4), }", ""},
		{Texts("x", []string{"a", "", "χ₀"}), "{'descr': '<U2', 'fortran_order': False, 'shape': (3,), }",
			"a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xc7\x03\x00\x00\x80\x20\x00\x00"},
		{Texts("x", nil), "{'descr': '<U1', 'fortran_order': False, 'shape': (0,), }", ""},
	} {
		file := npyFile(t, c.array)
		header, values := npyValues(file)
		if string(file[:8]) != "\x93NUMPY\x01\x00" || strings.TrimRight(header, " \n") != c.descr || !strings.HasSuffix(header, "\n") {
			t.Errorf("%s: %q", c.descr, file)
		}
		if (10+len(header))%64 != 0 || string(values) != c.tail {
			t.Errorf("%s: a header of %d bytes, values %q", c.descr, len(header), values)
		}
	}
}

// TestHeaderAlignment: every length of the dictionary ends at a multiple of 64.
func TestHeaderAlignment(t *testing.T) {
	for digits := range 18 {
		rows := int(math.Pow10(digits))
		var out bytes.Buffer
		if err := (Array{Type: "|i1", Shape: []int{rows, 0}}).writeHeader(&out); err != nil {
			t.Fatal(err)
		}
		if out.Len()%64 != 0 || !bytes.HasSuffix(out.Bytes(), []byte("\n")) {
			t.Errorf("%d rows: %d bytes, %q", rows, out.Len(), out.String())
		}
	}
}

// TestWriteArchive reads archives back with the npy library.
func TestWriteArchive(t *testing.T) {
	weights := []float64{1, 2, 3, 4, 5, math.Inf(1)}
	metadata, err := MetadataArray(testMetadata())
	if err != nil {
		t.Fatal(err)
	}
	var out, again bytes.Buffer
	for _, w := range []io.Writer{&out, &again} {
		if err := WriteArchive(w, []Array{Numbers("a/b/w", weights, 3, 2), Texts("names", []string{"x"}), metadata}); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(out.Bytes(), again.Bytes()) {
		t.Error("the same arrays gave other bytes")
	}
	archive, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	content, err := archive.Open("a/b/w.npy")
	if err != nil {
		t.Fatal(err)
	}
	var back []float64
	if err := npy.Read(content, &back); err != nil || !slices.Equal(back, weights) {
		t.Errorf("%v, %v", back, err)
	}
	path := filepath.Join(t.TempDir(), "x.npz")
	if err := os.WriteFile(path, out.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	d, err := Describe(path)
	if err != nil {
		t.Fatal(err)
	}
	want := []ColumnDescription{{Name: "a/b/w", Type: "<f8", Shape: []int{3, 2}}, {Name: "names", Type: "<U1", Shape: []int{1}}, {Name: "metadata", Type: "|u1"}}
	for i := range d.Columns {
		d.Columns[i].Bytes = 0
	}
	if len(d.Columns) == 3 {
		d.Columns[2].Shape = nil
	}
	if d.Contents != "arrays" || !reflect.DeepEqual(d.Columns, want) || !reflect.DeepEqual(d.Metadata, testMetadata()) {
		t.Errorf("%+v", d)
	}
}

func TestWriteArchiveRefuses(t *testing.T) {
	short := Numbers("x", []int32{1}, 1)
	short.Shape = []int{2}
	failing := Numbers("x", []int8{1}, 1)
	failing.Write = func(io.Writer) error { return fs.ErrPermission }
	twice := []Array{Numbers("x", []int8{1}, 1), Numbers("x", []int8{1}, 1)}
	for want, arrays := range map[string][]Array{
		"4 bytes of values, 8 for its shape [2]": {short},
		"permission":                             {failing},
		"x occurs twice":                         twice,
		"array type":                             {{Name: "x", Type: "?", Shape: []int{0}, Write: func(io.Writer) error { return nil }}},
	} {
		if err := WriteArchive(io.Discard, arrays); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := MetadataArray(Metadata{{"isingrbm.x", ""}}); err == nil {
		t.Error("a reserved key was taken")
	}
	defer func() {
		if recover() == nil {
			t.Error("a wrong shape was taken")
		}
	}()
	Numbers("x", []int8{1}, 2)
}

// writeRaw writes an archive of one hand-made npy file.
func writeRaw(t *testing.T, name, descr string, fortran bool, shape string, values any) string {
	t.Helper()
	order := "False"
	if fortran {
		order = "True"
	}
	text := "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n"
	file := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(text)))
	file, err := binary.Append(append(file, text...), binary.LittleEndian, values)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x.npz")
	err = WriteFile(path, func(w io.Writer) error {
		archive := zip.NewWriter(w)
		entry, err := archive.Create(name + ".npy")
		if err != nil {
			return err
		}
		_, err = entry.Write(file)
		return errors.Join(err, archive.Close())
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestReadFloats: both precisions, both orders, compressed entries.
func TestReadFloats(t *testing.T) {
	want := FloatArray{[]int{2, 3}, []float64{1, 2, 3, 4, 5, 0.5}}
	for _, path := range []string{
		writeRaw(t, "w", "<f8", false, "(2, 3)", want.Values),
		writeRaw(t, "w", "<f4", false, "(2, 3)", []float32{1, 2, 3, 4, 5, 0.5}),
		writeRaw(t, "w", "<f8", true, "(2, 3)", []float64{1, 4, 2, 5, 3, 0.5}),
		writeRaw(t, "w", "<f4", true, "(2, 3)", []float32{1, 4, 2, 5, 3, 0.5}),
	} {
		names, err := ArrayNames(path)
		if err != nil || !slices.Equal(names, []string{"w"}) {
			t.Errorf("%v, %v", names, err)
		}
		if got, err := ReadFloats(path, "w"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v, %v", got, err)
		}
	}
}

func TestReadFloatsRefuses(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "text")
	cut := filepath.Join(folder, "cut.npz")
	whole := writeRaw(t, "w", "<f8", false, "(2,)", []float64{1, 2})
	content, err := os.ReadFile(whole)
	if err == nil {
		err = errors.Join(os.WriteFile(text, []byte("1 2 3\n"), 0o666), os.WriteFile(cut, content[:len(content)-9], 0o666))
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, name, want string
		kind             error
	}{
		{text, "w", "numpy.savez", ErrUnfit},
		{whole, "W", "it has w", ErrUnfit},
		{writeRaw(t, "w", "<i8", false, "(1,)", []int64{1}), "w", "type <i8", ErrUnfit},
		{writeRaw(t, "w", ">f8", false, "(1,)", []float64{1}), "w", "type >f8", ErrUnfit},
		{writeRaw(t, "w", "<f8", false, "(3,)", []float64{1}), "w", "write it again", ErrCorrupt},
		{cut, "w", "write it again", ErrCorrupt},
		{filepath.Join(folder, "none.npz"), "w", "none.npz", fs.ErrNotExist},
	} {
		if _, err := ReadFloats(c.path, c.name); !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.want, err)
		}
	}
}
