package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"isingrbm/analysis"
	"isingrbm/analysis/figure"
	"isingrbm/pipeline/runfile"
)

// root is the folder of the README.
var root = filepath.Join("..", "..")

// readmeRun stands in for the user's my.toml: a whole run in a second or two, with a
// cell whose folder the README names.
const readmeRun = `
[lattice]
kind = "square"
sizes = [8]
[sweep]
temperatures = [1.0, 3.0]
[monte_carlo]
configurations = 2_000
validation = 300
[rbm]
hidden = [64]
[training]
updates = 100
batch = 50
[sampling]
configurations = 2_000
chains = 64
`

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// codeBlocks returns the README's fenced blocks of one language.
func codeBlocks(t *testing.T, language string) []string {
	t.Helper()
	var blocks []string
	for _, match := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(readme(t), -1) {
		blocks = append(blocks, match[1])
	}
	return blocks
}

// TestReadmeCommands runs every command of the README: those of the binary in
// this process, in order, in an empty folder; make targets must exist. The
// first command, which takes minutes, is run by continuous integration.
func TestReadmeCommands(t *testing.T) {
	var commands []string
	for _, block := range codeBlocks(t, "sh") {
		for line := range strings.Lines(block) {
			command, _, _ := strings.Cut(line, "#")
			if command = strings.TrimSpace(command); command != "" {
				commands = append(commands, command)
			}
		}
	}
	if len(commands) < 8 {
		t.Fatalf("only %d commands found: %q", len(commands), commands)
	}
	integration, err := os.ReadFile(filepath.Join(root, ".ci", "run"))
	if err != nil {
		t.Fatal(err)
	}
	folder, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for _, command := range commands {
		words := strings.Fields(command)
		switch words[0] {
		case "go":
			if !bytes.Contains(integration, []byte(command)) {
				t.Errorf("%q is run by no test: .ci/run does not have it", command)
			}
		case "make":
			if out, err := exec.Command("make", "-C", folder, "-n", words[1]).CombinedOutput(); err != nil {
				t.Errorf("%q: %v\n%s", command, err, out)
			}
		case "./isingrbm":
			runBinary(t, command)
		default:
			t.Errorf("%q is run by no test", command)
		}
	}
}

// runBinary carries out a command of the binary, with its output redirected
// where the command says so. A file that `init` wrote is checked, then
// replaced by the small run, as its whole sweep takes an hour.
func runBinary(t *testing.T, command string) {
	t.Helper()
	command, file, redirected := strings.Cut(command, " > ")
	var stdout, stderr bytes.Buffer
	if status := Execute(t.Context(), strings.Fields(command)[1:], &stdout, &stderr); status != 0 {
		t.Errorf("%q: status %d, %s", command, status, stderr.String())
	}
	if !redirected {
		return
	}
	if _, err := runfile.Parse(file, stdout.Bytes()); err != nil {
		t.Errorf("%q: %v", command, err)
	}
	if err := os.WriteFile(file, []byte(readmeRun), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestReadmeRunFile: the run file shown is valid.
func TestReadmeRunFile(t *testing.T) {
	blocks := codeBlocks(t, "toml")
	if len(blocks) == 0 {
		t.Fatal("no run file in the README")
	}
	for _, block := range blocks {
		if _, err := runfile.Parse("README.toml", []byte(block)); err != nil {
			t.Error(err)
		}
	}
}

// TestReadmeObservables: the README's table is the table of observables.
func TestReadmeObservables(t *testing.T) {
	text := readme(t)
	for _, o := range analysis.Observables() {
		row := "| `" + o.Name + "` | " + o.Symbol + " | " + strings.ReplaceAll(o.Definition, "|", `\|`) + " | " + o.Unit + " |"
		if !strings.Contains(text, row) {
			t.Errorf("the README lacks the line\n%s", row)
		}
	}
}

// TestReadmeLinks: every file that the README names is there.
func TestReadmeLinks(t *testing.T) {
	for _, match := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(readme(t), -1) {
		if strings.Contains(match[1], "://") {
			continue
		}
		if _, err := os.Stat(filepath.Join(root, match[1])); err != nil {
			t.Errorf("broken link: %v", err)
		}
	}
}

// TestPaperReadme: every file that the README of runs/paper names is there, it names every
// run file, and its make targets exist.
func TestPaperReadme(t *testing.T) {
	folder := filepath.Join(root, "runs", "paper")
	text, err := os.ReadFile(filepath.Join(folder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllSubmatch(text, -1) {
		if link := string(match[1]); !strings.Contains(link, "://") {
			if _, err := os.Stat(filepath.Join(folder, link)); err != nil {
				t.Errorf("broken link: %v", err)
			}
		}
	}
	paths, err := filepath.Glob(filepath.Join(folder, "*.toml"))
	if err != nil || len(paths) < 10 {
		t.Fatalf("%d run files, %v", len(paths), err)
	}
	for _, path := range paths {
		if name := filepath.Base(path); !strings.HasSuffix(name, "-quick.toml") && !bytes.Contains(text, []byte("]("+name+")")) {
			t.Errorf("it does not name %s", name)
		}
	}
	for _, match := range regexp.MustCompile(`(?m)^make (\S+)`).FindAllSubmatch(text, -1) {
		if out, err := exec.Command("make", "-C", root, "-n", string(match[1])).CombinedOutput(); err != nil {
			t.Errorf("make %s: %v\n%s", match[1], err, out)
		}
	}
}

// TestReadmeFigures: the README's table of figures lists them all.
func TestReadmeFigures(t *testing.T) {
	for _, name := range figure.Names() {
		if !regexp.MustCompile("(?m)^\\|.*`" + name + "`.*\\|").MatchString(readme(t)) {
			t.Errorf("the README's table lacks the figure %s", name)
		}
	}
}
