package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rooms is the architecture: which packages of this module each package may
// import, and which third-party libraries. Tests may import more.
var rooms = map[string]struct{ own, external []string }{
	"isingrbm":                          {own: []string{"pipeline/cli"}},
	"isingrbm/ising":                    {own: []string{"ising/internal/multispin"}, external: []string{"gonum.org/v1/gonum"}},
	"isingrbm/ising/internal/multispin": {external: []string{"golang.org/x/sys"}},
	"isingrbm/ising/exact":              {own: []string{"ising"}, external: []string{"gonum.org/v1/gonum"}},
	"isingrbm/rbm":                      {own: []string{"rbm/internal/kernel"}, external: []string{"gonum.org/v1/gonum"}},
	"isingrbm/rbm/internal/kernel":      {external: []string{"golang.org/x/sys"}},
	"isingrbm/analysis":                 {own: []string{"ising"}, external: []string{"gonum.org/v1/gonum"}},
	"isingrbm/analysis/figure":          {own: []string{"ising", "analysis"}, external: []string{"gonum.org/v1", "codeberg.org/go-fonts", "golang.org/x/image"}},
	"isingrbm/analysis/report":          {own: []string{"analysis", "analysis/figure"}},
	"isingrbm/pipeline/runfile":         {own: []string{"ising", "ising/exact"}, external: []string{"github.com/BurntSushi/toml"}},
	"isingrbm/pipeline/store":           {own: []string{"pipeline/fault"}, external: []string{"github.com/apache/arrow/go/v17", "github.com/apache/thrift", "github.com/sbinet/npyio"}},
	"isingrbm/pipeline/fault":           {},
	"isingrbm/pipeline/lock":            {own: []string{"pipeline/fault"}},
	"isingrbm/pipeline/progress":        {external: []string{"github.com/vbauerster/mpb/v8"}},
	"isingrbm/pipeline": {
		own:      []string{"ising", "ising/exact", "rbm", "analysis", "analysis/figure", "analysis/report", "pipeline/runfile", "pipeline/store", "pipeline/lock", "pipeline/progress"},
		external: []string{"github.com/sourcegraph/conc"},
	},
	"isingrbm/pipeline/cluster": {own: []string{"pipeline", "pipeline/lock", "pipeline/runfile", "pipeline/store"}},
	"isingrbm/pipeline/cli": {
		own:      []string{"ising", "ising/exact", "analysis", "analysis/figure", "pipeline", "pipeline/cluster", "pipeline/runfile", "pipeline/store"},
		external: []string{"github.com/spf13/cobra", "golang.org/x/term"},
	},
}

// TestLayering holds the table of rooms: a room knows only the rooms behind
// it, so that the physics can be read, tested and replaced without the
// pipeline, the machines without the physics, and each file format, parser
// and concurrency library in the one place that imports it.
func TestLayering(t *testing.T) {
	imports := moduleImports(t)
	for name := range rooms {
		if _, ok := imports[name]; !ok {
			t.Errorf("room %s is in the table but has no code", name)
		}
	}
	for name, list := range imports {
		room, ok := rooms[name]
		if !ok {
			t.Errorf("package %s is no room of the house: add it to the table, and to the README, with a reason", name)
			continue
		}
		for imported, file := range list {
			if !allowed(imported, room.own, room.external) {
				t.Errorf("%s: package %s must not import %s", file, name, imported)
			}
		}
	}
}

// TestLayeringCatches feeds the rule an import that it must refuse.
func TestLayeringCatches(t *testing.T) {
	for _, wrong := range []struct{ room, imported string }{
		{"isingrbm/rbm", "isingrbm/ising"},
		{"isingrbm/ising", "github.com/BurntSushi/toml"},
		{"isingrbm/analysis", "isingrbm/pipeline"},
	} {
		room := rooms[wrong.room]
		if allowed(wrong.imported, room.own, room.external) {
			t.Errorf("%s importing %s was allowed", wrong.room, wrong.imported)
		}
	}
}

func allowed(imported string, own, external []string) bool {
	if local, ok := strings.CutPrefix(imported, "isingrbm/"); ok {
		return slices.Contains(own, local)
	}
	if !strings.Contains(strings.Split(imported, "/")[0], ".") {
		return true // the standard library
	}
	return slices.ContainsFunc(external, func(prefix string) bool {
		return imported == prefix || strings.HasPrefix(imported, prefix+"/")
	})
}

// reasons are the modules that come into the binary beside the standard library, and
// what for. The zstd of klauspost/compress makes bytes of result files: another version
// is another version of the results.
var reasons = map[string]string{
	"codeberg.org/go-fonts/liberation": "gonum/plot: the font of the figures",
	"codeberg.org/go-latex/latex":      "gonum/plot: text",
	"codeberg.org/go-pdf/fpdf":         "gonum/plot: PDF",
	"git.sr.ht/~sbinet/gg":             "gonum/plot: PNG",
	"github.com/BurntSushi/toml":       "run files",
	"github.com/JohnCGriffin/overflow": "arrow",
	"github.com/VividCortex/ewma":      "mpb",
	"github.com/acarl005/stripansi":    "mpb",
	"github.com/ajstarks/svgo":         "gonum/plot: SVG",
	"github.com/andybalholm/brotli":    "arrow: Parquet of other programs",
	"github.com/apache/arrow/go/v17":   "Parquet and Arrow files",
	"github.com/apache/thrift":         "arrow: the footers of Parquet",
	"github.com/clipperhouse/uax29/v2": "mpb",
	"github.com/goccy/go-json":         "arrow",
	"github.com/golang/freetype":       "gonum/plot: PNG",
	"github.com/golang/snappy":         "arrow: Parquet of other programs",
	"github.com/google/flatbuffers":    "arrow: the messages of Arrow files",
	"github.com/klauspost/compress":    "arrow: zstd",
	"github.com/klauspost/cpuid/v2":    "arrow",
	"github.com/mattn/go-runewidth":    "mpb",
	"github.com/pierrec/lz4/v4":        "arrow: Parquet of other programs",
	"github.com/sbinet/npyio":          "npy and npz",
	"github.com/sourcegraph/conc":      "workers",
	"github.com/spf13/cobra":           "commands",
	"github.com/spf13/pflag":           "cobra",
	"github.com/vbauerster/cupwriter":  "mpb",
	"github.com/vbauerster/mpb/v8":     "bars on a terminal",
	"github.com/zeebo/xxh3":            "arrow",
	"golang.org/x/exp":                 "arrow",
	"golang.org/x/image":               "fonts",
	"golang.org/x/sys":                 "what the processor can do",
	"golang.org/x/term":                "whether there is a terminal",
	"golang.org/x/text":                "gonum/plot: fonts",
	"golang.org/x/xerrors":             "arrow",
	"gonum.org/v1/gonum":               "linear algebra and statistics",
	"gonum.org/v1/plot":                "figures",
}

// TestDependencies holds what comes into the binary: no module without a reason, no
// grpc, and net/http only because thrift and brotli, which also serve over HTTP, import
// it; nothing of it is called, so that the linker leaves all but some kilobytes out.
func TestDependencies(t *testing.T) {
	const format = "{{with .Module}}{{.Path}}{{else}}std{{end}} {{.ImportPath}} {{join .Imports \" \"}}"
	list, err := exec.Command("go", "list", "-deps", "-f", format, ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := make(map[string]bool)
	for line := range strings.Lines(string(list)) {
		module, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		imports := strings.Fields(rest)
		if strings.Contains(rest, "google.golang.org/grpc") {
			t.Errorf("%s brings grpc", imports[0])
		}
		if module == "std" || module == "isingrbm" {
			continue
		}
		modules[module] = true
		if reasons[module] == "" {
			t.Errorf("%s of module %s comes into the binary: give a reason in the table, or do without", imports[0], module)
		}
		if slices.Contains(imports[1:], "net/http") && module != "github.com/apache/thrift" && module != "github.com/andybalholm/brotli" {
			t.Errorf("%s brings net/http", imports[0])
		}
	}
	for module := range reasons {
		if !modules[module] {
			t.Errorf("%s is in the table but not in the binary", module)
		}
	}
	if len(modules) < 30 {
		t.Errorf("only %d modules were found", len(modules))
	}
}

// walkSource visits the Go files of the module.
func walkSource(t *testing.T, visit func(file string) error) {
	t.Helper()
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && file != "." && (strings.HasPrefix(entry.Name(), ".") || strings.HasPrefix(entry.Name(), "_") || entry.Name() == "testdata" || entry.Name() == "node_modules"):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(file, ".go"):
			return nil
		}
		return visit(file)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// moduleImports returns, for every package of the module, the packages that
// its non-test files import, each with a file that does.
func moduleImports(t *testing.T) map[string]map[string]string {
	t.Helper()
	imports := make(map[string]map[string]string)
	walkSource(t, func(file string) error {
		if strings.HasSuffix(file, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		name := path.Join("isingrbm", filepath.ToSlash(filepath.Dir(file)))
		if imports[name] == nil {
			imports[name] = make(map[string]string)
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			imports[name][imported] = file
		}
		return nil
	})
	return imports
}

// TestEveryTagIsVetted: `make lint` looks at the files of every build tag.
func TestEveryTagIsVetted(t *testing.T) {
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(makefile), "\nTAGS")
	line, _, _ := strings.Cut(rest, "\n")
	vetted := append(strings.Fields(line), "amd64", "linux", "noasm")
	found := 0
	walkSource(t, func(file string) error {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			constraint, ok := strings.CutPrefix(line, "//go:build ")
			if !ok {
				continue
			}
			found++
			for tag := range strings.FieldsFuncSeq(constraint, func(r rune) bool { return strings.ContainsRune(" !&|()\n", r) }) {
				if !slices.Contains(vetted, tag) {
					t.Errorf("%s: tag %s is missing from TAGS in the Makefile", file, tag)
				}
			}
		}
		return nil
	})
	if found < 20 {
		t.Errorf("only %d files with tags", found)
	}
}
