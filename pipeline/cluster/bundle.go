package cluster

import (
	"cmp"
	"math"
	"time"

	"isingrbm/pipeline"
)

// shortTask is what short cells are bundled up to: far longer than a batch
// system takes to start a task, and short enough to fill gaps.
const shortTask = 10 * time.Minute

// leastMemory is enough for the program, the tables and the figures.
const leastMemory = 512 << 20

// PerTask is how many cells of each kind make a task.
type PerTask struct {
	Data    int `json:"data"`
	Machine int `json:"machine"`
}

// size decides how many cells make a task and what memory it gets: as the run
// file says, or by the estimate of check.
func (d *Draft) size(w *pipeline.Workspace, s *selection) error {
	given := d.Slurm
	d.PerTask = PerTask{max(1, given.CellsPerTask), max(1, given.CellsPerTask)}
	d.Memory = given.Memory
	switch {
	case given.CellsPerTask > 0 && given.Memory > 0:
		return nil
	case len(s.data)+len(s.machine) == 0: // the report alone
		d.Memory = cmp.Or(given.Memory, leastMemory)
		return nil
	}
	costs, err := w.CellCosts()
	if err != nil {
		return err
	}
	if given.CellsPerTask == 0 {
		d.PerTask = PerTask{d.bundle(costs.Data, len(s.data)), d.bundle(costs.Machine, len(s.machine))}
	}
	if d.Memory == 0 {
		workers := int64(min(d.Slurm.CPUs, max(d.PerTask.Data, d.PerTask.Machine)))
		d.Memory = max(leastMemory, roundUp(leastMemory/2+workers*costs.Memory*5/4, 64<<20))
	}
	return nil
}

// bundle is how many cells of one cost make a task of shortTask, or of half
// the time a task has if that is less; at least one for each processor, unless
// there are too few.
func (d *Draft) bundle(cost time.Duration, cells int) int {
	target := min(shortTask, d.Slurm.Time/2)
	perProcessor := math.Max(1, math.Floor(float64(target)/math.Max(float64(cost), float64(time.Millisecond))))
	return max(1, min(int(perProcessor)*d.Slurm.CPUs, cells))
}

func roundUp(n, unit int64) int64 { return (n + unit - 1) / unit * unit }
