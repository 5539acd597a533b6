package analysis

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"isingrbm/ising"
)

// How the data are cut into bins.
const (
	minChains  = 32  // from this many chains on, bins are groups of whole chains
	maxBins    = 512 // more bins than this only cost time
	minBins    = 16  // fewer bins than this would know their own scatter to worse than 18 %
	longBin    = 20  // length aimed at for a bin within a chain, in units of τ
	shortBin   = 5   // a bin shorter than this many τ loses more than 10 % of an error
	shortChain = 2   // a chain shorter than this many τ has not forgotten its start
)

// rounding is the relative size of differences that mean nothing.
const rounding = 1e-12

// Positions of the averages from which every observable follows. Energies and
// magnetizations are per spin, energies relative to a common shift.
const (
	meanE = iota
	meanEE
	meanUniform
	meanM
	meanAbs
	meanMM
	meanMMMM
	meanUp
	meanStructure
	meanCount
)

// averages are sums, or means, of the quantities above.
type averages [meanCount]float64

// bin is a share of the data, close to independent of all other shares.
type bin struct {
	count float64
	sum   averages
}

// Estimates returns every observable in the order of Observables, from all
// configurations added so far.
func (c *Collector) Estimates() []Estimate {
	estimates := make([]Estimate, observableCount)
	if c.count == 0 {
		for i := range estimates {
			estimates[i] = Undefined()
		}
		return estimates
	}
	chains := c.sortedChains()
	shift := meanOf(chains, func(s *chain, i int) float64 { return s.energy[i] })
	taus := c.autocorrelationTimes(chains, shift)
	bins, length := c.bins(chains, shift, slices.Max(taus[:]))
	c.warn(taus, len(bins), length, len(chains) >= minChains)

	values, errs := c.jackknife(bins)
	values[Energy] += shift / float64(c.model.Lattice.Sites())
	values[CorrelationLength], errs[CorrelationLength] = root(values[CorrelationLength], errs[CorrelationLength])
	for i := range estimates {
		if errs[i] == 0 && c.temperature > 0 {
			errs[i] = math.NaN() // nothing was seen to fluctuate, which is no error of zero
		}
		estimates[i] = Estimate{Value: values[i], Err: errs[i], Tau: taus[i]}
		if math.IsNaN(values[i]) {
			estimates[i] = Undefined()
		}
		if errs[i] < rounding*math.Abs(values[i]) {
			estimates[i].Err = 0
		}
	}
	return estimates
}

// Warnings says, one sentence each, which of the last Estimates have errors
// that cannot be trusted because the data are too few or too correlated.
func (c *Collector) Warnings() []string { return slices.Clone(c.warnings) }

// N returns the number of configurations added so far.
func (c *Collector) N() int { return c.count }

// sortedChains lists the chains by their number, so that no result depends on
// the order in which they came.
func (c *Collector) sortedChains() []*chain {
	chains := make([]*chain, 0, len(c.chains))
	for _, s := range c.chains {
		chains = append(chains, s)
	}
	slices.SortFunc(chains, func(a, b *chain) int { return int(a.id) - int(b.id) })
	return chains
}

// add puts configuration i of a chain into the bin.
func (b *bin) add(s *chain, i int, shift, spins float64) {
	e := (s.energy[i] - shift) / spins
	m := float64(s.order[i]) / spins
	mm := float64(m * m)
	b.count++
	b.sum[meanE] += e
	b.sum[meanEE] += float64(e * e)
	b.sum[meanUniform] += float64(s.uniform[i]) / spins
	b.sum[meanM] += m
	b.sum[meanAbs] += math.Abs(m)
	b.sum[meanMM] += mm
	b.sum[meanMMMM] += float64(mm * mm)
	b.sum[meanUp] += up(s.order[i])
	if s.structure != nil {
		b.sum[meanStructure] += s.structure[i]
	}
}

// up is the contribution of one configuration to p₊.
func up(order int32) float64 {
	switch {
	case order > 0:
		return 1
	case order < 0:
		return 0
	}
	return 0.5
}

// values evaluates every observable from means, with ξ² in the place of ξ,
// which may fluctuate through zero, and energies relative to the shift.
func (c *Collector) values(mean averages) (v [observableCount]float64) {
	n, t := float64(c.model.Lattice.Sites()), c.temperature
	squared := float64(mean[meanAbs] * mean[meanAbs])
	connected := mean[meanMM]
	if c.model.Field != 0 {
		squared = float64(mean[meanM] * mean[meanM])
		connected -= squared
	}
	v = [observableCount]float64{
		Energy:             mean[meanE],
		AbsMagnetization:   mean[meanAbs],
		Magnetization:      mean[meanUniform],
		SpecificHeat:       n * (mean[meanEE] - float64(mean[meanE]*mean[meanE])) / (t * t),
		Susceptibility:     n * (mean[meanMM] - squared) / t,
		SusceptibilityZero: n * mean[meanMM] / t,
		Binder:             1 - mean[meanMMMM]/float64(3*mean[meanMM]*mean[meanMM]),
		UpFraction:         mean[meanUp],
		CorrelationLength:  math.NaN(),
	}
	if t == 0 || math.IsInf(t, 1) {
		v[SpecificHeat], v[Susceptibility], v[SusceptibilityZero] = math.NaN(), math.NaN(), math.NaN()
	}
	if c.model.Field != 0 {
		v[SusceptibilityZero] = math.NaN()
	}
	if c.waves != nil {
		v[CorrelationLength] = secondMoment(c.model.Lattice, n*connected, mean[meanStructure])
	}
	return v
}

// resolved is how many of its errors ξ² must be above zero for ξ to exist: the
// root of less has no Gaussian error, and is biased.
const resolved = 3

// root turns an estimate of x² into one of x, NaN where x² is not resolved.
func root(squared, err float64) (float64, float64) {
	if !(squared > 0) || squared < resolved*err || math.IsInf(squared, 1) {
		return math.NaN(), math.NaN()
	}
	x := math.Sqrt(squared)
	return x, err / (2 * x)
}

// jackknife returns every observable with its bias of order 1/n removed, and
// its error, by leaving out each bin in turn: Busing et al. (1999), Eqs. (9)
// and (10), whose pseudo-values θ̃_j = h_j θ − (h_j − 1) θ_(j), h_j = n/m_j,
// allow bins of unequal size m_j. Errors are NaN with fewer than two bins.
func (c *Collector) jackknife(bins []bin) (values, errs [observableCount]float64) {
	var total bin
	for i := range bins {
		total.merge(&bins[i], 1)
	}
	all := c.values(total.mean())
	pseudo := make([][observableCount]float64, len(bins))
	for j := range bins {
		rest := total
		rest.merge(&bins[j], -1)
		h := total.count / bins[j].count
		for k, without := range c.values(rest.mean()) {
			pseudo[j][k] = float64(h*all[k]) - float64((h-1)*without)
			values[k] += pseudo[j][k] / h
		}
	}
	for k := range errs {
		if len(bins) < 2 {
			values[k], errs[k] = all[k], math.NaN()
			continue
		}
		errs[k] = math.Sqrt(jackknifeVariance(bins, total.count, pseudo, k, values[k]))
	}
	return values, errs
}

func jackknifeVariance(bins []bin, count float64, pseudo [][observableCount]float64, k int, value float64) float64 {
	sum := 0.0
	for j, p := range pseudo {
		d := p[k] - value
		sum += float64(d*d) / (count/bins[j].count - 1)
	}
	return sum / float64(len(bins))
}

// merge adds sign times the other bin.
func (b *bin) merge(other *bin, sign float64) {
	b.count += sign * other.count
	for k := range b.sum {
		b.sum[k] += sign * other.sum[k]
	}
}

// mean is NaN for an empty bin.
func (b *bin) mean() averages {
	mean := b.sum
	for k := range mean {
		mean[k] /= b.count
	}
	return mean
}

// bins cuts the data, and returns the mean length of a bin along a chain.
func (c *Collector) bins(chains []*chain, shift, tau float64) ([]bin, int) {
	spins := float64(c.model.Lattice.Sites())
	if len(chains) >= minChains {
		bins := make([]bin, min(len(chains), maxBins))
		for k, s := range chains {
			b := &bins[k*len(bins)/len(chains)]
			for i := range s.energy {
				b.add(s, i, shift, spins)
			}
		}
		return bins, c.count / len(chains)
	}
	length := pieceLength(c.count, tau)
	var bins []bin
	for _, s := range chains {
		pieces := max(1, len(s.energy)/length)
		for p := range pieces {
			var b bin
			for i := len(s.energy) * p / pieces; i < len(s.energy)*(p+1)/pieces; i++ {
				b.add(s, i, shift, spins)
			}
			bins = append(bins, b)
		}
	}
	return bins, c.count / len(bins)
}

// pieceLength is the length of the pieces of a chain: longBin times τ, unless
// that leaves fewer than minBins of them.
func pieceLength(count int, tau float64) int {
	length := max(int(math.Ceil(longBin*tau)), count/maxBins)
	return max(1, min(length, count/minBins))
}

// series is a function of configuration i of a chain.
type series func(s *chain, i int) float64

// autocorrelationTimes returns τ of every observable: that of the series whose
// fluctuations make its error, the largest where there are several.
func (c *Collector) autocorrelationTimes(chains []*chain, shift float64) (taus [observableCount]float64) {
	spins := float64(c.model.Lattice.Sites())
	energy := func(s *chain, i int) float64 { return s.energy[i] - shift }
	uniform := func(s *chain, i int) float64 { return float64(s.uniform[i]) }
	order := func(s *chain, i int) float64 { return float64(s.order[i]) / spins }
	absolute := func(s *chain, i int) float64 { return math.Abs(order(s, i)) }
	sign := func(s *chain, i int) float64 { return up(s.order[i]) }
	structure := func(s *chain, i int) float64 { return s.structure[i] }
	connected := deviation(chains, absolute)
	if c.model.Field != 0 {
		connected = deviation(chains, order)
	}

	taus[Energy] = timeOf(chains, energy)
	taus[AbsMagnetization] = timeOf(chains, absolute)
	taus[Magnetization] = timeOf(chains, uniform)
	taus[SpecificHeat] = timeOf(chains, squareOf(energy))
	taus[Susceptibility] = timeOf(chains, squareOf(connected))
	taus[SusceptibilityZero] = timeOf(chains, squareOf(order))
	taus[Binder] = max(taus[SusceptibilityZero], timeOf(chains, squareOf(squareOf(order))))
	taus[UpFraction] = timeOf(chains, sign)
	taus[CorrelationLength] = taus[SusceptibilityZero]
	if c.waves != nil {
		taus[CorrelationLength] = max(taus[CorrelationLength], timeOf(chains, structure))
	}
	return taus
}

func squareOf(f series) series {
	return func(s *chain, i int) float64 { x := f(s, i); return x * x }
}

func deviation(chains []*chain, f series) series {
	mean := meanOf(chains, f)
	return func(s *chain, i int) float64 { return f(s, i) - mean }
}

// timeOf returns the integrated autocorrelation time of a series, taken relative
// to its first value so that a constant one is constant to the last bit.
func timeOf(chains []*chain, f series) float64 {
	first := f(chains[0], 0)
	values := make([][]float64, len(chains))
	for k, s := range chains {
		values[k] = make([]float64, len(s.energy))
		for i := range values[k] {
			values[k][i] = f(s, i) - first
		}
	}
	tau, _ := ising.AutocorrelationTime(values)
	return tau
}

// meanOf returns the mean of a series over all chains.
func meanOf(chains []*chain, f series) float64 {
	sum, count := 0.0, 0
	for _, s := range chains {
		for i := range s.energy {
			sum += f(s, i)
		}
		count += len(s.energy)
	}
	return sum / float64(count)
}

// warn collects what is wrong with the bins.
func (c *Collector) warn(taus [observableCount]float64, bins, length int, wholeChains bool) {
	c.warnings = nil
	if bins < 2 {
		c.warnings = append(c.warnings, fmt.Sprintf("%d configurations make no two bins: there are no errors", c.count))
		return
	}
	limit, format := float64(shortBin), "%s: bins of %d configurations are shorter than %g autocorrelation times (up to %.3g): errors are too small"
	if wholeChains {
		// Where τ is ½ within its error there is nothing to remember, however few
		// configurations a chain has.
		for i := range taus {
			if taus[i] < 1 {
				taus[i] = 0
			}
		}
		limit, format = shortChain, "%s: chains of %d configurations are shorter than %g autocorrelation times (up to %.3g): they may remember their starts"
	}
	var names []string
	worst := 0.0
	for i, o := range Observables() {
		if float64(length) < limit*taus[i] {
			names = append(names, o.Name)
			worst = max(worst, taus[i])
		}
	}
	if names != nil {
		c.warnings = append(c.warnings, fmt.Sprintf(format, strings.Join(names, ", "), length, limit, worst))
	}
}
