package runfile

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files of testdata")

// problemsOf parses a text that must be refused.
func problemsOf(t *testing.T, name, text string) *Errors {
	t.Helper()
	run, err := Parse(name, []byte(text))
	var list *Errors
	if !errors.As(err, &list) {
		t.Fatalf("Parse: error %v of type %T, want *Errors", err, err)
	}
	if run != nil {
		t.Error("Parse returned a run beside an error")
	}
	if len(list.Problems) == 0 {
		t.Fatal("an error without a problem")
	}
	return list
}

// mustParse parses a text that must be accepted.
func mustParse(t *testing.T, text string) *Run {
	t.Helper()
	run, err := Parse("run.toml", []byte(text))
	if err != nil {
		t.Fatalf("Parse:\n%v", err)
	}
	return run
}

// testFiles returns the base names of testdata/KIND/*.toml.
func testFiles(t *testing.T, kind string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", kind, "*.toml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files in testdata/%s: %v", kind, err)
	}
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = strings.TrimSuffix(filepath.Base(path), ".toml")
	}
	return names
}

func readTestFile(t *testing.T, kind, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", kind, name+".toml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// compareGolden compares a text with testdata/KIND/NAME.txt.
func compareGolden(t *testing.T, kind, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", kind, name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got:\n%s\nwant:\n%s", path, got, want)
	}
}

func TestBadFiles(t *testing.T) {
	if len(badFiles) < 50 {
		t.Errorf("only %d bad files", len(badFiles))
	}
	for _, c := range badFiles {
		t.Run(c.name, func(t *testing.T) {
			list := problemsOf(t, c.name+".toml", readTestFile(t, "bad", c.name))
			compareGolden(t, "bad", c.name, list.Error()+"\n")
			if len(list.Problems) != 1 {
				t.Fatalf("%d problems, want 1:\n%v", len(list.Problems), list)
			}
			p := list.Problems[0]
			if p.Line != c.line || p.Column != c.column {
				t.Errorf("at %d:%d, want %d:%d", p.Line, p.Column, c.line, c.column)
			}
			if !strings.Contains(p.Message, c.message) {
				t.Errorf("message %q lacks %q", p.Message, c.message)
			}
			if !strings.Contains(p.Hint, c.hint) || p.Hint == "" {
				t.Errorf("hint %q lacks %q", p.Hint, c.hint)
			}
		})
	}
}

func TestEveryBadFileIsInTheTable(t *testing.T) {
	var listed []string
	for _, c := range badFiles {
		listed = append(listed, c.name)
	}
	slices.Sort(listed)
	found := testFiles(t, "bad")
	slices.Sort(found)
	if !slices.Equal(listed, found) {
		t.Errorf("files %q\ntable %q", found, listed)
	}
}

// A file with several problems gets all of them, in the order of the file.
func TestSeveralProblems(t *testing.T) {
	want := map[string][]string{
		"empty": {
			"1:1 lattice.kind", "1:1 lattice.sizes", "1:1 sweep.temperatures",
		},
		"every-section": {
			"1:8 seed", "4:8 lattice.kind", "5:13 lattice.sizes", "5:20 lattice.sizes", "6:1 lattice.L",
			"9:33 sweep.temperatures", "9:51 sweep.temperatures",
			"12:18 monte_carlo.configurations", "13:1 monte_carlo.validaton",
			"16:11 rbm.hidden", "16:17 rbm.hidden",
			"19:13 training.algorithm", "20:8 training.rate", "21:12 training.momentum",
			"24:9 sampling.start", "26:2 analysys", "30:12 output.figures", "31:10 output.format",
		},
		"list": {
			"5:3 sweep.temperatures", "6:3 sweep.temperatures", "6:13 sweep.temperatures", "8:3 sweep.temperatures",
		},
		"misspelled-machine": {
			"6:2 rmb", "9:8 training.rate", "10:1 training.lr",
		},
		"physics": {
			"3:13 lattice.sizes", "9:13 monte_carlo.algorithm", "10:14 monte_carlo.validation", "12:15 rbm.hidden",
			"14:12 training.symmetry", "15:9 training.flips", "16:16 training.translations",
			"18:10 training.epochs", "19:8 training.final_rate", "21:18 sampling.chains",
		},
	}
	for _, name := range testFiles(t, "several") {
		t.Run(name, func(t *testing.T) {
			list := problemsOf(t, name+".toml", readTestFile(t, "several", name))
			compareGolden(t, "several", name, list.Error()+"\n")
			var got []string
			for _, p := range list.Problems {
				got = append(got, fmt.Sprintf("%d:%d %s", p.Line, p.Column, p.Key))
			}
			if !slices.Equal(got, want[name]) {
				t.Errorf("got  %q\nwant %q\n%v", got, want[name], list)
			}
		})
	}
}

// The order of the problems never depends on the order of a map.
func TestProblemsAreDeterministic(t *testing.T) {
	text := readTestFile(t, "several", "every-section")
	first := problemsOf(t, "x.toml", text).Error()
	for range 20 {
		if again := problemsOf(t, "x.toml", text).Error(); again != first {
			t.Fatalf("got\n%s\nand\n%s", first, again)
		}
	}
}

func TestGoodFiles(t *testing.T) {
	for _, name := range testFiles(t, "good") {
		t.Run(name, func(t *testing.T) {
			run := mustParse(t, readTestFile(t, "good", name))
			compareGolden(t, "good", name, keysText(run))
		})
	}
}

// keysText is a run's keys, one a line.
func keysText(run *Run) string {
	var b strings.Builder
	for _, kv := range run.Keys() {
		fmt.Fprintf(&b, "%s = %s\n", kv.Key, kv.Value)
	}
	return b.String()
}

// Every run file that comes with the program is valid.
func TestRunFilesOfTheProgram(t *testing.T) {
	found := 0
	err := filepath.WalkDir("../../runs", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != extension {
			return err
		}
		found++
		if filepath.Base(filepath.Dir(path)) == profileFolder {
			_, err = loadProfile(path)
		} else {
			_, err = Load(path)
		}
		if err != nil {
			t.Errorf("%v", err)
		}
		return nil
	})
	if err != nil || found == 0 {
		t.Errorf("%d run files: %v", found, err)
	}
}

func TestLongListIsRefused(t *testing.T) {
	text := "lattice = { kind = 'square', sizes = [8] }\nsweep.temperatures = [" + strings.Repeat("1,", longestList+1) + "]"
	list := problemsOf(t, "x.toml", text)
	if p := list.Problems[0]; len(list.Problems) != 1 || p.Message != "the list has 10_001 entries" || p.Line != 2 || p.Column != 22 {
		t.Errorf("%+v", list.Problems)
	}
}

func TestLargeFileIsRefused(t *testing.T) {
	list := problemsOf(t, "x.toml", strings.Repeat("#", longestFile+1))
	if want := "x.toml: 1048577 bytes are too many for a run file\n  hint: "; !strings.HasPrefix(list.Error(), want) {
		t.Errorf("got %q, want %q…", list.Error(), want)
	}
}

// Deep nesting ends in an error, and soon, not in a stack or heap overflow.
func TestDeepNesting(t *testing.T) {
	for _, text := range []string{
		"seed = " + strings.Repeat("[", longestFile/2),
		"seed = " + strings.Repeat("[{a=", longestFile/8),
		strings.Repeat("seed.", longestFile/8) + "seed = 1",
		"[" + strings.Repeat("seed . ", longestFile/8) + "seed]",
	} {
		p := problemsOf(t, "x.toml", text).Problems[0]
		if p.Line != 1 || p.Column > 300 || !strings.Contains(p.Message, "nested too deeply") {
			t.Errorf("%.20s…: %+v", text, p)
		}
	}
	problemsOf(t, "x.toml", "seed = "+strings.Repeat("[", maxDepth)+strings.Repeat("]", maxDepth))
}

// A file in which everything is wrong, on one long line, is refused soon and in few
// words: the first problems, and how many there are.
func TestProblemsWithoutEnd(t *testing.T) {
	const n = 20_000
	var text strings.Builder
	text.WriteString("lattice = { ")
	for i := range n {
		fmt.Fprintf(&text, "k%d = 1, ", i)
	}
	text.WriteString("kind = 'square' }")
	list := problemsOf(t, "x.toml", text.String())
	if len(list.Problems) != mostProblems || list.More < n-mostProblems {
		t.Fatalf("%d problems and %d more", len(list.Problems), list.More)
	}
	message := list.Error()
	if want := fmt.Sprintf("x.toml: and %d more problems", list.More); !strings.HasSuffix(message, want) || len(message) > 1000*mostProblems {
		t.Errorf("%d bytes, the end is %q", len(message), message[len(message)-60:])
	}
}
