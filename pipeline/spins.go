package pipeline

import (
	"cmp"
	"errors"
	"path/filepath"

	"isingrbm/ising"
	"isingrbm/pipeline/store"
)

// DefaultHeld is how many bytes of spins of a file a job holds in memory.
const DefaultHeld = 32 << 20

// readSpins returns all spins of one kind of file of the data that the cell's training
// reads, in turns where it reads a pool: see readSpinsOf.
func (j *job) readSpins(file spinFile) ([]uint64, error) {
	var lists [][]uint64
	for _, data := range dataOf(j.spec, j.task.Cell) {
		spins, err := j.readSpinsOf(data, file)
		if err != nil {
			return nil, err
		}
		lists = append(lists, spins)
	}
	if len(lists) == 1 {
		return lists[0], nil
	}
	s := spinSet{job: j}
	if err := takeTurns(lists, ising.Words(j.model.Lattice.Sites()), s.add); err != nil {
		return nil, err
	}
	return s.all()
}

// readSpinsOf returns all spins of one of a data cell's files, a bit each, after
// verifying its checksum. They must not be changed and are valid until the job ends.
// They are held in memory where they are few, and otherwise lie in a file that is
// mapped into it: what a stage needs does not grow with the number of configurations.
func (j *job) readSpinsOf(data Cell, file spinFile) ([]uint64, error) {
	dir, name := j.folders.of(data), file.name(j.spec)
	if err := store.Verify(dir, name); err != nil {
		return nil, err
	}
	s := spinSet{job: j}
	err := readConfigurations(filepath.Join(dir, name), j.model.Lattice.Sites(), func(batch store.ConfigurationBatch) error {
		return s.add(batch.Spins)
	})
	if err != nil {
		return nil, err
	}
	return s.all()
}

// spinSet collects spins: in memory, and once they are too many in a file.
type spinSet struct {
	*job
	held  []uint64
	spill *store.Spill // nil as long as they are held
}

func (s *spinSet) add(spins []uint64) (err error) {
	if s.spill == nil && 8*(len(s.held)+len(spins)) <= cmp.Or(s.heldSpins, DefaultHeld) {
		s.held = append(s.held, spins...)
		return nil
	}
	if s.spill == nil {
		if s.spill, err = store.NewSpill(cmp.Or(s.scratch, s.lock.Dir())); err != nil {
			return err
		}
		s.spills = append(s.spills, s.spill)
		if err := s.spill.Append(s.held); err != nil {
			return err
		}
		s.held = nil
	}
	return s.spill.Append(spins)
}

func (s *spinSet) all() ([]uint64, error) {
	if s.spill == nil {
		return s.held, nil
	}
	return s.spill.Words()
}

// closeSpills gives up the spins that were mapped.
func (j *job) closeSpills() error {
	var failures []error
	for _, s := range j.spills {
		failures = append(failures, s.Close())
	}
	j.spills = nil
	return errors.Join(failures...)
}
