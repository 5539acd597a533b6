package analysis

import (
	"cmp"
	"math"
	"slices"

	"isingrbm/ising"
)

// traceBudget is how many numbers a trace keeps: 16 MiB.
const traceBudget = 1 << 21

// trace remembers chains in their order, for autocorrelation times and for bins
// within chains. It keeps the sums of blocks of consecutive configurations, a
// block one configuration at first; whenever its memory is full, every two blocks
// become one. Once there are enough chains to bin by, it takes up no new ones that
// it has little room for: the times of those it has are those of all.
type trace struct {
	width  int // numbers a block: averages, then pairs
	limit  int // of blocks
	length int // configurations a block
	blocks int // complete ones
	chains map[int32]*tracedChain
	powers powers // of all traced configurations
}

// tracedChain is one chain's blocks.
type tracedChain struct {
	id    int32
	data  []float64 // complete blocks, each width numbers
	open  []float64 // the sums of an incomplete one
	count int       // of its configurations
}

func newTrace(pairs int) *trace {
	width := meanCount + pairs
	return &trace{width: width, limit: max(traceBudget/width, 4*maxBins), length: 1, chains: map[int32]*tracedChain{}}
}

func (t *trace) add(id int32, values *averages, pairs []float64) {
	s := t.chains[id]
	if s == nil {
		if len(t.chains) >= minChains && t.blocks > t.limit/2 {
			return
		}
		s = &tracedChain{id: id, open: make([]float64, t.width)}
		t.chains[id] = s
	}
	t.powers.add(values)
	for k, x := range values {
		s.open[k] += x
	}
	for r, x := range pairs {
		s.open[meanCount+r] += x
	}
	if s.count++; s.count < t.length {
		return
	}
	s.data = append(s.data, s.open...)
	clear(s.open)
	s.count = 0
	if t.blocks++; t.blocks > t.limit {
		t.coarsen()
	}
}

// coarsen makes one block of every two; a last odd one becomes incomplete.
func (t *trace) coarsen() {
	t.blocks = 0
	for _, s := range t.chains {
		n := len(s.data) / t.width
		for i := range n / 2 {
			to, from := s.data[i*t.width:], s.data[2*i*t.width:]
			for k := range t.width {
				to[k] = from[k] + from[t.width+k]
			}
		}
		if n%2 == 1 {
			for k, x := range s.data[(n-1)*t.width:] {
				s.open[k] += x
			}
			s.count += t.length
		}
		s.data = s.data[:n/2*t.width]
		t.blocks += n / 2
	}
	t.length *= 2
}

// sorted lists the chains by their number, so that no result depends on the
// order in which they came.
func (t *trace) sorted() []*tracedChain {
	chains := make([]*tracedChain, 0, len(t.chains))
	for _, s := range t.chains {
		chains = append(chains, s)
	}
	slices.SortFunc(chains, func(a, b *tracedChain) int { return cmp.Compare(a.id, b.id) })
	return chains
}

// pieces cuts every chain into bins of about the given number of configurations.
func (t *trace) pieces(length int) []bin {
	var bins []bin
	for _, s := range t.sorted() {
		n := len(s.data) / t.width
		size := n*t.length + s.count
		if size == 0 {
			continue
		}
		count := max(1, min(size/length, n))
		first := len(bins)
		for range count {
			bins = append(bins, bin{pairs: make([]float64, t.width-meanCount)})
		}
		for i := range n {
			b := &bins[first+i*count/n]
			b.add(float64(t.length), (*averages)(s.data[i*t.width:]), s.data[i*t.width+meanCount:(i+1)*t.width])
		}
		last := &bins[len(bins)-1]
		last.add(float64(s.count), (*averages)(s.open), s.open[meanCount:])
	}
	return bins
}

// series is a linear combination of the averages, whose fluctuations make the
// error of an observable, and its variance from one configuration to another.
type series struct {
	of       func(*averages) float64
	variance func(*moments) float64
}

// blocks returns the means of a series over the complete blocks of every chain,
// relative to the first of them, so that a constant series is constant to the
// last bit.
func (t *trace) means(s series) [][]float64 {
	var chains [][]float64
	first := math.NaN()
	for _, chain := range t.sorted() {
		values := make([]float64, len(chain.data)/t.width)
		for i := range values {
			x := s.of((*averages)(chain.data[i*t.width:])) / float64(t.length)
			if math.IsNaN(first) {
				first = x
			}
			values[i] = x - first
		}
		chains = append(chains, values)
	}
	return chains
}

// time returns the integrated autocorrelation time of a series in
// configurations. That of the means of blocks of length b follows from the
// variance of the mean of all, which is the same from both: τ = b τ_b var_b/var.
func (t *trace) time(s series) float64 {
	chains := t.means(s)
	tau, _ := ising.AutocorrelationTime(chains)
	if t.length == 1 {
		return tau
	}
	all := s.variance(t.powers.moments())
	if !(all > 0) {
		return 0.5
	}
	return float64(t.length) * tau * variance(chains) / all
}

// variance of all values about their common mean.
func variance(chains [][]float64) float64 {
	n, sum, squares := 0.0, 0.0, 0.0
	for _, chain := range chains {
		for _, x := range chain {
			n++
			sum += x
			squares += float64(x * x)
		}
	}
	if n == 0 {
		return 0
	}
	mean := sum / n
	return max(0, squares/n-float64(mean*mean))
}

// powers are sums over single configurations, for the variances of series.
type powers struct {
	count  float64
	e, m   [5]float64 // Σ e^k, Σ m^k
	abs    [4]float64 // Σ |m|^k; even ones are those of m
	m8     float64
	u, uu  float64 // of the uniform magnetization
	up, u2 float64 // of the contribution to p₊, and its square
	s, ss  float64 // of the structure factor
}

func (p *powers) add(x *averages) {
	p.count++
	e, m, a := 1.0, 1.0, 1.0
	for k := 1; k <= 4; k++ {
		e *= x[meanE]
		m *= x[meanM]
		p.e[k] += e
		p.m[k] += m
		if k < 4 {
			a *= x[meanAbs]
			p.abs[k] += a
		}
	}
	p.m8 += float64(x[meanMMMM] * x[meanMMMM])
	p.u += x[meanUniform]
	p.uu += float64(x[meanUniform] * x[meanUniform])
	p.up += x[meanUp]
	p.u2 += float64(x[meanUp] * x[meanUp])
	p.s += x[meanStructure]
	p.ss += float64(x[meanStructure] * x[meanStructure])
}

// moments are means over single configurations.
type moments powers

func (p powers) moments() *moments {
	for _, sums := range [][]float64{p.e[1:], p.m[1:], p.abs[1:]} {
		for k := range sums {
			sums[k] /= p.count
		}
	}
	for _, sum := range []*float64{&p.m8, &p.u, &p.uu, &p.up, &p.u2, &p.s, &p.ss} {
		*sum /= p.count
	}
	m := moments(p)
	m.abs[2] = m.m[2]
	return &m
}

// spread is the variance of (x − ⟨x⟩)², from ⟨x⟩ … ⟨x⁴⟩.
func spread(x, xx, xxx, xxxx float64) float64 {
	square := xx - x*x
	fourth := xxxx - 4*x*xxx + 6*x*x*xx - 3*x*x*x*x
	return fourth - square*square
}

// Autocorrelation is ρ of the energy and of the order parameter's size at one
// lag.
type Autocorrelation struct {
	Lag           int // in stored configurations
	Energy, Order float64
}

// maxLags is how many lags, of blocks, Autocorrelations lists at most.
const maxLags = 40

// Autocorrelations returns the normalized autocorrelation functions of E and
// |M| (of M in a field) up to a few times their integrated times, as far as a
// quarter of the data has partners. They are those of the means of blocks where
// chains are long.
func (c *Collector) Autocorrelations() []Autocorrelation {
	if c.count == 0 {
		return nil
	}
	order := orderSeries()
	if c.model.Field != 0 {
		order = single(meanM, func(m *moments) float64 { return m.m[2] - m.m[1]*m.m[1] })
	}
	taus := c.summary().taus
	lags := min(maxLags, 2+int(6*max(taus[Energy], taus[AbsMagnetization])/float64(c.trace.length)))
	e, m := normalized(c.trace.means(energySeries()), lags), normalized(c.trace.means(order), lags)
	var list []Autocorrelation
	for lag := range min(len(e), len(m)) {
		list = append(list, Autocorrelation{lag * c.trace.length, e[lag], m[lag]})
	}
	return list
}

// normalized returns ρ(0), ρ(1), …, nothing for a series that does not change.
func normalized(chains [][]float64, lags int) []float64 {
	n, mean := 0.0, 0.0
	for _, chain := range chains {
		for _, x := range chain {
			mean += x
			n++
		}
	}
	mean /= n
	var rho []float64
	first := 0.0
	for lag := range lags {
		sum, count := 0.0, 0.0
		for _, chain := range chains {
			for i := range len(chain) - lag {
				sum += float64((chain[i] - mean) * (chain[i+lag] - mean))
				count++
			}
		}
		if count < n/4 {
			break
		}
		if lag == 0 {
			first = sum / count
			if !(first > 0) {
				return nil
			}
		}
		rho = append(rho, sum/count/first)
	}
	return rho
}
