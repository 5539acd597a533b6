package pipeline

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"isingrbm/pipeline/lock"
)

const spinsRun = `
[lattice]
kind = "square"
sizes = [16]
[sweep]
temperatures = [3.0]
[monte_carlo]
configurations = %d
validation = 0
thermalization = 1
thinning = 1
`

// spinsJob is a job in a cell that has so many configurations of 32 bytes.
func spinsJob(t *testing.T, configurations, held int) *job {
	t.Helper()
	w := openRun(t, fmt.Sprintf(spinsRun, configurations))
	mustRun(t, w, 1)
	task := w.Plan.Tasks[0]
	taken, err := lock.NewKeeper().Acquire(w.folders.of(task.Cell))
	if err != nil {
		t.Fatal(err)
	}
	j := &job{spec: w.Run, task: task, model: w.Plan.Model(task.Cell), folders: w.folders, dir: w.folders.of(task.Cell), lock: taken, heldSpins: held}
	t.Cleanup(func() {
		if err := j.closeSpills(); err != nil {
			t.Error(err)
		}
		taken.Release()
	})
	return j
}

// Spins are the same wherever they lie, and beyond what may be held they take no
// memory that grows with their number. Those that are held do: the test would see it.
func TestSpinsAreBounded(t *testing.T) {
	const few, many = 10_000, 100_000
	grown := func(held int) (bytes int64, spins []uint64) {
		var sizes [2]int64
		for i, n := range []int{few, many} {
			j := spinsJob(t, n, held)
			before := heapInUse()
			var err error
			if spins, err = j.readSpins(configurationsFile); err != nil || len(spins) != 4*n {
				t.Fatalf("%d words, %v", len(spins), err)
			}
			sizes[i] = heapInUse() - before
			runtime.KeepAlive(spins)
		}
		return sizes[1] - sizes[0], spins
	}
	mapped, onDisk := grown(1 << 16)
	if mapped > 32*(many-few)/10 {
		t.Errorf("mapped spins take %d bytes more", mapped)
	}
	held, inMemory := grown(DefaultHeld)
	if held < 32*(many-few) {
		t.Errorf("held spins take only %d bytes more", held)
	}
	if !slices.Equal(onDisk, inMemory) {
		t.Error("other spins on the disk")
	}
}

// heapInUse is what the heap holds after a collection.
func heapInUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
