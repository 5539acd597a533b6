package pipeline

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// manyCellsRun has 400 cells: 20 of data, each with 19 machines that train for a second or
// so.
const manyCellsRun = `
[lattice]
kind = "square"
sizes = [8]
[sweep]
temperatures = { from = 1.0, to = 3.85, count = 20 }
[monte_carlo]
configurations = 10_000
validation = 1_000
[rbm]
hidden = [16]
replicas = 19
[training]
updates = 10_000
warm_start = false
[sampling]
configurations = 5_000
[output]
figures = []
`

// BenchmarkManyCells measures what 400 cells take beside the work in them: the time that
// workers do not spend on it, and processor time that it does not use, a task; and the
// status of all. On two idle cores (AMD EPYC, Zen 5): 0.83 % or 4.3 ms a task, and 0.08 s
// for the status; where other work fills the cores several times over, 1.6 % or 54 ms.
func BenchmarkManyCells(b *testing.B) {
	const workers = 2
	for b.Loop() {
		path := filepath.Join(b.TempDir(), "many.toml")
		if err := os.WriteFile(path, []byte(manyCellsRun), 0o666); err != nil {
			b.Fatal(err)
		}
		w, err := OpenWorkspace(path)
		if err != nil {
			b.Fatal(err)
		}
		used, start := processorSeconds(b), time.Now()
		if _, err := w.RunCells(b.Context(), quiet(workers)); err != nil {
			b.Fatal(err)
		}
		wall, used := time.Since(start).Seconds(), processorSeconds(b)-used
		start = time.Now()
		list, err := w.statuses()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(start).Seconds(), "status-s")
		var seconds, processor float64
		for _, s := range list {
			seconds += s.record.Seconds
			processor += s.record.ProcessorSeconds
		}
		tasks := float64(len(list))
		b.ReportMetric(100*(1-seconds/(workers*wall)), "overhead-%")
		b.ReportMetric(1e3*(workers*wall-seconds)/tasks, "ms/task")
		b.ReportMetric(1e3*(used-processor)/tasks, "CPU-ms/task")
	}
}
