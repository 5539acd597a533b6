package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"

	"isingrbm/analysis"
	"isingrbm/ising"
	"isingrbm/pipeline/runfile"
	"isingrbm/pipeline/store"
)

// storedPerChain is how many configurations a generation block stores of each
// of its chains: a block is Lanes·storedPerChain configurations from fresh,
// thermalized chains. The last block of a file is cut to the number wanted, so
// more configurations extend a file without changing its beginning.
const storedPerChain = 32

// perChain is how many configurations a block stores of each of its chains.
func perChain(mc runfile.MonteCarlo) int {
	if mc.Independence == "chain" {
		return 1
	}
	return storedPerChain
}

// blockSize is the number of configurations of a block.
func blockSize(mc runfile.MonteCarlo) int { return ising.Lanes * perChain(mc) }

// compressionLimit is the T/|J| above which configurations are so random that
// zstd gains nothing.
const compressionLimit = 2.5

// generate writes the data cell's training and validation configurations,
// from chains that share nothing, or from the files that the run brings.
func (j *job) generate(ctx context.Context) error {
	if j.spec.Brings() {
		return j.bring(ctx)
	}
	schedule, err := j.schedule(ctx)
	if err != nil {
		return err
	}
	j.log.Info("schedule", "algorithm", schedule.Algorithm, "reason", schedule.Reason,
		"thermalization", schedule.Thermalization, "thinning", schedule.Thinning, "tau", schedule.Tau)
	sets := []struct {
		file    spinFile
		purpose string
		count   int
	}{
		{configurationsFile, "configurations", j.spec.MonteCarlo.Configurations},
		{validationFile, "validation", j.spec.MonteCarlo.Validation},
	}
	g := &generation{job: j, schedule: schedule}
	if err := g.resume(); err != nil {
		return err
	}
	for _, set := range sets {
		if err := g.generateFile(ctx, set.file, set.purpose, set.count); err != nil {
			return errors.Join(err, g.saveInterrupted(ctx, err))
		}
	}
	return nil
}

// schedule decides thermalization and thinning: by a pilot run, unless the
// run file says how much.
func (j *job) schedule(ctx context.Context) (ising.Schedule, error) {
	mc := j.spec.MonteCarlo
	schedule, err := ising.Pilot(ctx, j.model, float64(j.task.Cell.Temperature), mc.Algorithm, stream(j.spec, j.task.Cell, "pilot", 0))
	if err != nil {
		return schedule, err
	}
	if mc.Thermalization > 0 {
		schedule.Thermalization = mc.Thermalization
	}
	if mc.Thinning > 0 {
		schedule.Thinning = mc.Thinning
	}
	return schedule, nil
}

// generation is a data cell's stage at work: its files, one after the other.
type generation struct {
	*job
	schedule ising.Schedule
	saved    []spoolState // by an earlier attempt, or the files of a smaller number
	spools   []*spool     // begun by this one
}

// resume finds what an earlier attempt saved.
func (g *generation) resume() error {
	checkpoint, err := g.loadCheckpoint()
	switch {
	case err != nil:
		return err
	case checkpoint != nil:
		g.saved = checkpoint.Spools
	default:
		g.saved, err = g.finishedSpools()
	}
	return err
}

// savedState is what an earlier attempt left of a file of count rows.
func (g *generation) savedState(file spinFile, count int) spoolState {
	name := file.name(g.spec)
	for _, s := range g.saved {
		if s.File == name {
			s.limit(count, blockSize(g.spec.MonteCarlo))
			return s
		}
	}
	return spoolState{}
}

// save writes a checkpoint.
func (g *generation) save() error {
	var states []spoolState
	for _, s := range g.spools {
		state, err := s.save()
		if err != nil {
			return err
		}
		states = append(states, state)
	}
	return g.saveCheckpoint(checkpointContent{Spools: states})
}

// saveInterrupted writes a checkpoint if err is due to an interruption.
func (g *generation) saveInterrupted(ctx context.Context, err error) error {
	if !interrupted(ctx, err) {
		return nil
	}
	return g.save()
}

func (g *generation) generateFile(ctx context.Context, file spinFile, purpose string, count int) error {
	meta := append(g.configurationMetadata("monte carlo "+purpose), g.drawMetadata(g.schedule)...)
	s, err := g.openSpool(file, meta, g.savedState(file, count))
	if err != nil {
		return err
	}
	g.spools = append(g.spools, s)
	if s.state.Complete {
		g.advance(count)
		return nil
	}
	meter, err := g.meter(s)
	if err != nil {
		return err
	}
	done, size := s.state.rows(), blockSize(g.spec.MonteCarlo)
	g.advance(done)
	for ; done < count; done += size {
		b := blockGenerator{job: g.job, writer: s, meter: meter, schedule: g.schedule, number: done / size, count: min(size, count-done)}
		if err := b.run(ctx, stream(g.spec, g.task.Cell, purpose, b.number)); err != nil {
			return err
		}
		s.count(b.count)
		if g.checkpointDue() {
			if err := g.save(); err != nil {
				return err
			}
		}
	}
	s.AppendMetadata(independenceMetadata(meter.Independence()))
	return s.finish(ctx)
}

// meter measures how independent a file's configurations are, and has seen those
// that it has already.
func (g *generation) meter(s *spool) (*analysis.IndependenceMeter, error) {
	meter := analysis.NewIndependenceMeter(g.model)
	words := ising.Words(g.model.Lattice.Sites())
	return meter, s.each(func(batch store.ConfigurationBatch) error {
		for first := 0; first < batch.Rows(); first += ising.Lanes { // as they were generated
			last := min(first+ising.Lanes, batch.Rows())
			meter.Add(batch.Chain[first:last], batch.Energy[first:last], batch.Spins[first*words:last*words])
		}
		return nil
	})
}

// blockGenerator writes one block: its chains are thermalized, then stored
// every schedule.Thinning steps, all chains at a time, until count are there.
type blockGenerator struct {
	*job
	writer   *spool
	meter    *analysis.IndependenceMeter
	schedule ising.Schedule
	number   int // of the block in its file
	count    int // configurations to store
}

func (g blockGenerator) run(ctx context.Context, seed [32]byte) error {
	block, err := ising.NewBlock(g.model, float64(g.task.Cell.Temperature), g.schedule.Algorithm, seed)
	if err != nil {
		return err
	}
	batch := newBatch(ising.Lanes, g.model.Lattice.Sites(), g.number*ising.Lanes)
	step := int64(0)
	for stored := 0; stored < g.count; stored += ising.Lanes {
		steps := g.schedule.Thinning
		if stored == 0 {
			steps = g.schedule.Thermalization
		}
		for range steps {
			if err := ctx.Err(); err != nil {
				return err
			}
			block.Step()
		}
		step += int64(steps)
		if g.model.Field == 0 {
			block.FlipAtRandom()
		}
		block.Energies(batch.Energy)
		block.Magnetizations(batch.Magnetization)
		block.Configurations(batch.Spins)
		rows := firstRows(batch, min(ising.Lanes, g.count-stored), step)
		if err := g.writer.Append(rows); err != nil {
			return err
		}
		g.meter.Add(rows.Chain, rows.Energy, rows.Spins)
		g.advance(rows.Rows())
	}
	return nil
}

// newBatch makes room for one configuration of each of n chains, numbered
// from firstChain.
func newBatch(n, sites, firstChain int) store.ConfigurationBatch {
	batch := store.ConfigurationBatch{
		Chain:         make([]int32, n),
		Step:          make([]int64, n),
		Energy:        make([]float64, n),
		Magnetization: make([]int32, n),
		Spins:         make([]uint64, n*ising.Words(sites)),
	}
	for i := range batch.Chain {
		batch.Chain[i] = int32(firstChain + i)
	}
	return batch
}

// firstRows is the batch's first rows, all at one Monte Carlo step.
func firstRows(batch store.ConfigurationBatch, rows int, step int64) store.ConfigurationBatch {
	for i := range rows {
		batch.Step[i] = step
	}
	return head(batch, rows)
}

// head is the batch's first rows.
func head(batch store.ConfigurationBatch, rows int) store.ConfigurationBatch {
	words := len(batch.Spins) / len(batch.Chain)
	return store.ConfigurationBatch{
		Chain:         batch.Chain[:rows],
		Step:          batch.Step[:rows],
		Energy:        batch.Energy[:rows],
		Magnetization: batch.Magnetization[:rows],
		Spins:         batch.Spins[:rows*words],
	}
}

// createConfigurations opens one of the cell's configuration files for
// writing.
func (j *job) createConfigurations(file spinFile, meta store.Metadata) (*store.ConfigurationsWriter, error) {
	layout := store.ConfigurationLayout{IntegerEnergy: integerEnergy(j.model), Compression: j.compression(), Format: j.spec.Output.Format, Scratch: j.scratch}
	return store.CreateConfigurations(j.desk(file.name(j.spec)), j.model.Lattice.Sites(), layout, meta)
}

// integerEnergy reports whether every energy is an integer that fits int32.
func integerEnergy(m ising.Model) bool {
	whole := m.Coupling == math.Trunc(m.Coupling) && m.Field == math.Trunc(m.Field)
	largest := math.Abs(m.Coupling)*float64(len(m.Lattice.Bonds())) + math.Abs(m.Field)*float64(m.Lattice.Sites())
	return whole && largest < math.MaxInt32
}

func (j *job) compression() string {
	if c := j.spec.Output.Compression; c != "auto" {
		return c
	}
	if j.spec.Output.Format == store.ArrowFile {
		return "none" // to be mapped into memory
	}
	if float64(j.task.Cell.Temperature) < compressionLimit*math.Abs(j.spec.Lattice.Coupling) {
		return "zstd"
	}
	return "none"
}

// filePacking says how spins lie in a file of configurations.
func filePacking(format string) string {
	if format == store.ArrowFile {
		return "site i (row-major) is element i of spins; true = up = +1"
	}
	return "site i (row-major) is bit i mod 8 of byte i/8 of spins; 1 = up = +1"
}

// configurationMetadata describes a file of configurations completely enough
// to be used without the run file.
func (j *job) configurationMetadata(content string) store.Metadata {
	lattice := j.spec.Lattice
	exact := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	return store.Metadata{
		{Key: "content", Value: content},
		{Key: "lattice", Value: string(lattice.Kind)},
		{Key: "L", Value: strconv.Itoa(j.task.Cell.Size)},
		{Key: "sites", Value: strconv.Itoa(j.model.Lattice.Sites())},
		{Key: "boundary", Value: string(lattice.Boundary)},
		{Key: "coupling", Value: exact(lattice.Coupling)},
		{Key: "field", Value: exact(lattice.Field)},
		{Key: "temperature", Value: j.task.Cell.Temperature.String()},
		{Key: "seed", Value: fmt.Sprint(j.spec.Seed)},
		{Key: "packing", Value: filePacking(j.spec.Output.Format)},
		{Key: "definition_energy", Value: "H = -J sum over bonds of s_i s_j - h sum over sites of s_i, every bond once, in J (total, not per spin)"},
		{Key: "definition_magnetization", Value: "sum over sites of s_i (total, not per spin)"},
	}
}
