package kernel

import "math"

// Advance adds rate × along to strips, with the kernel that [Selected] returns.
func Advance(strips, along []Strip, rate float32) { selected().advanceStrips(strips, along, rate) }

// Finite reports whether every number of strips is.
func Finite(strips []Strip) bool { return selected().finiteStrips(strips) }

func (k *Kernel) advanceStrips(strips, along []Strip, rate float32) {
	if len(along) < len(strips) {
		panic("kernel: strips without a direction")
	}
	if len(strips) == 0 {
		return
	}
	if k.advance != nil {
		k.advance(strips[0].lanes(), along[0].lanes(), len(strips), rate)
		return
	}
	for s := range strips {
		to, by := &strips[s], &along[s]
		for l := range to {
			to[l] += float32(rate * by[l])
		}
	}
}

// finiteStrips looks at exponents: that of a number that is not finite is all ones, and
// one more carries into the sign. Four carries wait for each other less than one.
func (k *Kernel) finiteStrips(strips []Strip) bool {
	if k.infinite != nil && len(strips) > 0 {
		return k.infinite(strips[0].lanes(), len(strips)) == 0
	}
	const exponent, one = 0x7f800000, 0x00800000
	var a, b, c, d uint32
	for s := range strips {
		row := &strips[s]
		for l := 0; l < Lanes; l += 4 {
			a |= math.Float32bits(row[l])&exponent + one
			b |= math.Float32bits(row[l+1])&exponent + one
			c |= math.Float32bits(row[l+2])&exponent + one
			d |= math.Float32bits(row[l+3])&exponent + one
		}
	}
	return (a|b|c|d)>>31 == 0
}
