package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

var nan, inf = math.NaN(), math.Inf(1)

// exampleTable has every kind, with and without missing values, and what is hard
// to print.
func exampleTable() Table {
	return Table{[]Column{
		{Name: "L", Kind: Int, Ints: []int64{8, 8, math.MinInt64, math.MaxInt64}},
		{Name: "T", Kind: Float, Floats: []float64{2.269185314213022, inf, 0, math.Copysign(0, -1)}},
		{Name: "hidden", Kind: Int, Ints: []int64{64, 0, 0, 4}, Null: []bool{false, true, true, false}},
		{Name: "source", Kind: String, Strings: []string{"rbm", "a,b", "say \"x\"\n⟨E⟩ <&>", ""}},
		{Name: "note", Kind: String, Strings: []string{"", "x", "", "y"}, Null: []bool{true, false, true, false}},
		{Name: "energy", Kind: Float, Floats: []float64{-1.4915891, nan, -inf, 1e-300}},
		{Name: "nothing", Kind: Float, Floats: []float64{nan, nan, nan, nan}},
	}}
}

const exampleCSV = `L,T,hidden,source,note,energy,nothing
8,2.269185314213022,64,rbm,,-1.4915891,
8,inf,,"a,b",x,,
-9223372036854775808,0,,"say ""x""
⟨E⟩ <&>",,-inf,
9223372036854775807,-0,4,,y,1e-300,
`

const exampleJSON = `[
{"L":8,"T":2.269185314213022,"hidden":64,"source":"rbm","note":null,"energy":-1.4915891,"nothing":null},
{"L":8,"T":"inf","hidden":null,"source":"a,b","note":"x","energy":null,"nothing":null},
{"L":-9223372036854775808,"T":0,"hidden":null,"source":"say \"x\"\n⟨E⟩ <&>","note":null,"energy":"-inf","nothing":null},
{"L":9223372036854775807,"T":-0,"hidden":4,"source":"","note":"y","energy":1e-300,"nothing":null}
]
`

func written(t testing.TB, write func(io.Writer) error) string {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTableAsText(t *testing.T) {
	table := exampleTable()
	if got := written(t, table.WriteCSV); got != exampleCSV {
		t.Errorf("CSV\n%s", got)
	}
	got := written(t, table.WriteJSON)
	if got != exampleJSON {
		t.Errorf("JSON\n%s", got)
	}
	var rows []map[string]any
	if err := json.Unmarshal([]byte(got), &rows); err != nil || len(rows) != 4 {
		t.Errorf("JSON of %d rows: %v", len(rows), err)
	}
	empty := Table{[]Column{{Name: "a", Kind: Int}, {Name: "b", Kind: String}}}
	if got := written(t, empty.WriteCSV) + written(t, empty.WriteJSON); got != "a,b\n[\n]\n" {
		t.Errorf("without rows: %q", got)
	}
}

func writeTable(t testing.TB, path string, table Table) {
	t.Helper()
	err := WriteFile(path, func(w io.Writer) error { return table.WriteParquet(w, testMetadata()) })
	if err != nil {
		t.Fatal(err)
	}
}

func TestTableRoundTrip(t *testing.T) {
	missing := func(n int) []bool { return bytesToBools(bytes.Repeat([]byte{1}, n)) }
	for name, table := range map[string]Table{
		"example":     exampleTable(),
		"random":      randomTable(5000, 5),
		"no rows":     {[]Column{{Name: "a", Kind: Int, Ints: []int64{}}, {Name: "b", Kind: Float, Floats: []float64{}}, {Name: "c", Kind: String, Strings: []string{}}}},
		"all missing": {[]Column{{Name: "a", Kind: Int, Ints: make([]int64, 9), Null: missing(9)}, {Name: "c", Kind: String, Strings: make([]string, 9), Null: missing(9)}}},
		"one cell":    {[]Column{{Name: "a b.c", Kind: String, Strings: []string{"x"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "results.parquet")
			writeTable(t, path, table)
			got, meta, err := ReadTable(path)
			if err != nil {
				t.Fatal(err)
			}
			if !equalTables(got, table) {
				t.Errorf("read back as %v", got)
			}
			if !reflect.DeepEqual(meta, testMetadata()) {
				t.Errorf("metadata %v", meta)
			}
		})
	}
}

func bytesToBools(b []byte) []bool {
	out := make([]bool, len(b))
	for i := range b {
		out[i] = b[i] != 0
	}
	return out
}

// randomTable has values of every size, and missing ones.
func randomTable(rows int, seed uint64) Table {
	random := rand.New(rand.NewPCG(seed, 2))
	ints, floats, texts, null := make([]int64, rows), make([]float64, rows), make([]string, rows), make([]bool, rows)
	for i := range rows {
		floats[i] = math.Float64frombits(random.Uint64())
		null[i] = random.IntN(3) == 0
		if !null[i] {
			ints[i] = int64(random.Uint64()) >> random.IntN(64)
			texts[i] = strings.Repeat("é", random.IntN(4))
		}
	}
	return Table{[]Column{{Name: "i", Kind: Int, Ints: ints, Null: null}, {Name: "f", Kind: Float, Floats: floats},
		{Name: "s", Kind: String, Strings: texts, Null: null}, {Name: "j", Kind: Int, Ints: ints}}}
}

// equalTables compares floats bit by bit, but takes every NaN for the same.
func equalTables(a, b Table) bool {
	if len(a.Columns) != len(b.Columns) {
		return false
	}
	for i := range a.Columns {
		p, q := a.Columns[i], b.Columns[i]
		for j := range min(len(p.Floats), len(q.Floats)) {
			x, y := p.Floats[j], q.Floats[j]
			if math.Float64bits(x) != math.Float64bits(y) && !(math.IsNaN(x) && math.IsNaN(y)) {
				return false
			}
		}
		if p.Len() != q.Len() {
			return false
		}
		p.Floats, q.Floats = nil, nil
		if !reflect.DeepEqual(p, q) {
			return false
		}
	}
	return true
}

func TestTableCSVRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.csv")
	for name, test := range map[string]struct{ text, want string }{
		"example": {exampleCSV, "int float int? string string float float"},
		"kinds":   {"a,b,c,d,e\n1,1,1.5,x,\n2,,inf,1,\n", "int int? float string float"},
		"lone":    {"a\n1\n\"\"\n3\n", "int?"},
		"no rows": {"a,b\n", "float float"},
	} {
		mustWrite(t, path, []byte(test.text))
		table, err := ReadCSV(path)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var kinds []string
		for _, column := range table.Columns {
			kind := string(column.Kind)
			if column.Null != nil {
				kind += "?"
			}
			kinds = append(kinds, kind)
		}
		if got := strings.Join(kinds, " "); got != test.want {
			t.Errorf("%s: kinds %s", name, got)
		}
		if got := written(t, table.WriteCSV); got != test.text {
			t.Errorf("%s: written again as\n%s", name, got)
		}
	}
	for _, bad := range []string{"", "a,b\n1\n", "a,a\n1,2\n", "a,\n1,2\n", "\"a\n", "a\n\xff\n"} {
		mustWrite(t, path, []byte(bad))
		if table, err := ReadCSV(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v, %v", bad, table, err)
		}
	}
}

func TestFloatsAreShortestAndExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 3))
	for range 2000 {
		x := math.Float64frombits(random.Uint64())
		if math.IsNaN(x) {
			continue
		}
		var back float64
		if _, err := fmt.Sscan(formatFloat(x), &back); err != nil || back != x {
			t.Errorf("%v printed as %s, read as %v, %v", x, formatFloat(x), back, err)
		}
	}
}

func TestTableValidate(t *testing.T) {
	one := []int64{1}
	for name, table := range map[string]Table{
		"no columns":      {},
		"unknown kind":    {[]Column{{Name: "a", Kind: "bool"}}},
		"no name":         {[]Column{{Kind: Int, Ints: one}}},
		"twice":           {[]Column{{Name: "a", Kind: Int, Ints: one}, {Name: "a", Kind: Int, Ints: one}}},
		"lengths":         {[]Column{{Name: "a", Kind: Int, Ints: one}, {Name: "b", Kind: Float}}},
		"length of nulls": {[]Column{{Name: "a", Kind: Int, Ints: one, Null: []bool{}}}},
		"invalid text":    {[]Column{{Name: "a", Kind: String, Strings: []string{"\xff"}}}},
	} {
		for _, write := range []func(io.Writer) error{table.WriteCSV, table.WriteJSON, func(w io.Writer) error { return table.WriteParquet(w, nil) }} {
			if write(io.Discard) == nil {
				t.Errorf("%s: written", name)
			}
		}
	}
	if exampleTable().WriteParquet(io.Discard, Metadata{{"", ""}}) == nil {
		t.Error("metadata without a key written")
	}
}

func TestColumnAccess(t *testing.T) {
	table := exampleTable()
	hidden, ok := table.Column("hidden")
	if !ok || hidden.Float(0) != 64 || !math.IsNaN(hidden.Float(1)) || hidden.Text(1) != "" {
		t.Errorf("hidden: %v, %v", hidden, ok)
	}
	source, _ := table.Column("source")
	if !math.IsNaN(source.Float(0)) || source.Text(0) != "rbm" {
		t.Errorf("source: %v", source)
	}
	if _, ok := table.Column("none"); ok {
		t.Error("a column that is not there")
	}
}
