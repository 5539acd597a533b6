package pipeline

import (
	"context"
	"fmt"
	"math"
	"path/filepath"

	"isingrbm/analysis"
	"isingrbm/ising"
	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

// Where ln Z_RBM is summed over the states of the smaller layer: at most 25 units, and a
// few seconds.
const (
	exactLayer = 25
	exactWork  = 1 << 31 // states times units of the other layer
)

// exactLogZ reports whether ln Z of a machine is summed.
func exactLogZ(visible, hidden int) bool {
	smaller, larger := min(visible, hidden), max(visible, hidden)
	return smaller <= exactLayer && larger <= exactWork>>smaller
}

// likelihood is what is known of ln Z of a machine and of its divergence from the
// Ising model, likelihood.json in the cell's folder. All numbers are in nats a
// configuration.
type likelihood struct {
	Format int    `json:"format"`
	Cell   string `json:"cell"`
	Method string `json:"method"` // of ln Z

	LogZ    number `json:"log_z"`
	LogZErr number `json:"log_z_err"`             // 0 where it is exact, as are those of the bounds
	Lower   bound  `json:"lower"`                 // by annealing from the base to the machine
	Upper   bound  `json:"upper"`                 // by annealing from samples of the machine to the base
	Steps   int    `json:"steps"`                 // of the annealing, 0 where ln Z is exact
	Missed  bool   `json:"missed_mode,omitempty"` // by the samples, or by them and the annealing

	Cross    number   `json:"cross"`     // ⟨F(v) − E(v)/T⟩ over the validation set: with ln Z and ln Z_Ising the KL divergence
	CrossErr number   `json:"cross_err"` // with autocorrelation
	CrossTau number   `json:"cross_tau"` // in stored configurations
	Loss     loss     `json:"loss"`
	Warnings []string `json:"warnings,omitempty"`
}

// bound is an estimate of ln Z that is on average too low or too high.
type bound struct {
	LogZ number `json:"log_z"`
	Err  number `json:"err"`
	ESS  number `json:"effective_samples"`
}

const (
	likelihoodFormat = 1
	enumerated       = "enumeration of the smaller layer"
	annealed         = "annealed importance sampling in both directions"
)

// The annealing's tolerance of ln Z is a small part of the divergences that
// matter: 0.01 nats for the best machine of L = 8, 5·10⁻⁴ nats a spin for a large
// one.
const (
	toleranceOfLogZ  = 0.005
	tolerancePerUnit = 5e-5
)

// logZTolerance is that of a machine of so many visible units.
func logZTolerance(visible int) float64 {
	return max(toleranceOfLogZ, tolerancePerUnit*float64(visible))
}

// bracket is where ln Z lies, two standard deviations beyond the bounds.
func (l *likelihood) bracket() (lower, upper float64) {
	return float64(l.Lower.LogZ - 2*l.Lower.Err), float64(l.Upper.LogZ + 2*l.Upper.Err)
}

// estimateLikelihood writes likelihood.json from samples of the machine, and from other
// configurations seen, by which it finds modes that the samples missed.
func (j *job) estimateLikelihood(ctx context.Context, machine *rbm.Machine, samples, seen []uint64) error {
	l := likelihood{Format: likelihoodFormat, Cell: j.task.Cell.ID()}
	var err error
	if exactLogZ(machine.Visible, machine.Hidden) {
		err = l.enumerate(machine)
	} else {
		err = j.anneal(ctx, machine, samples, seen, &l)
	}
	if err != nil {
		return err
	}
	cross, err := j.crossTerm(ctx, machine)
	if err != nil {
		return err
	}
	l.Cross, l.CrossErr, l.CrossTau = number(cross.Value), number(cross.Err), number(cross.Tau)
	if l.Loss, err = j.measureLoss(machine, samples, float64(l.LogZ), float64(l.LogZErr)); err != nil {
		return err
	}
	return store.WriteJSON(j.desk(likelihoodFile), l)
}

func (l *likelihood) enumerate(machine *rbm.Machine) error {
	logZ, err := machine.LogPartition()
	exact := bound{LogZ: number(logZ), ESS: number(math.NaN())}
	l.Method, l.LogZ, l.Lower, l.Upper = enumerated, number(logZ), exact, exact
	return err
}

// anneal estimates ln Z between the machine and a crude model of the data.
func (j *job) anneal(ctx context.Context, machine *rbm.Machine, samples, seen []uint64, l *likelihood) error {
	rows, err := j.readSpins(validationFile)
	if err != nil {
		return err
	}
	base, err := annealingBase(j.model, machine, rows)
	if err != nil {
		return err
	}
	e, err := machine.AnnealLogPartition(ctx, samples, rbm.Annealing{
		Base:      base,
		MaxSteps:  j.spec.Sampling.Annealing,
		Tolerance: logZTolerance(machine.Visible),
		Seen:      seen,
		Stepped:   j.annealed,
	}, stream(j.spec, j.task.Cell, "annealing", 0))
	if err != nil {
		return err
	}
	boundOf := func(b rbm.Bound) bound { return bound{number(b.Value), number(b.Err), number(b.ESS)} }
	l.Method, l.LogZ, l.LogZErr, l.Steps, l.Warnings = annealed, number(e.Value), number(e.Err), e.Steps, e.Warnings
	l.Lower, l.Upper, l.Missed = boundOf(e.Lower), boundOf(e.Upper), e.MissedMode
	j.log.Info("ln Z", "value", e.Value, "error", e.Err, "lower", e.Lower.Value, "upper", e.Upper.Value, "steps", e.Steps)
	return nil
}

// annealed counts a step of the annealing.
func (j *job) annealed(left int) {
	if j.record.Annealing == nil {
		const directions = 2
		j.record.Annealing = &annealingState{Expected: directions * annealingSteps(j.spec, j.model, j.task.Cell)}
	}
	j.record.Annealing.Done++
	j.record.Annealing.Left = left
	j.advance(0)
}

// annealingBase is the mixture of two distributions of independent spins, one for
// each sign of the order parameter in the given configurations: in the ordered phase
// the annealing then has both modes from the start. On a machine that is symmetric
// under a flip of all spins the two are each other's mirror image.
func annealingBase(model ising.Model, machine *rbm.Machine, rows []uint64) (*rbm.Machine, error) {
	const clip = 0.005 // frozen spins would keep the chains from everything else
	up, down := newSpinMeans(machine.Visible), newSpinMeans(machine.Visible)
	words := ising.Words(machine.Visible)
	for ; len(rows) > 0; rows = rows[words:] {
		if model.OrderParameter(rows[:words]) >= 0 {
			up.add(rows[:words])
		} else {
			down.add(rows[:words])
		}
	}
	first, second, share := up.means(), down.means(), (up.n+0.5)/(up.n+down.n+1)
	symmetric := machine.FlipSymmetric()
	for i := range first {
		if symmetric {
			first[i] = float64(share*first[i]) + float64((1-share)*(1-second[i]))
			second[i] = 1 - first[i]
		}
		first[i], second[i] = max(clip, min(first[i], 1-clip)), max(clip, min(second[i], 1-clip))
	}
	if symmetric {
		share = 0.5
	}
	return rbm.NewMixture(first, second, share)
}

// spinMeans counts how often each spin is up.
type spinMeans struct {
	n      float64
	counts []float64
}

func newSpinMeans(sites int) *spinMeans { return &spinMeans{counts: make([]float64, sites)} }

func (s *spinMeans) add(row []uint64) {
	s.n++
	for i := range s.counts {
		s.counts[i] += float64(row[i/64] >> (i % 64) & 1)
	}
}

// means are the shares of up spins, with half a configuration added to either side.
func (s *spinMeans) means() []float64 {
	means := make([]float64, len(s.counts))
	for i, count := range s.counts {
		means[i] = (count + 0.5) / (s.n + 1)
	}
	return means
}

// machineNumbers is what is known of a machine beside the observables of its
// samples.
type machineNumbers struct {
	coupling  analysis.Estimate // nearest-neighbor coupling, J/T
	couplings []analysis.CouplingRow
	sampling  sampling
	likelihood
}

func (j *job) measureMachine(ctx context.Context) (measurement, error) {
	m := measurement{cell: j.task.Cell}
	machine, err := j.readMachine()
	if err != nil {
		return m, err
	}
	potential, few := newPotential(machine), newSpread(machine.Visible, j.spec.Sampling.Configurations, analysis.CouplingSamples)
	also := func(b store.ConfigurationBatch) {
		potential.add(b)
		few.add(b)
	}
	if m.source, m.warnings, err = j.measureFile(ctx, samplesFile, analysis.SourceMachine, also); err != nil {
		return m, err
	}
	m.weights = analysis.WeightsOf(machine.Visible, machine.Hidden, machine.Weights)
	m.potential = potential.mean(m.source.Values[analysis.Energy].Tau)
	m.machine.coupling = analysis.NearestNeighborCoupling(j.model.Lattice, machine.Visible, machine.Hidden, machine.Weights, machine.HiddenBias, few.spins)
	m.machine.couplings = j.couplings(machine, few.spins)
	if m.machine.likelihood, err = j.readLikelihood(); err != nil {
		return m, err
	}
	if m.machine.sampling, err = j.readSampling(); err != nil {
		return m, err
	}
	if how := m.machine.sampling; !how.Equilibrated {
		m.warnings = append(m.warnings, fmt.Sprintf("%s: samples not equilibrated: %s", j.task.Cell.ID(), how.Reason))
	}
	for _, text := range m.machine.Warnings {
		m.warnings = append(m.warnings, fmt.Sprintf("%s: %s", j.task.Cell.ID(), text))
	}
	return m, nil
}

// couplings are those of a machine by distance, from configurations of it.
func (j *job) couplings(machine *rbm.Machine, configurations []uint64) (rows []analysis.CouplingRow) {
	c := j.task.Cell
	for _, coupling := range analysis.Couplings(j.model.Lattice, machine.Visible, machine.Hidden, machine.Weights, machine.HiddenBias, configurations) {
		row := analysis.CouplingRow{L: c.Size, T: float64(c.Temperature), Hidden: c.Hidden, Replica: c.Replica, Coupling: coupling}
		if coupling.Distance == 1 {
			row.Exact = j.model.Coupling / row.T
		}
		rows = append(rows, row)
	}
	return rows
}

// readLikelihood reads and verifies the cell's likelihood.json.
func (j *job) readLikelihood() (l likelihood, err error) {
	if err := store.Verify(j.dir, likelihoodFile); err != nil {
		return l, err
	}
	path := filepath.Join(j.dir, likelihoodFile)
	if err := store.ReadJSON(path, &l); err != nil {
		return l, err
	}
	if l.Format != likelihoodFormat || l.Cell != j.task.Cell.ID() {
		return l, fmt.Errorf("%s: format %d of cell %q, want format %d of cell %q", path, l.Format, l.Cell, likelihoodFormat, j.task.Cell.ID())
	}
	return l, nil
}
