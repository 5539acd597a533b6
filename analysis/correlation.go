package analysis

import (
	"math/bits"

	"isingrbm/ising"
)

// pairs measures the two-point function of packed configurations along the axes
// of a lattice, by counting the bits that differ between a row and the row moved
// by r sites.
type pairs struct {
	sites   int
	shifts  [][]shift // by r−1: the shift along each axis
	doubled []uint64  // scratch: the row twice, one after the other
	norm    []float64 // by r−1: one over the number of pairs
}

// shift moves a row by r sites along an axis. The sites whose partner is within
// the lattice are those of the mask, and their partners are ahead bits further on;
// for the others, across the boundary, they are around bits further on.
type shift struct {
	ahead, around int
	mask          []uint64
	rotates       bool // the last axis: all sites have their partner ahead
	within        bool // words hold whole cycles of the axis, and shift within themselves
	back          int  // then the partners of the others are so many bits back
}

// newPairs prepares the shifts: by up to half the side where boundaries are
// periodic, and by all of it but one where they are open.
func newPairs(l *ising.Lattice) *pairs {
	p := &pairs{sites: l.Sites()}
	largest := l.Size() / 2
	if l.Boundary() == ising.Open {
		largest = l.Size() - 1
	}
	for r := 1; r <= largest; r++ {
		var axes []shift
		stride, count := 1, l.Sites()*l.Dimension()
		if l.Boundary() == ising.Open {
			count = count / l.Size() * (l.Size() - r)
		}
		for range l.Dimension() {
			axes = append(axes, newShift(l, r, stride))
			stride *= l.Size()
		}
		p.shifts = append(p.shifts, axes)
		p.norm = append(p.norm, 1/float64(count))
	}
	p.doubled = make([]uint64, ising.Words(2*l.Sites())+1)
	return p
}

func newShift(l *ising.Lattice, r, stride int) shift {
	cycle := stride * l.Size()
	s := shift{ahead: r * stride, around: (l.Sites() + r*stride - cycle) % l.Sites(), mask: make([]uint64, ising.Words(l.Sites()))}
	s.rotates = cycle == l.Sites() && l.Boundary() == ising.Periodic
	s.within = cycle <= 64 && 64%cycle == 0 && l.Sites()%64 == 0 && l.Boundary() == ising.Periodic
	s.back = cycle - s.ahead
	for site := range l.Sites() {
		if site/stride%l.Size() < l.Size()-r {
			s.mask[site/64] |= 1 << (site % 64)
		}
	}
	if l.Boundary() == ising.Open {
		s.around = -1
	}
	return s
}

// distances is the number of distances r = 1, 2, …
func (p *pairs) distances() int { return len(p.shifts) }

// measure fills out[r−1] with σ_0 σ_r averaged over all pairs of sites r apart
// along an axis, of one configuration.
func (p *pairs) measure(spins []uint64, out []float64) {
	p.double(spins)
	for k, axes := range p.shifts {
		differ, total := 0, 0
		for i := range axes {
			d, n := p.differing(spins, &axes[i])
			differ += d
			total += n
		}
		out[k] = float64(total-2*differ) * p.norm[k]
	}
}

// double writes the row twice, so that any window of it is a rotation.
func (p *pairs) double(spins []uint64) {
	clear(p.doubled)
	copy(p.doubled, spins)
	word, bit := p.sites/64, p.sites%64
	for i, x := range spins {
		p.doubled[word+i] |= x << bit
		if bit > 0 {
			p.doubled[word+i+1] |= x >> (64 - bit)
		}
	}
}

// differing counts the pairs of opposite spins, and all pairs.
func (p *pairs) differing(spins []uint64, s *shift) (differ, pairs int) {
	switch {
	case s.within:
		return turned(spins, s), p.sites
	case s.rotates:
		return p.rotated(spins, s.ahead), p.sites
	case s.around < 0:
		for i, x := range spins {
			differ += bits.OnesCount64((x ^ window(p.doubled, s.ahead+64*i)) & s.mask[i])
			pairs += bits.OnesCount64(s.mask[i])
		}
		return differ, pairs
	}
	last := ^overhang(p.sites)
	for i, x := range spins {
		m := s.mask[i]
		d := (x ^ window(p.doubled, s.ahead+64*i)) & m
		d |= (x ^ window(p.doubled, s.around+64*i)) &^ m
		if i == len(spins)-1 {
			d &= last
		}
		differ += bits.OnesCount64(d)
	}
	return differ, p.sites
}

// turned is differing where words hold whole cycles.
func turned(spins []uint64, s *shift) (differ int) {
	ahead, back := uint(s.ahead)&63, uint(s.back)&63
	if ahead+back == 64 {
		for _, x := range spins {
			differ += bits.OnesCount64(x ^ bits.RotateLeft64(x, int(back)))
		}
		return differ
	}
	m := s.mask[0] // of every word
	for _, x := range spins {
		differ += bits.OnesCount64(x ^ (x>>ahead&m | x<<back&^m))
	}
	return differ
}

// rotated counts the bits that differ from the row turned by some bits.
func (p *pairs) rotated(spins []uint64, by int) (differ int) {
	if by%64 == 0 && p.sites%64 == 0 {
		for i, y := range p.doubled[by/64:][:len(spins)] {
			differ += bits.OnesCount64(spins[i] ^ y)
		}
		return differ
	}
	last := len(spins) - 1
	for i, x := range spins[:last] {
		differ += bits.OnesCount64(x ^ window(p.doubled, by+64*i))
	}
	return differ + bits.OnesCount64((spins[last]^window(p.doubled, by+64*last))&^overhang(p.sites))
}

// window returns the 64 bits from a position on.
func window(row []uint64, from int) uint64 {
	word, bit := from/64, uint(from%64)
	if bit == 0 {
		return row[word]
	}
	return row[word]>>bit | row[word+1]<<(64-bit)
}

// overhang has the bits of a row's last word set that belong to no site.
func overhang(sites int) uint64 {
	if sites%64 == 0 {
		return 0
	}
	return ^uint64(0) << (sites % 64)
}

// Correlation is the two-point function of the order parameter at one distance
// along the axes.
type Correlation struct {
	Distance  int      // r, in lattice spacings
	Full      Estimate // G(r) = ⟨σ_0 σ_r⟩
	Connected Estimate // G(r) − (⟨|M|⟩/N)², in a field G(r) − (⟨M⟩/N)²
}

// Correlations returns the two-point function at r = 0, 1, …, L/2, or to L − 1
// where boundaries are open. Errors are those of the jackknife; τ is NaN.
func (c *Collector) Correlations() []Correlation {
	if c.count == 0 {
		return nil
	}
	n := len(c.scratch)
	values, errs := jackknife(c.summary().bins, func(mean *bin) []float64 {
		disconnected := mean.sum[meanAbs] * mean.sum[meanAbs]
		if c.model.Field != 0 {
			disconnected = mean.sum[meanM] * mean.sum[meanM]
		}
		out := make([]float64, 0, 2*n+1)
		out = append(append(out, mean.pairs...), 1-disconnected)
		for _, g := range mean.pairs {
			out = append(out, g-disconnected)
		}
		return out
	})
	nan := Undefined().Tau
	list := []Correlation{{0, Estimate{1, 0, nan}, Estimate{values[n], errs[n], nan}}}
	for r := range n {
		list = append(list, Correlation{r + 1, Estimate{values[r], errs[r], nan}, Estimate{values[n+1+r], errs[n+1+r], nan}})
	}
	return list
}
