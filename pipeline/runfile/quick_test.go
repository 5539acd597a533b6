package runfile

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The quick variant of every run file that comes with the program, and of the template,
// is valid, and differs in nothing but what is capped, which does not exceed the caps.
func TestQuick(t *testing.T) {
	texts := map[string]string{"template": Template()}
	for _, pattern := range []string{"*.toml", "paper/*.toml"} {
		paths, err := filepath.Glob(filepath.Join("..", "..", "runs", pattern))
		if err != nil || len(paths) == 0 {
			t.Fatal("no run files", err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			texts[path] = string(text)
		}
	}
	for name, text := range texts {
		run, err := Parse(name, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		quick, err := Parse(name, []byte(run.Quick("in a\ncomment")))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		now := quick.Keys()
		for i, was := range run.Keys() {
			if now[i].Key != was.Key {
				t.Fatalf("%s: %s stands where %s was", name, now[i].Key, was.Key)
			}
			k, _ := find(was.Key)
			most, capped := quickest[was.Key]
			switch {
			case was.Key == "training.epochs":
			case was.Key == "sampling.algorithm" && was.Value == `"auto"`:
				if now[i].Value != `"gibbs"` {
					t.Errorf("%s: samples by %s", name, now[i].Value)
				}
			case was.Key == "sweep.temperatures":
				if !slices.EqualFunc(run.Sweep.Temperatures, quick.Sweep.Temperatures, func(a, b Temperature) bool { return a.Key() == b.Key() }) {
					t.Errorf("%s: temperatures %v, want %v", name, quick.Sweep.Temperatures, run.Sweep.Temperatures)
				}
			case capped:
				if got, want := *k.field(quick).(*int), min(most, *k.field(run).(*int)); got != want {
					t.Errorf("%s: %s = %d, want %d", name, was.Key, got, want)
				}
			case now[i].Value != was.Value:
				t.Errorf("%s: %s = %s, want %s", name, was.Key, now[i].Value, was.Value)
			}
		}
	}
}

// Its text says where it comes from.
func TestQuickComment(t *testing.T) {
	run, err := Parse("run.toml", []byte(Template()))
	if err != nil {
		t.Fatal(err)
	}
	if text := run.Quick("one\ntwo"); !strings.HasPrefix(text, "# one\n# two\n\nseed = ") {
		t.Errorf("the text begins with %.40q", text)
	}
}
