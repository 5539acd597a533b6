package pipeline

import (
	"sync"
	"time"
)

// outlook says how far a run is as a whole and how long it still takes: every task
// counts by what it is expected to take, and the tasks of a stage by what those before
// them took of what was expected.
type outlook struct {
	stages     map[Stage]*stageOutlook
	unfinished int // tasks
}

// stageOutlook adds up the tasks of a stage, in seconds of one worker.
type stageOutlook struct {
	done, left float64 // expected
	spent      float64 // on what is done
}

// add takes a task into account of which a share is done, in so many seconds.
func (o *outlook) add(stage Stage, expected, share, seconds float64) {
	if o.stages == nil {
		o.stages = make(map[Stage]*stageOutlook)
	}
	s := o.stages[stage]
	if s == nil {
		s = new(stageOutlook)
		o.stages[stage] = s
	}
	s.done += expected * share
	s.left += expected * (1 - share)
	if share > 0 {
		s.spent += seconds
	}
	if share < 1 {
		o.unfinished++
	}
}

// priorShare is the part of a stage whose expected time counts as if it had been
// measured, at the pace of the other stages, so that the first seconds of a stage do
// not decide alone.
const priorShare = 0.02

// pace is the time that a stage takes for each second that is expected.
func (o *outlook) pace(stage *stageOutlook) float64 {
	var spent, done float64
	for _, s := range o.stages {
		spent, done = spent+s.spent, done+s.done
	}
	common := 1.0
	if done > 0 {
		common = spent / done
	}
	prior := priorShare * (stage.done + stage.left)
	if stage.done+prior == 0 {
		return common
	}
	return (stage.spent + common*prior) / (stage.done + prior)
}

// now is the share of the run that is done and how long the rest takes so many workers.
func (o *outlook) now(workers int) (share float64, left time.Duration) {
	var done, rest float64
	for _, s := range o.stages {
		pace := o.pace(s)
		done, rest = done+pace*s.done, rest+pace*s.left
	}
	if rest == 0 {
		return 1, 0
	}
	parallel := float64(max(1, min(workers, o.unfinished)))
	return done / (done + rest), time.Duration(rest / parallel * float64(time.Second))
}

// outlookOf is that of tasks as their records say.
func (w *Workspace) outlookOf(list []taskStatus) *outlook {
	o := new(outlook)
	for _, s := range list {
		p := w.taskProgress(s)
		o.add(p.stage, p.expected, p.share, p.seconds)
	}
	return o
}

// runProgress is what is known of the tasks of a run while it goes on.
type runProgress struct {
	mu    sync.Mutex
	tasks []taskProgress // in the order of the plan
}

type taskProgress struct {
	stage                    Stage
	expected, share, seconds float64
}

// taskProgress is that of a task as its record says.
func (w *Workspace) taskProgress(s taskStatus) taskProgress {
	e := expect(w.Run, w.Plan.Model(s.Cell), s.Task)
	p := taskProgress{stage: s.Stage, expected: e.seconds}
	switch {
	case s.Status == Done:
		p.share, p.seconds = 1, s.record.Seconds
	case s.record != nil && s.Status != Missing:
		p.share, p.seconds = e.share(s.record, taskUnits(w.Run, s.Task)), s.record.Seconds
	}
	return p
}

// newRunProgress is that of the tasks that the options cover, as the disk has them.
func (w *Workspace) newRunProgress(list []taskStatus, options Options) *runProgress {
	p := &runProgress{tasks: make([]taskProgress, len(list))}
	for i, s := range list {
		if options.covers(s.Task) {
			p.tasks[i] = w.taskProgress(s)
		}
	}
	return p
}

// set says how much of a task is done, and in how many seconds.
func (p *runProgress) set(task int, share, seconds float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tasks[task].share, p.tasks[task].seconds = share, seconds
}

func (p *runProgress) outlook() *outlook {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := new(outlook)
	for _, t := range p.tasks {
		if t.stage != "" {
			o.add(t.stage, t.expected, t.share, t.seconds)
		}
	}
	return o
}
