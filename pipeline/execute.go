package pipeline

import (
	"container/heap"
	"context"
	"errors"

	"github.com/sourcegraph/conc/pool"
)

// outcome is how one task ended. A nil err is success; errSkipped means that
// a task it needs did not succeed.
type outcome struct {
	task int
	err  error
}

var errSkipped = errors.New("pipeline: a needed task did not succeed")

// execute runs the tasks of a graph on at most workers goroutines, each as
// soon as those it needs have succeeded, earlier tasks of the plan first. One
// task's failure keeps only those that need it from running. It returns when
// nothing runs any more: after all tasks, or, once the context is done, after
// those that were running have returned.
//
// needs[i] lists the tasks that i needs and that are to be run here as well.
func execute(ctx context.Context, workers int, needs [][]int, do func(ctx context.Context, task int) error) []error {
	g := newGraph(needs)
	workerPool := pool.New().WithMaxGoroutines(workers)
	finished := make(chan outcome)
	running := 0
	for {
		for running < workers && len(g.ready) > 0 && ctx.Err() == nil {
			task := heap.Pop(&g.ready).(int)
			running++
			workerPool.Go(func() { finished <- outcome{task, do(ctx, task)} })
		}
		if running == 0 {
			break
		}
		o := <-finished
		running--
		g.finish(o)
	}
	workerPool.Wait()
	for i, settled := range g.settled {
		if !settled {
			g.errs[i] = ctx.Err()
		}
	}
	return g.errs
}

// graph holds what execute knows of the tasks that have not run yet.
type graph struct {
	waiting  []int   // how many needed tasks have not succeeded yet
	neededBy [][]int // the tasks that need this one
	errs     []error
	settled  []bool
	ready    intHeap
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
