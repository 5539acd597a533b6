// Package roof measures what one core can do at best, for benchmarks to compare
// with.
package roof

// A Roof is the loops of one instruction set.
type Roof struct {
	Name string
	fma  func(rounds int)
	read func(rounds int, buffer *[16384]byte)
	wide int // lanes of a vector
}

// FMA makes the given number of rounds of fused multiply-adds in float32 and returns
// the number of operations, two each.
func (r *Roof) FMA(rounds int) (flops float64) {
	r.fma(rounds)
	return float64(rounds) * 12 * 2 * float64(r.wide)
}

// Read reads 16 KiB, which a first-level cache holds, the given number of times, and
// returns the number of bytes.
func (r *Roof) Read(rounds int) (bytes float64) {
	r.read(rounds, buffer)
	return float64(rounds) * float64(len(buffer))
}

// buffer is allocated, because allocations of this size are aligned, and written,
// because pages that nothing was written to are one page of zeros.
var buffer = func() *[16384]byte {
	b := new([16384]byte)
	for i := range b {
		b[i] = 1
	}
	return b
}()
