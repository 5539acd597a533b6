package store

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// TestNoArrowMemoryIsLeft: whichever way the writing or the reading of a configurations
// file ends, all memory of the library has been given back.
func TestNoArrowMemoryIsLeft(t *testing.T) {
	const sites, rows = 19, 300
	batch := randomBatch(rows, sites, 11)
	for _, layout := range testLayouts() {
		path := filepath.Join(t.TempDir(), "whole")
		writeConfigurations(t, path, sites, layout, batch, 100)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for name, end := range map[string]func(t *testing.T, allocator memory.Allocator){
			"committed": func(t *testing.T, allocator memory.Allocator) {
				w := checkedWriter(t, disk{}, layout, allocator)
				if err := errors.Join(w.Append(batch), w.Commit()); err != nil {
					t.Error(err)
				}
			},
			"aborted": func(t *testing.T, allocator memory.Allocator) {
				w := checkedWriter(t, disk{}, layout, allocator)
				if err := errors.Join(w.Append(batch), w.flushGroup()); err != nil {
					t.Error(err)
				}
				w.Abort()
			},
			"failing": func(t *testing.T, allocator memory.Allocator) {
				failed := 0
				for i := range 30 {
					system := &faultySystem{fail: i}
					file, err := createIn(system, filepath.Join(t.TempDir(), "x"))
					if err != nil {
						continue
					}
					w, err := newConfigurationsWriter(file, sites, layout, testMetadata(), allocator)
					if err != nil {
						t.Fatal(err)
					}
					if errors.Join(w.Append(batch), w.flushGroup(), w.Append(batch), w.Commit()) != nil {
						failed++
					}
					w.Abort()
				}
				if failed < 3 {
					t.Errorf("only %d writings failed", failed)
				}
			},
			"read to the end": func(t *testing.T, allocator memory.Allocator) { readSome(t, whole, allocator, rows) },
			"read in part":    func(t *testing.T, allocator memory.Allocator) { readSome(t, whole, allocator, 50) },
			"only opened":     func(t *testing.T, allocator memory.Allocator) { readSome(t, whole, allocator, 0) },
			"damaged": func(t *testing.T, allocator memory.Allocator) {
				for at := 4; at < len(whole); at += 13 {
					changed := bytes.Clone(whole)
					changed[at] ^= 1
					readSome(t, changed, allocator, 0)
					readSome(t, changed, allocator, rows)
				}
			},
		} {
			t.Run(layout.Format+" "+layout.Compression+" "+name, func(t *testing.T) {
				checked := memory.NewCheckedAllocator(memory.NewGoAllocator())
				end(t, checked)
				checked.AssertSize(t, 0)
			})
		}
	}
}

func checkedWriter(t *testing.T, system fileSystem, layout ConfigurationLayout, allocator memory.Allocator) *ConfigurationsWriter {
	t.Helper()
	file, err := createIn(system, filepath.Join(t.TempDir(), "x"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := newConfigurationsWriter(file, 19, layout, testMetadata(), allocator)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// readSome reads the given number of rows, if the file is not damaged before, and closes.
func readSome(t *testing.T, data []byte, allocator memory.Allocator, rows int) {
	t.Helper()
	r, err := newConfigurationsReader("x", bytes.NewReader(data), allocator)
	if err != nil {
		return
	}
	defer r.Close()
	for read := 0; read < rows; {
		b, err := r.Next(20)
		if err != nil {
			if read == 300 && !errors.Is(err, io.EOF) {
				t.Error(err)
			}
			return
		}
		read += b.Rows()
	}
}
