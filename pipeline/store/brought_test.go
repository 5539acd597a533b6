package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	pq "github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// numbersOf unpacks the spins of a batch to numbers.
func numbersOf[T any](b ConfigurationBatch, sites int, up, down T) []T {
	out := make([]T, 0, b.Rows()*sites)
	words := rowWords(sites)
	for row := range b.Rows() {
		for site := range sites {
			if b.Spins[row*words+site/64]>>(site%64)&1 == 1 {
				out = append(out, up)
			} else {
				out = append(out, down)
			}
		}
	}
	return out
}

// readSpins reads all rows, size at a time.
func readSpins(path, column string, size int) (ConfigurationBatch, *SpinsReader, error) {
	r, err := OpenSpins(path, column)
	if err != nil {
		return ConfigurationBatch{}, nil, err
	}
	defer r.Close()
	var all ConfigurationBatch
	for {
		b, err := r.Next(size)
		if errors.Is(err, io.EOF) {
			return all, r, nil
		}
		if err != nil {
			return all, r, err
		}
		all = all.append(b)
	}
}

// checkSpins reads a file and compares its spins and magnetizations.
func checkSpins(t *testing.T, path, column string, sites int, want ConfigurationBatch) {
	t.Helper()
	for _, size := range []int{1, 7, 1000} {
		got, r, err := readSpins(path, column, size)
		if err != nil {
			t.Fatalf("%s: %v", filepath.Base(path), err)
		}
		if !reflect.DeepEqual(got.Spins, want.Spins) || !reflect.DeepEqual(got.Magnetization, want.Magnetization) {
			t.Errorf("%s: other spins, %d at a time", filepath.Base(path), size)
		}
		if r.Sites() != sites || r.Rows() != int64(want.Rows()) {
			t.Errorf("%s: %d rows of %d sites", filepath.Base(path), r.Rows(), r.Sites())
		}
	}
}

func TestSpinsOfArrays(t *testing.T) {
	const sites, rows = 72, 40
	batch := randomBatch(rows, sites, 1)
	path := filepath.Join(t.TempDir(), "x.npz")
	for name, array := range map[string]Array{
		"int8":     Numbers("a", numbersOf[int8](batch, sites, 1, -1), rows, sites),
		"bits":     Numbers("a", numbersOf[uint8](batch, sites, 1, 0), rows, sites),
		"int32":    Numbers("a", numbersOf[int32](batch, sites, 1, -1), rows, 8, 9),
		"int64":    Numbers("a", numbersOf[int64](batch, sites, 1, 0), rows, 2, 4, 9),
		"float32":  Numbers("a", numbersOf[float32](batch, sites, 1, -1), rows, sites),
		"float64":  Numbers("a", numbersOf[float64](batch, sites, 1, float64(0)), rows, sites),
		"booleans": {Name: "a", Type: "|b1", Shape: []int{rows, sites}, Write: Numbers("a", numbersOf[uint8](batch, sites, 1, 0), rows, sites).Write},
	} {
		t.Run(name, func(t *testing.T) {
			other := Numbers("beta", []float64{1, 2}, 2)
			if err := WriteFile(path, func(w io.Writer) error { return WriteArchive(w, []Array{other, array}) }); err != nil {
				t.Fatal(err)
			}
			checkSpins(t, path, "", sites, batch)
		})
	}
}

// TestSpinsOfOwnFiles: files and archives of this package keep their metadata, and
// files their chains and steps.
func TestSpinsOfOwnFiles(t *testing.T) {
	folder := t.TempDir()
	batch := randomBatch(100, 70, 1)
	for _, layout := range testLayouts() {
		path := filepath.Join(folder, "x")
		writeConfigurations(t, path, 70, layout, batch, 100)
		got, r, err := readSpins(path, "", 33)
		if err != nil || !equalBatches(got, batch) || !r.Own() {
			t.Errorf("%v: other rows, %v", layout, err)
		}
		if lattice, _ := r.Metadata().Get("lattice"); lattice != "square" {
			t.Errorf("%v: metadata %v", layout, r.Metadata())
		}
	}
	arrays, err := ConfigurationArrays(filepath.Join(folder, "x"), "", PlusMinus)
	if err != nil {
		t.Fatal(err)
	}
	meta, err := MetadataArray(testMetadata())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "x.npz")
	if err := WriteFile(path, func(w io.Writer) error { return WriteArchive(w, append(arrays, meta)) }); err != nil {
		t.Fatal(err)
	}
	checkSpins(t, path, "", 70, batch)
	if _, r, _ := readSpins(path, "", 10); !reflect.DeepEqual(r.Metadata(), testMetadata()) || r.Own() {
		t.Errorf("metadata %v", r.Metadata())
	}
}

// listFile writes lists to Parquet as other programs do: nullable, compressed,
// with dictionaries, in row groups of their own. An empty list has no values, nil is null.
func listFile[W columnWriter[T], T any](t testing.TB, path string, kind schema.Node, groups ...[][]T) {
	t.Helper()
	list, err := schema.ListOf(kind, parquet.Repetitions.Optional, noField)
	if err != nil {
		t.Fatal(err)
	}
	label := schema.NewInt32Node("label", parquet.Repetitions.Required, noField)
	root := schema.MustGroup(schema.NewGroupNode("schema", parquet.Repetitions.Required, schema.FieldList{label, list}, noField))
	var out bytes.Buffer
	properties := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Snappy), parquet.WithDataPageSize(100))
	w := pq.NewParquetWriter(&out, root, pq.WithWriterProps(properties))
	if err := w.AppendKeyValueMetadata("L", "3"); err != nil {
		t.Fatal(err)
	}
	for _, rows := range groups {
		if len(rows) == 0 {
			continue
		}
		group := w.AppendRowGroup()
		if err := writeColumn[*pq.Int32ColumnChunkWriter](group, make([]int32, len(rows)), nil); err != nil {
			t.Fatal(err)
		}
		column, err := group.NextColumn()
		if err != nil {
			t.Fatal(err)
		}
		values, definition, repetition := shred(rows)
		if _, err := column.(W).WriteBatch(values, definition, repetition); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(column.Close(), group.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	mustWrite(t, path, out.Bytes())
}

// shred gives the values and levels of nullable lists of nullable elements.
func shred[T any](rows [][]T) (values []T, definition, repetition []int16) {
	for _, row := range rows {
		switch {
		case row == nil:
			definition, repetition = append(definition, 0), append(repetition, 0)
		case len(row) == 0:
			definition, repetition = append(definition, 1), append(repetition, 0)
		}
		for i, x := range row {
			values = append(values, x)
			definition, repetition = append(definition, 3), append(repetition, int16(min(i, 1)))
		}
	}
	return values, definition, repetition
}

func rowsOf[T any](flat []T, sites int) (rows [][]T) {
	for ; len(flat) > 0; flat = flat[sites:] {
		rows = append(rows, flat[:sites])
	}
	return rows
}

func TestSpinsOfLists(t *testing.T) {
	const sites, rows = 9, 50
	batch := randomBatch(rows, sites, 1)
	path := filepath.Join(t.TempDir(), "x.parquet")
	optional := parquet.Repetitions.Optional
	for name, write := range map[string]func(){
		"booleans": func() {
			all := rowsOf(numbersOf(batch, sites, true, false), sites)
			listFile[*pq.BooleanColumnChunkWriter](t, path, schema.NewBooleanNode("sigma", optional, noField), all[:20], all[20:])
		},
		"int8": func() {
			kind, err := schema.NewPrimitiveNodeLogical("sigma", optional, schema.NewIntLogicalType(8, true), parquet.Types.Int32, 0, noField)
			if err != nil {
				t.Fatal(err)
			}
			listFile[*pq.Int32ColumnChunkWriter](t, path, kind, rowsOf(numbersOf[int32](batch, sites, 1, -1), sites))
		},
		"int64": func() {
			listFile[*pq.Int64ColumnChunkWriter](t, path, schema.NewInt64Node("sigma", optional, noField), rowsOf(numbersOf[int64](batch, sites, 1, 0), sites))
		},
		"float": func() {
			listFile[*pq.Float32ColumnChunkWriter](t, path, schema.NewFloat32Node("sigma", optional, noField), rowsOf(numbersOf[float32](batch, sites, 1, -1), sites))
		},
		"double": func() {
			listFile[*pq.Float64ColumnChunkWriter](t, path, schema.NewFloat64Node("sigma", optional, noField), rowsOf(numbersOf[float64](batch, sites, 1, -1), sites))
		},
	} {
		t.Run(name, func(t *testing.T) {
			write()
			checkSpins(t, path, "", sites, batch)
			checkSpins(t, path, "sigma", sites, batch)
			if _, r, _ := readSpins(path, "", 10); r.Own() || fmt.Sprint(r.Metadata()) != "[{L 3}]" {
				t.Errorf("metadata %v", r.Metadata())
			}
		})
	}
}

// TestSpinsRefused: what is no configuration is refused with its place.
func TestSpinsRefused(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "x")
	integers := func(rows ...[]int32) func() {
		return func() {
			listFile[*pq.Int32ColumnChunkWriter](t, path, schema.NewInt32Node("sigma", parquet.Repetitions.Optional, noField), rows)
		}
	}
	archive := func(arrays ...Array) func() {
		return func() {
			if err := WriteFile(path, func(w io.Writer) error { return WriteArchive(w, arrays) }); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, test := range map[string]struct {
		write        func()
		column, says string
	}{
		"two":             {integers([]int32{1, 0}, []int32{1, 2}), "", "row 1, site 1: 2 is no spin"},
		"mixed":           {integers([]int32{1, 0}, []int32{-1, 1}), "", "row 1, site 0: -1, where spins before were 0"},
		"ragged":          {integers([]int32{1, 0}, []int32{1, 0, 0}, []int32{1}), "", "row 1: its list has other than 2 spins"},
		"lengths":         {integers([]int32{1, 0}, []int32{1, 0, 0}), "", "not lists of one length"},
		"null":            {integers([]int32{1}, nil), "", "row 1, site 0: no value"},
		"empty list":      {integers([]int32{1}, []int32{}), "", "row 1, site 0: no value"},
		"no rows":         {integers(), "", "no rows"},
		"no column":       {integers([]int32{1}), "s", "no column s: not what is asked for"},
		"not a list":      {integers([]int32{1}), "label", "column label does not hold configurations"},
		"half":            {archive(Numbers("a", []float64{1, 0.5}, 2, 1)), "", "row 1, site 0: 0.5 is no spin"},
		"nan":             {archive(Numbers("a", []float32{1, float32(math.NaN())}, 1, 2)), "", "row 0, site 1: NaN is no spin"},
		"three":           {archive(Numbers("a", []uint8{3, 1}, 2, 1)), "", "row 0, site 0: 3 is no spin"},
		"mixed array":     {archive(Numbers("a", []int8{-1, 0}, 2, 1)), "", "row 1, site 0: 0, where spins before were -1"},
		"flat":            {archive(Numbers("a", []int8{1, 0}, 2)), "", "no array that holds configurations"},
		"several":         {archive(Numbers("a", []int8{1}, 1, 1), Numbers("b", []int8{1}, 1, 1)), "", "several such arrays: a, b"},
		"no array":        {archive(Numbers("a", []int8{1}, 1, 1)), "c", "no array c"},
		"no sites":        {archive(Numbers("a", []int8{}, 3, 0)), "", "shape [3 0]"},
		"texts":           {archive(Array{Name: "a", Type: "<U1", Shape: []int{1, 1}, Write: Texts("a", []string{"x"}).Write}), "", "type <U1"},
		"another program": {func() { mustWrite(t, path, []byte("1 0 1\n")) }, "", "spins are read from Parquet"},
		"packed":          {func() { mustWrite(t, path, stamp(t, ConfigurationLayout{}.columns(9), nil)) }, "", "no column that holds configurations"},
		"empty":           {func() { mustWrite(t, path, nil) }, "", "spins are read from"},
	} {
		t.Run(name, func(t *testing.T) {
			test.write()
			_, _, err := readSpins(path, test.column, 10)
			var found *FileError
			if !errors.As(err, &found) || found.Advice == "" || !strings.Contains(fmt.Sprintf("%s: %v", found.Detail, found.Kind), test.says) && !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v, want %q", err, test.says)
			}
		})
	}
	if _, err := OpenSpins(filepath.Join(folder, "none"), ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

// TestDamagedSpins: a foreign file that is cut or changed gives an error or other
// spins, never a panic; an archive has checksums, so that it gives an error.
func TestDamagedSpins(t *testing.T) {
	folder := t.TempDir()
	batch := randomBatch(30, 9, 1)
	npz, lists := filepath.Join(folder, "x.npz"), filepath.Join(folder, "x.parquet")
	array := Numbers("a", numbersOf[int8](batch, 9, 1, -1), 30, 9)
	if err := WriteFile(npz, func(w io.Writer) error { return WriteArchive(w, []Array{array}) }); err != nil {
		t.Fatal(err)
	}
	listFile[*pq.BooleanColumnChunkWriter](t, lists, schema.NewBooleanNode("sigma", parquet.Repetitions.Optional, noField), rowsOf(numbersOf(batch, 9, true, false), 9))
	for _, path := range []string{npz, lists} {
		whole := mustRead(t, path)
		spoilt := filepath.Join(folder, "spoilt")
		for i := range whole {
			mustWrite(t, spoilt, whole[:i])
			if _, _, err := readSpins(spoilt, "", 10); err == nil || !strings.Contains(err.Error(), spoilt) {
				t.Fatalf("%s cut to %d bytes: %v", path, i, err)
			}
			changed := bytes.Clone(whole)
			changed[i] ^= 1 << (i % 8)
			mustWrite(t, spoilt, changed)
			got, _, err := readSpins(spoilt, "", 10)
			if path == npz && err == nil && !reflect.DeepEqual(got.Spins, batch.Spins) {
				t.Fatalf("byte %d of %s changed: other spins", i, path)
			}
		}
	}
}

// TestCountLevels: runs of one level, of packed ones, and those that end too early.
func TestCountLevels(t *testing.T) {
	for _, c := range []struct {
		runs        []byte
		width, want int
		count       int
	}{
		{nil, 1, 10, 0},
		{[]byte{20, 1}, 1, 10, 10},                       // 10 times 1
		{[]byte{20}, 1, 10, 0},                           // without the level
		{[]byte{10, 1, 10, 0}, 1, 10, 10},                // 5 and 5
		{[]byte{3, 0xff}, 1, 8, 8},                       // 8 packed
		{[]byte{5, 0xff, 0xff, 0xff, 0xff}, 2, 16, 16},   // 16 of 2 bits
		{[]byte{5, 0xff, 0xff, 0xff}, 2, 16, 12},         // of which 4 are missing
		{[]byte{0xff, 0xff, 0xff, 0xff, 0x0f}, 1, 10, 0}, // far more than there are
		{[]byte{0, 1, 0, 1}, 1, 10, 0},                   // runs of nothing
		{bytes.Repeat([]byte{0x80}, 12), 1, 10, 0},       // not a number
	} {
		if got := countLevels(c.runs, c.width, c.want); got != c.count {
			t.Errorf("% x of %d bits: %d levels, want %d", c.runs, c.width, got, c.count)
		}
	}
}
