//go:build generate

package kernel

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The committed assembly is what the generator writes, but for its first line, which
// holds the command. Needs the generator's modules:
//
//	go test -tags generate -run Generated ./rbm/internal/kernel
func TestAssemblyIsGenerated(t *testing.T) {
	dir := t.TempDir()
	names := []string{"assembly_amd64.s", "assembly_amd64.go"}
	command := exec.Command("go", "run", "-C", "_gen", ".", "-out", filepath.Join(dir, names[0]),
		"-stubs", filepath.Join(dir, names[1]), "-pkg", "kernel")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, name := range names {
		if !bytes.Equal(body(t, name), body(t, filepath.Join(dir, name))) {
			t.Errorf("%s is not what the generator writes: go generate", name)
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
