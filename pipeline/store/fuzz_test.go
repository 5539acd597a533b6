package store

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/parquet"
	pq "github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// The readers must give an error or all that a file holds, whatever its bytes:
// no panic, no endless loop. `go test` runs the seeds, which are good files and
// damaged ones; go test -fuzz=FuzzConfigurations and so on go beyond.

// addDamaged seeds with files of the kinds picked, whole, cut, and with bytes
// changed.
func addDamaged(f *testing.F, pick ...int) {
	all := subjects(f)
	for _, i := range pick {
		whole := all[i].bytes
		f.Add(whole)
		for n := 1; n < 8; n++ {
			f.Add(whole[:len(whole)*n/8])
			changed := bytes.Clone(whole)
			changed[len(changed)*n/8] ^= 0x81
			f.Add(changed)
		}
	}
}

func FuzzConfigurations(f *testing.F) {
	addDamaged(f, 0, 1, 4, 5)
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := readDamagedConfigurations("x", data)
		if err != nil {
			return
		}
		if again, err := readDamagedConfigurations("x", data); err != nil || !reflect.DeepEqual(again, first) {
			t.Errorf("read differently again: %v", err)
		}
	})
}

func FuzzTable(f *testing.F) {
	addDamaged(f, 2)
	f.Fuzz(func(t *testing.T, data []byte) {
		table, meta, err := readTable("x", bytes.NewReader(data))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := table.WriteParquet(&out, meta); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if again, _, err := readTable("x", bytes.NewReader(out.Bytes())); err != nil || !equalTables(again, table) {
			t.Errorf("written and read again: %v", err)
		}
	})
}

func FuzzMachine(f *testing.F) {
	addDamaged(f, 3)
	f.Fuzz(func(t *testing.T, data []byte) {
		machine, _, err := readMachine("x", bytes.NewReader(data), int64(len(data)))
		if err == nil && machine.check() != nil {
			t.Errorf("a machine that does not fit together: %v", machine.check())
		}
	})
}

func FuzzCSV(f *testing.F) {
	for _, text := range []string{exampleCSV, "", "a\n", "a\n\"\"\n", "a,b\n1,nan\n-,0x1p-2\n", "\xef\xbb\xbfa\n1e400\n", "a\r\n1_0\r\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := readCSV("x", bytes.NewReader(data))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := table.WriteCSV(&out); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if again, err := readCSV("x", &out); err != nil || again.Rows() != table.Rows() || len(again.Columns) != len(table.Columns) {
			t.Errorf("written and read again: %v", err)
		}
	})
}

func FuzzDescribe(f *testing.F) {
	addDamaged(f, 0, 2, 3, 4)
	f.Add([]byte(exampleJSON))
	f.Add([]byte(`{"format": 1, "a": {"b": [null]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := describe("x.csv", io.NewSectionReader(bytes.NewReader(data), 0, int64(len(data))))
		if err == nil && (d.Format == "" || d.Bytes != int64(len(data))) {
			t.Errorf("%+v", d)
		}
	})
}

// broughtSubjects are files as other programs write them: an archive with an array of
// each kind, and Parquet files of lists.
func broughtSubjects(f *testing.F) (files [][]byte) {
	f.Helper()
	const sites, rows = 9, 20
	batch := randomBatch(rows, sites, 1)
	for _, array := range []Array{
		Numbers("a", numbersOf[int8](batch, sites, 1, -1), rows, sites),
		Numbers("a", numbersOf[float64](batch, sites, 1, float64(0)), rows, 3, 3),
	} {
		var out bytes.Buffer
		if err := WriteArchive(&out, []Array{Numbers("beta", []float64{1, 2}, 2), array}); err != nil {
			f.Fatal(err)
		}
		files = append(files, out.Bytes())
	}
	path := filepath.Join(f.TempDir(), "lists")
	lists := func(from, to int) (rows [][]int32) {
		for row := range slices.Chunk(numbersOf[int32](batch, sites, 1, -1)[from*sites:to*sites], sites) {
			rows = append(rows, row)
		}
		return rows
	}
	element := schema.NewInt32Node("element", parquet.Repetitions.Optional, noField)
	listFile[*pq.Int32ColumnChunkWriter](f, path, element, lists(0, 12), lists(12, rows))
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	return append(files, whole)
}

// FuzzSpins reads what other programs may have written, which has no checksums.
func FuzzSpins(f *testing.F) {
	for _, whole := range broughtSubjects(f) {
		f.Add(whole)
		for n := 1; n < 8; n++ {
			f.Add(whole[:len(whole)*n/8])
			changed := bytes.Clone(whole)
			changed[len(changed)*n/8] ^= 0x81
			f.Add(changed)
		}
	}
	path := filepath.Join(f.TempDir(), "brought")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		r, err := OpenSpins(path, "")
		if err != nil {
			return
		}
		defer r.Close()
		words, rows := rowWords(r.Sites()), int64(0)
		for rows < 10_000 {
			batch, err := r.Next(100)
			if errors.Is(err, io.EOF) && rows != r.Rows() {
				t.Errorf("%d rows of %d", rows, r.Rows())
			}
			if err != nil {
				return
			}
			if len(batch.Spins) != batch.Rows()*words {
				t.Fatalf("%d rows of %d sites have %d words", batch.Rows(), r.Sites(), len(batch.Spins))
			}
			rows += int64(batch.Rows())
		}
	})
}
