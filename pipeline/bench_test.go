package pipeline

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// endToEndRun draws and stores 26 temperatures × 100 000 configurations of L = 64:
// 1.35 GB.
const endToEndRun = `
[lattice]
kind = "square"
sizes = [64]
[sweep]
temperatures = { from = 1.0, to = 3.5, count = 26 }
[monte_carlo]
configurations = 100_000
validation = 0
[output]
format = %q
compression = %q
`

// BenchmarkGenerate measures the whole stage with its pilot runs, files, metadata and
// checksums, on one worker: processor seconds, all threads together, the largest memory
// that the process has had, and bytes on the disk.
func BenchmarkGenerate(b *testing.B) {
	for _, output := range []struct{ format, compression string }{{"parquet", "none"}, {"parquet", "auto"}, {"arrow", "none"}} {
		b.Run(output.format+"/"+output.compression, func(b *testing.B) {
			for b.Loop() {
				generateWhole(b, fmt.Sprintf(endToEndRun, output.format, output.compression))
			}
		})
	}
}

func generateWhole(b *testing.B, text string) {
	path := filepath.Join(b.TempDir(), "whole.toml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		b.Fatal(err)
	}
	w, err := OpenWorkspace(path)
	if err != nil {
		b.Fatal(err)
	}
	options := quiet(1)
	options.Stages = []Stage{Generate}
	before := processorSeconds(b)
	if _, err := w.RunCells(b.Context(), options); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(processorSeconds(b)-before, "CPU-s")
	b.ReportMetric(peakMemory(b), "peak-MB")
	var size int64
	for _, cell := range w.Plan.Cells(false) {
		info, err := os.Stat(filepath.Join(w.folders.of(cell), configurationsFile.name(w.Run)))
		if err != nil {
			b.Fatal(err)
		}
		size += info.Size()
	}
	b.ReportMetric(float64(size)/1e6, "MB")
}
