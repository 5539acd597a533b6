package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"isingrbm/pipeline"
)

// RunTask is the program in a job: it carries out the element of an array,
// or makes the report. What it reports goes to out. When the job's time is
// nearly over, or timeOver is closed, the cells are saved and the element is
// queued again; then the error is nil where the batch system has taken it back,
// or a *RequeueError where the exit status asks for that. When ctx is canceled
// the cells are saved and that is all.
func RunTask(ctx context.Context, timeOver <-chan struct{}, dir, label string, index int, out io.Writer) error {
	s, err := readSubmission(dir)
	if err != nil {
		return err
	}
	a, err := s.array(label)
	if err != nil {
		return err
	}
	t := &task{submission: s, array: a, timeOver: timeOver, out: out}
	if t.workspace, err = s.open(); err != nil {
		return err
	}
	keepToAllocation(s.Memory)
	host, _ := os.Hostname()
	fmt.Fprintf(out, "%s %s[%d] on %s, attempt %d\n", time.Now().Format(time.DateTime), a.Name, index, host, t.restarts()+1)
	if a.Collector() {
		return t.collect(ctx)
	}
	element, ok := a.element(index)
	if !ok {
		fmt.Fprintln(out, "there is nothing to do for this element") // arrays of other systems have no gaps
		return nil
	}
	t.element = element
	return t.work(ctx)
}

// open opens the run file as it was submitted.
func (s *Submission) open() (*pipeline.Workspace, error) {
	original := filepath.Join(filepath.Dir(s.dir), "..", "..", s.RunFile)
	w, err := pipeline.OpenCopy(filepath.Join(s.dir, s.RunFile), original)
	if err != nil {
		return nil, err
	}
	w.Run.Slurm = s.Slurm
	return w, nil
}

// task is an element at work.
type task struct {
	submission *Submission
	array      Array
	element    Element
	workspace  *pipeline.Workspace
	cells      []pipeline.Cell // of the element, with the data cells that they read
	began      time.Time
	before     int64 // units of work that were done when it began
	timeOver   <-chan struct{}
	out        io.Writer
}

// restarts is how often the batch system has started this element before.
func (t *task) restarts() int {
	n, _ := strconv.Atoi(os.Getenv("SLURM_RESTART_COUNT")) // absent at the first start
	return n
}

// work carries out the cells.
func (t *task) work(ctx context.Context) (err error) {
	if t.cells, err = t.workspace.FindCells(t.element.Cells); err != nil {
		return err
	}
	t.began = time.Now()
	if t.before, err = t.workspace.Units(t.cells); err != nil {
		return err
	}
	scratch, remove, err := scratchFolder(t.submission.Slurm.Scratch)
	if err != nil {
		return err
	}
	defer remove()
	working, cancel := t.untilTimeIsOver(ctx)
	defer cancel(nil)
	summary, err := t.workspace.RunCells(working, pipeline.Options{
		Workers:     min(Processors(), len(t.element.Cells)),
		Stages:      t.array.Stages,
		Only:        t.cells,
		RetryFailed: t.submission.Request.Missing,
		Scratch:     scratch,
		Progress:    t.out,
	})
	switch failed := (*pipeline.FailedError)(nil); {
	case errors.Is(err, pipeline.ErrInterrupted) && ctx.Err() == nil && errors.Is(context.Cause(working), errTimeOver):
		return t.requeue(ctx)
	case errors.As(err, &failed) && t.servesOthers(summary):
		fmt.Fprintln(t.out, err) // the machines of the other cells need not wait any longer
		return nil
	default:
		return err
	}
}

// scratchFolder makes a folder of its own in the one that the run file names,
// "" where it names none.
func scratchFolder(named string) (path string, remove func(), err error) {
	if named == "" {
		return "", func() {}, nil
	}
	parent := os.ExpandEnv(named)
	if parent == "" {
		return "", nil, fmt.Errorf("slurm.scratch is %q, which is empty here\n  hint: name a folder of the nodes' own disks", named)
	}
	err = os.MkdirAll(parent, 0o777) // of its own for every user, at many sites
	if err == nil {
		path, err = os.MkdirTemp(parent, "isingrbm-")
	}
	if err != nil {
		return "", nil, fmt.Errorf("slurm.scratch is %q: %w\n  hint: name a folder of the nodes' own disks", named, err)
	}
	return path, func() { os.RemoveAll(path) }, nil
}

// servesOthers reports whether machines wait for this element's success, and
// some of its cells have it.
func (t *task) servesOthers(summary pipeline.Summary) bool {
	return slices.Equal(t.array.Stages, []pipeline.Stage{pipeline.Generate}) && summary.Done+summary.Ran+summary.Elsewhere > 0
}

// patience is how often a collector queues itself again while a limit leaves no
// room for what it is to submit. Slurm lets it run again after two minutes, as
// sites are set up by default, so that this is days.
const patience = 2000

// collect submits what a limit kept out of the queue, and makes the report of
// what is done. Where there is no room yet it comes again.
func (t *task) collect(ctx context.Context) error {
	room := len(t.submission.KeptOut) == 0 || t.submitRest(ctx)
	err := t.report(ctx)
	if !room && t.restarts() < patience && ctx.Err() == nil {
		fmt.Fprintf(t.out, "%s queued again, to submit the rest\n", time.Now().Format(time.DateTime))
		return errors.Join(err, t.submission.requeue(ctx))
	}
	return err
}

// report makes the tables, figures and page. A collector that comes again makes
// them again only if there is more to show.
func (t *task) report(ctx context.Context) error {
	if t.restarts() > 0 && !t.workspace.NeedsReport() {
		return nil
	}
	_, page, err := t.workspace.Report(ctx, Processors())
	if page != "" {
		fmt.Fprintln(t.out, page)
	}
	return err
}

// submitRest submits the cells that a limit kept out, and reports whether there
// was room for some of them and for a collector of their own.
func (t *task) submitRest(ctx context.Context) (room bool) {
	request := t.submission.Request
	request.Only = t.submission.KeptOut
	handed, err := Submit(ctx, t.workspace, request)
	switch {
	case err != nil:
		fmt.Fprintf(t.out, "the rest could not be submitted: %v\n", err)
		return !isLimit(err)
	case handed.Limit != nil:
		fmt.Fprintf(t.out, "submitted %d further cells, but not all: %v\n", handed.Cells, handed.Limit)
		return handed.Collector != ""
	}
	fmt.Fprintf(t.out, "submitted %d further cells\n", handed.Cells)
	return true
}
