package kernel

import "math"

// decide replaces every activation z by e = 2^(−z) and draws 16 bits that are 1 with
// probabilities 1/(1+e): u + u·e < 1, u from the top 23 bits of a word. The
// difference from 1 has the right sign however it is rounded, so there is no branch
// to mispredict; signs enter the bits at the top and move down.
func (g *Generator) decide(acc *Strip) (bits uint32) {
	var words [Lanes]uint32
	g.draw(&words)
	for l := range Lanes {
		z := acc[l]
		if math.Float32bits(z)&^(1<<31) > limitBits {
			z = limited(z)
		}
		e := exp2negWithin(z)
		acc[l] = e
		u := math.Float32frombits(words[l]>>9|0x3f800000) - (1 - 0x1p-24)
		sum := float32(u*e) + u
		bits = bits>>1 | math.Float32bits(sum-1)&(1<<31)
	}
	return bits >> Lanes
}

// mean replaces every e by scale/(1+e).
func (s *Strip) mean(scale *Strip) {
	for l, e := range s {
		s[l] = scale[l] / (1 + e)
	}
}
