package rbm

import (
	"runtime"
	"sync"
	"sync/atomic"

	"isingrbm/rbm/internal/kernel"
)

// team shares the work of one update among goroutines. What it shares are items that
// depend on nothing but their inputs, so that neither their number nor who takes
// which changes a bit.
type team struct {
	workspaces []*kernel.Workspace // one a worker, the first that of the caller
	crew       *crew               // the others while they are gathered
}

// rangesPerWorker evens out workers that are slower or late.
const rangesPerWorker = 4

func newTeam(workers int) *team {
	t := &team{workspaces: make([]*kernel.Workspace, workers)}
	for k := range t.workspaces {
		t.workspaces[k] = new(kernel.Workspace)
	}
	return t
}

// gather starts the other workers, who wait for work until they are dismissed; without
// them the caller works alone.
func (t *team) gather() {
	if len(t.workspaces) == 1 {
		return
	}
	t.crew = newCrew()
	for _, w := range t.workspaces[1:] {
		go t.crew.work(w)
	}
}

// dismiss ends a gathering.
func (t *team) dismiss() {
	if t.crew != nil {
		t.crew.assign(nil)
		t.crew = nil
	}
}

// share calls work with ranges [from, to) that cover the given number of items, and
// returns when all is done. Calls at the same time have workspaces of their own.
// Workers claim ranges, so one that wakes too late has none and is not waited for.
func (t *team) share(items int, work func(w *kernel.Workspace, from, to int)) {
	if t.crew == nil || items < 2 {
		work(t.workspaces[0], 0, items)
		return
	}
	j := &job{work: work, items: items, ranges: min(items, rangesPerWorker*len(t.workspaces))}
	t.crew.assign(j)
	j.take(t.workspaces[0])
	for j.done.Load() < int64(j.ranges) {
		runtime.Gosched()
	}
}

// crew are the workers of one gathering beside the caller. Each looks for the next job
// for a while and then sleeps, because waking up takes longer than most jobs.
type crew struct {
	current atomic.Pointer[job] // nil ends the work
	asleep  atomic.Int32
	mutex   sync.Mutex
	wake    sync.Cond
}

// looks is how often a worker looks for the next job before it sleeps: it takes some
// ten microseconds, more than what the caller does alone between two jobs.
const looks = 10_000

func newCrew() *crew {
	c := new(crew)
	c.current.Store(new(job)) // of no ranges
	c.wake.L = &c.mutex
	return c
}

// assign makes a job the current one and wakes those who sleep.
func (c *crew) assign(j *job) {
	c.current.Store(j)
	if c.asleep.Load() > 0 {
		c.mutex.Lock()
		c.wake.Broadcast()
		c.mutex.Unlock()
	}
}

// work takes part in all jobs that come.
func (c *crew) work(w *kernel.Workspace) {
	for j := c.current.Load(); j != nil; j = c.next(j) {
		j.take(w)
	}
}

// next waits for another job than the last one.
func (c *crew) next(last *job) *job {
	for k := range looks {
		if j := c.current.Load(); j != last {
			return j
		}
		if k%100 == 99 {
			runtime.Gosched()
		}
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.asleep.Add(1)
	defer c.asleep.Add(-1)
	for c.current.Load() == last {
		c.wake.Wait()
	}
	return c.current.Load()
}

// job is a piece of work in ranges that workers claim one by one.
type job struct {
	work          func(w *kernel.Workspace, from, to int)
	items, ranges int
	next, done    atomic.Int64
}

// take works on ranges until all are claimed.
func (j *job) take(w *kernel.Workspace) {
	for k := int(j.next.Add(1)) - 1; k < j.ranges; k = int(j.next.Add(1)) - 1 {
		j.work(w, k*j.items/j.ranges, (k+1)*j.items/j.ranges)
		j.done.Add(1)
	}
}
