package kernel

import "math"

// decide draws 16 bits that are 1 with probabilities 1/(1+e): u + u·e < 1, u from
// the top 23 bits of a word. The difference from 1 has the right sign however it
// is rounded, so there is no branch to mispredict.
func (g *Generator) decide(e *Strip) (bits uint32) {
	var words [Lanes]uint32
	g.draw(&words)
	for l, word := range words {
		u := math.Float32frombits(word>>9|0x3f800000) - (1 - 0x1p-24)
		sum := float32(u*e[l]) + u
		bits |= math.Float32bits(sum-1) >> 31 << l
	}
	return bits
}

// mean replaces every e by scale/(1+e).
func (s *Strip) mean(scale *Strip) {
	for l, e := range s {
		s[l] = scale[l] / (1 + e)
	}
}
