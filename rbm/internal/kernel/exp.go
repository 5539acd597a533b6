package kernel

import "math"

// limit bounds activations, in bits. No decision is open beyond 25, and 2^(±64)
// times any sensible scale is still a normal number.
const (
	limit     float32 = 64
	limitBits         = 0x42800000 // its bit pattern
)

// roundToInteger is 1.5·2²³: sums near it are spaced by one.
const roundToInteger float32 = 3 << 22

// Minimax polynomial of degree 5 for 2^(−g), |g| ≤ ½, with constant term 1; found
// by Lawson's iteration (error 9.1·10⁻⁸) and then moved by single float32 steps to
// the smallest error of the rounded evaluation, 1.69·10⁻⁷.
const (
	c1 float32 = -11629077.0 / (1 << 24)
	c2 float32 = 16121057.0 / (1 << 26)
	c3 float32 = -14900131.0 / (1 << 28)
	c4 float32 = 10384692.0 / (1 << 30)
	c5 float32 = -11394314.0 / (1 << 33)
)

// exp2neg replaces every z by 2^(−z), z limited to [−64, 64].
func (s *Strip) exp2neg() {
	for l, z := range s {
		if math.Float32bits(z)&^(1<<31) > limitBits {
			z = limited(z)
		}
		s[l] = exp2negWithin(z)
	}
}

// exp2negWithin returns 2^(−z) for z within the limits; small enough to be inlined.
func exp2negWithin(z float32) float32 {
	t := roundToInteger - z
	g := z + (t - roundToInteger)
	p := float32(c5*g) + c4
	p = float32(p*g) + c3
	p = float32(p*g) + c2
	p = float32(p*g) + c1
	p = float32(p*g) + 1
	return math.Float32frombits(math.Float32bits(p) + math.Float32bits(t)<<23)
}

// limited is the rare branch, kept out of line.
//
//go:noinline
func limited(z float32) float32 {
	if z < 0 {
		return -limit
	}
	return limit
}
