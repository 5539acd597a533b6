package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"isingrbm/pipeline"
	"isingrbm/pipeline/store"
)

// RequeueError asks the batch system, by the exit status of the job, to queue
// the element again.
type RequeueError struct{ Status int }

func (e *RequeueError) Error() string {
	return "saved, to be queued again"
}

// The exit statuses by which Grid Engine (sge_conf(5), "rerun") and LSF (by -Q
// in the script) take a job back.
const (
	gridEngineRequeue = 99
	lsfRequeue        = 75
)

// canceledFile marks a submission whose elements are not to queue themselves
// again.
const canceledFile = "canceled"

// requeues is what an element remembers of the times that it used up.
type requeues struct {
	Count int       `json:"count"`
	Units int64     `json:"units"` // done at the last
	Time  time.Time `json:"time"`  // of it
}

// signalSlack is how much earlier than asked Slurm may announce the end of a
// job's time (sbatch(1), --signal).
const signalSlack = time.Minute

// launchTime is what a task may take to come to work: told to stop before, as
// where that slack is as long as its time, it cannot have made progress.
const launchTime = 2 * time.Second

// requeue puts the element back into the queue, unless it made no progress in
// its time, or has used up too many: then its cells are marked. An element that
// was told to stop well before the end, as one that is preempted, has used up
// nothing.
func (t *task) requeue(ctx context.Context) error {
	s := t.submission.Slurm
	if time.Since(t.began) < max(launchTime, (s.Time-time.Duration(s.Grace)*time.Second-signalSlack)/2) {
		fmt.Fprintf(t.out, "%s saved, and queued again\n", time.Now().Format(time.DateTime))
		return t.submission.requeue(ctx)
	}
	path := filepath.Join(t.submission.dir, t.array.Label, "requeues", strconv.Itoa(t.element.Index))
	var past requeues
	if err := store.ReadJSON(path, &past); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, store.ErrCorrupt) {
		return err
	}
	units, err := t.workspace.Units(t.cells)
	switch {
	case err != nil:
		return err
	case units <= t.before:
		return t.workspace.GiveUp(t.cells, fmt.Sprintf("no progress in %s of time\n  hint: raise slurm.time, then `submit --missing`", clock(s.Time)))
	case past.Count >= s.MaxRequeues:
		return t.workspace.GiveUp(t.cells, fmt.Sprintf("not finished in %d × %s\n  hint: raise slurm.max_requeues or slurm.time, then `submit --missing`", past.Count+1, clock(s.Time)))
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	if err := store.WriteJSON(path, requeues{past.Count + 1, units, time.Now().UTC()}); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "%s saved, and queued again (%d of at most %d times)\n", time.Now().Format(time.DateTime), past.Count+1, s.MaxRequeues)
	return t.submission.requeue(ctx)
}

// requeue puts this element back into the queue. PBS lets nobody but its
// operators do that: there the next submit continues.
func (s *Submission) requeue(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(s.dir, canceledFile)); err == nil {
		return pipeline.ErrInterrupted
	}
	switch s.System {
	case Slurm:
		err := slurm{}.requeue(ctx, slurmElement())
		if ctx.Err() != nil {
			return nil // Slurm ends the job, and the command with it
		}
		if err != nil {
			return errors.Join(pipeline.ErrInterrupted, fmt.Errorf("the job could not be queued again: %w", err))
		}
		return nil
	case GridEngine:
		return &RequeueError{gridEngineRequeue}
	case LSF:
		return &RequeueError{lsfRequeue}
	}
	return pipeline.ErrInterrupted
}

// slurmElement names this very element. The job's own number would mean, in the
// last element of an array, the whole array.
func slurmElement() string {
	array, element := os.Getenv("SLURM_ARRAY_JOB_ID"), os.Getenv("SLURM_ARRAY_TASK_ID")
	if array == "" || element == "" {
		return os.Getenv("SLURM_JOB_ID")
	}
	return array + "_" + element
}
