//go:build generate

package kernel

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The committed assembly is what the generators write, but for its first line, which
// holds the command. Needs their modules:
//
//	go test -tags generate -run Generated ./rbm/internal/kernel
func TestAssemblyIsGenerated(t *testing.T) {
	for _, c := range []struct{ generator, folder, name string }{{".", ".", "kernel"}, {"./roof", "testdata/roof", "roof"}} {
		dir := t.TempDir()
		names := []string{"assembly_amd64.s", "assembly_amd64.go"}
		command := exec.Command("go", "run", "-C", "_gen", c.generator, "-out", filepath.Join(dir, names[0]),
			"-stubs", filepath.Join(dir, names[1]), "-pkg", c.name)
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		for _, name := range names {
			if !bytes.Equal(body(t, filepath.Join(c.folder, name)), body(t, filepath.Join(dir, name))) {
				t.Errorf("%s in %s is not what the generator writes: go generate", name, c.folder)
			}
		}
	}
}

// body is a file without its first line.
func body(t *testing.T, name string) []byte {
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(text, []byte("\n"))
	return rest
}
