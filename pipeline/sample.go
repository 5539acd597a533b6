package pipeline

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	"isingrbm/ising"
	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

// sample draws configurations from the cell's machine by block Gibbs on many
// chains, one stored configuration a chain every thinning steps, and then
// estimates its ln Z.
func (j *job) sample(ctx context.Context) error {
	gibbs, machine, err := j.startChains()
	if err != nil {
		return err
	}
	settings := j.spec.Sampling
	meta := append(j.configurationMetadata("samples of a restricted Boltzmann machine"),
		store.KeyValue{Key: "definition_step", Value: "Gibbs steps since the start of the chain"},
		store.KeyValue{Key: "n_h", Value: strconv.Itoa(machine.Hidden)},
		store.KeyValue{Key: "replica", Value: strconv.Itoa(j.task.Cell.Replica)},
		store.KeyValue{Key: "algorithm", Value: "block gibbs"},
		store.KeyValue{Key: "start", Value: settings.Start},
		store.KeyValue{Key: "burn_in_steps", Value: strconv.Itoa(settings.BurnIn)},
		store.KeyValue{Key: "thinning_steps", Value: strconv.Itoa(settings.Thinning)},
		store.KeyValue{Key: "global_flips", Value: strconv.FormatBool(machine.FlipSymmetric())},
	)
	s := &machineSampler{job: j, gibbs: gibbs, flips: machine.FlipSymmetric(), state: samplerState{ToGo: settings.BurnIn}}
	if err := s.open(meta); err != nil {
		return err
	}
	defer s.spool.Abort()
	err = s.run(ctx)
	if err == nil {
		err = s.spool.finish(ctx)
	}
	if err == nil {
		err = j.estimateLikelihood(ctx, machine, s.state.Kept)
	}
	if interrupted(ctx, err) {
		err = errors.Join(err, s.save())
	}
	return err
}

// startChains reads the machine and sets up its Gibbs chains, at random or on
// validation configurations that the machine has not seen.
func (j *job) startChains() (*rbm.Gibbs, *rbm.Machine, error) {
	machine, err := j.readMachine()
	if err != nil {
		return nil, nil, err
	}
	gibbs, err := rbm.NewGibbs(machine, j.spec.Sampling.Chains, stream(j.spec, j.task.Cell, "samples", 0))
	if err != nil {
		return nil, nil, err
	}
	if j.spec.Sampling.Start == "random" {
		gibbs.Randomize()
		return gibbs, machine, nil
	}
	rows, err := j.readSpins(validationFile)
	if err != nil {
		return nil, nil, err
	}
	gibbs.SetVisible(repeatRows(rows, rbm.Words(machine.Visible), j.spec.Sampling.Chains))
	return gibbs, machine, nil
}

// repeatRows takes the first n rows, beginning again where they end.
func repeatRows(rows []uint64, words, n int) []uint64 {
	out := make([]uint64, 0, n*words)
	for len(out) < n*words {
		out = append(out, rows[:min(len(rows), n*words-len(out))]...)
	}
	return out
}

// readMachine reads and verifies the cell's trained machine.
func (j *job) readMachine() (*rbm.Machine, error) { return j.readMachineOf(j.task.Cell) }

// readMachineOf does so for another temperature's cell.
func (j *job) readMachineOf(cell Cell) (*rbm.Machine, error) {
	dir := cell.dir(j.out)
	if err := store.Verify(dir, machineFile); err != nil {
		return nil, err
	}
	arrays, _, err := store.ReadMachine(filepath.Join(dir, machineFile))
	if err != nil {
		return nil, err
	}
	machine := machineOf(arrays)
	if machine.Visible != j.model.Lattice.Sites() || machine.Hidden != j.task.Cell.Hidden {
		return nil, fmt.Errorf("%s: a machine of %d × %d units, want %d × %d", machineFile, machine.Visible, machine.Hidden, j.model.Lattice.Sites(), j.task.Cell.Hidden)
	}
	return machine, machine.Validate()
}

// machineSampler writes a machine's configurations.
type machineSampler struct {
	*job
	gibbs *rbm.Gibbs
	flips bool // the machine is exactly symmetric, so a global flip is a valid move
	spool *spool
	state samplerState
}

// samplerState is what a checkpoint keeps of a sampling, beside its spool.
type samplerState struct {
	Chains []byte   // rbm.Gibbs in binary form
	Step   int64    // of the chains
	ToGo   int      // steps until the next configuration is stored
	Kept   []uint64 // evenly spaced configurations, about keptSamples of them
}

// keptSamples are twice as many as the annealing back from them has chains.
const keptSamples = 1024

// open opens the file, and continues from the cell's checkpoint if there is
// one.
func (s *machineSampler) open(meta store.Metadata) error {
	checkpoint, err := s.loadCheckpoint()
	if err != nil {
		return err
	}
	var saved spoolState
	if checkpoint != nil {
		saved, s.state = checkpoint.Spools[0], checkpoint.Sampler
		if err := s.gibbs.UnmarshalBinary(s.state.Chains); err != nil {
			return s.refuse(err)
		}
		s.log.Info("continued", "stored", saved.rows())
	}
	s.spool, err = s.openSpool(samplesFile, meta, saved)
	if err == nil {
		s.advance(saved.rows())
	}
	return err
}

// save writes a checkpoint.
func (s *machineSampler) save() (err error) {
	if s.state.Chains, err = s.gibbs.MarshalBinary(); err != nil {
		return err
	}
	state, err := s.spool.save()
	if err != nil {
		return err
	}
	return s.saveCheckpoint(checkpointContent{Spools: []spoolState{state}, Sampler: s.state})
}

func (s *machineSampler) run(ctx context.Context) error {
	settings := s.spec.Sampling
	sites := s.model.Lattice.Sites()
	words := ising.Words(sites)
	batch := newBatch(settings.Chains, sites, 0)
	for stored := s.spool.state.rows(); stored < settings.Configurations; stored += settings.Chains {
		if err := s.steps(ctx); err != nil {
			return err
		}
		if s.flips {
			s.gibbs.FlipAtRandom()
		}
		copy(batch.Spins, s.gibbs.Visible())
		for i := range settings.Chains {
			row := batch.Spins[i*words : (i+1)*words]
			batch.Energy[i] = s.model.Energy(row)
			batch.Magnetization[i] = int32(s.model.Magnetization(row))
		}
		rows := min(settings.Chains, settings.Configurations-stored)
		for i := range rows {
			if (stored+i)%max(1, settings.Configurations/keptSamples) == 0 {
				s.state.Kept = append(s.state.Kept, batch.Spins[i*words:(i+1)*words]...)
			}
		}
		if err := s.spool.Append(firstRows(batch, rows, s.state.Step)); err != nil {
			return err
		}
		s.spool.count(rows)
		s.state.ToGo = settings.Thinning
		s.advance(rows)
	}
	return nil
}

// steps runs the Gibbs steps until the next configuration, looking at the
// context and the clock now and then.
func (s *machineSampler) steps(ctx context.Context) error {
	const between = 16
	for s.state.ToGo > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.checkpointDue() {
			if err := s.save(); err != nil {
				return err
			}
		}
		n := min(s.state.ToGo, between)
		s.gibbs.Step(n)
		s.state.ToGo -= n
		s.state.Step += int64(n)
	}
	return nil
}
