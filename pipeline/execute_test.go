package pipeline

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// TestExecuteOrder runs a graph on several numbers of workers and checks that
// no task begins before all it needs have ended, and that each runs once.
func TestExecuteOrder(t *testing.T) {
	needs := [][]int{{}, {0}, {1}, {}, {3}, {4}, {2, 5}, {3}}
	for _, workers := range []int{1, 2, 7} {
		var mu sync.Mutex
		var ended []int
		errs := execute(t.Context(), workers, needs, func(_ context.Context, task int) error {
			mu.Lock()
			defer mu.Unlock()
			for _, need := range needs[task] {
				if !slices.Contains(ended, need) {
					t.Errorf("%d workers: task %d began before %d had ended", workers, task, need)
				}
			}
			ended = append(ended, task)
			return nil
		})
		if err := errors.Join(errs...); err != nil {
			t.Errorf("%d workers: %v", workers, err)
		}
		slices.Sort(ended)
		if want := []int{0, 1, 2, 3, 4, 5, 6, 7}; !slices.Equal(ended, want) {
			t.Errorf("%d workers: tasks %v ran, want each once", workers, ended)
		}
	}
}

// TestExecuteOneWorkerFollowsThePlan: with one worker the order is the plan's.
func TestExecuteOneWorkerFollowsThePlan(t *testing.T) {
	var order []int
	execute(t.Context(), 1, [][]int{{}, {0}, {1}, {}, {3}}, func(_ context.Context, task int) error {
		order = append(order, task)
		return nil
	})
	if want := []int{0, 1, 2, 3, 4}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
}

// TestExecuteFailure: a failure skips exactly what depends on it.
func TestExecuteFailure(t *testing.T) {
	broken := errors.New("broken")
	errs := execute(t.Context(), 2, [][]int{{}, {0}, {1}, {}, {3}, {2, 4}}, func(_ context.Context, task int) error {
		if task == 1 {
			return broken
		}
		return nil
	})
	for i, want := range []error{nil, broken, errSkipped, nil, nil, errSkipped} {
		if !errors.Is(errs[i], want) {
			t.Errorf("task %d: %v, want %v", i, errs[i], want)
		}
	}
}

// TestExecuteCanceled: after a cancellation nothing new begins, and what did
// not run says so.
func TestExecuteCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var ran atomic.Int32
	errs := execute(ctx, 1, make([][]int, 10), func(ctx context.Context, task int) error {
		if ran.Add(1) == 3 {
			cancel()
			return ctx.Err()
		}
		return nil
	})
	if ran.Load() != 3 {
		t.Errorf("%d tasks began, want 3", ran.Load())
	}
	for i, err := range errs {
		if canceled := errors.Is(err, context.Canceled); canceled != (i >= 2) {
			t.Errorf("task %d: %v", i, err)
		}
	}
}

// TestExecuteLimit: never more tasks at a time than workers.
func TestExecuteLimit(t *testing.T) {
	const workers = 3
	var running, most atomic.Int32
	execute(t.Context(), workers, make([][]int, 200), func(context.Context, int) error {
		now := running.Add(1)
		for {
			m := most.Load()
			if now <= m || most.CompareAndSwap(m, now) {
				break
			}
		}
		running.Add(-1)
		return nil
	})
	if most.Load() > workers {
		t.Errorf("%d tasks at a time, want at most %d", most.Load(), workers)
	}
}
