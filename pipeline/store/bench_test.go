package store

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// nowhere is a file system that keeps nothing: it shows what the format costs.
type nowhere struct{}

func (nowhere) create(string) (handle, error) { return nowhere{}, nil }
func (nowhere) rename(string, string) error   { return nil }
func (nowhere) remove(string) error           { return nil }
func (nowhere) syncFolder(string) error       { return nil }
func (nowhere) Write(p []byte) (int, error)   { return len(p), nil }
func (nowhere) Sync() error                   { return nil }
func (nowhere) Close() error                  { return nil }

func benchLayouts() []ConfigurationLayout {
	return []ConfigurationLayout{
		{IntegerEnergy: true, Compression: Uncompressed, Format: ParquetFile}, {IntegerEnergy: true, Compression: Zstd, Format: ParquetFile},
		{IntegerEnergy: true, Compression: Uncompressed, Format: ArrowFile}, {IntegerEnergy: true, Compression: Zstd, Format: ArrowFile},
	}
}

// BenchmarkConfigurationsWrite reports bytes of packed spins a second.
func BenchmarkConfigurationsWrite(b *testing.B) {
	for _, sites := range []int{64, 4096} {
		for _, layout := range benchLayouts() {
			for _, system := range []fileSystem{nowhere{}, disk{}} {
				b.Run(fmt.Sprintf("N=%d/%s/%s/%T", sites, layout.Format, layout.Compression, system), func(b *testing.B) {
					batch := randomBatch(4096, sites, 1)
					file, err := createIn(system, filepath.Join(b.TempDir(), "x.parquet"))
					if err != nil {
						b.Fatal(err)
					}
					w, err := newConfigurationsWriter(file, sites, layout, nil, memory.NewGoAllocator())
					if err != nil {
						b.Fatal(err)
					}
					b.SetBytes(int64(4096 * rowBytes(sites)))
					for b.Loop() {
						if err := w.Append(batch); err != nil {
							b.Fatal(err)
						}
					}
					if err := w.Commit(); err != nil {
						b.Fatal(err)
					}
				})
			}
		}
	}
}

// BenchmarkConfigurationsRead reports bytes of packed spins a second, out of a
// file that the operating system still has in memory.
func BenchmarkConfigurationsRead(b *testing.B) {
	for _, sites := range []int{64, 4096} {
		for _, layout := range benchLayouts() {
			b.Run(fmt.Sprintf("N=%d/%s/%s", sites, layout.Format, layout.Compression), func(b *testing.B) {
				path := filepath.Join(b.TempDir(), "x.parquet")
				rows := (256 << 20) / rowBytes(sites) / 8
				writeConfigurations(b, path, sites, layout, randomBatch(rows, sites, 1), rows)
				b.SetBytes(int64(rows * rowBytes(sites)))
				for b.Loop() {
					readThrough(b, path)
				}
			})
		}
	}
}

func readThrough(b *testing.B, path string) {
	r, err := OpenConfigurations(path)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	for {
		if _, err := r.Next(4096); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			b.Fatal(err)
		}
	}
}
