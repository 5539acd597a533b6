package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"isingrbm/pipeline"
	"isingrbm/pipeline/lock"
)

// Handed says what was handed in.
type Handed struct {
	Cells, Tasks int
	Jobs         []string // numbers of the arrays
	Collector    string   // number of the job that makes the report; "": none
	Left         Left
	Limit        error  // the limit that kept the rest out; nil: none did
	Script       string // what the user has to run, for a system that submit does not talk to
}

// Submit plans a submission and hands it in: to Slurm, or for another system
// to the user, as a script. Only one process at a time submits cells of a run.
func Submit(ctx context.Context, w *pipeline.Workspace, request Request) (*Handed, error) {
	if request.System == Slurm { // before anything is written
		if _, err := (slurm{}).queue(ctx); err != nil {
			return nil, err
		}
	}
	if err := w.Claim(); err != nil {
		return nil, explainWrite(w.Dir, err)
	}
	parent := filepath.Join(w.Dir, folder)
	held, err := lock.NewKeeper().Acquire(parent)
	if other := (*lock.HeldError)(nil); errors.As(err, &other) {
		return nil, fmt.Errorf("another submit of this run is at work: %w\n  hint: wait for it", err)
	}
	if err != nil {
		return nil, explainWrite(parent, err)
	}
	defer held.Release()
	d, err := Plan(ctx, w, request)
	switch {
	case err != nil:
		return nil, err
	case d.NoQueue != nil:
		return nil, d.NoQueue
	case d.Empty():
		return &Handed{Left: d.Left}, nil
	}
	if err := d.prepare(w); err != nil {
		return nil, explainWrite(d.dir, errors.Join(err, os.RemoveAll(d.dir)))
	}
	if request.System != Slurm {
		return d.summary(nil), nil
	}
	return d.handInAll(ctx)
}

// handInAll hands in one array after the other. A limit of the site cuts the
// submission short: what fits is handed in, and the collector, which submits
// the rest when that has ended.
func (d *Draft) handInAll(ctx context.Context) (*Handed, error) {
	jobs := make(map[string]string) // by array
	planned := d.Arrays
	d.Arrays = nil
	limit, err := d.handInCells(ctx, planned, jobs)
	if err == nil {
		limit, err = d.handInCollector(ctx, planned, limit, jobs)
	}
	if len(d.Arrays) == 0 {
		err = cmp.Or(err, limit)
	}
	if err != nil {
		return nil, d.brokenOff(err, jobs)
	}
	if err := d.write(); err != nil {
		return nil, explainWrite(d.dir, err)
	}
	handed := d.summary(jobs)
	handed.Limit = limit
	if handed.Collector != "" && len(d.collectors) > 0 {
		return handed, slurm{}.cancel(ctx, d.collectors)
	}
	return handed, nil
}

// handInCells hands in the arrays with cells, up to a limit of the site, which
// must leave room for something.
func (d *Draft) handInCells(ctx context.Context, planned []Array, jobs map[string]string) (limit, err error) {
	for _, a := range planned {
		if a.Collector() {
			break
		}
		if limit = d.handInArray(ctx, a, jobs); limit != nil {
			break
		}
	}
	if !isLimit(limit) || len(d.Arrays) == 0 {
		return nil, limit
	}
	return limit, nil
}

// handInCollector hands in the collector, if the plan has one, last of all: it
// waits for the others. Where a limit leaves no room for it, one element with
// cells makes way, for it submits again what was kept out; but never the only
// one, or nothing would ever be done. Slurm may count a canceled job for some
// seconds more.
func (d *Draft) handInCollector(ctx context.Context, planned []Array, limit error, jobs map[string]string) (struck, err error) {
	collector := planned[len(planned)-1]
	if !collector.Collector() {
		return limit, nil
	}
	struck = d.handInKnowing(ctx, collector, planned, jobs)
	if !isLimit(struck) {
		return limit, struck
	}
	if made, err := d.makeRoom(ctx, jobs); err != nil || !made {
		return struck, err
	}
	for range 5 {
		if err := d.handInKnowing(ctx, collector, planned, jobs); !isLimit(err) {
			return struck, err
		}
		select {
		case <-ctx.Done():
			return struck, ctx.Err()
		case <-time.After(2 * time.Second):
		}
	}
	return struck, nil
}

// handInKnowing hands in the collector once the record says what it is to
// submit.
func (d *Draft) handInKnowing(ctx context.Context, collector Array, planned []Array, jobs map[string]string) error {
	d.KeptOut = keptOut(slices.Concat(d.inherited, cellsOf(planned)), d.Arrays)
	record := *d.Submission
	record.Arrays = append(slices.Clone(d.Arrays), collector)
	if err := record.write(); err != nil {
		return explainWrite(d.dir, err)
	}
	return d.handInArray(ctx, collector, jobs)
}

// keptOut lists those of the cells that were not handed in.
func keptOut(cells []string, handed []Array) []string {
	in := make(map[string]bool)
	for _, id := range cellsOf(handed) {
		in[id] = true
	}
	return slices.DeleteFunc(cells, func(id string) bool { return in[id] })
}

func cellsOf(arrays []Array) (ids []string) {
	for _, a := range arrays {
		for _, e := range a.Elements {
			ids = append(ids, e.Cells...)
		}
	}
	return ids
}

func isLimit(err error) bool {
	refused := (*Refusal)(nil)
	return errors.As(err, &refused) && refused.Kind == Limit
}

// makeRoom takes the last element back, unless it is the only one.
func (d *Draft) makeRoom(ctx context.Context, jobs map[string]string) (made bool, err error) {
	if len(d.Arrays) == 0 || len(d.Arrays) == 1 && len(d.Arrays[0].Elements) == 1 {
		return false, nil
	}
	last := &d.Arrays[len(d.Arrays)-1]
	end := len(last.Elements) - 1
	if err := (slurm{}).cancel(ctx, []string{Entry{Job: jobs[last.Name], Index: last.Elements[end].Index}.ID()}); err != nil {
		return false, err
	}
	if last.Elements = last.Elements[:end]; end == 0 {
		delete(jobs, last.Name)
		d.Arrays = d.Arrays[:len(d.Arrays)-1]
	}
	return true, nil
}

// handInArray hands in an array, or as much of it as a limit lets; then the
// error is that limit.
func (d *Draft) handInArray(ctx context.Context, a Array, jobs map[string]string) error {
	var limit error
	for {
		job, err := d.handInOnce(ctx, a, jobs)
		switch {
		case err == nil:
			jobs[a.Name] = job
			d.Arrays = append(d.Arrays, a)
			return limit
		case !isLimit(err):
			return err
		case len(a.Elements) == 1:
			return err
		}
		limit = err
		a.Elements = a.Elements[:len(a.Elements)/2]
	}
}

// handInOnce writes the script of an array and hands it in. Where no answer
// comes the job may be queued all the same: then it is there by its name.
func (d *Draft) handInOnce(ctx context.Context, a Array, jobs map[string]string) (string, error) {
	script, err := d.script(a)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(d.scriptFile(a), []byte(script), 0o666); err != nil {
		return "", explainWrite(d.dir, err)
	}
	job, err := slurm{}.submit(ctx, d.scriptFile(a), d.dependency(a, jobs))
	refused := (*Refusal)(nil)
	if !errors.As(err, &refused) || refused.Kind != NoAnswer {
		return job, d.explain(ctx, err)
	}
	queue, queueErr := slurm{}.queue(ctx)
	if entry, in := queue[place{a.Name, a.Elements[0].Index}]; queueErr == nil && in {
		return entry.Job, nil
	}
	return "", err
}

// dependency words the conditions of an array for sbatch. Those on arrays that
// a limit kept out are left away.
func (d *Draft) dependency(a Array, jobs map[string]string) string {
	known := make(map[string]string)
	var after []Dependency
	for _, dependency := range a.After {
		job := dependency.Job
		if job == "" {
			job = jobs[dependency.Array]
		}
		if job != "" {
			known[dependency.Array] = job
			after = append(after, dependency)
		}
	}
	return strings.Join(Slurm.conditions(after, known), ",")
}

// explain adds to a refusal what only this Slurm knows.
func (d *Draft) explain(ctx context.Context, err error) error {
	refused := (*Refusal)(nil)
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.Kind {
	case Partition, TimeLimit:
		asked := fmt.Sprintf("slurm.partition is %q and slurm.time %s", d.Slurm.Partition, clock(d.Slurm.Time))
		if there := (slurm{}).partitions(ctx); there != "" {
			refused.Hint = fmt.Sprintf("%s; the partitions here are %s; change the run file or the profile, then submit again", asked, there)
		}
	case Account:
		refused.Hint = fmt.Sprintf("slurm.account is %q; %s", d.Slurm.Account, advice[Account])
	case Limit:
		if strings.Contains(refused.Message, "policy") { // Slurm does not say which limit it is
			refused.Hint = fmt.Sprintf("call submit again when some have ended, if it is their number; if your account or slurm.qos allows no job as large as this, "+
				"lower slurm.time = %s, slurm.cpus = %d or slurm.memory = %dM; `sacctmgr show qos` and `sacctmgr show associations user=$USER` list the limits", clock(d.Slurm.Time), d.Slurm.CPUs, megabytes(d.Memory))
		}
	}
	return refused
}

// brokenOff says what became of a submission that ended in an error. Its record
// stays if anything may have been queued.
func (d *Draft) brokenOff(err error, jobs map[string]string) error {
	refused := (*Refusal)(nil)
	unanswered := errors.As(err, &refused) && refused.Kind == NoAnswer
	if len(jobs) == 0 && !unanswered {
		return errors.Join(err, os.RemoveAll(d.dir))
	}
	if len(jobs) == 0 {
		return err
	}
	return fmt.Errorf("%d of the jobs were handed in before: %w", len(jobs), err)
}

// summary counts what was handed in.
func (d *Draft) summary(jobs map[string]string) *Handed {
	handed := &Handed{Left: d.Left}
	for _, a := range d.Arrays {
		job := jobs[a.Name]
		if a.Collector() {
			handed.Collector = job
			continue
		}
		handed.Jobs = append(handed.Jobs, job)
		handed.Tasks += len(a.Elements)
	}
	handed.Cells = d.Cells()
	if d.System != Slurm {
		handed.Script = filepath.Join(d.dir, handInFile)
	}
	return handed
}

// prepare writes what a submission needs on disk before anything is queued:
// program, run file, scripts and, last, the record.
func (d *Draft) prepare(w *pipeline.Workspace) error {
	if err := os.Mkdir(d.dir, 0o777); err != nil {
		return err
	}
	if err := copyProgram(filepath.Join(filepath.Dir(d.dir), d.Program)); err != nil {
		return err
	}
	text, err := os.ReadFile(w.Path)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(d.dir, d.RunFile), text, 0o666); err != nil {
		return err
	}
	for _, a := range d.Arrays {
		script, err := d.script(a)
		if err != nil {
			return err
		}
		err = errors.Join(os.Mkdir(filepath.Join(d.dir, a.Label), 0o777), os.WriteFile(d.scriptFile(a), []byte(script), 0o666))
		if err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(d.dir, handInFile), []byte(d.handIn()), 0o666); err != nil {
		return err
	}
	return d.write()
}
