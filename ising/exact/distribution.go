package exact

import (
	"fmt"
	"math"
	"math/bits"

	"gonum.org/v1/gonum/floats"
)

// maxDistributionSize is the largest side of MagnetizationDistribution; another two sites take twenty times as long.
const maxDistributionSize = 12

// negligible is the weight of a half lattice, relative to a ground state's 1, below which it is taken as zero: cold systems
// would otherwise fill the matrix with subnormal numbers, which are a hundred times slower.
const negligible = 1e-150

// MagnetizationDistribution returns P(n_up), the probability of every number 0 … L² of up spins, of the L×L periodic square
// lattice at J = 1, h = 0, for L from 3 to 12. It is exactly symmetric. The temperature is from 0 to +Inf.
//
// Probabilities have a relative precision near that of the machine, those below 10⁻¹⁴⁰ aside, which may be zero. L = 8 takes
// some 3 ms, L = 10 some 50 ms, L = 12 about 1 s.
func MagnetizationDistribution(size int, temperature float64) ([]float64, error) {
	if size < 3 || size > maxDistributionSize {
		return nil, fmt.Errorf("exact: the distribution of the magnetization is for sizes 3 to %d, not %d", maxDistributionSize, size)
	}
	if !(temperature >= 0) {
		return nil, fmt.Errorf("exact: temperature %v: want 0 or more", temperature)
	}
	return squareTally(size, 1/temperature, false, 1).distribution(), nil
}

// squareTally returns the tally of the periodic square lattice in zero field at K = |J|/T, J < 0 if told so, with the first
// depth of its moments, 1 or 3. The others are zero.
//
// With H the vertical bonds between two rows and D the weight x^n of a row with its horizontal bonds, both symmetric, and
// B_r = H(DH)^{r−1} the weight of r steps between two rows,
//
//	Z = Tr (DH)^L = Σ_s D(s) Σ_s' D(s') B_a(s,s') B_b(s,s'),   a + b = L,
//
// so that a walk over half the lattice is enough, from one start row s of every orbit under the symmetries of a ring. Each
// B is a vector of polynomials in x, built up bond by bond: H is a product of 2×2 matrices, one for each column.
func squareTally(size int, coupling float64, antiferro bool, depth int) tally {
	total := newTally(size * size)
	walk := newStrip(size, coupling, antiferro, depth)
	for _, o := range orbits(size, true) {
		half := walk.pathsFrom(o.row)
		row := walk.weigh(half, o.row)
		for j := range depth {
			floats.AddScaled(total[j], float64(o.weight), row[j])
		}
	}
	for _, t := range total[:depth] { // the flipped half of each orbit
		for n := range len(t)/2 + 1 {
			m := len(t) - 1 - n
			mean := (t[n] + t[m]) / 2
			t[n], t[m] = mean, mean
		}
	}
	return total
}

// inField puts a tally in zero field into the field h/T, and returns the logarithm of what its entries were divided by. It
// is no longer known, and false returned, if entries that the field makes large had been negligible.
func (t tally) inField(field float64) (logScale float64, known bool) {
	exponents := make([]float64, len(t[0]))
	logScale = math.Inf(-1)
	for n := range exponents {
		against := len(exponents) - 1 - n
		if field < 0 {
			against = n
		}
		exponents[n] = -2 * math.Abs(field) * float64(against)
		logScale = math.Max(logScale, exponents[n]+math.Log(t[0][n]))
	}
	for n, exponent := range exponents {
		if exponent-logScale > math.Log(1e-17/1e-140) && t[0][n] < 1e-140 {
			return 0, false
		}
		for j := range t {
			t[j][n] *= math.Exp(exponent - logScale)
		}
	}
	return logScale, true
}

// A strip walks the transfer matrix of a periodic strip: for every row configuration a polynomial in x, whose coefficients
// are the weights of all walks that end there with so many up spins on the rows between. Beside the weights it carries
// binomial moments of the number of broken bonds, as a tally does.
type strip struct {
	size, depth int
	stride      int       // coefficients reserved for a polynomial
	degree      int       // of the polynomials now
	broken      float64   // the weight of a broken bond, e^{−2K}
	hopMask     int       // all ones if a satisfied vertical bond turns a spin over, else 0
	cost        []int     // broken bonds along a row
	powers      []float64 // powers of broken
	paths, next [3][]float64
	scratch     [3][]float64
}

func newStrip(size int, coupling float64, antiferro bool, depth int) *strip {
	s := &strip{size: size, depth: depth, broken: math.Exp(-2 * coupling), cost: rowWalls(size)}
	s.stride = size*((size+1)/2-1) + 1
	if antiferro {
		s.hopMask = 1<<size - 1
		for row, walls := range s.cost {
			s.cost[row] = size - walls
		}
	}
	for w := range size + 1 {
		s.powers = append(s.powers, math.Pow(s.broken, float64(w)))
	}
	for j := range depth {
		s.paths[j] = make([]float64, s.stride<<size)
		s.next[j] = make([]float64, s.stride<<size)
		s.scratch[j] = make([]float64, s.stride)
	}
	return s
}

// pathsFrom returns Σ_s' D(s') B_a(s,s') B_b(s,s') for the start row s.
func (s *strip) pathsFrom(start int) tally {
	total := newTally(s.size * s.size)
	for j := range s.depth {
		clear(s.paths[j])
	}
	s.paths[0][start*s.stride] = 1
	s.degree = 0
	s.hop()
	for range s.size/2 - 1 {
		s.turn()
		s.hop()
	}
	short, degree := s.paths, s.degree
	if s.size%2 == 1 {
		for j := range s.depth {
			short[j] = append([]float64(nil), s.paths[j]...)
		}
		s.turn()
		s.hop()
	}
	for row := range 1 << s.size {
		s.join(total, row, short, degree)
	}
	return total
}

// hop applies H: a spin of the new row agrees with the one before or its bond is broken.
func (s *strip) hop() {
	for bit := 1; bit < 1<<s.size; bit <<= 1 {
		for row := range 1 << s.size {
			if row&bit == 0 {
				s.mix(row, row|bit)
			}
		}
	}
	s.dropNegligible(s.paths)
}

// mix applies the matrix of one vertical bond to the polynomials of two rows.
func (s *strip) mix(a, b int) {
	for j := s.depth - 1; j >= 0; j-- {
		p, q := s.at(s.paths[j], a), s.at(s.paths[j], b)
		for k, x := range p {
			y := q[k]
			p[k] = x + s.broken*y
			q[k] = y + s.broken*x
		}
		if j > 0 {
			floats.AddScaled(p, s.broken, s.at(s.paths[j-1], b))
			floats.AddScaled(q, s.broken, s.at(s.paths[j-1], a))
		}
	}
}

// turn applies D to every row and makes it one of those between.
func (s *strip) turn() {
	before := s.degree
	s.degree += s.size
	for row := range 1 << s.size {
		from := (row ^ s.hopMask) * s.stride
		up := bits.OnesCount(uint(row))
		for j := range s.depth {
			to := s.at(s.next[j], row)
			clear(to)
			for i := j; i >= 0; i-- {
				factor := s.powers[s.cost[row]] * choose(s.cost[row], j-i)
				floats.AddScaled(to[up:up+before+1], factor, s.paths[i][from:from+before+1])
			}
		}
	}
	s.paths, s.next = s.next, s.paths
	s.dropNegligible(s.paths)
}

// dropNegligible replaces weights below negligible by zero.
func (s *strip) dropNegligible(paths [3][]float64) {
	for j := range s.depth {
		for k, x := range paths[j] {
			if x < negligible {
				paths[j][k] = 0
			}
		}
	}
}

// join adds D(s') B_a B_b for one row s' to the total; short is B_a, of the given degree, and s.paths is B_b.
func (s *strip) join(total tally, row int, short [3][]float64, degree int) {
	up, from := bits.OnesCount(uint(row)), (row^s.hopMask)*s.stride
	for j := range s.depth {
		weighed := s.scratch[j][:degree+1]
		clear(weighed)
		for i := j; i >= 0; i-- {
			factor := s.powers[s.cost[row]] * choose(s.cost[row], j-i)
			floats.AddScaled(weighed, factor, short[i][from:from+degree+1])
		}
	}
	for j := range s.depth {
		for i := j; i >= 0; i-- {
			convolve(total[j][up:], s.scratch[i][:degree+1], s.paths[j-i][from:from+s.degree+1])
		}
	}
}

// weigh applies D of the start row, which closes the torus.
func (s *strip) weigh(t tally, row int) tally {
	up, cost := bits.OnesCount(uint(row)), s.cost[row]
	weighed := newTally(s.size * s.size)
	for j := range s.depth {
		for i := j; i >= 0; i-- {
			floats.AddScaled(weighed[j][up:], s.powers[cost]*choose(cost, j-i), t[i][:len(t[i])-up])
		}
	}
	return weighed
}

// at returns the polynomial of a row.
func (s *strip) at(paths []float64, row int) []float64 {
	first := row * s.stride
	return paths[first : first+s.degree+1]
}

// convolve adds the product of two polynomials to a third, what is negligible in the first one aside.
func convolve(dst, a, b []float64) {
	for i, x := range a {
		if x >= negligible {
			floats.AddScaled(dst[i:i+len(b)], x, b)
		}
	}
}

// choose returns the binomial coefficient C(n, k) for k up to 2.
func choose(n, k int) float64 {
	switch k {
	case 0:
		return 1
	case 1:
		return float64(n)
	}
	return float64(n*(n-1)) / 2
}
