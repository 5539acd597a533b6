package kernel

import "math"

// LogSum is Σ ln(1 + eˣ) over a number of activations x, as
// Bits·ln 2 + ln Factor with Factor in (1, 2].
type LogSum struct{ Bits, Factor float64 }

// foldEvery is the number of strips after which the power of two of a product of
// factors between ½ and 1 is taken out, long before it can underflow.
const foldEvery = 32

// LogSums sets dst[r] to the sum of ln(1 + eˣ) over the activations x of row r of
// src. With the activations z in bits, as the package defines them,
//
//	ln(1 + eˣ) = ln 2 · max(z, 0) − ln m,   m = 1/(1 + 2^(−|z|)) as a mean is computed,
//
// and sums of the first part and products of the second are taken in float64, in a
// fixed order: four running values, lane l in value l mod 4.
func (l *Layer) LogSums(dst []LogSum, src []uint64, w *Workspace) {
	in := Words(l.inputs)
	l.check(len(src)/in, len(dst), len(l.bias))
	padding := float64(Lanes*len(l.bias) - l.outputs) // activations 0, of which each has m = ½
	for block := len(w.acc); len(src) > 0; {
		n := min(block, len(src)/in)
		for r := range n {
			dst[r] = LogSum{-padding, 1}
		}
		for o := range l.bias {
			acc := w.acc[:n]
			l.activate(acc, o, src, w)
			w.addLogs(dst, acc)
			if o%foldEvery == foldEvery-1 || o == len(l.bias)-1 {
				foldAll(dst[:n])
			}
		}
		for r := range n {
			dst[r].Factor = 1 / dst[r].Factor
		}
		src, dst = src[n*in:], dst[n:]
	}
}

// addLogs adds the logarithms of the activations of a strip of each row, which it
// overwrites. Factor is that of Π m, whose reciprocal the sum needs in the end.
func (w *Workspace) addLogs(dst []LogSum, acc []Strip) {
	for r := range acc {
		dst[r].Bits += acc[r].splitSign()
	}
	for l := range w.scale {
		w.scale[l] = 1
	}
	w.use().meanRows(acc, &w.scale)
	for r := range acc {
		dst[r].Factor *= acc[r].product()
	}
}

// splitSign replaces every z by |z| and returns Σ max(z, 0) = ½ Σ (z + |z|), whose
// terms are exact. It and product are written out because they take half the time.
func (s *Strip) splitSign() float64 {
	var a, b, c, d float64
	for l := 0; l < Lanes; l += 4 {
		z := (*[4]float32)(s[l:])
		z0, z1, z2, z3 := z[0], z[1], z[2], z[3]
		size0, size1, size2, size3 := size(z0), size(z1), size(z2), size(z3)
		a += float64(z0 + size0)
		b += float64(z1 + size1)
		c += float64(z2 + size2)
		d += float64(z3 + size3)
		z[0], z[1], z[2], z[3] = size0, size1, size2, size3
	}
	return 0.5 * ((a + b) + (c + d))
}

// size returns |z|.
func size(z float32) float32 { return math.Float32frombits(math.Float32bits(z) &^ (1 << 31)) }

// product returns the product of all lanes.
func (s *Strip) product() float64 {
	a, b, c, d := 1.0, 1.0, 1.0, 1.0
	for l := 0; l < Lanes; l += 4 {
		m := (*[4]float32)(s[l:])
		a *= float64(m[0])
		b *= float64(m[1])
		c *= float64(m[2])
		d *= float64(m[3])
	}
	return float64(a*b) * float64(c*d)
}

// foldAll moves the power of two of each Π m, which lies in [½, 1) then, into Bits.
func foldAll(sums []LogSum) {
	for r := range sums {
		mantissa, exponent := math.Frexp(sums[r].Factor)
		sums[r].Factor = mantissa
		sums[r].Bits -= float64(exponent)
	}
}
