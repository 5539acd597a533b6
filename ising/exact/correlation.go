package exact

import (
	"math"
	"math/bits"
)

// squareStructure returns the structure factors S(0) and S(2π/L) along an axis of the periodic square lattice at K = |J|/T
// and h/T, J < 0 if told so: those of the staggered magnetization where it orders.
//
// S(k) = (1/L) Σ_d cos(kd) <R_0 R_d>, with R_y the magnetization of row y. With D and B_r as in squareTally, the field now in
// D, x = 1 and Z the sum without R,
//
//	Z <(R_0 − R_d)²> = Σ_s D(s) Σ_s' D(s') (R(s) − R(s'))² B_d(s,s') B_{L−d}(s,s').
//
// Differences, because products cancel in S(2π/L) of a cold lattice.
func squareStructure(size int, coupling, field float64, antiferro bool) (zero, first float64) {
	paths := newPaths(size, coupling, field, antiferro)
	differences := make([]float64, size) // Z <(R_0 − R_d)²>
	var sum, square float64              // Z, Z <R²>
	for _, o := range orbits(size, field == 0) {
		paths.from(o.row)
		weight := float64(o.weight) * paths.turns[o.row]
		sum += weight * paths.steps[size][o.row]
		square += weight * paths.steps[size][o.row] * paths.rows[o.row] * paths.rows[o.row]
		for d := 1; d < size; d++ {
			differences[d] += weight * paths.difference(o.row, d)
		}
	}
	zero = float64(size) * square
	for d, difference := range differences {
		zero -= difference / 2
		first -= difference / 2 * math.Cos(2*math.Pi*float64(d)/float64(size))
	}
	return zero / (sum * float64(size)), first / (sum * float64(size))
}

// paths is the transfer matrix of a periodic strip as numbers, without the polynomials of a strip.
type paths struct {
	size      int
	broken    float64     // the weight of a broken vertical bond
	hopMask   int         // all ones if a satisfied vertical bond turns a spin over, else 0
	staggered bool        // whether rows holds staggered magnetizations
	rows      []float64   // R by row configuration
	turns     []float64   // D by row configuration, the largest being 1
	steps     [][]float64 // steps[d][s'] is B_d(s,s'), 1 ≤ d ≤ L
}

func newPaths(size int, coupling, field float64, antiferro bool) *paths {
	p := &paths{size: size, broken: math.Exp(-2 * coupling), staggered: antiferro && size%2 == 0}
	if antiferro {
		p.hopMask = 1<<size - 1
	}
	highest := math.Inf(-1)
	for row, cost := range rowWalls(size) {
		if antiferro {
			cost = size - cost
		}
		magnetization := 2*bits.OnesCount(uint(row)) - size
		exponent := -2*coupling*float64(cost) + field*float64(magnetization)
		highest = math.Max(highest, exponent)
		p.turns = append(p.turns, exponent)
		p.rows = append(p.rows, p.order(row))
	}
	for row, exponent := range p.turns {
		p.turns[row] = math.Exp(exponent - highest)
	}
	for range size + 1 {
		p.steps = append(p.steps, make([]float64, 1<<size))
	}
	return p
}

// order returns the magnetization R of a row, the staggered one where that orders.
func (p *paths) order(row int) float64 {
	const alternate = 0x5555
	if p.staggered {
		row ^= alternate & (1<<p.size - 1)
	}
	return float64(2*bits.OnesCount(uint(row)) - p.size)
}

// from fills in the steps for a start row.
func (p *paths) from(start int) {
	clear(p.steps[1])
	p.steps[1][start^p.hopMask] = 1
	p.hop(p.steps[1])
	for d := 2; d <= p.size; d++ {
		for row, w := range p.steps[d-1] {
			p.steps[d][row^p.hopMask] = w * p.turns[row]
		}
		p.hop(p.steps[d])
	}
}

// hop applies the vertical bonds of a step.
func (p *paths) hop(weights []float64) {
	for bit := 1; bit < len(weights); bit <<= 1 {
		for first := 0; first < len(weights); first += 2 * bit {
			down, up := weights[first:first+bit], weights[first+bit:first+2*bit]
			for i, x := range down {
				y := up[i]
				down[i] = x + p.broken*y
				up[i] = y + p.broken*x
			}
		}
	}
}

// difference returns Σ_s' D(s') (R(s) − R(s'))² B_d(s,s') B_{L−d}(s,s').
func (p *paths) difference(start, d int) float64 {
	order := p.rows[start]
	if p.staggered && d%2 == 1 {
		order = -order
	}
	there, back := p.steps[d], p.steps[p.size-d]
	sum := 0.0
	for row, w := range there {
		difference := order - p.rows[row]
		sum += p.turns[row] * difference * difference * w * back[row]
	}
	return sum
}
