package kernel

import "math"

// Lanes is the number of outputs computed side by side.
const Lanes = 16

// Strip holds one number for each of 16 neighboring outputs.
type Strip [Lanes]float32

// log2e turns a parameter in natural units into bits.
const log2e float32 = math.Log2E

// Words is the number of 64-bit words of a row of n bits.
func Words(n int) int { return (n + 63) / 64 }

// Strips is the number of strips that n outputs take.
func Strips(n int) int { return (n + Lanes - 1) / Lanes }

// Padded is n inputs rounded up to whole groups of four.
func Padded(n int) int { return (n + 3) &^ 3 }

// lanesOf returns a mask of the lanes of strip o that hold one of n outputs.
func lanesOf(o, n int) uint32 {
	return 1<<min(n-o*Lanes, Lanes) - 1
}

// scaled multiplies every lane.
func (s *Strip) scaled(by float32) (r Strip) {
	for l, x := range s {
		r[l] = float32(x * by)
	}
	return r
}

// lanes are the numbers as the assembly knows them.
func (s *Strip) lanes() *[Lanes]float32 { return (*[Lanes]float32)(s) }
