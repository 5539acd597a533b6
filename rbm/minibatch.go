package rbm

import "fmt"

// minibatches hands out the rows of the data, epoch by epoch, augmented.
type minibatches struct {
	data     packed
	n        int // rows of the data
	size     int
	position int     // rows of this epoch that were handed out
	order    []int32 // of this epoch; nil without shuffling
	shuffle  *stream
	epoch    []byte // state of shuffle before this epoch's order was drawn
	augment  augmentation
}

// augmentation draws one of the symmetries of the data for a row.
type augmentation struct {
	permutations []permutation
	flips        bool
	random       *stream
}

func newMinibatches(s Settings, data []uint64, visible int, random *stream) (*minibatches, error) {
	b := &minibatches{data: packed{data, visible}, n: len(data) / Words(visible), size: s.Batch, shuffle: random.split()}
	b.augment = augmentation{flips: s.AugmentFlips, random: random.split()}
	for k, p := range s.Permutations {
		compiled, err := compile(p, visible)
		if err != nil {
			return nil, fmt.Errorf("rbm: permutation %d: %w", k, err)
		}
		b.augment.permutations = append(b.augment.permutations, compiled)
	}
	if s.Shuffle {
		b.order = make([]int32, b.n)
		b.newOrder()
	}
	return b, nil
}

// newOrder draws the order of an epoch.
func (b *minibatches) newOrder() {
	b.epoch = b.shuffle.state()
	b.shuffle.permute(b.order)
}

// next writes the next minibatch to dst, which has room for size rows, and returns
// its number of rows: what is left of the epoch, at most size.
func (b *minibatches) next(dst []uint64) int {
	if b.position == b.n {
		b.position = 0
		if b.order != nil {
			b.newOrder()
		}
	}
	n := min(b.size, b.n-b.position)
	for r := range n {
		index := b.position + r
		if b.order != nil {
			index = int(b.order[index])
		}
		b.copyRow(dst, r, index)
	}
	b.position += n
	return n
}

// copyRow writes row index of the data, augmented, to row r of dst.
func (b *minibatches) copyRow(dst []uint64, r, index int) {
	words := Words(b.data.units)
	b.augment.row(packed{dst[r*words:][:words], b.data.units}, b.data.rows[index*words:][:words])
}

// row writes one row, permuted and flipped at random, to dst.
func (a *augmentation) row(dst packed, row []uint64) {
	if a.permutations == nil && !a.flips {
		copy(dst.rows, row)
		return
	}
	draw := a.random.Uint64()
	if a.permutations == nil {
		copy(dst.rows, row)
	} else {
		a.permutations[scaled(draw, len(a.permutations))].apply(dst.rows, row)
	}
	if a.flips {
		dst.flip(0, draw&1)
	}
}

// means returns the mean of every visible unit over the data augmented by the
// given permutations.
func (b *minibatches) means(permutations [][]int32) []float64 {
	mean := make([]float64, b.data.units)
	counts := b.counts()
	for i := range mean {
		switch {
		case b.augment.flips:
			mean[i] = 0.5
		case permutations == nil:
			mean[i] = float64(counts[i]) / float64(b.n)
		default:
			sum := 0
			for _, p := range permutations {
				sum += counts[p[i]]
			}
			mean[i] = float64(sum) / float64(b.n*len(permutations))
		}
	}
	return mean
}

// counts returns how often each unit is 1 in the data.
func (b *minibatches) counts() []int {
	counts := make([]int, b.data.units)
	words := Words(b.data.units)
	for r := range b.n {
		forEachBit(b.data.rows[r*words:][:words], func(i int) { counts[i]++ })
	}
	return counts
}
