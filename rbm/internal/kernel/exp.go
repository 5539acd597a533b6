package kernel

import "math"

// limit bounds activations, in bits. No decision is open beyond 25, and 2^(±64)
// times any sensible scale is still a normal number.
const (
	limit     float32 = 64
	limitBits         = 0x42800000 // its bit pattern
)

// perBit is the number of steps that a bit has.
const perBit = 16

// toSteps is 3·2¹⁸ + 2⁸: numbers near it are spaced by a step, and the last 13 bits
// of their patterns, 2¹² + k for k steps, borrow nothing from the others.
const toSteps float32 = 3<<18 + 1<<8

// A quadratic for 2^(−g), |g| ≤ ½ step, is leading·((g−center)² + rest). The center is a
// whole number of steps near 1/ln 2, where a Taylor series would have it, because
// taking it off then costs nothing; the others were found by trying all float32
// numbers around the best real ones: the smallest error, 1.09·10⁻⁶, of those that
// give 2⁰ = 1 exactly.
const (
	center  float32 = 23.0 / perBit
	rest    float32 = 8728475.0 / (1 << 22)
	leading float32 = 16180803.0 / (1 << 26)
)

// powers are the bit patterns of leading·2^(j/16), less what bits(t) << 19 holds at
// j steps: j << 19 and the highest bit.
var powers = [perBit]uint32{
	0xbe76e643, 0xbe78ea52, 0xbe769f75, 0xbe749549, 0xbe72ceab, 0xbe714e98, 0xbe701831, 0xbe6f2eb7,
	0xbe6e9594, 0xbe6e5054, 0xbe6e62b1, 0xbe6ed089, 0xbe6f9deb, 0xbe70cf11, 0xbe726866, 0xbe746e86,
}

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
	t := toSteps - z
	g := z + (t - (toSteps + center))
	p := float32(g*g) + rest
	k := math.Float32bits(t)
	return p * math.Float32frombits(powers[k%perBit]+k<<19)
}

// limited is the rare branch, kept out of line.
//
//go:noinline
func limited(z float32) float32 {
	if math.Signbit(float64(z)) {
		return -limit
	}
	return limit
}
