package pipeline

import (
	"context"
	"errors"
	"strconv"

	"isingrbm/ising"
	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

// sample draws configurations from the cell's machine on many chains, one stored
// configuration a chain every thinning steps, says whether they are equilibrated, and
// estimates the machine's ln Z.
func (j *job) sample(ctx context.Context) error {
	machine, err := j.readMachine()
	if err != nil {
		return err
	}
	s := &machineSampler{job: j, flips: machine.FlipSymmetric()}
	if err := s.open(ctx, machine); err != nil {
		return err
	}
	defer s.spool.Abort()
	err = s.run(ctx)
	if err == nil {
		err = s.spool.finish(ctx)
	}
	if err == nil {
		err = store.WriteJSON(j.desk(samplingFile), s.how())
	}
	if err == nil {
		err = j.estimateLikelihood(ctx, machine, s.state.Kept, s.state.Seen)
	}
	if interrupted(ctx, err) {
		err = errors.Join(err, s.save())
	}
	return err
}

// chooseSampling decides how to sample, by pilot runs: "auto" is "tempering" where
// chains of the machine alone are not equilibrated. Configurations that all pilot runs
// ended in come with it.
func (j *job) chooseSampling(ctx context.Context, machine *rbm.Machine) (row []*rbm.Machine, how sampling, seen []uint64, err error) {
	algorithms := []string{j.spec.Sampling.Algorithm}
	if algorithms[0] == "auto" {
		algorithms = []string{"gibbs", "tempering"}
	}
	for _, algorithm := range algorithms {
		if row, err = j.machines(ctx, algorithm, machine); err != nil {
			return nil, how, nil, err
		}
		e, last, err := j.equilibrate(ctx, row)
		if err != nil {
			return nil, how, nil, err
		}
		seen = append(seen, last...)
		if how = j.newSampling(algorithm, e, row); how.Equilibrated {
			break
		}
	}
	return row, how, seen, nil
}

// startChains sets chains up on a row of machines, at random or on validation
// configurations that the machine has not seen.
func (j *job) startChains(row []*rbm.Machine, n int, purpose, start string) (chains, error) {
	c, err := j.newChains(row, n, purpose)
	if err != nil || start == "random" {
		return c, err
	}
	rows, err := j.readSpins(validationFile)
	if err != nil {
		return nil, err
	}
	c.SetVisible(repeatRows(rows, rbm.Words(row[0].Visible), n))
	return c, nil
}

// repeatRows takes the first n rows, beginning again where they end.
func repeatRows(rows []uint64, words, n int) []uint64 {
	out := make([]uint64, 0, n*words)
	for len(out) < n*words {
		out = append(out, rows[:min(len(rows), n*words-len(out))]...)
	}
	return out
}

// machineSampler writes a machine's configurations.
type machineSampler struct {
	*job
	chains chains
	flips  bool // the machine is exactly symmetric, so a global flip is a valid move
	spool  *spool
	state  samplerState
}

// samplerState is what a checkpoint keeps of a sampling, beside its spool.
type samplerState struct {
	How    sampling
	Chains []byte   // in binary form
	Step   int64    // of the chains
	ToGo   int      // steps until the next configuration is stored
	Kept   []uint64 // evenly spaced configurations, about keptSamples of them
	Seen   []uint64 // where the chains of pilot runs ended
}

// keptSamples are twice as many as the annealing back from them has chains.
const keptSamples = 1024

// samplingNames are the algorithms in words.
var samplingNames = map[string]string{
	"gibbs":      "block gibbs",
	"tempering":  "block gibbs with exchanges along inverse temperatures",
	"ladder":     "block gibbs with exchanges between machines of neighboring temperatures",
	"trajectory": "block gibbs with exchanges between machines of one training",
}

// open sets up the chains and opens the file, and continues from the cell's
// checkpoint if there is one.
func (s *machineSampler) open(ctx context.Context, machine *rbm.Machine) error {
	checkpoint, err := s.loadCheckpoint()
	if err != nil {
		return err
	}
	var saved spoolState
	if checkpoint != nil {
		saved, s.state = checkpoint.Spools[0], checkpoint.Sampler
		err = s.resume(ctx, machine)
	} else {
		err = s.begin(ctx, machine)
	}
	if err != nil {
		return err
	}
	if s.spool, err = s.openSpool(samplesFile, s.metadata(), saved); err == nil {
		s.advance(saved.rows())
	}
	return err
}

// begin decides how to sample and starts the chains.
func (s *machineSampler) begin(ctx context.Context, machine *rbm.Machine) error {
	row, how, seen, err := s.chooseSampling(ctx, machine)
	if err != nil {
		return err
	}
	s.log.Info("sampling", "algorithm", how.Algorithm, "machines", how.Machines, "burn_in", how.BurnIn, "thinning", how.Thinning,
		"tau", how.Pilot.tau(), "equilibrated", how.Equilibrated, "reason", how.Reason)
	s.state = samplerState{How: how, ToGo: how.BurnIn, Seen: seen}
	s.chains, err = s.startChains(row, s.spec.Sampling.Chains, "samples", s.spec.Sampling.Start)
	return err
}

// resume goes on with the chains of a checkpoint.
func (s *machineSampler) resume(ctx context.Context, machine *rbm.Machine) error {
	row, err := s.machines(ctx, s.state.How.Algorithm, machine)
	if err != nil {
		return err
	}
	if s.chains, err = s.newChains(row, s.spec.Sampling.Chains, "samples"); err != nil {
		return err
	}
	if err := s.chains.UnmarshalBinary(s.state.Chains); err != nil {
		return s.refuse(err)
	}
	s.log.Info("continued", "step", s.state.Step)
	return nil
}

// how says how the samples were drawn.
func (s *machineSampler) how() sampling {
	how := s.state.How
	if x, ok := s.chains.(*rbm.Exchange); ok {
		for _, share := range x.Acceptance() {
			how.Acceptance = append(how.Acceptance, number(share))
		}
	}
	return how
}

// metadata describes the file of samples.
func (s *machineSampler) metadata() store.Metadata {
	how := s.state.How
	return append(s.configurationMetadata("samples of a restricted Boltzmann machine"),
		store.KeyValue{Key: "definition_step", Value: "steps of Gibbs sampling since the start of the chain"},
		store.KeyValue{Key: "n_h", Value: strconv.Itoa(s.task.Cell.Hidden)},
		store.KeyValue{Key: "replica", Value: strconv.Itoa(s.task.Cell.Replica)},
		store.KeyValue{Key: "algorithm", Value: samplingNames[how.Algorithm]},
		store.KeyValue{Key: "machines", Value: strconv.Itoa(how.Machines)},
		store.KeyValue{Key: "start", Value: s.spec.Sampling.Start},
		store.KeyValue{Key: "burn_in_steps", Value: strconv.Itoa(how.BurnIn)},
		store.KeyValue{Key: "thinning_steps", Value: strconv.Itoa(how.Thinning)},
		store.KeyValue{Key: "equilibrated", Value: strconv.FormatBool(how.Equilibrated)},
		store.KeyValue{Key: "global_flips", Value: strconv.FormatBool(s.flips)},
	)
}

// save writes a checkpoint.
func (s *machineSampler) save() (err error) {
	if s.state.Chains, err = s.chains.MarshalBinary(); err != nil {
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
			s.chains.FlipAtRandom()
		}
		copy(batch.Spins, s.chains.Visible())
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
		s.state.ToGo = s.state.How.Thinning
		s.advance(rows)
	}
	return nil
}

// steps runs the Gibbs steps until the next configuration, looking at the
// context and the clock now and then.
func (s *machineSampler) steps(ctx context.Context) error {
	between := stepsPerLook(2 * s.spec.Sampling.Chains * s.state.How.Machines * s.model.Lattice.Sites() * s.task.Cell.Hidden)
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
		s.chains.Step(n)
		s.state.ToGo -= n
		s.state.Step += int64(n)
	}
	return nil
}
