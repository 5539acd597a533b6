package pipeline

import (
	"container/heap"
	"context"
	"errors"
	"time"

	"github.com/sourcegraph/conc/pool"
)

// outcome is how one task ended. A nil err is success; errSkipped means that
// a task it needs did not succeed, errBusy that another process is at it.
type outcome struct {
	task int
	err  error
}

var (
	errSkipped = errors.New("pipeline: a needed task did not succeed")
	errBusy    = errors.New("pipeline: another process is at work on the task")
)

// execute runs the tasks of a graph on at most workers goroutines, each as
// soon as those it needs have succeeded, earlier tasks of the plan first. One
// task's failure keeps only those that need it from running. It returns when
// nothing runs any more: after all tasks, or, once the context is done, after
// those that were running have returned. A task that returns errBusy is tried
// again, after pauses that grow while all that is left is busy.
//
// needs[i] lists the tasks that i needs and that are to be run here as well.
func execute(ctx context.Context, workers int, needs [][]int, do func(ctx context.Context, task int) error) []error {
	g := newGraph(needs)
	workerPool := pool.New().WithMaxGoroutines(workers)
	finished := make(chan outcome)
	running, pause := 0, firstPause
	var retry <-chan time.Time // while tasks are busy
	for {
		for running < workers && len(g.ready) > 0 && ctx.Err() == nil {
			task := heap.Pop(&g.ready).(int)
			running++
			workerPool.Go(func() { finished <- outcome{task, do(ctx, task)} })
		}
		if running == 0 && (len(g.busy) == 0 || ctx.Err() != nil) {
			break
		}
		if retry == nil && len(g.busy) > 0 {
			retry = time.After(pause)
			pause = min(2*pause, lastPause)
		}
		select {
		case o := <-finished:
			running--
			if !errors.Is(o.err, errBusy) {
				pause = firstPause
			}
			g.finish(o)
		case <-retry:
			retry = nil
			g.retryBusy()
		case <-waiting(ctx, running):
		}
	}
	workerPool.Wait()
	for i, settled := range g.settled {
		if !settled {
			g.errs[i] = ctx.Err()
		}
	}
	return g.errs
}

// waiting ends the waiting for busy tasks when the context does. While tasks
// are running, they are what the end of the context is left to.
func waiting(ctx context.Context, running int) <-chan struct{} {
	if running > 0 {
		return nil
	}
	return ctx.Done()
}

// graph holds what execute knows of the tasks that have not run yet.
type graph struct {
	waiting  []int   // how many needed tasks have not succeeded yet
	neededBy [][]int // the tasks that need this one
	errs     []error
	settled  []bool
	ready    intHeap
	busy     []int // to be tried again
}

func newGraph(needs [][]int) *graph {
	n := len(needs)
	g := &graph{waiting: make([]int, n), neededBy: make([][]int, n), errs: make([]error, n), settled: make([]bool, n)}
	for i, list := range needs {
		g.waiting[i] = len(list)
		for _, need := range list {
			g.neededBy[need] = append(g.neededBy[need], i)
		}
		if len(list) == 0 {
			heap.Push(&g.ready, i)
		}
	}
	return g
}

// finish records an outcome and frees or skips the tasks that waited for it.
func (g *graph) finish(o outcome) {
	if errors.Is(o.err, errBusy) {
		g.busy = append(g.busy, o.task)
		return
	}
	g.settled[o.task], g.errs[o.task] = true, o.err
	for _, next := range g.neededBy[o.task] {
		if o.err != nil {
			if !g.settled[next] {
				g.finish(outcome{next, errSkipped})
			}
			continue
		}
		if g.waiting[next]--; g.waiting[next] == 0 && !g.settled[next] {
			heap.Push(&g.ready, next)
		}
	}
}

// retryBusy makes the busy tasks ready again.
func (g *graph) retryBusy() {
	for _, task := range g.busy {
		heap.Push(&g.ready, task)
	}
	g.busy = nil
}

// intHeap gives the smallest index first: the order of the plan.
type intHeap []int

func (h intHeap) Len() int           { return len(h) }
func (h intHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h intHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *intHeap) Push(x any)        { *h = append(*h, x.(int)) }
func (h *intHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
