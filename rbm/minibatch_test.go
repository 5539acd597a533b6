package rbm

import (
	"math"
	"slices"
	"testing"
)

// numbered returns n rows that hold their own index.
func numbered(n int) []uint64 {
	rows := make([]uint64, n)
	for r := range rows {
		rows[r] = uint64(r)
	}
	return rows
}

func newTestBatches(t *testing.T, s Settings, data []uint64, visible int) *minibatches {
	t.Helper()
	b, err := newMinibatches(s, data, visible, newStream([32]byte{1}))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestMinibatchesGoThroughTheData(t *testing.T) {
	for _, c := range []struct {
		size    int
		shuffle bool
		lengths []int
	}{{4, false, []int{4, 4, 2}}, {4, true, []int{4, 4, 2}}, {5, true, []int{5, 5}}, {30, true, []int{10}}, {1, false, slices.Repeat([]int{1}, 10)}} {
		b := newTestBatches(t, Settings{Batch: c.size, Shuffle: c.shuffle}, numbered(10), 5)
		var epochs [2][]uint64
		for e := range epochs {
			for _, want := range c.lengths {
				dst := make([]uint64, c.size)
				if n := b.next(dst); n != want {
					t.Fatalf("a minibatch of %d rows, want %d", n, want)
				}
				epochs[e] = append(epochs[e], dst[:want]...)
			}
		}
		if c.shuffle == slices.Equal(epochs[0], epochs[1]) || c.shuffle == slices.IsSorted(epochs[0]) {
			t.Errorf("size %d: shuffle %v, but the epochs are %v and %v", c.size, c.shuffle, epochs[0], epochs[1])
		}
		for _, epoch := range epochs {
			slices.Sort(epoch)
			if !slices.Equal(epoch, numbered(10)) {
				t.Errorf("size %d: an epoch has rows %v", c.size, epoch)
			}
		}
	}
}

// All pairs of a translation and a flip come equally often: χ² with 17 degrees of
// freedom within 6 standard deviations, a false alarm in less than 1 of 10⁵ seeds.
func TestAugmentationIsUniform(t *testing.T) {
	row := []uint64{0b000_010_011}
	s := Settings{Batch: 1, Permutations: translations(3), AugmentFlips: true}
	b := newTestBatches(t, s, row, 9)
	index := map[uint64]int{}
	for _, p := range s.Permutations {
		moved := uint64(0)
		for i, old := range p {
			moved |= row[0] >> old & 1 << i
		}
		index[moved] = len(index)
		index[^moved&0x1ff] = len(index)
	}
	counts, dst := make([]int, 18), make([]uint64, 1)
	for range 18_000 {
		b.next(dst)
		k, known := index[dst[0]]
		if !known {
			t.Fatalf("%09b is no image of the row", dst[0])
		}
		counts[k]++
	}
	if x := chiSquared(counts, slices.Repeat([]float64{1.0 / 18}, 18)); math.Abs(x) > 6 {
		t.Errorf("χ² is %.1f standard deviations off: %v", x, counts)
	}
}

func TestMeansOfAugmentedData(t *testing.T) {
	data := randomRows(5, 7, 9)
	var all [][]int32
	for _, p := range translations(3)[:3] { // shifts along a row
		all = append(all, p)
	}
	plain := newTestBatches(t, Settings{Batch: 1}, data, 9).means(nil)
	moved := newTestBatches(t, Settings{Batch: 1, Permutations: all}, data, 9).means(all)
	for i := range plain {
		want := 0.0
		for _, v := range data {
			want += bitOf([]uint64{v}, i) / 7
		}
		row := i / 3 * 3
		if !near(plain[i], want, 1e-15) || !near(moved[i], (plain[row]+plain[row+1]+plain[row+2])/3, 1e-15) {
			t.Errorf("unit %d has means %g and %g, want %g", i, plain[i], moved[i], want)
		}
	}
	flipped := newTestBatches(t, Settings{Batch: 1, AugmentFlips: true}, data, 9).means(nil)
	if slices.Min(flipped) != 0.5 || slices.Max(flipped) != 0.5 {
		t.Errorf("means of flipped data are %v", flipped)
	}
}

// What the data allow and augmentation with them costs per row.
func BenchmarkMinibatch(b *testing.B) {
	for name, side := range map[string]int{"8x8": 8, "32x32": 32} {
		data := randomRows(6, 1000, side*side)
		for kind, s := range map[string]Settings{
			"plain":     {Batch: 100, Shuffle: true},
			"augmented": {Batch: 100, Shuffle: true, AugmentFlips: true, Permutations: translations(side)},
		} {
			b.Run(name+"/"+kind, func(b *testing.B) {
				batches, err := newMinibatches(s, data, side*side, newStream([32]byte{}))
				if err != nil {
					b.Fatal(err)
				}
				dst := make([]uint64, 100*Words(side*side))
				for b.Loop() {
					batches.next(dst)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/row")
			})
		}
	}
}
