package analysis

import (
	"math"
	"math/bits"

	"isingrbm/ising"
)

// waves measures the smallest Fourier modes of packed configurations of a
// periodic lattice: layer by layer along each axis, by counting bits.
type waves struct {
	cosine, sine []float64 // of 2πx/L
	perSpin      float64   // 4/(N d): from squared bit sums to the mean over axes, per spin
	folded       bool      // some axis counts in the folded words
	axes         []axis
	planes       []uint64 // scratch: bit-sliced column sums of the words
}

// axis holds the bits of every layer perpendicular to one axis. Where all words
// hold the same layers in the same bits (L a divisor of 64, axes along which
// sites are closer than a word), the words are first added up bit by bit and
// masks tell the layers of the sum; otherwise spans lists the words of a layer.
type axis struct {
	masks []uint64
	spans [][]span
}

// span is the part of one word that belongs to a layer.
type span struct {
	word int
	mask uint64
}

// newWaves prepares the modes of a lattice, or returns nil where momentum is
// not a good quantum number: with open boundaries.
func newWaves(l *ising.Lattice) *waves {
	if l.Boundary() != ising.Periodic {
		return nil
	}
	w := &waves{perSpin: 4 / float64(l.Sites()*l.Dimension())}
	for x := range l.Size() {
		sin, cos := math.Sincos(2 * math.Pi * float64(x) / float64(l.Size()))
		w.cosine, w.sine = append(w.cosine, cos), append(w.sine, sin)
	}
	stride := 1
	for range l.Dimension() {
		a := newAxis(l, stride)
		w.axes = append(w.axes, a)
		w.folded = w.folded || a.masks != nil
		stride *= l.Size()
	}
	w.planes = make([]uint64, bits.Len(uint(ising.Words(l.Sites()))))
	return w
}

func newAxis(l *ising.Lattice, stride int) axis {
	spans := make([][]span, l.Size())
	for site := range l.Sites() {
		x, word, bit := site/stride%l.Size(), site/64, uint64(1)<<(site%64)
		if last := len(spans[x]) - 1; last >= 0 && spans[x][last].word == word {
			spans[x][last].mask |= bit
		} else {
			spans[x] = append(spans[x], span{word, bit})
		}
	}
	masks := make([]uint64, l.Size())
	for x, layer := range spans {
		masks[x] = layer[0].mask
		for word, s := range layer {
			if s.word != word || s.mask != masks[x] || len(layer) != ising.Words(l.Sites()) {
				return axis{spans: spans}
			}
		}
	}
	return axis{masks: masks}
}

// structureFactor returns |Σ σ_r e^{ikr}|²/N of one configuration at k = 2π/L,
// averaged over the axes. With u_x the number of bits set in layer x,
// Σ σ_r e^{ikr} = 2 Σ_x (u_x − u_0) e^{ikx}: a constant has no such mode, and taken
// off as an integer it leaves no rounding error.
func (w *waves) structureFactor(spins []uint64) float64 {
	if w.folded {
		w.fold(spins)
	}
	sum := 0.0
	for i := range w.axes {
		re, im := 0.0, 0.0
		first := w.count(&w.axes[i], 0, spins)
		for x := 1; x < len(w.cosine); x++ {
			up := float64(w.count(&w.axes[i], x, spins) - first)
			re += float64(w.cosine[x] * up)
			im += float64(w.sine[x] * up)
		}
		sum += float64(re*re) + float64(im*im)
	}
	return w.perSpin * sum
}

// count returns the number of bits set in layer x.
func (w *waves) count(a *axis, x int, spins []uint64) int {
	up := 0
	if a.masks != nil {
		for k, plane := range w.planes {
			up += bits.OnesCount64(plane&a.masks[x]) << k
		}
		return up
	}
	for _, s := range a.spans[x] {
		up += bits.OnesCount64(spins[s.word] & s.mask)
	}
	return up
}

// fold adds the words up, column by column: bit i of plane k is digit k of the
// number of words with bit i set.
func (w *waves) fold(spins []uint64) {
	clear(w.planes)
	for _, carry := range spins {
		for k := 0; carry != 0; k++ {
			carry, w.planes[k] = carry&w.planes[k], carry^w.planes[k]
		}
	}
}

// secondMoment returns ξ² from S(0) and S(k), k = 2π/L along an axis:
// (S(0)/S(k) − 1)/k̂², k̂² = (2d/z) Σ 4 sin²(k·δ/2) over the z/2 bond vectors δ.
// A result that is not positive and finite means that there is no ξ.
func secondMoment(l *ising.Lattice, zero, smallest float64) float64 {
	sin := math.Sin(math.Pi / float64(l.Size()))
	momentum := 4 * sin * sin
	if l.Kind() == ising.Triangular {
		momentum *= 4.0 / 3 // two of three bond vectors see k, and 2d/z = 2/3
	}
	return (zero/smallest - 1) / momentum
}
