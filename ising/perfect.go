package ising

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// A coupling draws exact samples by monotone coupling from the past (Propp and Wilson, Random Struct. Alg. 9, 223 (1996)). Every
// chain has two companions, which a heat-bath sweep takes on with the same random numbers: one that starts with all spins up
// and one with all down. For J > 0 a spin with more neighbors up is at least as likely up, so that whatever starts between
// the two stays between them. Where they have met, the start is forgotten.
//
// The sweeps run from a time in the past to the present. If companions have not met by then, they start earlier, and run
// through the same random numbers for the same times; stopping at the moment when they meet would be wrong. A step does so
// until all of the 512 pairs have met, and no step gives up, which would prefer chains that meet early.
type coupling struct {
	lattice  *Lattice
	classes  []class
	ladders  [maxDegree + 1]*ladder // of becoming up: by the number of neighbors, and of those that are up
	up, down []lanes                // the companions
	first    int                    // the first start is 2^first sweeps in the past
}

// The companions must meet within these bounds, or the coupling is refused.
const (
	mostCouplingSweeps = 1 << 14
	mostCouplingVisits = 1 << 23 // sweeps times sites: a few seconds
)

// newCoupling returns the coupling of a model, or an error with an estimate if the companions do not meet in reasonable time.
func newCoupling(m Model, temperature float64) (*coupling, error) {
	p := &coupling{lattice: m.Lattice, classes: partition(m.Lattice)}
	p.up, p.down = make([]lanes, m.Lattice.sites), make([]lanes, m.Lattice.sites)
	for _, c := range p.classes {
		if p.ladders[c.degree] != nil {
			continue
		}
		var thresholds []uint64
		for number := range c.degree + 1 {
			alignment := float64(m.Coupling*float64(2*number-c.degree)) + m.Field
			thresholds = append(thresholds, threshold(min(1/(1+math.Exp(-2*alignment/temperature)), below1)))
		}
		p.ladders[c.degree] = newLadder(thresholds)
	}
	sweeps, err := p.estimate()
	if err != nil {
		return nil, err
	}
	for 1<<p.first < sweeps {
		p.first++
	}
	return p, nil
}

// estimate returns how many sweeps it takes until all companions meet, forward in time, which has the same distribution as
// backward, with random numbers of its own.
func (p *coupling) estimate() (sweeps int, err error) {
	s := newStream([32]byte{}, nil)
	p.restart()
	limit := min(mostCouplingSweeps, mostCouplingVisits/p.lattice.sites)
	for sweeps = range limit {
		if p.apart() == (lanes{}) {
			return max(sweeps, 1), nil
		}
		p.sweep(s)
	}
	apart := 0.0
	for _, word := range p.apart() {
		apart += float64(bits.OnesCount64(word))
	}
	needed := "far more"
	if apart < Lanes {
		needed = fmt.Sprintf("some %.1g", float64(limit)*math.Log(Lanes)/math.Log(Lanes/apart))
	}
	return 0, fmt.Errorf("ising: algorithm %q would not end in reasonable time: after %d sweeps %.0f %% of the chains still "+
		"depend on their start, and %s sweeps would be needed: want %q or a higher temperature", Perfect, limit,
		100*apart/Lanes, needed, Auto)
}

// step draws independent configurations in all chains.
func (p *coupling) step(spins []lanes, s *stream) {
	var seeds [][32]byte // of the sweeps from 2^k to 2^(k−1) before the present
	for k := 0; ; k++ {
		var seed [32]byte
		for i := range seed {
			seed[i] = byte(s.shared.Uint32())
		}
		seeds = append(seeds, seed)
		if k < p.first {
			continue
		}
		p.restart()
		for j, seed := range slices.Backward(seeds) {
			past := newStream(seed, nil)
			for range max(1, 1<<j>>1) {
				p.sweep(past)
			}
		}
		if p.apart() == (lanes{}) {
			copy(spins, p.up)
			return
		}
	}
}

// restart lets the companions start.
func (p *coupling) restart() {
	for i := range p.up {
		p.up[i], p.down[i] = not(lanes{}), lanes{}
	}
}

// apart returns the chains whose companions differ.
func (p *coupling) apart() (chains lanes) {
	for i := range p.up {
		for l := range chains {
			chains[l] |= p.up[i][l] ^ p.down[i][l]
		}
	}
	return chains
}

// sweep draws all spins of the companions afresh. How many random numbers it takes does not depend on any spin.
func (p *coupling) sweep(s *stream) {
	for _, c := range p.classes {
		for _, site := range c.sites {
			becomesUp := p.ladders[c.degree].drawBelow(s)
			neighbors := p.lattice.Neighbors(int(site))
			p.up[site] = choose(countUp(p.up, neighbors), &becomesUp)
			p.down[site] = choose(countUp(p.down, neighbors), &becomesUp)
		}
	}
}

// A ladder is thresholds, bit by bit: row k holds bit k of each, the most significant first, in all 64 positions.
type ladder struct {
	steps int
	rows  [64][maxDegree + 1]uint64
}

func newLadder(thresholds []uint64) *ladder {
	d := &ladder{steps: len(thresholds)}
	for k := range d.rows {
		for n, t := range thresholds {
			d.rows[k][n] = -(t >> (63 - k) & 1)
		}
	}
	return d
}

// drawBelow draws one uniform number u for every chain, as far as needed to compare it with all thresholds, and returns the
// chains with u below each.
func (d *ladder) drawBelow(s *stream) (below [maxDegree + 1]lanes) {
	for l := range laneWords {
		yes, x := d.compare(s.generator(l))
		s.restore(l, x)
		for n := range d.steps {
			below[n][l] = yes[n]
		}
	}
	return below
}

// compare is drawBelow for one word.
func (d *ladder) compare(x xoshiro) (yes [maxDegree + 1]uint64, next xoshiro) {
	var open [maxDegree + 1]uint64
	for n := range d.steps {
		open[n] = ^uint64(0)
	}
	var u uint64
	any := ^uint64(0)
	for k := 0; any != 0 && k < len(d.rows); k++ {
		u, x = x.Next()
		any = 0
		for n := range d.steps {
			t := d.rows[k][n]
			yes[n] |= open[n] & t &^ u
			open[n] &^= t ^ u
			any |= open[n]
		}
	}
	return yes, x
}

// countUp counts the neighbors that are up.
func countUp(spins []lanes, neighbors []int32) (n counts) {
	for _, i := range neighbors {
		for l, carry := range &spins[i] {
			n[0][l], carry = n[0][l]^carry, n[0][l]&carry
			n[1][l], carry = n[1][l]^carry, n[1][l]&carry
			n[2][l] ^= carry
		}
	}
	return n
}

// choose returns, of every chain, the bit of the set that its count numbers.
func choose(n counts, sets *[maxDegree + 1]lanes) (chosen lanes) {
	for l := range chosen {
		n0, n1, n2 := n[0][l], n[1][l], n[2][l]
		low := sets[0][l]&^n0 | sets[1][l]&n0
		middle := sets[2][l]&^n0 | sets[3][l]&n0
		high := sets[4][l]&^n0 | sets[5][l]&n0
		chosen[l] = (low&^n1|middle&n1)&^n2 | (high&^n1|sets[6][l]&n1)&n2
	}
	return chosen
}
