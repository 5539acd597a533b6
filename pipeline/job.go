package pipeline

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/sourcegraph/conc/panics"

	"isingrbm/ising"
	"isingrbm/pipeline/lock"
	"isingrbm/pipeline/progress"
	"isingrbm/pipeline/runfile"
	"isingrbm/pipeline/store"
)

// job is one task at work. It reads from the cells' folders and writes to its
// desk, from where its lock publishes what is finished.
type job struct {
	spec    *runfile.Run
	task    Task
	model   ising.Model
	folders *folders
	dir     string     // the cell's folder
	lock    *lock.Lock // of the cell
	log     *slog.Logger
	counter *progress.Counter
	show    func(share, seconds float64) // tells the run how much of the task is done
	shown   time.Time
	state   *cellState
	record  *stageState
	written time.Time // of the state

	checkpointEvery time.Duration
	scratch         string
	heldSpins       int            // bytes of spins of a file that are held in memory; 0: DefaultHeld
	spills          []*store.Spill // of spins that are not
	handler         func(io.Writer) slog.Handler
	began           time.Time       // of this attempt
	before          float64         // seconds of earlier attempts
	saved           time.Time       // of the last checkpoint, or the beginning
	safe            int64           // units of work in the last checkpoint
	finished        *stageState     // the stage as it was done before with fewer configurations
	placed          map[string]bool // files that are in their place before the stage is done
}

// desk is the path at which the job prepares one of the cell's files.
func (j *job) desk(name string) string { return filepath.Join(j.lock.Dir(), name) }

// How often a running stage tells how far it is: to the run, and in its state.
const (
	showInterval  = 200 * time.Millisecond
	stateInterval = 5 * time.Second
)

// do carries out one task, unless another process has settled it meanwhile,
// and records in the cell's state how it went. The error is errBusy while
// another process is at work in the cell.
func (r *runner) do(ctx context.Context, s taskStatus, show func(share, seconds float64)) (err error) {
	w := r.workspace
	held, err := w.locks.Acquire(w.folders.of(s.Cell))
	var busy *lock.HeldError
	if errors.As(err, &busy) {
		return errBusy
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, held.Release()) }()
	j := &job{spec: w.Run, task: s.Task, model: w.Plan.Model(s.Cell), folders: w.folders, dir: w.folders.of(s.Cell), lock: held, counter: r.counters[s.Stage], show: show,
		checkpointEvery: r.checkpointEvery, scratch: r.scratch, heldSpins: r.heldSpins, handler: r.handler, saved: time.Now(), placed: make(map[string]bool)}
	if j.state, err = readState(w.folders, s.Cell); err != nil {
		return err
	}
	if j.state.damage != nil {
		r.log.Warn("a damaged state: the cell is computed again", "cell", s.Cell.ID(), "error", j.state.damage)
	}
	if settled, err := r.settled(s, j.state.Stages[s.Stage]); settled {
		show(1, j.state.Stages[s.Stage].Seconds)
		return err
	}
	ctx, cancel := held.Context(ctx)
	defer cancel()
	err = j.carryOut(ctx)
	if err != nil && errors.Is(held.Check(), lock.ErrLost) {
		j.counter.Add(-int(j.record.Done)) // another process took this one for dead
		return errBusy
	}
	r.log.Info(string(s.Stage), "cell", s.Cell.ID(), "status", j.record.Status, "seconds", j.record.Seconds)
	if j.record.Status != Interrupted {
		show(1, j.record.Seconds)
	}
	if err == nil {
		r.ran.Add(1)
	}
	return err
}

// settled reports whether there is nothing to do for a task, now that nobody
// else is at work in its cell, and how it ended: it was done by another process
// since s was looked up, or it failed and is not to be tried again.
func (r *runner) settled(s taskStatus, record *stageState) (bool, error) {
	now := r.workspace.status(s.Task, record, taskInputs(r.workspace.Run, s.Task))
	switch {
	case now.Status == Done && len(now.Changes) > 0:
		return true, &ChangedError{Directory: r.workspace.Dir, Stage: s.Stage, Cells: 1, Changes: now.Changes}
	case now.Status == Done:
		r.counters[s.Stage].Add(int(taskUnits(r.workspace.Run, s.Task)))
		return true, nil
	case now.Status == Failed && !(r.retryFailed && s.Status == Failed && record.Finished.Equal(s.record.Finished)):
		return true, &pastError{record.Error}
	}
	return false, nil
}

// pastError is the error that a stage had when it was last tried.
type pastError struct{ text string }

func (e *pastError) Error() string { return e.text }

// carryOut does the stage and keeps its record.
func (j *job) carryOut(ctx context.Context) error {
	log, err := appendLog(filepath.Join(j.dir, logFile))
	if err != nil {
		return err
	}
	defer log.Close()
	j.log = slog.New(j.handler(log)).With("stage", j.task.Stage)
	if err := j.begin(); err != nil {
		return err
	}
	runtime.LockOSThread() // for its processor time
	defer runtime.UnlockOSThread()
	start, used := time.Now(), threadTime()
	err = guarded(func() error { return j.work(ctx) })
	err = errors.Join(err, j.closeSpills())
	j.record.ProcessorSeconds += (threadTime() - used).Seconds()
	return j.end(ctx, err, time.Since(start))
}

// work is the stage itself.
func (j *job) work(ctx context.Context) error {
	switch j.task.Stage {
	case Generate:
		return j.generate(ctx)
	case Train:
		return j.train(ctx)
	case Sample:
		return j.sample(ctx)
	case Flow:
		return j.flow(ctx)
	}
	panic("pipeline: not a cell stage: " + string(j.task.Stage))
}

// guarded turns a panic into an error with its stack, so that one cell's bug
// does not take the others' work with it.
func guarded(work func() error) (err error) {
	if recovered := panics.Try(func() { err = work() }); recovered != nil {
		return recovered.AsError()
	}
	return err
}

// begin marks the stage as running.
func (j *job) begin() error {
	before := j.state.Stages[j.task.Stage]
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	j.record = &stageState{
		Status: Running, Started: time.Now().UTC(), Host: host, Process: os.Getpid(), Attempts: 1,
		Total: taskUnits(j.spec, j.task), Inputs: taskInputs(j.spec, j.task),
	}
	switch {
	case before == nil:
	case before.Status == Done:
		j.finished = before
	default:
		j.record.Seconds, j.record.Attempts = before.Seconds, before.Attempts+1
		j.record.ProcessorSeconds = before.ProcessorSeconds
	}
	j.state.Stages[j.task.Stage] = j.record
	j.began, j.before = time.Now(), j.record.Seconds
	j.log.Info("begin", "attempt", j.record.Attempts)
	return j.writeState()
}

// end records the outcome, of which it returns the error. A stage that was completed
// publishes its files, then their checksums, then that it is done; what it no longer
// needs goes last. One that cannot publish them has failed.
func (j *job) end(ctx context.Context, err error, took time.Duration) error {
	j.record.Finished = time.Now().UTC()
	j.record.Seconds = j.before + took.Seconds()
	j.record.Annealing = nil // it begins anew
	if err == nil {
		err = j.complete()
	}
	switch {
	case err == nil:
		j.log.Info("done", "seconds", j.record.Seconds)
		return j.withdrawParts()
	case interrupted(ctx, err):
		j.record.Status = Interrupted
		j.record.Done = j.safe
		j.log.Info("interrupted", "done", j.record.Done, "of", j.record.Total, "cause", err)
	default:
		j.record.Status, j.record.Error = Failed, strings.ToValidUTF8(err.Error(), "?")
		j.log.Error("failed", "error", err)
	}
	return errors.Join(err, j.writeState())
}

// complete publishes the stage's files, and that it is done.
func (j *job) complete() error {
	if err := j.publish(); err != nil {
		return err
	}
	j.record.Status, j.record.Error = Done, ""
	return j.writeState()
}

// interrupted reports whether an error is the end of the context.
func interrupted(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, ctx.Err())
}

// publish puts the stage's files in their place, and their checksums.
func (j *job) publish() error {
	for _, name := range outputs(j.spec, j.task.Stage) {
		if j.placed[name] {
			continue
		}
		if err := j.lock.Publish(name); err != nil {
			return err
		}
	}
	if err := store.RecordInto(j.lock.Dir(), j.dir, outputs(j.spec, j.task.Stage)...); err != nil {
		return err
	}
	return j.lock.Publish(store.ChecksumsFile)
}

// checkpointDue reports whether it is time for the next checkpoint.
func (j *job) checkpointDue() bool { return time.Since(j.saved) >= j.checkpointEvery }

// advance counts finished units of work.
func (j *job) advance(n int) {
	j.record.Done += int64(n)
	j.counter.Add(n)
	now := time.Now()
	if now.Sub(j.shown) >= showInterval {
		j.shown = now
		j.show(expect(j.spec, j.model, j.task).share(j.record, j.record.Total), j.before+now.Sub(j.began).Seconds())
	}
	if now.Sub(j.written) < stateInterval {
		return
	}
	if err := j.writeState(); err != nil {
		j.log.Warn("progress is not recorded", "error", err)
	}
}

// writeState publishes the cell's state as it is.
func (j *job) writeState() error {
	j.written = time.Now()
	if j.record.Status == Running {
		j.record.Seconds = j.before + time.Since(j.began).Seconds()
	}
	return j.state.publish(j.lock)
}
