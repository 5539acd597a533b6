package pipeline

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// FuzzCheckpoint: whatever a checkpoint's bytes, reading it gives an error or a
// content that is written and read back the same; no panic, no endless loop.
// Besides the bytes as they are, the same are read as what follows a valid
// checksum, which a fuzzer cannot guess.
func FuzzCheckpoint(f *testing.F) {
	paths, err := filepath.Glob(filepath.Join("testdata", "checkpoints", "*.checkpoint"))
	if err != nil || len(paths) == 0 {
		f.Fatalf("no checkpoints: %v", err)
	}
	for _, path := range paths {
		whole, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(whole)
		f.Add(whole[:len(whole)/2])
		f.Add(whole[len(checkpointMagic)+sha256.Size:])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		sum := sha256.Sum256(data)
		for _, raw := range [][]byte{data, slices.Concat([]byte(checkpointMagic), sum[:], data)} {
			content, err := decodeCheckpoint(raw)
			if err != nil {
				continue
			}
			first, err := encodeCheckpoint(*content)
			if err != nil {
				t.Fatalf("what was read cannot be written: %v", err)
			}
			again, err := decodeCheckpoint(first)
			if err != nil {
				t.Fatalf("what was written cannot be read: %v", err)
			}
			if second, err := encodeCheckpoint(*again); err != nil || !bytes.Equal(first, second) {
				t.Errorf("written and read again: %v", err)
			}
		}
	})
}
