package store

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/parquet"
	pq "github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// randomBatch makes rows that look like a simulation's.
func randomBatch(rows, sites int, seed uint64) ConfigurationBatch {
	random := rand.New(rand.NewPCG(seed, 1))
	words := rowWords(sites)
	b := ConfigurationBatch{
		Chain:         make([]int32, rows),
		Step:          make([]int64, rows),
		Energy:        make([]float64, rows),
		Magnetization: make([]int32, rows),
		Spins:         make([]uint64, rows*words),
	}
	for i := range rows {
		b.Chain[i] = int32(i % 512)
		b.Step[i] = int64(i/512) * 40
		b.Energy[i] = float64(random.IntN(4*sites) - 2*sites)
		up := 0
		for w := range words {
			word := random.Uint64()
			if w == words-1 {
				word &^= overhang(sites)
			}
			b.Spins[i*words+w] = word
			up += bits.OnesCount64(word)
		}
		b.Magnetization[i] = int32(2*up - sites)
	}
	return b
}

// slice returns rows first to last of a batch.
func (b ConfigurationBatch) slice(first, last, words int) ConfigurationBatch {
	return ConfigurationBatch{b.Chain[first:last], b.Step[first:last], b.Energy[first:last],
		b.Magnetization[first:last], b.Spins[first*words : last*words]}
}

// append copies more rows behind those of a batch.
func (b ConfigurationBatch) append(more ConfigurationBatch) ConfigurationBatch {
	return ConfigurationBatch{append(b.Chain, more.Chain...), append(b.Step, more.Step...), append(b.Energy, more.Energy...),
		append(b.Magnetization, more.Magnetization...), append(b.Spins, more.Spins...)}
}

// testLayouts are all kinds of energies, compressions and formats.
func testLayouts() []ConfigurationLayout {
	return []ConfigurationLayout{{}, {IntegerEnergy: true}, {IntegerEnergy: true, Compression: Zstd},
		{Format: ArrowFile}, {IntegerEnergy: true, Format: ArrowFile}, {IntegerEnergy: true, Compression: Zstd, Format: ArrowFile}}
}

func testMetadata() Metadata {
	return Metadata{{"lattice", "square"}, {"L", "8"}, {"T", "2.269185314213022"}, {"definition", "χ = (⟨M²⟩ − ⟨|M|⟩²)/(N T)"}, {"empty", ""}}
}

// writeConfigurations writes a file, the rows in batches of the given size.
func writeConfigurations(t testing.TB, path string, sites int, layout ConfigurationLayout, b ConfigurationBatch, size int) {
	t.Helper()
	w, err := CreateConfigurations(path, sites, layout, testMetadata())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for first := 0; first < b.Rows(); first += size {
		if err := w.Append(b.slice(first, min(b.Rows(), first+size), rowWords(sites))); err != nil {
			t.Fatal(err)
		}
	}
	w.AppendMetadata(Metadata{{"tau", "1.5"}})
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
}

// readAll reads all rows, size at a time.
func readAll(r *ConfigurationsReader, size int) (ConfigurationBatch, error) {
	var all ConfigurationBatch
	for {
		b, err := r.Next(size)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = all.append(b)
	}
}

func readConfigurations(t testing.TB, path string, size int) (ConfigurationBatch, *ConfigurationsReader) {
	t.Helper()
	r, err := OpenConfigurations(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	b, err := readAll(r, size)
	if err != nil {
		t.Fatal(err)
	}
	return b, r
}

func TestConfigurationsRoundTrip(t *testing.T) {
	const many = 2*maxGroupRows + 77
	for _, test := range []struct{ sites, rows, write, read int }{
		{1, 0, 1, 1}, {1, 1, 1, 1}, {1, many, 1000, 4096}, {7, 13, 5, 4}, {8, 100, 100, 7}, {9, 100, 33, 1},
		{63, 64, 64, 64}, {64, 1000, 512, 999}, {65, 1000, 512, 1000}, {100, 513, 512, 2000},
		{4096, 2*groupRows(4096) + 5, 3000, 5000}, {1 << 20, 150, 60, 64},
	} {
		for _, layout := range testLayouts() {
			name := fmt.Sprintf("N=%d/n=%d/%v", test.sites, test.rows, layout)
			t.Run(name, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "x.parquet")
				want := randomBatch(test.rows, test.sites, 7)
				writeConfigurations(t, path, test.sites, layout, want, test.write)
				got, r := readConfigurations(t, path, test.read)
				if !equalBatches(got, want) {
					t.Error("the rows read are not those written")
				}
				if r.Rows() != int64(test.rows) || r.Sites() != test.sites {
					t.Errorf("%d rows of %d sites", r.Rows(), r.Sites())
				}
				if meta := append(testMetadata(), KeyValue{"tau", "1.5"}); !reflect.DeepEqual(r.Metadata(), meta) {
					t.Errorf("metadata %v", r.Metadata())
				}
				if layout = layout.resolved(); r.Layout() != layout && test.rows > 0 {
					t.Errorf("layout %+v", r.Layout())
				}
			})
		}
	}
}

// resolved names what an empty text stands for.
func (l ConfigurationLayout) resolved() ConfigurationLayout {
	l.Compression, l.Format = cmp.Or(l.Compression, Uncompressed), cmp.Or(l.Format, ParquetFile)
	return l
}

// equalBatches compares floats bit by bit, and takes nil for empty.
func equalBatches(a, b ConfigurationBatch) bool {
	if a.Rows() != b.Rows() || len(a.Spins) != len(b.Spins) {
		return false
	}
	for i := range a.Rows() {
		if a.Chain[i] != b.Chain[i] || a.Step[i] != b.Step[i] || a.Magnetization[i] != b.Magnetization[i] ||
			math.Float64bits(a.Energy[i]) != math.Float64bits(b.Energy[i]) {
			return false
		}
	}
	for i, word := range a.Spins {
		if word != b.Spins[i] {
			return false
		}
	}
	return true
}

// TestConfigurationsFormat reads a file with the library alone and holds it to
// the definition in doc.go: types, encodings, and every bit's place.
func TestConfigurationsFormat(t *testing.T) {
	const sites, rows = 19, 40
	path := filepath.Join(t.TempDir(), "x.parquet")
	batch := randomBatch(rows, sites, 11)
	writeConfigurations(t, path, sites, ConfigurationLayout{IntegerEnergy: true}, batch, 7)
	f, err := pq.OpenParquetFile(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var layout strings.Builder
	schema.PrintSchema(f.MetaData().Schema.Root(), &layout, 1)
	const want = `required group field_id=-1 schema {
 required int32 field_id=-1 chain;
 required int64 field_id=-1 step;
 required int32 field_id=-1 energy;
 required int32 field_id=-1 magnetization;
 required fixed_len_byte_array field_id=-1 spins;
}
`
	if layout.String() != want || f.MetaData().Schema.Column(spinsColumn).TypeLength() != 3 {
		t.Errorf("schema\n%s", layout.String())
	}
	if got := f.MetaData().GetCreatedBy(); got != "isingrbm version 1.0.0" {
		t.Errorf("created by %q", got)
	}
	for i := range configurationColumns {
		chunk, err := f.MetaData().RowGroup(0).ColumnChunk(i)
		if err != nil {
			t.Fatal(err)
		}
		if statistics, _ := chunk.StatsSet(); statistics == (i == spinsColumn) {
			t.Errorf("column %d: statistics %v", i, statistics)
		}
		if chunk.HasDictionaryPage() || chunk.Encodings()[0] != parquet.Encodings.Plain {
			t.Errorf("column %d: encodings %v", i, chunk.Encodings())
		}
	}
	column, err := f.RowGroup(0).Column(spinsColumn)
	if err != nil {
		t.Fatal(err)
	}
	packed := make([]parquet.FixedLenByteArray, rows)
	if n, _, err := column.(*pq.FixedLenByteArrayColumnChunkReader).ReadBatch(rows, packed, nil, nil); n != rows || err != nil {
		t.Fatalf("%d rows, %v", n, err)
	}
	for row := range rows {
		for site := range sites {
			onDisk := packed[row][site/8] >> (site % 8) & 1
			inMemory := batch.Spins[row] >> site & 1
			if uint64(onDisk) != inMemory {
				t.Fatalf("row %d, site %d: %d on disk, %d in memory", row, site, onDisk, inMemory)
			}
		}
		if packed[row][2]>>3 != 0 {
			t.Errorf("row %d has bits beyond the last site", row)
		}
	}
}

// TestConfigurationsBytes: the same rows give the same bytes, however split.
func TestConfigurationsBytes(t *testing.T) {
	folder := t.TempDir()
	for _, sites := range []int{9, 4096} {
		rows := groupRows(sites)/2*3 + 11
		batch := randomBatch(rows, sites, 5)
		for _, layout := range testLayouts() {
			var first []byte
			for _, size := range []int{rows, 512, 9973} {
				path := filepath.Join(folder, "x.parquet")
				writeConfigurations(t, path, sites, layout, batch, size)
				data := mustRead(t, path)
				if first == nil {
					first = data
				}
				if !bytes.Equal(data, first) {
					t.Errorf("N=%d %v: in batches of %d the bytes differ", sites, layout, size)
				}
			}
		}
	}
}

func TestConfigurationsSize(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.parquet")
	const rows = 20000
	writeConfigurations(t, path, 4096, ConfigurationLayout{IntegerEnergy: true}, randomBatch(rows, 4096, 1), rows)
	if size := len(mustRead(t, path)); float64(size) > 1.005*rows*(512+20) {
		t.Errorf("%d bytes for %d rows of 532", size, rows)
	}
}

func TestConfigurationsRefused(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "x.parquet")
	for name, create := range map[string]func() (*ConfigurationsWriter, error){
		"no sites": func() (*ConfigurationsWriter, error) {
			return CreateConfigurations(path, 0, ConfigurationLayout{}, nil)
		},
		"compression": func() (*ConfigurationsWriter, error) {
			return CreateConfigurations(path, 1, ConfigurationLayout{Compression: "gzip"}, nil)
		},
		"format": func() (*ConfigurationsWriter, error) {
			return CreateConfigurations(path, 1, ConfigurationLayout{Format: "feather"}, nil)
		},
		"metadata": func() (*ConfigurationsWriter, error) {
			return CreateConfigurations(path, 1, ConfigurationLayout{}, Metadata{{"isingrbm.sites", "2"}})
		},
		"folder": func() (*ConfigurationsWriter, error) {
			return CreateConfigurations(filepath.Join(path, "x"), 1, ConfigurationLayout{}, nil)
		},
	} {
		if _, err := create(); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	for name, spoil := range map[string]func(*ConfigurationBatch){
		"half":   func(b *ConfigurationBatch) { b.Energy[1] = 0.5 },
		"large":  func(b *ConfigurationBatch) { b.Energy[1] = 1 << 31 },
		"nan":    func(b *ConfigurationBatch) { b.Energy[1] = nan },
		"inf":    func(b *ConfigurationBatch) { b.Energy[1] = -inf },
		"beyond": func(b *ConfigurationBatch) { b.Spins[1] = 1 << 9 },
	} {
		w, err := CreateConfigurations(path, 9, ConfigurationLayout{IntegerEnergy: true}, nil)
		if err != nil {
			t.Fatal(err)
		}
		batch := randomBatch(3, 9, 1)
		spoil(&batch)
		first := w.Append(batch)
		if first == nil || !strings.Contains(first.Error(), path) {
			t.Errorf("%s: error %v", name, first)
		}
		if again, commit := w.Append(randomBatch(1, 9, 1)), w.Commit(); again == nil || commit == nil {
			t.Errorf("%s: goes on after an error: %v, %v", name, again, commit)
		}
	}
	if names := listFolder(t, folder); names != nil {
		t.Errorf("left behind: %v", names)
	}
}

// TestNegativeZeroEnergy: −J·0 is −0, which is a whole number like another.
func TestNegativeZeroEnergy(t *testing.T) {
	for _, integer := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "x.parquet")
		batch := randomBatch(1, 4, 1)
		batch.Energy[0] = math.Copysign(0, -1)
		writeConfigurations(t, path, 4, ConfigurationLayout{IntegerEnergy: integer}, batch, 1)
		if got, _ := readConfigurations(t, path, 1); got.Energy[0] != 0 || math.Signbit(got.Energy[0]) == integer {
			t.Errorf("integer=%v: energy %v", integer, got.Energy[0])
		}
	}
}

func TestConfigurationsWriterLife(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "x.parquet")
	w, err := CreateConfigurations(path, 4, ConfigurationLayout{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Abort()
	w.Abort()
	if w.Append(randomBatch(1, 4, 1)) == nil || w.Commit() == nil || listFolder(t, folder) != nil {
		t.Error("goes on after Abort")
	}
	if w, err = CreateConfigurations(path, 4, ConfigurationLayout{}, nil); err != nil {
		t.Fatal(err)
	}
	w.AppendMetadata(Metadata{{"a", "1"}, {"a", "2"}})
	if w.Commit() == nil || listFolder(t, folder) != nil {
		t.Error("metadata with a key twice written")
	}
	if w, err = CreateConfigurations(path, 4, ConfigurationLayout{}, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	w.Abort()
	if w.Commit() == nil || w.Append(randomBatch(1, 4, 1)) == nil || len(listFolder(t, folder)) != 1 {
		t.Error("goes on after Commit")
	}
	for name, misuse := range map[string]func(){
		"lengths": func() { w.Append(ConfigurationBatch{Chain: []int32{1}}) },
		"limit":   func() { new(ConfigurationsReader).Next(0) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			misuse()
		}()
	}
}

// TestConfigurationsMemory: half way through a file, what is alive does not
// depend on its length.
func TestConfigurationsMemory(t *testing.T) {
	alive := func(groups int, layout ConfigurationLayout) int64 {
		path := filepath.Join(t.TempDir(), "x.parquet")
		w, err := CreateConfigurations(path, 4096, layout, nil)
		if err != nil {
			t.Fatal(err)
		}
		batch := randomBatch(groupRows(4096)/4, 4096, 1)
		before := heapAlive()
		for range 4*groups - 1 {
			if err := w.Append(batch); err != nil {
				t.Fatal(err)
			}
		}
		writing := heapAlive() - before
		if err := w.Commit(); err != nil {
			t.Fatal(err)
		}
		w = nil
		r, err := OpenConfigurations(path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		before = heapAlive()
		for range groups * 16 {
			if _, err := r.Next(groupRows(4096) / 32); err != nil {
				t.Fatal(err)
			}
		}
		return max(writing, heapAlive()-before)
	}
	for _, layout := range testLayouts() {
		few, many := alive(2, layout), alive(8, layout)
		if many > few+1<<20 || many > 5*maxGroupBytes {
			t.Errorf("%v: %d bytes alive with 8 row groups, %d with 2", layout, many, few)
		}
	}
}

func heapAlive() int64 {
	for range 3 { // the first two empty the library's pools
		runtime.GC()
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
