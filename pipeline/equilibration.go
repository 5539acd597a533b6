package pipeline

import (
	"context"
	"fmt"
	"math"
	"path/filepath"

	"isingrbm/ising"
	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

// sampling is how a machine's samples were drawn, sampling.json in the cell's folder.
type sampling struct {
	Format       int      `json:"format"`
	Cell         string   `json:"cell"`
	Algorithm    string   `json:"algorithm"`
	Machines     int      `json:"machines"`             // between which configurations were exchanged
	Acceptance   []number `json:"acceptance,omitempty"` // of exchanges between each of them and the next
	BurnIn       int      `json:"burn_in"`              // steps before the first configuration
	Thinning     int      `json:"thinning"`             // steps between configurations of a chain
	Equilibrated bool     `json:"equilibrated"`
	Reason       string   `json:"reason,omitempty"` // why not

	Pilot equilibration `json:"pilot"`
}

// equilibration is what a pilot run of chains from two starts, at random and at the
// data, saw in the second half of its steps.
type equilibration struct {
	Steps       int     `json:"steps"` // after which the starts were compared, and as many more
	Observables []trace `json:"observables"`
}

// trace is one observable, per spin, in the pilot run.
type trace struct {
	Name      string `json:"name"`
	Random    number `json:"from_random"` // mean of the chains that started at random
	RandomErr number `json:"from_random_err"`
	Data      number `json:"from_data"` // and of those that started at the data
	DataErr   number `json:"from_data_err"`
	Tau       number `json:"tau"`   // integrated autocorrelation time in steps
	RHat      number `json:"r_hat"` // of all chains together
}

const (
	samplingFormat = 1
	pilotChains    = 128     // from each start
	pilotPoints    = 64      // recorded of each chain
	firstPilot     = 64      // steps
	longestPilot   = 1 << 13 // steps, and less for large machines,
	pilotWork      = 1 << 40 // chains times steps times weights,
	shortestPilot  = 1 << 9  // but not less than these, nor than the burn-in asked for has room for
	largestRHat    = 1.1     // Gelman and Rubin's usual limit: chains of some ten times τ
	pilotSigmas    = 3       // by which means from the two starts may differ
	thinningTaus   = 2       // autocorrelation times between stored configurations
)

// equilibrate runs chains from both starts twice as long again and again, until what
// they saw in the second half is the same and each chain saw all of it, or it takes too
// long, which a long burn-in in the run file puts off.
//
// It returns the chains' last configurations as well, those of the last machine.
func (j *job) equilibrate(ctx context.Context, row []*rbm.Machine) (equilibration, []uint64, error) {
	p := pilot{job: j}
	for _, start := range []string{"random", "data"} {
		c, err := j.startChains(row, pilotChains, "pilot from "+start, start)
		if err != nil {
			return equilibration{}, nil, err
		}
		p.starts = append(p.starts, c)
	}
	p.signed = !row[len(row)-1].FlipSymmetric()
	longest := max(shortestPilot, min(longestPilot, pilotWork/pilotChains/weights(row)))
	if err := p.steps(ctx, firstPilot, 1, nil); err != nil {
		return equilibration{}, nil, err
	}
	for steps := firstPilot; ; steps *= 2 {
		series := make([][][]float64, len(p.names()))
		if err := p.steps(ctx, pilotPoints, steps/pilotPoints, series); err != nil {
			return equilibration{}, nil, err
		}
		e := equilibration{Steps: steps}
		for k, name := range p.names() {
			e.Observables = append(e.Observables, newTrace(name, series[k], steps/pilotPoints))
		}
		if e.complaint() == "" || steps >= longest && 2*steps > j.spec.Sampling.BurnIn {
			return e, p.visible(), nil
		}
	}
}

// weights counts those of a row of machines.
func weights(row []*rbm.Machine) int {
	n := 0
	for _, m := range row {
		n += len(m.Weights)
	}
	return n
}

// pilot is chains from the two starts.
type pilot struct {
	*job
	starts []chains
	signed bool // the sign of the order parameter is for the chains to change
}

// visible is the present configurations of all chains.
func (p *pilot) visible() (rows []uint64) {
	for _, c := range p.starts {
		rows = append(rows, c.Visible()...)
	}
	return rows
}

// names lists the observables that are looked at.
func (p *pilot) names() []string {
	if p.signed {
		return []string{"energy", "abs_magnetization", "magnetization"}
	}
	return []string{"energy", "abs_magnetization"}
}

// steps makes points times the given number of steps and records the observables after
// each, if asked: series[observable][chain] over the points, chains of the first start
// before those of the second.
func (p *pilot) steps(ctx context.Context, points, every int, series [][][]float64) error {
	for k := range series {
		series[k] = make([][]float64, len(p.starts)*pilotChains)
	}
	sites := p.model.Lattice.Sites()
	words := ising.Words(sites)
	for range points {
		for s, c := range p.starts {
			if err := ctx.Err(); err != nil {
				return err
			}
			c.Step(every)
			for r := 0; series != nil && r < pilotChains; r++ {
				v := c.Visible()[r*words:][:words]
				order := float64(p.model.OrderParameter(v)) / float64(sites)
				values := []float64{p.model.Energy(v) / float64(sites), math.Abs(order), order}
				for k := range series {
					at := &series[k][s*pilotChains+r]
					*at = append(*at, values[k])
				}
			}
		}
	}
	return nil
}

// newTrace compares the chains, those of the first start before those of the second,
// whose points lie the given number of steps apart.
func newTrace(name string, chains [][]float64, every int) trace {
	within, means := 0.0, make([]float64, len(chains))
	for k, x := range chains {
		mean, variance := meanVariance(x)
		means[k] = mean
		within += variance / float64(len(chains))
	}
	half := len(chains) / 2
	random, randomVariance := meanVariance(means[:half])
	data, dataVariance := meanVariance(means[half:])
	_, between := meanVariance(means)
	tau, _ := ising.AutocorrelationTime(chains)
	n := float64(len(chains[0]))
	r := math.Sqrt((n-1)/n + between/within)
	switch {
	case within == 0 && between == 0:
		r = 1
	case within == 0:
		r = math.Inf(1)
	}
	return trace{
		Name: name, Random: number(random), RandomErr: number(math.Sqrt(randomVariance / float64(half))),
		Data: number(data), DataErr: number(math.Sqrt(dataVariance / float64(len(chains)-half))),
		Tau: number(tau * float64(every)), RHat: number(r),
	}
}

// meanVariance returns the mean and the unbiased variance of values.
func meanVariance(values []float64) (mean, variance float64) {
	mean = meanOf(values)
	for _, x := range values {
		variance += float64((x-mean)*(x-mean)) / float64(len(values)-1)
	}
	return mean, variance
}

// complaint says in what the chains are not equilibrated, or nothing; without commas,
// for the verdict.
func (e equilibration) complaint() string {
	for _, o := range e.Observables {
		if sigma := math.Hypot(float64(o.RandomErr), float64(o.DataErr)); !(math.Abs(float64(o.Random-o.Data)) <= pilotSigmas*sigma) {
			return fmt.Sprintf("%s from random and from data starts is %.4g and %.4g after %d steps", o.Name, o.Random, o.Data, e.Steps)
		}
	}
	for _, o := range e.Observables {
		if !(o.RHat < largestRHat) {
			return fmt.Sprintf("R-hat of %s is %.3g after %d steps", o.Name, o.RHat, e.Steps)
		}
	}
	return ""
}

// tau is the longest autocorrelation time, in steps.
func (e equilibration) tau() float64 {
	longest := 0.5
	for _, o := range e.Observables {
		longest = max(longest, float64(o.Tau))
	}
	return longest
}

// newSampling decides how long to sample, by the pilot run unless the run file says so.
func (j *job) newSampling(algorithm string, e equilibration, row []*rbm.Machine) sampling {
	settings := j.spec.Sampling
	s := sampling{Format: samplingFormat, Cell: j.task.Cell.ID(), Algorithm: algorithm, Machines: len(row),
		BurnIn: settings.BurnIn, Thinning: settings.Thinning, Pilot: e}
	if s.BurnIn == 0 {
		s.BurnIn = e.Steps
	}
	s.Reason = e.complaint()
	if s.Thinning == 0 {
		s.Thinning = max(1, int(math.Ceil(thinningTaus*e.tau())))
		if s.Reason != "" { // waiting longer mends nothing: no longer than for the burn-in
			s.Thinning = max(1, min(s.Thinning, s.BurnIn*settings.Chains/settings.Configurations))
		}
	}
	if s.Reason == "" && s.BurnIn < e.Steps {
		s.Reason = fmt.Sprintf("a burn-in of %d steps is shorter than the %d after which both starts agree", s.BurnIn, e.Steps)
	}
	s.Equilibrated = s.Reason == ""
	return s
}

// readSampling reads and verifies the cell's sampling.json.
func (j *job) readSampling() (s sampling, err error) {
	if err := store.Verify(j.dir, samplingFile); err != nil {
		return s, err
	}
	path := filepath.Join(j.dir, samplingFile)
	if err := store.ReadJSON(path, &s); err != nil {
		return s, err
	}
	if s.Format != samplingFormat || s.Cell != j.task.Cell.ID() {
		return s, fmt.Errorf("%s: format %d of cell %q, want format %d of cell %q", path, s.Format, s.Cell, samplingFormat, j.task.Cell.ID())
	}
	return s, nil
}
