package cluster

import (
	"context"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"isingrbm/pipeline"
)

// Request is what submit is asked for.
type Request struct {
	Stage   pipeline.Stage `json:"stage,omitempty"`   // of the cells; "": all of them, and the report
	Only    []string       `json:"only,omitempty"`    // cells, by id or by a pattern for it; nil: all
	Missing bool           `json:"missing,omitempty"` // cells that failed as well
	System  System         `json:"system"`
}

// Left counts the cells that a submission leaves out.
type Left struct {
	Done, Queued, Busy, Failed, Waiting int
}

// String says why cells are left out, for those reasons that some have.
func (l Left) String() string {
	var parts []string
	for _, reason := range []struct {
		count int
		text  string
	}{
		{l.Done, "done"},
		{l.Queued, "in the queue"},
		{l.Busy, "at work outside the queue"},
		{l.Failed, "failed (--missing submits them again)"},
		{l.Waiting, "waiting for cells that are not submitted"},
	} {
		if reason.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", reason.count, reason.text))
		}
	}
	return strings.Join(parts, ", ")
}

// Draft is a submission that is planned and not handed in.
type Draft struct {
	*Submission
	Left       Left
	NoQueue    error    // why the queue could not be looked at; nil if it was
	collectors []string // queued before, which this one's replaces
	inherited  []string // cells that those were to submit
}

// Empty reports whether there is nothing to hand in.
func (d *Draft) Empty() bool { return len(d.Arrays) == 0 }

// Cells counts the cells that are handed in.
func (d *Draft) Cells() int {
	return len(cellsOf(d.Arrays))
}

// Plan looks at the disk and at the queue and plans what is to be submitted.
// Nothing is written. Where the queue cannot be looked at the draft says so; it
// may be shown but not handed in.
func Plan(ctx context.Context, w *pipeline.Workspace, request Request) (*Draft, error) {
	runDir, err := filepath.Abs(w.Dir)
	if err != nil {
		return nil, err
	}
	d := &Draft{Submission: &Submission{Format: format, Time: time.Now().UTC(), System: request.System, Request: request, RunFile: filepath.Base(w.Path), Slurm: w.Run.Slurm}}
	before, err := readSubmissions(runDir)
	if err != nil {
		return nil, err
	}
	d.dir = filepath.Join(runDir, folder, fmt.Sprintf("%03d", nextNumber(before)))
	if d.Program, err = programName(); err != nil {
		return nil, err
	}
	queue, limit := Queue{}, elementsOfArray
	if request.System == Slurm {
		queue, limit, d.NoQueue = look(ctx)
	}
	selected, err := selectCells(w, request, queued(before, queue))
	if err != nil {
		return nil, err
	}
	d.Left = selected.left
	if err := d.size(w, selected); err != nil {
		return nil, err
	}
	d.plan(w, selected, jobPrefix(runDir), limit)
	d.planCollector(w, before, queue)
	return d, nil
}

// look asks Slurm for the queue and the largest array.
func look(ctx context.Context) (Queue, int, error) {
	queue, err := slurm{}.queue(ctx)
	if err != nil {
		return nil, elementsOfArray, err
	}
	limit, err := slurm{}.maxElements(ctx)
	return queue, limit, err
}

// selection is what is to be submitted.
type selection struct {
	stages  []pipeline.Stage // of the machine cells
	data    []pipeline.Cell
	machine []pipeline.Cell
	source  map[pipeline.Cell]source // of data that are in the queue
	left    Left
}

// selectCells picks the cells of the request that are neither done nor queued.
func selectCells(w *pipeline.Workspace, request Request, queued map[string]source) (*selection, error) {
	if err := checkPatterns(w, request.Only); err != nil {
		return nil, err
	}
	status, err := w.Status()
	if err != nil {
		return nil, err
	}
	s := &selection{stages: machineStages(request.Stage), source: make(map[pipeline.Cell]source)}
	byCell := make(map[pipeline.Cell]pipeline.CellStatus, len(status))
	wanted := make(map[pipeline.Cell]bool)
	for _, c := range status {
		if len(c.Changes) > 0 {
			return nil, w.Changed()
		}
		byCell[c.Cell] = c
		if matches(request.Only, c.Cell.ID()) {
			wanted[c.Cell] = true
			for _, data := range w.Plan.DataOf(c.Cell) {
				wanted[data] = true
			}
		}
	}
	for _, c := range status {
		if !wanted[c.Cell] {
			continue
		}
		if !c.Cell.IsMachine() {
			s.selectData(c, request, queued)
		} else if request.Stage != pipeline.Generate {
			s.selectMachine(c, leastDone(byCell, w.Plan.DataOf(c.Cell)), request, queued)
		}
	}
	return s, nil
}

// leastDone is the status of the first of some data cells that is not done, or of the
// last.
func leastDone(byCell map[pipeline.Cell]pipeline.CellStatus, cells []pipeline.Cell) (status pipeline.CellStatus) {
	for _, cell := range cells {
		if status = byCell[cell]; status.Status != pipeline.Done {
			break
		}
	}
	return status
}

// machineStages are those that a task over machine cells carries out. A task
// that does all of them makes missing data itself, so that it never waits for
// somebody who is gone.
func machineStages(stage pipeline.Stage) []pipeline.Stage {
	if stage == "" || stage == pipeline.Generate {
		return pipeline.CellStages()
	}
	return []pipeline.Stage{stage}
}

// settled counts a cell that is not to be submitted.
func (s *selection) settled(c pipeline.CellStatus, request Request, queued map[string]source) bool {
	_, inQueue := queued[c.Cell.ID()]
	switch {
	case c.Status == pipeline.Done:
		s.left.Done++
	case inQueue:
		s.left.Queued++
	case c.Status == pipeline.Running:
		s.left.Busy++
	case c.Status == pipeline.Failed && !request.Missing:
		s.left.Failed++
	default:
		return false
	}
	return true
}

func (s *selection) selectData(c pipeline.CellStatus, request Request, queued map[string]source) {
	if from, inQueue := queued[c.Cell.ID()]; inQueue && c.Status != pipeline.Done {
		s.source[c.Cell] = from
	}
	if request.Stage != "" && request.Stage != pipeline.Generate {
		return
	}
	if !s.settled(c, request, queued) {
		s.data = append(s.data, c.Cell)
	}
}

// selectMachine picks a machine cell whose next stage is the one asked for, if one is.
func (s *selection) selectMachine(c, data pipeline.CellStatus, request Request, queued map[string]source) {
	if s.settled(c, request, queued) {
		return
	}
	order := func(stage pipeline.Stage) int { return slices.Index(pipeline.CellStages(), stage) }
	_, dataComes := s.source[data.Cell]
	dataComes = dataComes || slices.Contains(s.data, data.Cell)
	switch {
	case data.Status == pipeline.Failed && !request.Missing,
		request.Stage != "" && data.Status != pipeline.Done && !dataComes,
		request.Stage != "" && order(c.Stage) < order(request.Stage):
		s.left.Waiting++
	case request.Stage != "" && order(c.Stage) > order(request.Stage):
		s.left.Done++
	default:
		s.machine = append(s.machine, c.Cell)
	}
}

// matches reports whether a cell is one of those asked for: by its id, by the
// beginning of it, or by a pattern with * and ?.
func matches(only []string, id string) bool {
	if len(only) == 0 {
		return true
	}
	return slices.ContainsFunc(only, func(pattern string) bool {
		match, _ := path.Match(pattern, id) // checkPatterns has seen it
		return match || strings.HasPrefix(id, strings.TrimSuffix(pattern, "/")+"/")
	})
}

// checkPatterns refuses a pattern that means no cell.
func checkPatterns(w *pipeline.Workspace, only []string) error {
	cells := append(w.Plan.Cells(false), w.Plan.Cells(true)...)
	for _, pattern := range only {
		if _, err := path.Match(pattern, ""); err != nil {
			return fmt.Errorf("--only %q is no pattern: %w", pattern, err)
		}
		if !slices.ContainsFunc(cells, func(c pipeline.Cell) bool { return matches([]string{pattern}, c.ID()) }) {
			return fmt.Errorf("--only %q means no cell of %s\n  hint: a cell is written as %s; * stands for anything between slashes", pattern, w.Path, cells[len(cells)-1].ID())
		}
	}
	return nil
}

// queued says for every cell in the queue which element it is in.
func queued(submissions []*Submission, queue Queue) map[string]source {
	cells := make(map[string]source)
	for _, s := range submissions {
		for _, a := range s.Arrays {
			for _, e := range a.Elements {
				entry, in := queue[place{a.Name, e.Index}]
				if !in {
					continue
				}
				for _, cell := range e.Cells {
					cells[cell] = source{array: a.Name, job: entry.Job, index: e.Index}
				}
			}
		}
	}
	return cells
}

// plan turns the selection into arrays.
func (d *Draft) plan(w *pipeline.Workspace, s *selection, prefix string, maxElements int) {
	p := &planner{
		prefix: fmt.Sprintf("%s.%s", prefix, filepath.Base(d.dir)), stages: s.stages,
		perData: d.PerTask.Data, perMachine: d.PerTask.Machine, maxElements: maxElements, maxRunning: d.Slurm.MaxRunning,
		source: s.source, chain: w.Chain, data: w.Plan.DataOf,
	}
	p.generate(s.data)
	p.machines(s.machine)
	p.limit()
	d.Arrays = p.arrays
}

// planCollector adds the collector where something is to be collected, in the
// place of those that are waiting in the queue, and after one that is at work:
// only one makes the report at a time.
func (d *Draft) planCollector(w *pipeline.Workspace, before []*Submission, queue Queue) {
	if d.Request.Stage != "" {
		return
	}
	var waitFor []Dependency
	collecting := false
	eachElement(before, func(s *Submission, a Array, e Element) {
		entry, in := queue[place{a.Name, e.Index}]
		collecting = collecting || in && a.Collector()
		switch {
		case !in:
		case a.Collector() && entry.Waits():
			d.collectors = append(d.collectors, entry.ID())
			d.inherited = append(d.inherited, known(w, s.KeptOut)...)
		case !slices.ContainsFunc(waitFor, func(o Dependency) bool { return o.Job == entry.Job }):
			waitFor = append(waitFor, Dependency{Kind: afterEnd, Array: a.Name, Job: entry.Job})
		}
	})
	if len(d.Arrays) == 0 && (collecting || len(waitFor) == 0 && !w.NeedsReport()) {
		d.collectors = nil
		return
	}
	p := &planner{prefix: fmt.Sprintf("%s.%s", jobPrefix(filepath.Dir(filepath.Dir(d.dir))), filepath.Base(d.dir)), arrays: d.Arrays}
	p.collect(waitFor)
	d.Arrays = p.arrays
}

// known keeps the ids of cells that the run file still has.
func known(w *pipeline.Workspace, ids []string) []string {
	has := make(map[string]bool)
	for _, cell := range w.Plan.AllCells() {
		has[cell.ID()] = true
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !has[id] })
}

// Print writes the scripts of the draft and the commands that hand them in.
func (d *Draft) Print(out io.Writer) error {
	for _, a := range d.Arrays {
		script, err := d.script(a)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "# %s\n%s\n", d.scriptFile(a), script)
	}
	_, err := fmt.Fprintf(out, "# %s\n%s", filepath.Join(d.dir, handInFile), d.handIn())
	return err
}

// handIn is the script that hands in all arrays in order.
func (d *Draft) handIn() string {
	var b strings.Builder
	b.WriteString("#!/bin/sh\nset -e\n")
	jobs := make(map[string]string)
	for i, a := range d.Arrays {
		for _, dependency := range a.After {
			if dependency.Job != "" {
				jobs[dependency.Array] = dependency.Job
			}
		}
		fmt.Fprintln(&b, d.System.handIn(i+1, a, d.scriptFile(a), jobs))
		jobs[a.Name] = fmt.Sprintf(`"$job%d"`, i+1)
	}
	if d.System.numbersJobs() {
		b.WriteString("echo submitted")
		for _, a := range d.Arrays {
			b.WriteString(" " + jobs[a.Name])
		}
		b.WriteString("\n")
	}
	return b.String()
}

// handInFile is the script that hands in the others.
const handInFile = "submit.sh"

func (s *Submission) scriptFile(a Array) string { return filepath.Join(s.dir, a.Label+".sh") }

// nextNumber is the number of the next submission.
func nextNumber(before []*Submission) int {
	if len(before) == 0 {
		return 1
	}
	n := 0
	fmt.Sscanf(filepath.Base(before[len(before)-1].dir), "%d", &n)
	return n + 1
}
