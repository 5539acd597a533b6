package cluster

import (
	"cmp"
	"fmt"
	"slices"

	"isingrbm/pipeline"
)

// elementsOfArray bounds an array where the site does not: each element has a
// log in the array's folder, and folders of more than some 256 files are slow
// on shared disks.
const elementsOfArray = 250

// planner turns cells into arrays.
type planner struct {
	prefix      string // of the names of jobs
	stages      []pipeline.Stage
	perData     int // data cells a task
	perMachine  int // machine cells a task
	maxElements int
	maxRunning  int                                 // 0: no limit
	chain       func(pipeline.Cell) []pipeline.Cell // see pipeline.Workspace.Chain
	data        func(pipeline.Cell) []pipeline.Cell // see pipeline.Plan.DataOf

	arrays []Array
	source map[pipeline.Cell]source // where the data of a data cell are being made, if they are
}

// source is the element that draws the data of some cells.
type source struct {
	array string // "" for data that are there
	job   string // its number, if it was queued before
	index int
}

// label names the arrays of stages.
func label(stages []pipeline.Stage) string {
	if slices.Contains(stages, pipeline.Train) {
		return string(pipeline.Train)
	}
	return string(stages[0])
}

// add begins an array.
func (p *planner) add(stages []pipeline.Stage, after ...Dependency) *Array {
	name := label(stages)
	number := 1
	for _, a := range p.arrays {
		if len(a.Stages) > 0 && label(a.Stages) == name {
			number++
		}
	}
	name = fmt.Sprintf("%s.%d", name, number)
	p.arrays = append(p.arrays, Array{Label: name, Name: p.prefix + "." + name, Stages: stages, After: after})
	return &p.arrays[len(p.arrays)-1]
}

// generate plans the arrays that draw data.
func (p *planner) generate(cells []pipeline.Cell) {
	for part := range slices.Chunk(bundles(cells, p.perData), p.maxElements) {
		a := p.add([]pipeline.Stage{pipeline.Generate})
		for i, bundle := range part {
			a.Elements = append(a.Elements, Element{i + 1, ids(bundle)})
			for _, cell := range bundle {
				p.source[cell] = source{array: a.Name, index: i + 1}
			}
		}
	}
}

// machines plans the arrays of machine cells.
func (p *planner) machines(cells []pipeline.Cell) {
	if slices.ContainsFunc(cells, func(c pipeline.Cell) bool { return len(p.chain(c)) > 1 || c.Pooled }) {
		p.trainChains(cells)
	} else {
		p.train(cells)
	}
}

// trainChains plans machines of which each starts from that of the next higher
// temperature, or reads the data of all: one after the other, so in one task, once all data are drawn.
func (p *planner) trainChains(cells []pipeline.Cell) {
	var hottest []pipeline.Cell
	chains := make(map[pipeline.Cell][]pipeline.Cell)
	var after []Dependency
	for _, cell := range cells {
		first := p.chain(cell)[0]
		if chains[first] == nil {
			hottest = append(hottest, first)
		}
		chains[first] = append(chains[first], cell)
		for _, data := range p.data(cell) {
			s := p.source[data]
			made := Dependency{Kind: afterEnd, Array: s.array, Job: s.job}
			if s.array != "" && !slices.Contains(after, made) {
				after = append(after, made)
			}
		}
	}
	var tasks [][]pipeline.Cell
	for _, first := range hottest {
		chain := chains[first]
		slices.SortStableFunc(chain, func(a, b pipeline.Cell) int { return cmp.Compare(b.Temperature, a.Temperature) })
		tasks = append(tasks, chain)
	}
	for part := range slices.Chunk(joined(tasks, p.perMachine), p.maxElements) {
		a := p.add(p.stages, after...)
		for i, task := range part {
			a.Elements = append(a.Elements, Element{i + 1, ids(task)})
		}
	}
}

// joined puts short tasks together, as long as they hold no more than size
// cells.
func joined(tasks [][]pipeline.Cell, size int) [][]pipeline.Cell {
	var list [][]pipeline.Cell
	for _, task := range tasks {
		if last := len(list) - 1; last >= 0 && len(list[last])+len(task) <= size {
			list[last] = append(list[last], task...)
		} else {
			list = append(list, task)
		}
	}
	return list
}

// train plans the arrays of machines that start anew, apart for every array
// that draws data for them, and for those whose data are there.
func (p *planner) train(cells []pipeline.Cell) {
	var order []source // arrays, with index 0, in the order of the plan
	groups := make(map[source]map[int][]pipeline.Cell)
	for _, cell := range cells {
		s := p.source[cell.Data()]
		array := source{array: s.array, job: s.job}
		if groups[array] == nil {
			order = append(order, array)
			groups[array] = make(map[int][]pipeline.Cell)
		}
		groups[array][s.index] = append(groups[array][s.index], cell)
	}
	for _, array := range order {
		byIndex := make(map[int][][]pipeline.Cell)
		depth := 0
		for index, group := range groups[array] {
			byIndex[index] = bundles(group, p.perMachine)
			depth = max(depth, len(byIndex[index]))
		}
		if array.array != "" && depth <= len(byIndex) {
			p.layers(array, byIndex, depth)
		} else {
			p.fans(array, byIndex)
		}
	}
}

// layers plans one array for the first task of every element that draws data,
// one for the second, and so on: element i waits for element i.
func (p *planner) layers(array source, byIndex map[int][][]pipeline.Cell, depth int) {
	for k := range depth {
		a := p.add(p.stages, Dependency{Kind: afterCorresponding, Array: array.array, Job: array.job})
		for _, index := range sortedKeys(byIndex) {
			if k < len(byIndex[index]) {
				a.Elements = append(a.Elements, Element{index, ids(byIndex[index][k])})
			}
		}
	}
}

// fans plans one array for each element that draws data, with all the tasks
// that wait for it; those that wait for nothing are one fan.
func (p *planner) fans(array source, byIndex map[int][][]pipeline.Cell) {
	for _, index := range sortedKeys(byIndex) {
		var after []Dependency
		if array.array != "" {
			after = []Dependency{{Kind: afterSuccess, Array: array.array, Job: array.job, Index: index}}
		}
		for part := range slices.Chunk(byIndex[index], p.maxElements) {
			a := p.add(p.stages, after...)
			for i, bundle := range part {
				a.Elements = append(a.Elements, Element{i + 1, ids(bundle)})
			}
		}
	}
}

// limit shares out how many tasks of a stage may run at a time. Where that is
// fewer than the stage has arrays, later arrays wait for earlier ones.
func (p *planner) limit() {
	if p.maxRunning == 0 {
		return
	}
	byStage := make(map[string][]int)
	for i, a := range p.arrays {
		byStage[label(a.Stages)] = append(byStage[label(a.Stages)], i)
	}
	for _, arrays := range byStage {
		lanes := min(len(arrays), p.maxRunning)
		for k, i := range arrays {
			p.arrays[i].Limit = p.maxRunning / lanes
			if k%lanes < p.maxRunning%lanes {
				p.arrays[i].Limit++
			}
			if k >= lanes {
				before := p.arrays[arrays[k-lanes]]
				p.arrays[i].After = append(p.arrays[i].After, Dependency{Kind: afterEnd, Array: before.Name})
			}
		}
	}
}

// collect plans the job that makes the report, after all arrays and those that
// were queued before.
func (p *planner) collect(queued []Dependency) {
	after := slices.Clone(queued)
	for _, a := range p.arrays {
		after = append(after, Dependency{Kind: afterEnd, Array: a.Name})
	}
	p.arrays = append(p.arrays, Array{Label: collectorLabel, Name: p.prefix + "." + collectorLabel, Elements: []Element{{}}, After: after})
}

const collectorLabel = "report"

// bundles cuts a list of cells into tasks.
func bundles(cells []pipeline.Cell, size int) [][]pipeline.Cell {
	return slices.Collect(slices.Chunk(cells, size))
}

func ids(cells []pipeline.Cell) []string {
	list := make([]string, len(cells))
	for i, c := range cells {
		list[i] = c.ID()
	}
	return list
}

func sortedKeys[V any](m map[int]V) []int {
	keys := make([]int, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
