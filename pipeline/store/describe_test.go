package store

import (
	"errors"

	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestDescribe(t *testing.T) {
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	writeConfigurations(t, at("plain.parquet"), 70, ConfigurationLayout{}, randomBatch(100, 70, 1), 100)
	writeConfigurations(t, at("zstd.parquet"), 70, ConfigurationLayout{IntegerEnergy: true, Compression: Zstd}, randomBatch(maxGroupRows+1, 70, 1), 100)
	writeConfigurations(t, at("none.parquet"), 70, ConfigurationLayout{IntegerEnergy: true, Compression: Zstd}, ConfigurationBatch{}, 100)
	writeConfigurations(t, at("plain.arrow"), 70, ConfigurationLayout{Format: ArrowFile}, randomBatch(100, 70, 1), 100)
	writeConfigurations(t, at("none.arrow"), 70, ConfigurationLayout{IntegerEnergy: true, Compression: Zstd, Format: ArrowFile}, ConfigurationBatch{}, 100)
	writeTable(t, at("results.parquet"), exampleTable())
	if err := WriteMachine(at("model.npz"), exampleMachine(5, 3), testMetadata()); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(WriteFile(at("results.csv"), exampleTable().WriteCSV), WriteFile(at("results.json"), exampleTable().WriteJSON),
		Record(folder, "model.npz"), WriteJSON(at("state.json"), map[string]any{"a": nil, "b": true, "c": 1, "d": []int{1}, "e": "", "f": struct{}{}})); err != nil {
		t.Fatal(err)
	}
	tau := append(testMetadata(), KeyValue{"tau", "1.5"})
	configurations := func(energy, compression string, rows int64, groups int) Description {
		return Description{Format: ParquetFile, Contents: "configurations", Version: "1", Rows: rows, RowGroups: groups, Sites: 70, Compression: compression,
			Columns: []ColumnDescription{{Name: "chain", Type: "INT32"}, {Name: "step", Type: "INT64"}, {Name: "energy", Type: energy},
				{Name: "magnetization", Type: "INT32"}, {Name: "spins", Type: "FIXED_LEN_BYTE_ARRAY(9)"}}, Metadata: tau}
	}
	arrowConfigurations := func(energy, compression string, rows int64) Description {
		return Description{Format: ArrowFile, Contents: "configurations", Version: "1", Rows: rows, RowGroups: 1, Sites: 70, Compression: compression,
			Columns: []ColumnDescription{{Name: "chain", Type: "int32"}, {Name: "step", Type: "int64"}, {Name: "energy", Type: energy},
				{Name: "magnetization", Type: "int32"}, {Name: "spins", Type: "fixed_size_list<item: bool>[70]"}}, Metadata: tau}
	}
	kinds := func(types ...string) []ColumnDescription {
		var out []ColumnDescription
		for i, column := range exampleTable().Columns {
			name, nullable := strings.CutSuffix(types[i], "?")
			out = append(out, ColumnDescription{Name: column.Name, Type: name, Nullable: nullable})
		}
		return out
	}
	for name, want := range map[string]Description{
		"plain.parquet": configurations("DOUBLE", "none", 100, 1),
		"zstd.parquet":  configurations("INT32", "zstd", maxGroupRows+1, 2),
		"none.parquet":  configurations("INT32", "", 0, 0),
		"plain.arrow":   arrowConfigurations("float64", "none", 100),
		"none.arrow":    arrowConfigurations("int32", "zstd", 0),
		"results.parquet": {Format: ParquetFile, Contents: "table", Version: "1", Rows: 4, RowGroups: 1, Compression: "none", Metadata: testMetadata(),
			Columns: kinds("INT64", "DOUBLE?", "INT64?", "BYTE_ARRAY (UTF-8)", "BYTE_ARRAY (UTF-8)?", "DOUBLE?", "DOUBLE?")},
		"results.csv": {Format: CSVFile, Contents: "table", Rows: 4,
			Columns: kinds("int", "float", "int?", "string", "string", "float?", "float?")},
		"results.json": {Format: JSONFile, Rows: 4},
		"model.npz": {Format: NPZFile, Contents: "machine", Version: "1", Compression: "none", Metadata: testMetadata(),
			Columns: []ColumnDescription{{Name: "W", Type: "<f4", Shape: []int{5, 3}}, {Name: "b", Type: "<f4", Shape: []int{5}},
				{Name: "c", Type: "<f4", Shape: []int{3}}, {Name: "metadata", Type: "|u1"}}},
		"checksums.json": {Format: JSONFile, Contents: "checksums", Version: "1",
			Columns: []ColumnDescription{{Name: "format", Type: "string"}, {Name: "format_version", Type: "string"}, {Name: "files", Type: "object"}}},
		"state.json": {Format: JSONFile, Columns: []ColumnDescription{{Name: "a", Type: "null"}, {Name: "b", Type: "boolean"},
			{Name: "c", Type: "number"}, {Name: "d", Type: "array"}, {Name: "e", Type: "string"}, {Name: "f", Type: "object"}}},
	} {
		got, err := Describe(at(name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		info, _ := os.Stat(at(name))
		var stored int64
		for i := range got.Columns {
			stored += got.Columns[i].Bytes
			got.Columns[i].Bytes = 0
			if got.Columns[i].Name == "metadata" && got.Format == NPZFile {
				got.Columns[i].Shape = nil // as long as its text
			}
		}
		if binary := got.Format == ParquetFile || got.Format == NPZFile; stored > info.Size() || binary && got.Rows != 0 && stored == 0 {
			t.Errorf("%s: columns of %d bytes in a file of %d", name, stored, info.Size())
		}
		want.Path, want.Bytes = at(name), info.Size()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%+v, not\n%+v", name, got, want)
		}
	}
}

func TestDescribeRefuses(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "x.csv")
	if _, err := Describe(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	if _, err := Describe(folder); !errors.Is(err, ErrForeign) {
		t.Errorf("folder: %v", err)
	}
	for text, kind := range map[string]error{
		"":             ErrCorrupt, // a CSV without names
		"a,b\n1\n":     ErrCorrupt,
		"PAR1":         ErrCorrupt,
		"ARROW1":       ErrCorrupt,
		"PK\x03\x04":   ErrCorrupt,
		`{"a"`:         ErrCorrupt,
		`{"a":1`:       ErrCorrupt,
		"[1,]":         ErrCorrupt,
		`{"a":1}{}`:    ErrCorrupt,
		"\n {\"a\": }": ErrCorrupt,
	} {
		mustWrite(t, path, []byte(text))
		if _, err := Describe(path); !errors.Is(err, kind) || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v", text, err)
		}
	}
	other := filepath.Join(folder, "checkpoint")
	mustWrite(t, other, []byte("\x00\x01"))
	if _, err := Describe(other); !errors.Is(err, ErrForeign) {
		t.Errorf("other kind: %v", err)
	}
}

// TestDescribeForeignFiles: Parquet and npz of other programs can be looked at.
func TestDescribeForeignFiles(t *testing.T) {
	folder := t.TempDir()
	parquet, npz := filepath.Join(folder, "a"), filepath.Join(folder, "b")
	mustWrite(t, parquet, stamp(t, ConfigurationLayout{}.columns(9), Metadata{{"pandas", "{}"}}))
	mustWrite(t, npz, archiveOf(t, map[string]any{"x": []float64{1}}))
	got, err := Describe(parquet)
	if err != nil || got.Contents != "" || len(got.Columns) != 5 || got.Metadata[0].Key != "pandas" {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = Describe(npz)
	if err != nil || got.Contents != "" || len(got.Columns) != 1 || got.Columns[0].Type != "<f8" {
		t.Errorf("%+v, %v", got, err)
	}
}
