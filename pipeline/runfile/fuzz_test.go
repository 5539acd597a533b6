package runfile

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"
)

// FuzzParse looks for panics, for positions outside the file, and for keys and
// values that the locator finds elsewhere than the library does.
func FuzzParse(f *testing.F) {
	for _, kind := range []string{"bad", "good", "several", "locate"} {
		paths, err := filepath.Glob(filepath.Join("testdata", kind, "*.toml"))
		if err != nil || len(paths) == 0 {
			f.Fatalf("no files in testdata/%s: %v", kind, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	f.Add([]byte(Template()))
	f.Fuzz(func(t *testing.T, text []byte) {
		checkLocated(t, string(text))
		run, err := Parse("fuzz.toml", text)
		if err == nil {
			checkAccepted(t, run)
			return
		}
		list, ok := errors.AsType[*Errors](err)
		if run != nil || !ok || len(list.Problems) == 0 {
			t.Fatalf("run %v, error %v of type %T", run, err, err)
		}
		for _, p := range list.Problems {
			checkPlace(t, list, p)
		}
		if text := list.Error(); text == "" || !utf8.ValidString(text) {
			t.Errorf("error text %q", text)
		}
	})
}

// checkAccepted holds what every accepted run promises.
func checkAccepted(t *testing.T, run *Run) {
	if brings := run.Data.Configurations != ""; !brings && (len(run.Lattice.Sizes) == 0 || len(run.Sweep.Temperatures) == 0) {
		t.Error("a run without cells")
	}
	seen := make(map[string]bool)
	for _, temperature := range run.Sweep.Temperatures {
		if seen[temperature.Key()] {
			t.Errorf("two temperatures have the key %s", temperature.Key())
		}
		seen[temperature.Key()] = true
	}
	for _, kv := range run.Keys() {
		if _, err := decode("value = " + kv.Value); err != nil {
			t.Errorf("%s = %s is not TOML: %v", kv.Key, kv.Value, err)
		}
	}
}

// checkPlace holds that a problem is inside the file and says something.
func checkPlace(t *testing.T, list *Errors, p Problem) {
	if p.Message == "" {
		t.Errorf("a problem without a message: %+v", p)
	}
	if p.Line < 1 || p.Line > len(list.source.lines) {
		t.Fatalf("line %d of %d", p.Line, len(list.source.lines))
	}
	if length := utf8.RuneCountInString(list.source.line(p.Line)); p.Column < 1 || p.Column > length+2 || p.Width < 1 {
		t.Errorf("column %d, width %d in a line of %d characters", p.Column, p.Width, length)
	}
}
