package rbm

import (
	"sync"

	"isingrbm/rbm/internal/kernel"
)

// team shares the work of one update among goroutines. What it shares are items that
// depend on nothing but their inputs, so that their number changes no bit.
type team struct{ workspaces []*kernel.Workspace } // one a worker

func newTeam(workers int) *team {
	t := &team{make([]*kernel.Workspace, workers)}
	for k := range t.workspaces {
		t.workspaces[k] = new(kernel.Workspace)
	}
	return t
}

// share calls work with ranges [from, to) that cover the given number of items, at
// most one range a worker, at the same time, and returns when all is done.
func (t *team) share(items int, work func(w *kernel.Workspace, from, to int)) {
	workers := max(1, min(len(t.workspaces), items))
	var others sync.WaitGroup
	for k := 1; k < workers; k++ {
		others.Go(func() { work(t.workspaces[k], k*items/workers, (k+1)*items/workers) })
	}
	work(t.workspaces[0], 0, items/workers)
	others.Wait()
}
