//go:build interop

package store

import (
	"encoding/json"
	"fmt"
	"io"
	"math/bits"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// These tests give our files to other programs: DuckDB, hyparquet and apache-arrow under node,
// NumPy under Python. What is missing is named, never skipped.
const (
	interopFolder = "testdata/interop"
	python        = "/usr/bin/python3" // Debian's, which python3-numpy belongs to
)

// seen is what a reader in another language found, numbers as text.
type seen struct {
	Sums     map[string]string    `json:"sums"`
	Types    map[string]string    `json:"types"`
	Rows     []map[string]*string `json:"rows"`
	Metadata [][2]string          `json:"metadata"`
}

func nodeReads(t *testing.T, script string, arguments ...string) seen {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Fatal("node is missing: apt-get install nodejs npm (version 20 or later)")
	}
	for _, module := range []string{"@duckdb/node-api", "hyparquet", "hyparquet-compressors", "apache-arrow", "fzstd"} {
		if _, err := os.Stat(filepath.Join(interopFolder, "node_modules", module)); err != nil {
			t.Fatalf("the node module %s is missing: npm ci --prefix pipeline/store/%s", module, interopFolder)
		}
	}
	var found seen
	runJSON(t, &found, "node", append([]string{filepath.Join(interopFolder, script)}, arguments...)...)
	return found
}

// runJSON runs a command and decodes what it prints.
func runJSON(t *testing.T, v any, name string, arguments ...string) {
	t.Helper()
	out, err := exec.Command(name, arguments...).Output()
	if err != nil {
		var stderr []byte
		if exit, ok := err.(*exec.ExitError); ok {
			stderr = exit.Stderr
		}
		t.Fatalf("%s %v: %v\n%s", name, arguments, err, stderr)
	}
	if err := json.Unmarshal(out, v); err != nil {
		t.Fatalf("%s %v printed %s: %v", name, arguments, out, err)
	}
}

// expectSums computes of a batch what the readers compute of the file.
func expectSums(batch ConfigurationBatch) map[string]float64 {
	sums := map[string]float64{"rows": float64(batch.Rows())}
	for i := range batch.Rows() {
		sums["chain"] += float64(batch.Chain[i])
		sums["step"] += float64(batch.Step[i])
		sums["energy"] += batch.Energy[i]
		sums["magnetization"] += float64(batch.Magnetization[i])
	}
	for _, word := range batch.Spins {
		sums["spins"] += float64(bits.OnesCount64(word))
	}
	return sums
}

// configurationReaders are the scripts that read each format.
func configurationReaders(format string) []string {
	if format == ArrowFile {
		return []string{"arrow.mjs"}
	}
	return []string{"duckdb.mjs", "hyparquet.mjs"}
}

func TestInteropConfigurations(t *testing.T) {
	for _, sites := range []int{9, 64, 4096} {
		for _, layout := range testLayouts() {
			path := filepath.Join(t.TempDir(), "configurations")
			batch := randomBatch(groupRows(sites)/8*9+5, sites, 21) // two row groups
			writeConfigurations(t, path, sites, layout, batch, 512)
			for _, script := range configurationReaders(layout.Format) {
				t.Run(fmt.Sprintf("%s/N=%d/%v", script, sites, layout), func(t *testing.T) {
					found := nodeReads(t, script, "configurations", path)
					for name, want := range expectSums(batch) {
						if got, err := strconv.ParseFloat(found.Sums[name], 64); err != nil || got != want {
							t.Errorf("%s: %s, not %v", name, found.Sums[name], want)
						}
					}
					checkInteropMetadata(t, found.Metadata, append(testMetadata(), KeyValue{"tau", "1.5"}), strconv.Itoa(sites))
					if found.Types != nil {
						checkInteropTypes(t, found.Types, layout, sites)
					}
					if layout.Format == ArrowFile {
						checkInteropRows(t, found.Rows, batch, sites)
					}
				})
			}
		}
	}
}

func checkInteropTypes(t *testing.T, types map[string]string, layout ConfigurationLayout, sites int) {
	t.Helper()
	spins, whole := "BLOB", "INTEGER"
	if layout.Format == ArrowFile {
		spins, whole = fmt.Sprintf("FixedSizeList[%d]<Bool>", sites), "Int32"
	}
	if types["spins"] != spins || (types["energy"] == whole) != layout.IntegerEnergy {
		t.Errorf("types %v", types)
	}
}

// checkInteropRows compares the first and the last row, spin by spin.
func checkInteropRows(t *testing.T, found []map[string]*string, batch ConfigurationBatch, sites int) {
	t.Helper()
	words := rowWords(sites)
	for i, row := range []int{0, batch.Rows() - 1} {
		want := make([]byte, sites)
		for site := range want {
			want[site] = '0' + byte(batch.Spins[row*words+site/64]>>(site%64)&1)
		}
		if got := found[i]["spins"]; *got != string(want) {
			t.Errorf("row %d of %d sites differs", row, sites)
		}
	}
}

// TestInteropNoRows: an empty file is still a file.
func TestInteropNoRows(t *testing.T) {
	for _, format := range []string{ParquetFile, ArrowFile} {
		path := filepath.Join(t.TempDir(), "configurations")
		writeConfigurations(t, path, 9, ConfigurationLayout{Format: format}, ConfigurationBatch{}, 1)
		for _, script := range configurationReaders(format) {
			if found := nodeReads(t, script, "configurations", path); found.Sums["rows"] != "0" {
				t.Errorf("%s: %s rows", script, found.Sums["rows"])
			}
		}
	}
}

// checkInteropMetadata compares pairs in their order, ours first.
func checkInteropMetadata(t *testing.T, found [][2]string, callers Metadata, sites string) {
	t.Helper()
	var all Metadata
	for _, pair := range found {
		all = append(all, KeyValue{pair[0], pair[1]})
	}
	if !reflect.DeepEqual(all.callers(), callers) {
		t.Errorf("metadata %v", all)
	}
	if version, _ := all.Get("isingrbm.format_version"); version != "1" {
		t.Errorf("format version %q", version)
	}
	if got, _ := all.Get("isingrbm.sites"); got != sites {
		t.Errorf("sites %q", got)
	}
}

func TestInteropTable(t *testing.T) {
	table := exampleTable()
	folder := t.TempDir()
	parquet, csv := filepath.Join(folder, "results.parquet"), filepath.Join(folder, "results.csv")
	writeTable(t, parquet, table)
	if err := WriteFile(csv, table.WriteCSV); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ script, kind, path string }{
		{"duckdb.mjs", "table", parquet}, {"duckdb.mjs", "csv", csv}, {"hyparquet.mjs", "table", parquet},
	} {
		t.Run(test.script+"/"+test.kind, func(t *testing.T) {
			found := nodeReads(t, test.script, test.kind, test.path)
			if len(found.Rows) != table.Rows() {
				t.Fatalf("%d rows", len(found.Rows))
			}
			for _, column := range table.Columns {
				for row := range table.Rows() {
					checkCell(t, column, row, found.Rows[row][column.Name], test.kind == "csv")
				}
			}
			if test.kind == "table" {
				checkInteropMetadata(t, found.Metadata, testMetadata(), "")
			}
		})
	}
}

// checkCell compares a cell as text; CSV cannot tell an empty string from none.
func checkCell(t *testing.T, column Column, row int, found *string, csv bool) {
	t.Helper()
	missing := column.Missing(row) || csv && column.Text(row) == ""
	if (found == nil) != missing {
		t.Errorf("%s, row %d: missing is %v", column.Name, row, found == nil)
	}
	if found == nil || missing {
		return
	}
	same := *found == column.Text(row)
	if column.Kind == Float {
		got, err := strconv.ParseFloat(*found, 64)
		same = err == nil && got == column.Floats[row]
	}
	if !same {
		t.Errorf("%s, row %d: %q, not %q", column.Name, row, *found, column.Text(row))
	}
}

// bitLines writes the spins of a batch as lines of 0 and 1.
func bitLines(t *testing.T, sites int, batch ConfigurationBatch) string {
	t.Helper()
	own, text := filepath.Join(t.TempDir(), "own.parquet"), filepath.Join(t.TempDir(), "bits.txt")
	writeConfigurations(t, own, sites, ConfigurationLayout{}, batch, batch.Rows())
	if err := WriteFile(text, func(w io.Writer) error { return WriteConfigurationText(w, own, Bits) }); err != nil {
		t.Fatal(err)
	}
	return text
}

// TestInteropBroughtLists: lists that DuckDB writes are read.
func TestInteropBroughtLists(t *testing.T) {
	const sites = 9
	batch := randomBatch(5000, sites, 3)
	folder := t.TempDir()
	arguments := []string{filepath.Join(interopFolder, "lists.mjs"), bitLines(t, sites, batch)}
	var files []string
	for _, name := range []string{"booleans", "int8", "floats", "arrays"} {
		files = append(files, filepath.Join(folder, name+".parquet"))
	}
	arguments = append(append(arguments, files...), strconv.Itoa(sites))
	if out, err := exec.Command("node", arguments...).CombinedOutput(); err != nil {
		t.Fatalf("node %v: %v\n%s", arguments, err, out)
	}
	for _, file := range files {
		checkSpins(t, file, "", sites, batch)
	}
}

// TestInteropBroughtArrays: arrays that NumPy saves are read, or refused with what
// would be right.
func TestInteropBroughtArrays(t *testing.T) {
	const sites = 9
	batch := randomBatch(500, sites, 3)
	folder := t.TempDir()
	if out, err := exec.Command(python, filepath.Join(interopFolder, "spins.py"), bitLines(t, sites, batch), folder).CombinedOutput(); err != nil {
		t.Fatalf("NumPy: %v\n%s", err, out)
	}
	for _, name := range []string{"bool", "int8", "float64", "square"} {
		checkSpins(t, filepath.Join(folder, name+".npz"), "", sites, batch)
	}
	for name, says := range map[string]string{"fortran": "ascontiguousarray", "big": "little-endian"} {
		if _, _, err := readSpins(filepath.Join(folder, name+".npz"), "", 10); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestInteropMachine(t *testing.T) {
	if err := exec.Command(python, "-c", "import numpy").Run(); err != nil {
		t.Fatalf("NumPy is missing from %s: apt-get install python3-numpy", python)
	}
	folder := t.TempDir()
	path, saved, compressed := filepath.Join(folder, "model.npz"), filepath.Join(folder, "saved.npz"), filepath.Join(folder, "compressed.npz")
	machine := exampleMachine(5, 3)
	if err := WriteMachine(path, machine, testMetadata()); err != nil {
		t.Fatal(err)
	}
	var found struct {
		Arrays map[string]struct {
			Dtype  string `json:"dtype"`
			Shape  []int  `json:"shape"`
			COrder bool   `json:"c_order"`
		} `json:"arrays"`
		W        [][]string  `json:"W"`
		B        []string    `json:"b"`
		C        []string    `json:"c"`
		Metadata [][2]string `json:"metadata"`
	}
	runJSON(t, &found, python, filepath.Join(interopFolder, "machine.py"), path, saved, compressed)
	for name, shape := range map[string][]int{"W": {5, 3}, "b": {5}, "c": {3}} {
		if a := found.Arrays[name]; a.Dtype != "<f4" || !a.COrder || !reflect.DeepEqual(a.Shape, shape) {
			t.Errorf("%s: %+v", name, a)
		}
	}
	var weights []float32
	for _, row := range found.W {
		weights = append(weights, parseFloats(t, row)...)
	}
	back := MachineArrays{5, 3, weights, parseFloats(t, found.B), parseFloats(t, found.C)}
	if !reflect.DeepEqual(back, machine) {
		t.Errorf("NumPy read %v", back)
	}
	checkInteropMetadata(t, found.Metadata, testMetadata(), "")
	for _, path := range []string{saved, compressed} {
		back, meta, err := ReadMachine(path)
		if err != nil || !reflect.DeepEqual(back, machine) || !reflect.DeepEqual(meta, testMetadata()) {
			t.Errorf("saved again by NumPy: %v, %v, %v", back, meta, err)
		}
	}
}

func parseFloats(t *testing.T, texts []string) []float32 {
	t.Helper()
	out := make([]float32, len(texts))
	for i, text := range texts {
		x, err := strconv.ParseFloat(text, 32)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = float32(x)
	}
	return out
}
