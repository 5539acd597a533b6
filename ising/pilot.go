package ising

import (
	"context"
	"math"
)

// A Schedule says how to draw configurations of one model at one temperature. Thermalization, Thinning and Tau are in steps
// of Algorithm, as [Block.Step] takes them.
type Schedule struct {
	Algorithm      Algorithm // never Auto
	Reason         string    // why that algorithm, in one sentence
	Thermalization int       // steps from the start of a block to its first configuration; at least 1
	Thinning       int       // steps from one stored configuration to the next; at least 1
	Tau            float64   // integrated autocorrelation time; ½ if steps are independent
}

const (
	pilotSteps = 64      // of the shortest pilot
	mostSteps  = 2048    // of the longest
	mostVisits = 1 << 22 // bounds steps times sites, some seconds of work
	leastStart = 20      // steps of thermalization, however short τ is
	startTaus  = 10      // steps of thermalization by τ
	chainTaus  = 8       // length in τ of the series that τ is measured on
	residual   = 0.01    // largest correlation of successive stored configurations
	driftLimit = 4       // in standard deviations; a false alarm in 16 000 only makes the pilot longer
)

// Pilot runs a block from its start and measures how to draw configurations from others like it: τ is the largest of the
// integrated autocorrelation times of E, |M| and M², M being the order parameter, over all chains of the second half of
// the run.
//
// The run is doubled, from 64 steps on, until its second half is 8 τ long and the means of all three over its third and
// fourth quarter agree. Thermalization is the longer of 10 τ and half of that run. Thinning leaves a correlation of 1 % at
// most between successive configurations if the decay is exponential, which is about 4.6 τ, or 1 step for τ = ½. The run
// ends at 2048 steps or after 2^22 visits of a site; where that is too short, τ is extrapolated and Reason says so.
//
// At T = 0, at T = ∞ and for Perfect nothing is to be measured: one step leads from the start of a block to the Boltzmann
// distribution, and from each configuration to an independent one. Errors are those of
// [NewBlock], or of the context, which is looked at before every step.
func Pilot(ctx context.Context, m Model, temperature float64, algorithm Algorithm, seed [32]byte) (Schedule, error) {
	block, err := NewBlock(m, temperature, algorithm, seed)
	if err != nil {
		return Schedule{}, err
	}
	s := Schedule{Algorithm: algorithm, Reason: "the algorithm was named", Thermalization: 1, Thinning: 1, Tau: 0.5}
	if algorithm == Auto {
		s.Algorithm, s.Reason = Choose(m, temperature)
	}
	if temperature == 0 || math.IsInf(temperature, 1) || algorithm == Perfect {
		return s, nil
	}
	var r record
	steps := pilotSteps
	for ; ; steps *= 2 {
		if err := r.extend(ctx, block, steps); err != nil {
			return Schedule{}, err
		}
		s.Tau = r.tau()
		settled := float64(steps) >= 2*chainTaus*s.Tau && !r.drifts()
		if settled {
			break
		}
		if 2*steps > mostSteps || 2*steps*m.Lattice.sites > mostVisits {
			s.Reason += "; the pilot run was too short to measure its autocorrelation time, which is extrapolated"
			break
		}
	}
	s.Thermalization = max(leastStart, int(math.Ceil(startTaus*s.Tau)), steps/2)
	s.Thinning = thinning(s.Tau)
	return s, nil
}

// thinning returns the number of steps after which the correlation that decays exponentially with the given integrated time
// is at most residual: ρ(1) = (2τ − 1)/(2τ + 1).
func thinning(tau float64) int {
	rho := (2*tau - 1) / (2*tau + 1)
	if rho <= residual {
		return 1
	}
	return int(math.Ceil(math.Log(residual) / math.Log(rho)))
}

// A record is the series of E, |M| and M² of all chains of a block.
type record [3][Lanes][]float64

// extend takes the block on until the record has the given number of steps.
func (r *record) extend(ctx context.Context, b *Block, steps int) error {
	energies := make([]float64, Lanes)
	orders := make([]int32, Lanes)
	for len(r[0][0]) < steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		b.Step()
		b.Energies(energies)
		b.OrderParameters(orders)
		for c, order := range orders {
			m := math.Abs(float64(order))
			r[0][c] = append(r[0][c], energies[c])
			r[1][c] = append(r[1][c], m)
			r[2][c] = append(r[2][c], m*m)
		}
	}
	return nil
}

// tau returns the largest autocorrelation time over the second half of the record.
func (r *record) tau() float64 {
	largest := 0.5
	for _, observable := range r {
		chains := observable[:]
		for c := range chains {
			chains[c] = chains[c][len(chains[c])/2:]
		}
		tau, _ := AutocorrelationTime(chains)
		largest = max(largest, tau)
	}
	return largest
}

// drifts reports whether the mean of any observable differs between the third and the fourth quarter. The chains being
// independent, the standard error of the difference is that of the mean over chains, whatever the correlation in time.
func (r *record) drifts() bool {
	for _, observable := range r {
		var sum, squares float64
		for _, series := range observable {
			quarter := len(series) / 4
			d := mean(series[3*quarter:]) - mean(series[2*quarter:3*quarter])
			sum += d
			squares += float64(d * d)
		}
		variance := squares - float64(sum*sum)/Lanes
		if sum*sum > driftLimit*driftLimit*variance*Lanes/(Lanes-1) {
			return true
		}
	}
	return false
}

func mean(series []float64) float64 {
	sum := 0.0
	for _, x := range series {
		sum += x
	}
	return sum / float64(len(series))
}
