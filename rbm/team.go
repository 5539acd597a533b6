package rbm

import (
	"sync"
	"sync/atomic"

	"isingrbm/rbm/internal/kernel"
)

// team shares the work of one update among goroutines. What it shares are items that
// depend on nothing but their inputs, so that neither their number nor who takes
// which changes a bit.
type team struct{ workspaces []*kernel.Workspace } // one a worker

// rangesPerWorker evens out workers that are slower or late.
const rangesPerWorker = 4

func newTeam(workers int) *team {
	t := &team{make([]*kernel.Workspace, workers)}
	for k := range t.workspaces {
		t.workspaces[k] = new(kernel.Workspace)
	}
	return t
}

// share calls work with ranges [from, to) that cover the given number of items, and
// returns when all is done. Calls at the same time have workspaces of their own.
// Workers claim ranges, so one that wakes too late has none and is not waited for.
func (t *team) share(items int, work func(w *kernel.Workspace, from, to int)) {
	if len(t.workspaces) == 1 || items < 2 {
		work(t.workspaces[0], 0, items)
		return
	}
	j := &job{work: work, items: items, ranges: min(items, rangesPerWorker*len(t.workspaces))}
	j.left.Add(j.ranges)
	for _, w := range t.workspaces[1:] {
		go j.take(w)
	}
	j.take(t.workspaces[0])
	j.left.Wait()
}

// job is a piece of work in ranges that workers claim one by one.
type job struct {
	work          func(w *kernel.Workspace, from, to int)
	items, ranges int
	next          atomic.Int64
	left          sync.WaitGroup
}

// take works on ranges until all are claimed.
func (j *job) take(w *kernel.Workspace) {
	for k := int(j.next.Add(1)) - 1; k < j.ranges; k = int(j.next.Add(1)) - 1 {
		j.work(w, k*j.items/j.ranges, (k+1)*j.items/j.ranges)
		j.left.Done()
	}
}
