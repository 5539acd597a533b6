package runfile

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// compileSchema hands the schema to a validator that knows nothing of the
// table of keys.
func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func globFiles(t *testing.T, patterns ...string) []string {
	t.Helper()
	var files []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("no files %s: %v", pattern, err)
		}
		files = append(files, found...)
	}
	return files
}

// inJSON is a value of TOML as editors hand it to a schema: JSON has no inf.
func inJSON(value any) any {
	switch v := value.(type) {
	case float64:
		if math.IsInf(v, 1) {
			return "inf"
		}
	case []any:
		for i := range v {
			v[i] = inJSON(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = inJSON(v[k])
		}
	}
	return value
}

// TestSchemaAccepts: what Parse accepts, the schema accepts: every run file of
// the project, every good test file, and the template.
func TestSchemaAccepts(t *testing.T) {
	schema := compileSchema(t)
	texts := map[string]string{"template": Template()}
	for _, path := range globFiles(t, "testdata/good/*.toml", "../../runs/*.toml", "../../runs/*/*.toml") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[path] = string(text)
	}
	for name, text := range texts {
		if _, err := Parse("x.toml", []byte(text)); err != nil {
			continue // no run file of its own, such as a profile of a cluster
		}
		data, err := decode(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(inJSON(data)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSchemaRefuses: the schema refuses every bad file whose mistake lies in one
// key: unknown, missing, misplaced, ill-typed. What several keys mean together it
// leaves to Parse; that is less than half of the bad files.
func TestSchemaRefuses(t *testing.T) {
	schema := compileSchema(t)
	refused, total := 0, 0
	for _, bad := range badFiles {
		text, err := os.ReadFile(filepath.Join("testdata", "bad", bad.name+".toml"))
		if err != nil {
			t.Fatal(err)
		}
		data, err := decode(string(text))
		if err != nil {
			continue // not TOML
		}
		total++
		if schema.Validate(inJSON(data)) != nil {
			refused++
			continue
		}
		plain := slices.ContainsFunc([]string{"unknown-", "missing-", "type-", "key-", "section-"}, func(prefix string) bool { return strings.HasPrefix(bad.name, prefix) })
		if plain && bad.name != "type-integer-exponent" { // JSON does not tell 1e5 from an integer
			t.Errorf("%s is accepted", bad.name)
		}
	}
	t.Logf("%d of %d refused", refused, total)
	if refused*2 < total {
		t.Errorf("only %d of %d bad files are refused", refused, total)
	}
}
