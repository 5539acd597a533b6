package analysis

import (
	"math"
	"math/bits"

	"isingrbm/ising"
)

// Independence says how independent the configurations are that chains running
// side by side gave. NaN stands for what does not exist.
type Independence struct {
	// The correlation of E, and of |M|, in successive configurations of a chain.
	EnergyRho, AbsMagnetizationRho float64

	// Overlap is the mean of q², q = Σ σ_i σ'_i / N, over pairs of chains at one
	// time, OverlapExpected that over pairs at different times, which is what
	// chains have that share nothing: Σ_ij <σ_i σ_j>²/N² if they have the same
	// distribution. OverlapZ is their difference in standard deviations.
	Overlap, OverlapExpected, OverlapZ float64
}

// IndependenceMeter finds the Independence of chains, in constant memory.
//
// Chains that share random numbers become alike, although each by itself has the
// right distribution: the overlap at one time is then larger than that at
// different times. The same chain of each pair takes part in both, so that what
// it does by itself cancels; a pair of places in the batch, over the whole file, is one
// sample, which leaves the standard error right however slow the chains are.
type IndependenceMeter struct {
	model ising.Model
	words int

	energy, absMagnetization correlation
	pairs                    []overlapPair

	// The last configurations.
	chain  []int32
	values [2][]float64
	spins  []uint64
}

// overlapPair is what two places in the batches had in common.
type overlapPair struct{ n, same, apart float64 }

// fewestPairs is below what a standard error means nothing.
const fewestPairs = 8

// NewIndependenceMeter returns a meter for configurations of a model.
func NewIndependenceMeter(m ising.Model) *IndependenceMeter {
	return &IndependenceMeter{model: m, words: ising.Words(m.Lattice.Sites())}
}

// Add takes in one configuration of each of some chains, all at one time. Batches
// of the same chains must follow each other in time, and a chain must keep its
// place. Energies are total; spins are packed, row after row.
func (m *IndependenceMeter) Add(chain []int32, energies []float64, spins []uint64) {
	var values [2][]float64
	for i, e := range energies {
		order := m.model.OrderParameter(spins[i*m.words : (i+1)*m.words])
		values[0] = append(values[0], e)
		values[1] = append(values[1], math.Abs(float64(order)))
	}
	for i := range min(len(chain), len(m.chain)) {
		if chain[i] == m.chain[i] {
			m.energy.add(m.values[0][i], values[0][i])
			m.absMagnetization.add(m.values[1][i], values[1][i])
		}
	}
	m.compare(spins)
	m.chain, m.values = append(m.chain[:0], chain...), values
	m.spins = append(m.spins[:0], spins...)
}

// compare takes the overlaps of neighbors in the batch, and of the first of them
// with the second in the batch before.
func (m *IndependenceMeter) compare(spins []uint64) {
	row := func(of []uint64, i int) []uint64 { return of[i*m.words : (i+1)*m.words] }
	for i := 0; (i+2)*m.words <= min(len(spins), len(m.spins)); i += 2 {
		if i/2 == len(m.pairs) {
			m.pairs = append(m.pairs, overlapPair{})
		}
		p := &m.pairs[i/2]
		p.n++
		p.same += m.squaredOverlap(row(spins, i), row(spins, i+1))
		p.apart += m.squaredOverlap(row(spins, i), row(m.spins, i+1))
	}
}

// squaredOverlap is q² of two configurations.
func (m *IndependenceMeter) squaredOverlap(a, b []uint64) float64 {
	unequal := 0
	for w := range a {
		unequal += bits.OnesCount64(a[w] ^ b[w])
	}
	q := 1 - 2*float64(unequal)/float64(m.model.Lattice.Sites())
	return q * q
}

// Independence returns what was found.
func (m *IndependenceMeter) Independence() Independence {
	found := Independence{EnergyRho: m.energy.value(), AbsMagnetizationRho: m.absMagnetization.value(),
		Overlap: math.NaN(), OverlapExpected: math.NaN(), OverlapZ: math.NaN()}
	var n, same, apart float64
	for _, p := range m.pairs {
		n, same, apart = n+p.n, same+p.same, apart+p.apart
	}
	if n == 0 {
		return found
	}
	found.Overlap, found.OverlapExpected = same/n, apart/n
	var squares float64
	for _, p := range m.pairs {
		d := p.same - p.apart - p.n*(same-apart)/n
		squares += float64(d * d)
	}
	if pairs := float64(len(m.pairs)); pairs >= fewestPairs && squares > 0 {
		found.OverlapZ = (same - apart) / math.Sqrt(squares*pairs/(pairs-1))
	}
	return found
}

// correlation is that of pairs of numbers.
type correlation struct{ n, shift, x, y, xx, xy, yy float64 }

func (c *correlation) add(x, y float64) {
	if c.n == 0 {
		c.shift = x // near the means, so that little cancels
	}
	x, y = x-c.shift, y-c.shift
	c.n++
	c.x, c.y = c.x+x, c.y+y
	c.xx, c.xy, c.yy = c.xx+float64(x*x), c.xy+float64(x*y), c.yy+float64(y*y)
}

func (c *correlation) value() float64 {
	covariance := c.xy - float64(c.x*c.y)/c.n
	variances := (c.xx - float64(c.x*c.x)/c.n) * (c.yy - float64(c.y*c.y)/c.n)
	if !(variances > 0) {
		return math.NaN()
	}
	return covariance / math.Sqrt(variances)
}
