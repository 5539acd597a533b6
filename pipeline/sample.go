package pipeline

import (
	"context"
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
	w, err := j.createConfigurations(samplesFile, meta)
	if err != nil {
		return err
	}
	defer w.Abort()
	s := machineSampler{job: j, gibbs: gibbs, flips: machine.FlipSymmetric(), writer: w}
	if err := s.run(ctx); err != nil {
		return err
	}
	if err := w.Commit(); err != nil {
		return err
	}
	return j.estimateLikelihood(ctx, machine, s.kept)
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
func (j *job) readMachine() (*rbm.Machine, error) {
	if err := store.Verify(j.dir, machineFile); err != nil {
		return nil, err
	}
	arrays, _, err := store.ReadMachine(filepath.Join(j.dir, machineFile))
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
	gibbs  *rbm.Gibbs
	flips  bool // the machine is exactly symmetric, so a global flip is a valid move
	writer *store.ConfigurationsWriter
	kept   []uint64 // evenly spaced configurations, about keptSamples of them
}

// keptSamples are twice as many as the annealing back from them has chains.
const keptSamples = 1024

func (s *machineSampler) run(ctx context.Context) error {
	settings := s.spec.Sampling
	if err := s.steps(ctx, settings.BurnIn); err != nil {
		return err
	}
	sites := s.model.Lattice.Sites()
	words := ising.Words(sites)
	batch := newBatch(settings.Chains, sites, 0)
	step := int64(settings.BurnIn)
	for stored := 0; stored < settings.Configurations; stored += settings.Chains {
		if stored > 0 {
			if err := s.steps(ctx, settings.Thinning); err != nil {
				return err
			}
			step += int64(settings.Thinning)
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
				s.kept = append(s.kept, batch.Spins[i*words:(i+1)*words]...)
			}
		}
		if err := s.writer.Append(firstRows(batch, rows, step)); err != nil {
			return err
		}
		s.advance(rows)
	}
	return nil
}

// steps runs n Gibbs steps, looking at the context now and then.
func (s *machineSampler) steps(ctx context.Context, n int) error {
	const between = 16
	for ; n > 0; n -= between {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.gibbs.Step(min(n, between))
	}
	return nil
}
