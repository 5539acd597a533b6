package pipeline

import (
	"slices"

	"isingrbm/ising"
	"isingrbm/pipeline/runfile"
)

// Stage names a step of the pipeline. The first four work on cells, the last
// on the whole run directory.
type Stage string

// The stages, in their order.
const (
	Generate Stage = "generate"
	Train    Stage = "train"
	Sample   Stage = "sample"
	Flow     Stage = "flow"
	Analyse  Stage = "analyse"
)

// CellStages lists the stages that work on cells, in their order.
func CellStages() []Stage { return []Stage{Generate, Train, Sample, Flow} }

// Task is one stage of one cell.
type Task struct {
	Stage Stage
	Cell  Cell
	Needs []int // indices in Plan.Tasks of the tasks whose files this one reads
}

// Plan is the graph of all tasks of a run. Tasks appear after those they need, except
// where they need a machine of a higher temperature, to start from or to exchange
// configurations with.
type Plan struct {
	Run   *runfile.Run
	Tasks []Task

	lattices map[int]*ising.Lattice // by size
}

// NewPlan lists the tasks of a run: for every size and temperature the data,
// then every machine's training, sampling and flow. Pooled machines follow the data of
// their size.
func NewPlan(run *runfile.Run) (*Plan, error) {
	p := &Plan{Run: run, lattices: make(map[int]*ising.Lattice)}
	for _, size := range run.Lattice.Sizes {
		lattice, err := ising.NewLattice(run.Lattice.Kind, size, run.Lattice.Boundary)
		if err != nil {
			return nil, err
		}
		p.lattices[size] = lattice
		for _, temperature := range run.Sweep.Temperatures {
			if run.HasData(size, temperature) {
				p.addTemperature(Cell{Size: size, Temperature: temperature}, lattice.Sites())
			}
		}
		if run.RBM != nil && run.Training.Pool {
			p.addMachines(Cell{Size: size, Pooled: true}, lattice.Sites())
		}
	}
	p.linkWarmStarts()
	p.addLadders()
	p.linkFlows()
	return p, nil
}

func (p *Plan) addTemperature(data Cell, sites int) {
	p.add(Task{Stage: Generate, Cell: data})
	if p.Run.RBM != nil && !p.Run.Training.Pool {
		p.addMachines(data, sites)
	}
}

// addMachines adds the machines of one temperature, or of all.
func (p *Plan) addMachines(place Cell, sites int) {
	for _, hidden := range p.Run.RBM.Hidden {
		for replica := range p.Run.RBM.Replicas {
			cell := place
			cell.Hidden, cell.Replica = hidden.Units(sites), replica
			train := p.add(Task{Stage: Train, Cell: cell, Needs: p.generations(p.DataOf(cell))})
			if !cell.Pooled {
				p.add(Task{Stage: Sample, Cell: cell, Needs: []int{train}})
			}
			if len(p.Run.Flow.From) > 0 {
				p.add(Task{Stage: Flow, Cell: cell, Needs: []int{train}})
			}
		}
	}
}

// DataOf lists the data cells that a cell's training reads: see dataOf.
func (p *Plan) DataOf(c Cell) []Cell { return dataOf(p.Run, c) }

// generations are the tasks that make these data cells, those that are in the plan.
func (p *Plan) generations(cells []Cell) (tasks []int) {
	for i, t := range p.Tasks {
		if t.Stage == Generate && slices.Contains(cells, t.Cell) {
			tasks = append(tasks, i)
		}
	}
	return tasks
}

// addLadders lets every sampling wait for the machines that it exchanges
// configurations with.
func (p *Plan) addLadders() {
	trains := make(map[Cell]int)
	for i, t := range p.Tasks {
		if t.Stage == Train {
			trains[t.Cell] = i
		}
	}
	for i := range p.Tasks {
		if t := &p.Tasks[i]; t.Stage == Sample {
			for _, cell := range ladderCells(p.Run, t.Cell) {
				t.Needs = append(t.Needs, trains[cell])
			}
		}
	}
}

// ladderCells lists the machine cells of the next higher temperatures of the sweep, the
// nearest first, that a cell's sampling exchanges configurations with.
func ladderCells(run *runfile.Run, cell Cell) (cells []Cell) {
	if run.Sampling.Algorithm != "ladder" {
		return nil
	}
	for _, t := range run.Sweep.Temperatures {
		if t > cell.Temperature && len(cells) < run.Sampling.Machines-1 {
			neighbor := cell
			neighbor.Temperature = t
			cells = append(cells, neighbor)
		}
	}
	return cells
}

// linkFlows lets every flow wait for the configurations that it starts from.
func (p *Plan) linkFlows() {
	for i := range p.Tasks {
		if t := &p.Tasks[i]; t.Stage == Flow {
			var starts []Cell
			for _, from := range p.Run.Flow.From {
				starts = append(starts, Cell{Size: t.Cell.Size, Temperature: from})
			}
			t.Needs = append(t.Needs, p.generations(starts)...)
		}
	}
}

func (p *Plan) add(t Task) int {
	p.Tasks = append(p.Tasks, t)
	return len(p.Tasks) - 1
}

// Model returns the Ising model of a cell.
func (p *Plan) Model(c Cell) ising.Model {
	return ising.Model{
		Lattice:  p.lattices[c.Size],
		Coupling: p.Run.Lattice.Coupling,
		Field:    p.Run.Lattice.Field,
	}
}

// AllCells lists the data cells and the machine cells, in the order of the
// plan: a cell's place in it is its index.
func (p *Plan) AllCells() []Cell {
	var cells []Cell
	for _, t := range p.Tasks {
		if t.Stage == Generate || t.Stage == Train {
			cells = append(cells, t.Cell)
		}
	}
	return cells
}

// Cells lists the data cells or, if machines is set, the machine cells, in
// the order of the plan.
func (p *Plan) Cells(machines bool) []Cell {
	first := Generate
	if machines {
		first = Train
	}
	var cells []Cell
	for _, t := range p.Tasks {
		if t.Stage == first {
			cells = append(cells, t.Cell)
		}
	}
	return cells
}
