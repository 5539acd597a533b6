package store

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// TestArrowFormat reads a file with the library alone and holds it to the
// definition in doc.go: types, metadata, and every bit's place. The checked
// allocator sees that nothing is left unreleased.
func TestArrowFormat(t *testing.T) {
	const sites, rows = 19, 40
	path := filepath.Join(t.TempDir(), "x.arrow")
	batch := randomBatch(rows, sites, 11)
	writeConfigurations(t, path, sites, ConfigurationLayout{IntegerEnergy: true, Format: ArrowFile}, batch, 7)
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	allocator := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer allocator.AssertSize(t, 0)
	r, err := ipc.NewFileReader(file, ipc.WithAllocator(allocator))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	const want = "chain: type=int32 step: type=int64 energy: type=int32 magnetization: type=int32 spins: type=fixed_size_list<item: bool>[19]"
	var fields []string
	for _, field := range r.Schema().Fields() {
		fields = append(fields, field.String())
	}
	if got := strings.Join(strings.Fields(strings.Join(fields, " ")), " "); got != want {
		t.Errorf("schema\n%s", got)
	}
	if definition, _ := r.Schema().Metadata().GetValue("definition"); definition != "χ = (⟨M²⟩ − ⟨|M|⟩²)/(N T)" {
		t.Errorf("definition %q", definition)
	}
	record, err := r.Record(0)
	if err != nil || r.NumRecords() != 1 || record.NumRows() != rows {
		t.Fatalf("%v, %d records", err, r.NumRecords())
	}
	bits := record.Column(spinsColumn).(*array.FixedSizeList).ListValues().(*array.Boolean)
	for i := range rows * sites {
		if up := batch.Spins[i/sites]>>(i%sites)&1 == 1; bits.Value(i) != up {
			t.Fatalf("row %d, site %d: %v", i/sites, i%sites, bits.Value(i))
		}
	}
}

// TestArrowBytesAreParquets: where N is a multiple of 8 the packed spins of both
// formats are the same bytes.
func TestArrowBytesAreParquets(t *testing.T) {
	batch := randomBatch(100, 72, 3)
	packed := make([]byte, 0, 900)
	for row := range batch.Rows() {
		packed = append(packed, make([]byte, 9)...)
		packRow(packed[9*row:], batch.Spins[2*row:2*row+2])
	}
	for _, format := range []string{ParquetFile, ArrowFile} {
		path := filepath.Join(t.TempDir(), "x")
		writeConfigurations(t, path, 72, ConfigurationLayout{Format: format}, batch, 100)
		if !bytes.Contains(mustRead(t, path), packed) {
			t.Errorf("%s: the file does not hold the packed spins as they are", format)
		}
	}
}

// TestSqueeze compares with one bit at a time.
func TestSqueeze(t *testing.T) {
	for _, sites := range []int{1, 3, 7, 8, 9, 15, 17, 70} {
		const rows = 29
		loose := make([]byte, 0, rows*rowBytes(sites))
		batch := randomBatch(rows, sites, 5)
		for row := range rows {
			loose = append(loose, make([]byte, rowBytes(sites))...)
			packRow(loose[row*rowBytes(sites):], batch.Spins[row*rowWords(sites):(row+1)*rowWords(sites)])
		}
		tight := squeeze([]byte{0xff, 0xff}, loose, sites)
		if len(tight) != (rows*sites+7)/8 {
			t.Fatalf("%d sites: %d bytes", sites, len(tight))
		}
		for row := range rows {
			for site := range sites {
				at := row*sites + site
				if want := loose[row*rowBytes(sites)+site/8] >> (site % 8) & 1; tight[at/8]>>(at%8)&1 != want {
					t.Fatalf("%d sites: row %d, site %d", sites, row, site)
				}
			}
		}
	}
}

// TestArrowSealIsReserved: metadata cannot hold the words that the checksum of the
// footer is found by.
func TestArrowSealIsReserved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.arrow")
	w, err := CreateConfigurations(path, 4, ConfigurationLayout{Format: ArrowFile}, Metadata{{"note", "an " + seal}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err == nil || !strings.Contains(err.Error(), "metadata must not hold") {
		t.Errorf("error %v", err)
	}
}

// TestForeignArrowIsRefused: a file without our seal is not read at all.
func TestForeignArrowIsRefused(t *testing.T) {
	var out bytes.Buffer
	layout := ConfigurationLayout{Format: ArrowFile}
	w, err := newArrowWriter(&out, layout.fields(9), memory.NewGoAllocator())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = readDamagedConfigurations("the/path", out.Bytes())
	if err == nil || !strings.Contains(err.Error(), "not written by isingrbm: no isingrbm.seal") {
		t.Errorf("error %v", err)
	}
}
