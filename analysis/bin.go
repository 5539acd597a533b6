package analysis

import (
	"cmp"
	"slices"
)

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
	meanEM
	meanEAbs
	meanCount
)

// averages are sums, or means, of the quantities above.
type averages [meanCount]float64

// bin is a share of the data, close to independent of all other shares.
type bin struct {
	count float64
	sum   averages
	pairs []float64 // Σ_0 σ_0 σ_r / N for r = 1, 2, …
}

// add puts one configuration, or the sum of several, into the bin.
func (b *bin) add(count float64, values *averages, pairs []float64) {
	b.count += count
	for k, x := range values {
		b.sum[k] += x
	}
	for r, x := range pairs {
		b.pairs[r] += x
	}
}

// merge adds sign times the other bin.
func (b *bin) merge(other *bin, sign float64) {
	b.count += sign * other.count
	for k := range b.sum {
		b.sum[k] += sign * other.sum[k]
	}
	for r := range b.pairs {
		b.pairs[r] += sign * other.pairs[r]
	}
}

// mean returns the averages in the place of the sums; NaN for an empty bin.
func (b *bin) mean() *bin {
	mean := bin{count: b.count, sum: b.sum, pairs: slices.Clone(b.pairs)}
	for k := range mean.sum {
		mean.sum[k] /= b.count
	}
	for r := range mean.pairs {
		mean.pairs[r] /= b.count
	}
	return &mean
}

// chainBins sums whole chains up, a bin a chain for the first maxBins of them.
// Later ones share bins with them.
type chainBins struct {
	bins   []bin
	first  []int32       // the chain that began each bin
	places map[int32]int // bins of the first maxPlaced chains
	width  int
}

// maxPlaced bounds the memory for the bins of chains: those that come later go
// to the bin that their number says.
const maxPlaced = 1 << 13

func newChainBins(width int) chainBins {
	return chainBins{places: map[int32]int{}, width: width}
}

func (c *chainBins) add(id int32, values *averages, pairs []float64) {
	c.bins[c.place(id)].add(1, values, pairs)
}

// place returns the bin of a chain.
func (c *chainBins) place(id int32) int {
	if place, ok := c.places[id]; ok {
		return place
	}
	if len(c.places) == maxPlaced {
		return int(uint32(id) % maxBins)
	}
	place := len(c.places) % maxBins
	if place == len(c.bins) {
		c.bins = append(c.bins, bin{pairs: make([]float64, c.width)})
		c.first = append(c.first, id)
	}
	c.places[id] = place
	return place
}

// sorted lists the bins by the chains that began them, so that no result
// depends on the order in which up to maxBins chains came.
func (c *chainBins) sorted() []bin {
	order := make([]int, len(c.bins))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(c.first[a], c.first[b]) })
	bins := make([]bin, len(order))
	for i, k := range order {
		bins[i] = c.bins[k]
	}
	return bins
}
