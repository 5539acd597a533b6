package analysis

import (
	"fmt"
	"math"
	"slices"
	"strings"
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

// summary is what the errors of all estimates rest on.
type summary struct {
	bins   []bin
	length int // mean length of a bin along a chain, in configurations
	taus   [observableCount]float64
}

// summary cuts the data into bins; it is kept until a configuration is added.
func (c *Collector) summary() *summary {
	if c.latest == nil {
		s := &summary{taus: c.autocorrelationTimes()}
		s.bins, s.length = c.bins(slices.Max(s.taus[:]))
		c.latest = s
	}
	return c.latest
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
	s := c.summary()
	c.warn(s, len(c.trace.chains) >= minChains)
	values, errs := jackknife(s.bins, func(mean *bin) []float64 {
		v := c.values(mean.sum)
		return v[:]
	})
	values[Energy] += c.shift / float64(c.model.Lattice.Sites())
	values[CorrelationLength], errs[CorrelationLength] = root(values[CorrelationLength], errs[CorrelationLength])
	for i := range estimates {
		estimates[i] = Estimate{Value: values[i], Err: c.honest(values[i], errs[i]), Tau: s.taus[i]}
		if math.IsNaN(values[i]) {
			estimates[i] = Undefined()
		}
	}
	return estimates
}

// honest is the error as it is told: above T = 0 no error is zero, which would
// only say that nothing was seen to fluctuate; and rounding is none.
func (c *Collector) honest(value, err float64) float64 {
	switch {
	case err == 0 && c.temperature > 0:
		return math.NaN()
	case err < rounding*math.Abs(value):
		return 0
	}
	return err
}

// Covariance returns that of energy and order, (⟨E|M|⟩ − ⟨E⟩⟨|M|⟩)/N, in a field
// (⟨EM⟩ − ⟨E⟩⟨M⟩)/N: T² times the slope of ⟨|M|⟩/N, or of ⟨M⟩/N, in T at fixed h.
func (c *Collector) Covariance() Estimate {
	if c.count == 0 {
		return Undefined()
	}
	s := c.summary()
	values, errs := jackknife(s.bins, func(mean *bin) []float64 {
		product, order := mean.sum[meanEAbs], mean.sum[meanAbs]
		if c.model.Field != 0 {
			product, order = mean.sum[meanEM], mean.sum[meanM]
		}
		return []float64{float64(c.model.Lattice.Sites()) * (product - float64(mean.sum[meanE]*order))}
	})
	return Estimate{values[0], c.honest(values[0], errs[0]), max(s.taus[SpecificHeat], s.taus[Susceptibility])}
}

// Warnings says, one sentence each, which of the last Estimates have errors
// that cannot be trusted because the data are too few or too correlated.
func (c *Collector) Warnings() []string { return slices.Clone(c.warnings) }

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

// jackknife returns every value of a function of means with its bias of order
// 1/n removed, and its error, by leaving out each bin in turn: Busing et al.
// (1999), Eqs. (9) and (10), whose pseudo-values θ̃_j = h_j θ − (h_j − 1) θ_(j),
// h_j = n/m_j, allow bins of unequal size m_j. Errors are NaN with fewer than two
// bins.
func jackknife(bins []bin, evaluate func(mean *bin) []float64) (values, errs []float64) {
	total := bin{pairs: make([]float64, len(bins[0].pairs))}
	for i := range bins {
		total.merge(&bins[i], 1)
	}
	all := evaluate(total.mean())
	values, errs = make([]float64, len(all)), make([]float64, len(all))
	if len(bins) < 2 {
		for k := range errs {
			errs[k] = math.NaN()
		}
		return all, errs
	}
	pseudo := make([][]float64, len(bins))
	for j := range bins {
		rest := bin{count: total.count, sum: total.sum, pairs: slices.Clone(total.pairs)}
		rest.merge(&bins[j], -1)
		h := total.count / bins[j].count
		pseudo[j] = evaluate(rest.mean())
		for k, without := range pseudo[j] {
			pseudo[j][k] = float64(h*all[k]) - float64((h-1)*without)
			values[k] += pseudo[j][k] / h
		}
	}
	for k := range errs {
		errs[k] = math.Sqrt(jackknifeVariance(bins, total.count, pseudo, k, values[k]))
	}
	return values, errs
}

func jackknifeVariance(bins []bin, count float64, pseudo [][]float64, k int, value float64) float64 {
	sum := 0.0
	for j, p := range pseudo {
		d := p[k] - value
		sum += float64(d*d) / (count/bins[j].count - 1)
	}
	return sum / float64(len(bins))
}

// bins returns the bins, and their mean length along a chain.
func (c *Collector) bins(tau float64) ([]bin, int) {
	if n := len(c.trace.chains); n >= minChains {
		return c.chains.sorted(), int(c.trace.powers.count) / n
	}
	bins := c.trace.pieces(pieceLength(c.count, tau))
	return bins, c.count / len(bins)
}

// pieceLength is the length of the pieces of a chain: longBin times τ, unless
// that leaves fewer than minBins of them.
func pieceLength(count int, tau float64) int {
	length := max(int(math.Ceil(longBin*tau)), count/maxBins)
	return max(1, min(length, count/minBins))
}

// autocorrelationTimes returns τ of every observable: that of the series whose
// fluctuations make its error, the largest where there are several.
func (c *Collector) autocorrelationTimes() (taus [observableCount]float64) {
	mean := c.trace.powers.moments()
	time := c.trace.time
	connected := squareAbout(meanMM, meanAbs, mean.abs[1], func(m *moments) float64 { return spread(m.abs[1], m.abs[2], m.abs[3], m.m[4]) })
	if c.model.Field != 0 {
		connected = squareAbout(meanMM, meanM, mean.m[1], func(m *moments) float64 { return spread(m.m[1], m.m[2], m.m[3], m.m[4]) })
	}
	heat := squareAbout(meanEE, meanE, mean.e[1], func(m *moments) float64 { return spread(m.e[1], m.e[2], m.e[3], m.e[4]) })

	taus[Energy] = time(energySeries())
	taus[AbsMagnetization] = time(orderSeries())
	taus[Magnetization] = time(single(meanUniform, func(m *moments) float64 { return m.uu - m.u*m.u }))
	taus[SpecificHeat] = time(heat)
	taus[Susceptibility] = time(connected)
	taus[SusceptibilityZero] = time(single(meanMM, func(m *moments) float64 { return m.m[4] - m.m[2]*m.m[2] }))
	taus[Binder] = max(taus[SusceptibilityZero], time(single(meanMMMM, func(m *moments) float64 { return m.m8 - m.m[4]*m.m[4] })))
	taus[UpFraction] = time(single(meanUp, func(m *moments) float64 { return m.u2 - m.up*m.up }))
	taus[CorrelationLength] = taus[SusceptibilityZero]
	if c.waves != nil {
		taus[CorrelationLength] = max(taus[CorrelationLength], time(single(meanStructure, func(m *moments) float64 { return m.ss - m.s*m.s })))
	}
	return taus
}

// single is the series of one average.
func single(k int, variance func(*moments) float64) series {
	return series{func(x *averages) float64 { return x[k] }, variance}
}

func energySeries() series {
	return single(meanE, func(m *moments) float64 { return m.e[2] - m.e[1]*m.e[1] })
}

func orderSeries() series {
	return single(meanAbs, func(m *moments) float64 { return m.abs[2] - m.abs[1]*m.abs[1] })
}

// squareAbout is the series (x − mean)², but for a constant, from x² and x.
func squareAbout(square, k int, mean float64, variance func(*moments) float64) series {
	return series{func(x *averages) float64 { return x[square] - float64(2*mean*x[k]) }, variance}
}

// warn collects what is wrong with the bins.
func (c *Collector) warn(s *summary, wholeChains bool) {
	c.warnings = nil
	taus, bins, length := s.taus, len(s.bins), s.length
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
