package pipeline

import (
	"context"
	"fmt"
	"path/filepath"

	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

// chains sample a machine: many configurations side by side.
type chains interface {
	Step(n int)
	Visible() []uint64
	SetVisible(rows []uint64)
	Randomize()
	FlipAtRandom()
	MarshalBinary() ([]byte, error)
	UnmarshalBinary(stored []byte) error
}

// newChains starts chains on the last of a row of machines.
func (j *job) newChains(row []*rbm.Machine, n int, purpose string) (chains, error) {
	seed := stream(j.spec, j.task.Cell, purpose, 0)
	if len(row) == 1 {
		return rbm.NewGibbs(row[0], n, seed)
	}
	return rbm.NewExchange(row, n, seed)
}

// machines is the row of machines between which a sampling algorithm exchanges
// configurations, the cell's own one last and alone for plain Gibbs sampling.
func (j *job) machines(ctx context.Context, algorithm string, machine *rbm.Machine) ([]*rbm.Machine, error) {
	switch algorithm {
	case "gibbs":
		return []*rbm.Machine{machine}, nil
	case "tempering":
		return j.tempered(ctx, machine)
	case "ladder":
		return j.ladder(machine)
	case "trajectory":
		return j.trajectory(machine)
	}
	panic("pipeline: not a sampling algorithm: " + algorithm)
}

// tempered is the machine at several inverse temperatures, from a crude model of the
// data on.
func (j *job) tempered(ctx context.Context, machine *rbm.Machine) ([]*rbm.Machine, error) {
	rows, err := j.readSpins(validationFile)
	if err != nil {
		return nil, err
	}
	base, err := annealingBase(j.model, machine, rows)
	if err != nil {
		return nil, err
	}
	return machine.Tempered(ctx, base, j.spec.Sampling.Machines, stream(j.spec, j.task.Cell, "tempering", 0))
}

// ladder is the machines of the next higher temperatures of the sweep, from the highest
// down, and then this cell's.
func (j *job) ladder(machine *rbm.Machine) ([]*rbm.Machine, error) {
	row := []*rbm.Machine{machine}
	for _, cell := range ladderCells(j.spec, j.task.Cell) {
		m, err := j.readMachineOf(cell, machineFile)
		if err != nil {
			return nil, fmt.Errorf("machine of %s: %w", cell.ID(), err)
		}
		row = append([]*rbm.Machine{m}, row...)
	}
	return row, nil
}

// trajectory is the machines kept along the cell's training, and then the trained one:
// the last ones kept, and the first if there are more than the run file allows.
func (j *job) trajectory(machine *rbm.Machine) (row []*rbm.Machine, err error) {
	names := snapshotFiles(j.spec)
	if most := j.spec.Sampling.Machines - 1; len(names) > most {
		names = append(names[:1:1], names[len(names)-most+1:]...)
	}
	for _, name := range names {
		m, err := j.readMachineOf(j.task.Cell, name)
		if err != nil {
			return nil, err
		}
		row = append(row, m)
	}
	return append(row, machine), nil
}

// readMachine reads and verifies the cell's trained machine.
func (j *job) readMachine() (*rbm.Machine, error) { return j.readMachineOf(j.task.Cell, machineFile) }

// readMachineOf does so for a file of one of its shape's cells.
func (j *job) readMachineOf(cell Cell, name string) (*rbm.Machine, error) {
	dir := j.folders.of(cell)
	if err := store.Verify(dir, name); err != nil {
		return nil, err
	}
	arrays, _, err := store.ReadMachine(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	machine := machineOf(arrays)
	if machine.Visible != j.model.Lattice.Sites() || machine.Hidden != j.task.Cell.Hidden {
		return nil, fmt.Errorf("%s: a machine of %d × %d units, want %d × %d", name, machine.Visible, machine.Hidden, j.model.Lattice.Sites(), j.task.Cell.Hidden)
	}
	return machine, machine.Validate()
}
