package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"isingrbm/pipeline/progress"
	"isingrbm/pipeline/runfile"
)

// Options say how a run is carried out; none of them changes its results.
type Options struct {
	Workers     int       // cells worked on at a time, at least 1
	Stages      []Stage   // the cell stages to carry out, with all they need done before
	Only        []Cell    // the cells to work on; nil for all
	RetryFailed bool      // whether stages that failed before are tried again
	Scratch     string    // folder for files of configurations while they are written; "": beside their places
	Progress    io.Writer // where progress is reported
	Terminal    bool      // whether Progress is a terminal: bars instead of lines
	JSON        bool      // whether progress and logs are lines of JSON
	HeldSpins   int       // bytes of spins of a file that a cell holds in memory, beyond which they are mapped from the disk; 0: DefaultHeld

	CheckpointEvery time.Duration // at least this long between checkpoints of a cell; 0: DefaultCheckpoint
}

// DefaultCheckpoint is how much time a process that is killed loses at most, or
// little more.
const DefaultCheckpoint = 2 * time.Minute

// Summary says what a run did.
type Summary struct {
	Tasks     int // in the stages and cells asked for
	Done      int // of them, were done before
	Ran       int // of them, were completed now
	Elsewhere int // of them, were completed meanwhile by other processes
	Skipped   int // of them, were not completed: they need a task that failed, or the run was interrupted
	Waiting   int // of them, need a stage that is neither done nor asked for
	Failures  []Failure
}

// waiting is the error for tasks whose needs are not there.
func (s Summary) waiting(runFile string) error {
	if s.Waiting == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d cells wait for files of an earlier stage\n  hint: `isingrbm run %s` does all stages in order", s.Waiting, s.Tasks, runFile)
}

// Failure is a task that did not succeed.
type Failure struct {
	Stage Stage
	Cell  Cell
	Err   error
}

// FailedError says that some cells failed while the others were completed.
type FailedError struct{ Failures []Failure }

func (e *FailedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of the cells' stages failed:", len(e.Failures))
	for _, f := range e.Failures {
		fmt.Fprintf(&b, "\n  %s of %s: %v", f.Stage, f.Cell.ID(), f.Err)
		if _, past := errors.AsType[*pastError](f.Err); past {
			b.WriteString(" (before; `run --retry-failed` tries again)")
		}
	}
	return b.String()
}

// ErrInterrupted says that the run was stopped from outside, or by its time
// limit. Finished stages and the trainings that were under way are saved.
var ErrInterrupted = errors.New("interrupted: finished stages and trainings under way are saved, run again to continue")

// Outcome is what RunAll did.
type Outcome struct {
	Summary
	Results *Results // nil if the tables and figures were up to date, or could not be made
	Page    string   // the report, "" likewise
}

// RunAll carries out every stage that is not done yet, for all cells, then
// the analysis and the report. Where cells failed, the others are analysed and
// the error is a *FailedError.
func (w *Workspace) RunAll(ctx context.Context, options Options) (Outcome, error) {
	if outcome, done := w.allDone(options); done {
		return outcome, nil // not even a lock is needed
	}
	summary, err := w.RunCells(ctx, options)
	outcome := Outcome{Summary: summary}
	var failed *FailedError
	if err != nil && (!errors.As(err, &failed) || summary.Done+summary.Ran+summary.Elsewhere == 0) {
		return outcome, err
	}
	reportErr := w.finishRun(ctx, options.Workers, &outcome)
	return outcome, errors.Join(err, reportErr)
}

// finishRun is what one process does at the end for all of them: tidy up, and
// the report, unless another process was faster.
func (w *Workspace) finishRun(ctx context.Context, workers int, outcome *Outcome) error {
	release, err := w.await(ctx)
	if err != nil {
		return err
	}
	defer release()
	list, err := w.statuses()
	if err != nil {
		return err
	}
	if err := w.tidy(list); err != nil {
		return err
	}
	if fingerprint, err := w.fingerprint(list); err == nil && w.upToDate(fingerprint) {
		return nil
	}
	outcome.Results, outcome.Page, err = w.report(ctx, workers)
	return err
}

// allDone reports whether there is nothing to do at all, not even to tidy up.
func (w *Workspace) allDone(options Options) (Outcome, bool) {
	list, err := w.statuses()
	if err != nil || w.changed(list) != nil {
		return Outcome{}, false
	}
	_, summary := selectTasks(list, options)
	fingerprint, err := w.fingerprint(list)
	return Outcome{Summary: summary}, err == nil && summary.Done == summary.Tasks && w.upToDate(fingerprint) && w.isTidy()
}

// RunCells carries out the tasks of the given stages that are not done yet.
// The error is a *ChangedError if finished stages were made with other
// settings (nothing is run then), a *FailedError if cells failed, or
// ErrInterrupted if ctx was canceled. Other processes may do the same at the
// same time: they share the tasks, and each returns when all are settled.
func (w *Workspace) RunCells(ctx context.Context, options Options) (Summary, error) {
	list, err := w.statusesOf(options.Only)
	if err != nil {
		return Summary{}, err
	}
	if err := w.changed(list); err != nil {
		return Summary{}, err
	}
	pending, summary := selectTasks(list, options)
	if len(pending) == 0 {
		return summary, summary.waiting(w.Path)
	}
	if err := w.provide(ctx, options); err != nil {
		return Summary{}, err
	}
	log, err := appendLog(filepath.Join(w.Dir, logFile))
	if err != nil {
		return Summary{}, err
	}
	defer log.Close()

	r := &runner{workspace: w, retryFailed: options.RetryFailed, checkpointEvery: cmp.Or(options.CheckpointEvery, DefaultCheckpoint), scratch: options.Scratch, heldSpins: options.HeldSpins, log: slog.New(options.handler(log)), handler: options.handler}
	defer r.startCounters(options, list, pending)()
	errs := execute(ctx, options.Workers, remap(list, pending), func(ctx context.Context, i int) error {
		return r.do(ctx, list[pending[i]], func(share, seconds float64) { r.progress.set(pending[i], share, seconds) })
	})
	return w.summarize(ctx, summary, list, pending, errs, int(r.ran.Load()))
}

// provide makes the run directory and records what the run is made with. A
// process that works on some cells only leaves what is there alone: there may
// be hundreds of its kind.
func (w *Workspace) provide(ctx context.Context, options Options) error {
	if err := w.claim(); err != nil {
		return err
	}
	if options.Only != nil && w.provenanceStands() {
		return nil
	}
	release, err := w.await(ctx)
	if err != nil {
		return err
	}
	defer release()
	return w.writeProvenance(options.Workers)
}

// selectTasks picks the tasks of the stages and cells that are not done.
func selectTasks(list []taskStatus, options Options) (pending []int, summary Summary) {
	for i, s := range list {
		if !options.covers(s.Task) {
			continue
		}
		summary.Tasks++
		switch {
		case s.Status == Done:
			summary.Done++
		case options.waits(list, i):
			summary.Waiting++
		default:
			pending = append(pending, i)
		}
	}
	return pending, summary
}

// remap restricts the plan's needs to the tasks that are to be run, renumbered
// by their place in pending.
func remap(list []taskStatus, pending []int) [][]int {
	place := make(map[int]int, len(pending))
	for i, task := range pending {
		place[task] = i
	}
	needs := make([][]int, len(pending))
	for i, task := range pending {
		for _, need := range list[task].Needs {
			if p, ok := place[need]; ok {
				needs[i] = append(needs[i], p)
			}
		}
	}
	return needs
}

func (w *Workspace) summarize(ctx context.Context, summary Summary, list []taskStatus, pending []int, errs []error, ran int) (Summary, error) {
	summary.Ran, summary.Elsewhere = ran, -ran
	for i, err := range errs {
		switch {
		case err == nil:
			summary.Elsewhere++
		case errors.Is(err, errSkipped) || errors.Is(err, errBusy) || interrupted(ctx, err):
			summary.Skipped++
		default:
			summary.Failures = append(summary.Failures, Failure{list[pending[i]].Stage, list[pending[i]].Cell, err})
		}
	}
	switch {
	case ctx.Err() != nil:
		return summary, ErrInterrupted
	case len(summary.Failures) > 0:
		return summary, &FailedError{summary.Failures}
	}
	return summary, summary.waiting(w.Path)
}

// covers reports whether the task is one to carry out.
func (o Options) covers(t Task) bool { return slices.Contains(o.Stages, t.Stage) && o.includes(t.Cell) }

// waits reports whether a task needs, itself or through others, one that is neither
// done nor to be carried out.
func (o Options) waits(list []taskStatus, task int) bool {
	return slices.ContainsFunc(list[task].Needs, func(need int) bool {
		return list[need].Status != Done && (!o.covers(list[need].Task) || o.waits(list, need))
	})
}

// handler writes a log.
func (o Options) handler(out io.Writer) slog.Handler {
	if o.JSON {
		return slog.NewJSONHandler(out, nil)
	}
	return slog.NewTextHandler(out, nil)
}

func (o Options) reporter() *progress.Reporter {
	if o.JSON {
		return progress.NewJSON(o.Progress)
	}
	return progress.New(o.Progress, o.Terminal)
}

// includes reports whether the cell is one to work on.
func (o Options) includes(c Cell) bool { return o.Only == nil || slices.Contains(o.Only, c) }

// runner carries what all tasks of a run share.
type runner struct {
	workspace       *Workspace
	retryFailed     bool
	checkpointEvery time.Duration
	scratch         string
	heldSpins       int
	log             *slog.Logger
	handler         func(io.Writer) slog.Handler // of the cells' logs
	counters        map[Stage]*progress.Counter
	progress        *runProgress
	ran             atomic.Int64 // tasks that this process completed
}

// startCounters sets up one counter a stage and returns what closes them.
func (r *runner) startCounters(options Options, list []taskStatus, pending []int) (stop func()) {
	r.counters = make(map[Stage]*progress.Counter)
	if len(pending) == 0 {
		return func() {}
	}
	reporter := options.reporter()
	for _, stage := range options.Stages {
		var total, done int64
		for _, s := range list {
			if s.Stage != stage || !options.includes(s.Cell) {
				continue
			}
			units := taskUnits(r.workspace.Run, s.Task)
			total += units
			if s.Status == Done {
				done += units
			}
		}
		if done < total {
			r.counters[stage] = reporter.Counter(string(stage), stageUnit(stage), total, done)
		}
	}
	r.progress = r.workspace.newRunProgress(list, options)
	reporter.Whole(func() (float64, time.Duration) { return r.progress.outlook().now(options.Workers) })
	return reporter.Close
}

// taskUnits counts a task's units of work, as its counter shows them.
func taskUnits(run *runfile.Run, task Task) int64 {
	switch task.Stage {
	case Generate:
		training, validation := storedCounts(run, task.Cell)
		return int64(training + validation)
	case Train:
		return int64(run.Training.Updates)
	case Sample:
		return int64(run.Sampling.Configurations)
	case Flow:
		return int64(len(run.Flow.From) * run.Flow.Iterations)
	}
	panic("pipeline: not a cell stage: " + string(task.Stage))
}

// storedCounts returns how many configurations a data cell, or all those that a machine
// reads, have to train on, and how many held out.
func storedCounts(run *runfile.Run, cell Cell) (training, validation int) {
	for _, data := range dataOf(run, cell) {
		t, v := run.MonteCarlo.Configurations, run.MonteCarlo.Validation
		if run.Brought != nil {
			found, _ := run.Brought.Cell(data.Size, data.Temperature)
			t, v = found.Split(run.Data.Validation)
		}
		training, validation = training+t, validation+v
	}
	return training, validation
}

func stageUnit(stage Stage) string {
	switch stage {
	case Train:
		return "updates"
	case Flow:
		return "iterations"
	}
	return "configurations"
}
