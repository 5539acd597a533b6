package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sourcegraph/conc/panics"

	"isingrbm/ising"
	"isingrbm/pipeline/progress"
	"isingrbm/pipeline/runfile"
	"isingrbm/pipeline/store"
)

// Options say how a run is carried out; none of them changes its results.
type Options struct {
	Workers  int       // cells worked on at a time, at least 1
	Stages   []Stage   // the cell stages to carry out, with all they need done before
	Progress io.Writer // where progress is reported
	Terminal bool      // whether Progress is a terminal: bars instead of lines
}

// Summary says what a run did.
type Summary struct {
	Tasks    int // in the stages asked for
	Done     int // of them, were done before
	Ran      int // of them, were completed now
	Skipped  int // of them, were not completed: they need a task that failed, or the run was interrupted
	Waiting  int // of them, need a stage that is neither done nor asked for
	Failures []Failure
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
	}
	return b.String()
}

// ErrInterrupted says that the run was stopped from outside. Finished stages
// and the trainings that were under way are saved; a generation or sampling
// that was under way, which takes seconds, begins anew.
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
	if outcome, done := w.allDone(options.Stages); done {
		return outcome, nil // not even a lock is needed
	}
	release, err := w.lock()
	if err != nil {
		return Outcome{}, err
	}
	defer release()
	if err := w.removeTemporaries(); err != nil {
		return Outcome{}, err
	}
	summary, err := w.runCells(ctx, options)
	outcome := Outcome{Summary: summary}
	var failed *FailedError
	if err != nil && (!errors.As(err, &failed) || summary.Done+summary.Ran == 0) {
		return outcome, err
	}
	var reportErr error
	outcome.Results, outcome.Page, reportErr = w.report(ctx, options.Workers)
	return outcome, errors.Join(err, reportErr)
}

// allDone reports whether there is nothing to do at all.
func (w *Workspace) allDone(stages []Stage) (Outcome, bool) {
	list, err := w.statuses()
	if err != nil || w.changed(list) != nil {
		return Outcome{}, false
	}
	_, summary := selectTasks(list, stages)
	fingerprint, err := w.fingerprint(list)
	return Outcome{Summary: summary}, err == nil && summary.Done == summary.Tasks && w.upToDate(fingerprint)
}

// RunCells carries out the tasks of the given stages that are not done yet.
// The error is a *ChangedError if finished stages were made with other
// settings (nothing is run then), a *FailedError if cells failed, or
// ErrInterrupted if ctx was canceled.
func (w *Workspace) RunCells(ctx context.Context, options Options) (Summary, error) {
	list, err := w.statuses()
	if err != nil {
		return Summary{}, err
	}
	if pending, summary := selectTasks(list, options.Stages); len(pending) == 0 && w.changed(list) == nil {
		return summary, summary.waiting(w.Path)
	}
	release, err := w.lock()
	if err != nil {
		return Summary{}, err
	}
	defer release()
	if err := w.removeTemporaries(); err != nil {
		return Summary{}, err
	}
	return w.runCells(ctx, options)
}

// runCells is RunCells in a run directory that is locked.
func (w *Workspace) runCells(ctx context.Context, options Options) (Summary, error) {
	list, err := w.statuses()
	if err != nil {
		return Summary{}, err
	}
	if err := w.changed(list); err != nil {
		return Summary{}, err
	}
	pending, summary := selectTasks(list, options.Stages)
	if len(pending) == 0 {
		return summary, summary.waiting(w.Path)
	}
	if err := w.writeProvenance(options.Workers); err != nil {
		return Summary{}, err
	}
	log, err := appendLog(filepath.Join(w.Dir, logFile))
	if err != nil {
		return Summary{}, err
	}
	defer log.Close()

	r := &runner{workspace: w, log: slog.New(slog.NewTextHandler(log, nil))}
	defer r.startCounters(options, list, pending)()
	errs := execute(ctx, options.Workers, remap(list, pending), func(ctx context.Context, i int) error {
		return r.do(ctx, list[pending[i]])
	})
	return w.summarize(ctx, summary, list, pending, errs)
}

// selectTasks picks the tasks of the stages that are not done.
func selectTasks(list []taskStatus, stages []Stage) (pending []int, summary Summary) {
	for i, s := range list {
		if !slices.Contains(stages, s.Stage) {
			continue
		}
		summary.Tasks++
		switch {
		case s.Status == Done:
			summary.Done++
		case slices.ContainsFunc(s.Needs, func(need int) bool {
			return list[need].Status != Done && !slices.Contains(stages, list[need].Stage)
		}):
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

func (w *Workspace) summarize(ctx context.Context, summary Summary, list []taskStatus, pending []int, errs []error) (Summary, error) {
	for i, err := range errs {
		switch {
		case err == nil:
			summary.Ran++
		case errors.Is(err, errSkipped) || errors.Is(err, context.Canceled):
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

// runner carries what all tasks of a run share.
type runner struct {
	workspace *Workspace
	log       *slog.Logger
	counters  map[Stage]*progress.Counter
}

// startCounters sets up one counter a stage and returns what closes them.
func (r *runner) startCounters(options Options, list []taskStatus, pending []int) (stop func()) {
	r.counters = make(map[Stage]*progress.Counter)
	if len(pending) == 0 {
		return func() {}
	}
	reporter := progress.New(options.Progress, options.Terminal)
	for _, stage := range options.Stages {
		var total, done int64
		for _, s := range list {
			if s.Stage != stage {
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
	return reporter.Close
}

// taskUnits counts a task's units of work, as its counter shows them.
func taskUnits(run *runfile.Run, task Task) int64 {
	switch task.Stage {
	case Generate:
		return int64(run.MonteCarlo.Configurations + run.MonteCarlo.Validation)
	case Train:
		return int64(run.Training.Updates)
	case Sample:
		return int64(run.Sampling.Configurations)
	}
	panic("pipeline: not a cell stage: " + string(task.Stage))
}

func stageUnit(stage Stage) string {
	if stage == Train {
		return "updates"
	}
	return "configurations"
}

// job is one task at work.
type job struct {
	spec    *runfile.Run
	task    Task
	model   ising.Model
	out     string // the run directory
	dir     string // the cell's folder
	log     *slog.Logger
	counter *progress.Counter
	state   *cellState
	record  *stageState
	written time.Time // of the state
}

// stateInterval is how often a running stage writes its progress.
const stateInterval = 5 * time.Second

// do carries out one task and records in the cell's state how it went.
func (r *runner) do(ctx context.Context, s taskStatus) error {
	w := r.workspace
	j := &job{spec: w.Run, task: s.Task, model: w.Plan.Model(s.Cell), out: w.Dir, dir: s.Cell.dir(w.Dir), counter: r.counters[s.Stage]}
	log, err := appendLog(filepath.Join(j.dir, logFile))
	if err != nil {
		return err
	}
	defer log.Close()
	j.log = slog.New(slog.NewTextHandler(log, nil)).With("stage", s.Stage)
	if err := j.begin(); err != nil {
		return err
	}
	start := time.Now()
	err = guarded(func() error { return j.work(ctx) })
	err = errors.Join(err, j.end(err, time.Since(start)))
	r.log.Info(string(s.Stage), "cell", s.Cell.ID(), "status", j.record.Status, "seconds", j.record.Seconds)
	return err
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
func (j *job) begin() (err error) {
	if j.state, err = readState(j.out, j.task.Cell); err != nil {
		return err
	}
	before := j.state.Stages[j.task.Stage]
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	j.record = &stageState{Status: Running, Started: time.Now().UTC(), Host: host, Process: os.Getpid(), Total: taskUnits(j.spec, j.task)}
	if before != nil && before.Status != Done {
		j.record.Seconds = before.Seconds
	}
	j.state.Stages[j.task.Stage] = j.record
	j.log.Info("begin")
	return j.writeState()
}

// end records the outcome; for a stage that was completed also its inputs and
// the checksums of its files.
func (j *job) end(err error, took time.Duration) error {
	j.record.Finished = time.Now().UTC()
	j.record.Seconds += took.Seconds()
	switch {
	case err == nil:
		if err := store.Record(j.dir, outputs(j.task.Stage)...); err != nil {
			return err
		}
		j.record.Status, j.record.Inputs = Done, stageInputs(j.spec, j.task.Stage)
		j.log.Info("done", "seconds", j.record.Seconds)
	case errors.Is(err, context.Canceled):
		j.record.Status = Interrupted
		if j.task.Stage != Train {
			j.record.Done = 0 // only a training goes on where it stopped
		}
		j.log.Info("interrupted", "done", j.record.Done, "of", j.record.Total)
	default:
		j.record.Status, j.record.Error = Failed, err.Error()
		j.log.Error("failed", "error", err)
	}
	return j.writeState()
}

// advance counts finished units of work.
func (j *job) advance(n int) {
	j.record.Done += int64(n)
	j.counter.Add(n)
	if time.Since(j.written) < stateInterval {
		return
	}
	if err := j.writeState(); err != nil {
		j.log.Warn("progress is not recorded", "error", err)
	}
}

// writeState writes the cell's state as it is.
func (j *job) writeState() error {
	j.written = time.Now()
	return j.state.write(j.out, j.task.Cell)
}
