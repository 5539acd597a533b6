package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var unpackedSites = []int{1, 7, 8, 9, 63, 64, 65, 130}

// spinAt is the definition: bit i%64 of word i/64, 1 is up.
func spinAt(b ConfigurationBatch, sites, row, site int, values SpinValues) int8 {
	bit := int8(b.Spins[row*rowWords(sites)+site/64] >> (site % 64) & 1)
	if values == Bits {
		return bit
	}
	return 2*bit - 1
}

// TestConfigurationArrays: every value of every column, by the packing's definition,
// over files of several row groups.
func TestConfigurationArrays(t *testing.T) {
	for _, sites := range unpackedSites {
		for _, layout := range []ConfigurationLayout{{}, {IntegerEnergy: true, Compression: Zstd}} {
			path := filepath.Join(t.TempDir(), "x.parquet")
			rows := 70
			batch := randomBatch(rows, sites, 5)
			writeConfigurations(t, path, sites, layout, batch, 9)
			for _, values := range []SpinValues{PlusMinus, Bits} {
				arrays, err := ConfigurationArrays(path, "a/", values)
				if err != nil {
					t.Fatal(err)
				}
				checkConfigurationArrays(t, arrays, batch, sites, layout, values)
			}
		}
	}
}

func checkConfigurationArrays(t *testing.T, arrays []Array, batch ConfigurationBatch, sites int, layout ConfigurationLayout, values SpinValues) {
	t.Helper()
	var spins []int8
	for row := range batch.Rows() {
		for site := range sites {
			spins = append(spins, spinAt(batch, sites, row, site, values))
		}
	}
	var energy any = batch.Energy
	code := "<f8"
	if layout.IntegerEnergy {
		energy, code = wholeNumbers(batch.Energy), "<i4"
	}
	for i, want := range []struct {
		name, code string
		shape      []int
		values     any
	}{
		{"a/spins", "|i1", []int{batch.Rows(), sites}, spins},
		{"a/energy", code, []int{batch.Rows()}, energy},
		{"a/magnetization", "<i4", []int{batch.Rows()}, batch.Magnetization},
		{"a/chain", "<i4", []int{batch.Rows()}, batch.Chain},
		{"a/step", "<i8", []int{batch.Rows()}, batch.Step},
	} {
		_, got := npyValues(npyFile(t, arrays[i]))
		expected, err := binary.Append(nil, binary.LittleEndian, want.values)
		if err != nil {
			t.Fatal(err)
		}
		if a := arrays[i]; a.Name != want.name || a.Type != want.code || !slices.Equal(a.Shape, want.shape) || !bytes.Equal(got, expected) {
			t.Errorf("%d sites, %s: %s %s %v", sites, want.name, a.Name, a.Type, a.Shape)
		}
	}
}

// TestConfigurationArraysOfGroups crosses the borders of row groups.
func TestConfigurationArraysOfGroups(t *testing.T) {
	const sites = 3
	path := filepath.Join(t.TempDir(), "x.parquet")
	batch := randomBatch(groupRows(sites)+11, sites, 6)
	writeConfigurations(t, path, sites, ConfigurationLayout{}, batch, 5000)
	arrays, err := ConfigurationArrays(path, "a/", PlusMinus)
	if err != nil {
		t.Fatal(err)
	}
	checkConfigurationArrays(t, arrays, batch, sites, ConfigurationLayout{}, PlusMinus)
}

func TestConfigurationText(t *testing.T) {
	for _, sites := range unpackedSites {
		path := filepath.Join(t.TempDir(), "x.parquet")
		batch := randomBatch(20, sites, 7)
		writeConfigurations(t, path, sites, ConfigurationLayout{IntegerEnergy: true, Compression: Zstd}, batch, 9)
		for _, values := range []SpinValues{PlusMinus, Bits} {
			var want strings.Builder
			for row := range batch.Rows() {
				var fields []string
				for site := range sites {
					fields = append(fields, fmt.Sprint(spinAt(batch, sites, row, site, values)))
				}
				fmt.Fprintln(&want, strings.Join(fields, " "))
			}
			var got bytes.Buffer
			if err := WriteConfigurationText(&got, path, values); err != nil || got.String() != want.String() {
				t.Errorf("%d sites, %s: %v\n%s", sites, values, err, got.String())
			}
		}
	}
}

// TestConfigurationArraysDamage: damage that shows only when the rows are read fails
// the writing; so does a writer that fails.
func TestConfigurationArraysDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.parquet")
	writeConfigurations(t, path, 64, ConfigurationLayout{}, randomBatch(50, 64, 8), 50)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/4] ^= 1
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
	arrays, err := ConfigurationArrays(path, "", Bits)
	if err != nil {
		t.Fatal(err)
	}
	for _, array := range arrays {
		if err := WriteArray(&bytes.Buffer{}, array); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", array.Name, err)
		}
	}
	if err := WriteConfigurationText(&bytes.Buffer{}, path, Bits); !errors.Is(err, ErrCorrupt) {
		t.Errorf("text: %v", err)
	}
	if _, err := ConfigurationArrays(path+"x", "", Bits); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func BenchmarkUnpack(b *testing.B) {
	row, dst, unpack := make([]uint64, 64), make([]byte, 4096), newUnpacker(PlusMinus)
	b.SetBytes(int64(len(dst)))
	for b.Loop() {
		unpack.row(dst, row)
	}
}
