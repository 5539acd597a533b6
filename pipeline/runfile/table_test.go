package runfile

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestKeysAreInOrderOfSections(t *testing.T) {
	order := []string{""}
	for _, s := range Sections() {
		order = append(order, s.Name)
	}
	last := 0
	seen := make(map[string]bool)
	for _, k := range Keys() {
		place := slices.Index(order, k.Section())
		if place < last {
			t.Errorf("%s stands in an unknown section or behind a later one", k.Path)
		}
		last = place
		if seen[k.Path] {
			t.Errorf("%s stands twice", k.Path)
		}
		seen[k.Path] = true
	}
	if last != len(order)-1 {
		t.Error("a section has no key")
	}
}

func TestKeysAreDocumented(t *testing.T) {
	for _, k := range Keys() {
		if !strings.HasSuffix(k.Doc, ".") || strings.Contains(k.Doc, "\n") {
			t.Errorf("%s: %q is not one line ending in a period", k.Path, k.Doc)
		}
		if counts := k.Type == Integer || k.Type == Integers || k.Type == UnitCounts; counts && k.Path != "seed" && k.Unit == "" {
			t.Errorf("%s counts something without a unit", k.Path)
		}
		if byPreset := k.Section() == "training" && k.Path != "training.preset"; byPreset != (k.Default == "") {
			t.Errorf("%s: default %q, but presets and only presets decide about training", k.Path, k.Default)
		}
	}
}

// Every field of a run has exactly one key, and every key has the type of its
// field.
func TestKeysCoverTheRun(t *testing.T) {
	run := &Run{RBM: &RBM{}}
	fields := make(map[any]string)
	for _, k := range keys {
		field := k.field(run)
		pointer := reflect.ValueOf(field).UnsafePointer()
		if other, taken := fields[pointer]; taken {
			t.Errorf("%s and %s share a field", k.Path, other)
		}
		fields[pointer] = k.Path
		if want := typeOf(k, field); k.Type != want {
			t.Errorf("%s is of type %s, its field %T holds %s", k.Path, k.Type, field, want)
		}
	}
	if total := countFields(reflect.ValueOf(*run)); len(fields) != total {
		t.Errorf("%d keys for %d fields", len(fields), total)
	}
}

// typeOf is the type that a field holds; strings without words are texts.
func typeOf(k Key, field any) Type {
	switch field.(type) {
	case *int, *uint64:
		return Integer
	case *Starts:
		return TemperatureList
	case *float64:
		return Number
	case *bool:
		return Boolean
	case *string:
		if len(k.Words) == 0 {
			return Text
		}
		return Word
	case *time.Duration:
		return Duration
	case *int64:
		return Size
	case *[]int:
		return Integers
	case *[]string:
		if len(k.Words) == 0 {
			return Texts
		}
		return Words
	case *[]Hidden:
		return UnitCounts
	case *[]Temperature:
		return Temperatures
	case *[]DataCell:
		return DataCells
	}
	return "none"
}

// countFields counts the fields of a struct that hold values; what is found out
// later, where a pointer is nil, has no key.
func countFields(v reflect.Value) int {
	v = reflect.Indirect(v)
	if !v.IsValid() {
		return 0
	}
	if v.Kind() != reflect.Struct {
		return 1
	}
	n := 0
	for i := range v.NumField() {
		if v.Type().Field(i).IsExported() {
			n += countFields(v.Field(i))
		}
	}
	return n
}

// The names that others use never shadow a real one, and mean one key each.
func TestForeignNames(t *testing.T) {
	for _, section := range Sections() {
		among := inSection(section.Name)
		taken := make(map[string]string)
		for _, k := range among {
			for _, name := range k.also {
				if slices.Contains(names(among), name) {
					t.Errorf("%s: %q is a key of [%s]", k.Path, name, section.Name)
				}
				if other, twice := taken[name]; twice {
					t.Errorf("%q means %s and %s", name, k.Path, other)
				}
				taken[name] = k.Path
				if got, ok := called(name, among); !ok || got.Path != k.Path {
					t.Errorf("%q is taken for %s, want %s", name, got.Path, k.Path)
				}
			}
		}
	}
}

// The tables cannot be changed through what Keys and Sections return.
func TestTablesAreCopies(t *testing.T) {
	Keys()[0].Path, Sections()[0].Name = "changed", "changed"
	if Keys()[0].Path != "seed" || Sections()[0].Name != "lattice" {
		t.Error("a table was changed")
	}
}

// Every word of every key is known to the reader.
func TestWordsAreKnown(t *testing.T) {
	for _, k := range keys {
		for _, word := range k.Words {
			value := quoted([]string{word})[0]
			if k.Type == Words {
				value = "[" + value + "]"
			}
			base := machineBase
			if k.Path == "lattice.kind" {
				base = strings.TrimPrefix(base, "lattice.kind = 'square'\n")
			}
			_, err := Parse("run.toml", []byte(base+k.Path+" = "+value))
			if err != nil && (strings.Contains(err.Error(), "is not known") || strings.Contains(err.Error(), "TOML")) {
				t.Errorf("%s: %v", k.Path, err)
			}
		}
	}
}
