package ising

import (
	"fmt"
	"math"
)

// A Block is 512 independent Markov chains of one model at one temperature, one in each bit of its words. What it draws
// depends on the arguments of [NewBlock] and the order of the calls alone. A Block is not safe for concurrent use; different
// blocks are.
type Block struct {
	model    Model
	spins    []lanes // by site
	stream   *stream
	samplers []sampler // what a step consists of
}

// NewBlock returns a block of chains at their start: ground states, of either sign where there are two, below the
// temperature at which the model orders, random spins above. [Pilot] measures how many steps lead from there to the
// Boltzmann distribution. The seed should be used for nothing else.
//
// A temperature of 0 or +Inf is fine: a block then draws ground states or independent spins directly. What
// [CheckAlgorithm] refuses is an error, and so are what [Kernel] refuses and perfect samples that would take too long.
func NewBlock(m Model, temperature float64, algorithm Algorithm, seed [32]byte) (*Block, error) {
	if err := CheckAlgorithm(m, algorithm, temperature); err != nil {
		return nil, err
	}
	if algorithm == Auto {
		algorithm, _ = Choose(m, temperature)
	}
	k, err := kernel()
	if err != nil {
		return nil, err
	}
	b := &Block{model: m, spins: make([]lanes, m.Lattice.sites), stream: newStream(seed, k)}
	if b.samplers, err = samplers(m, temperature, algorithm); err != nil {
		return nil, err
	}
	start(m, temperature, b.spins, b.stream)
	return b, nil
}

// samplers returns what a step of an algorithm consists of.
func samplers(m Model, temperature float64, algorithm Algorithm) ([]sampler, error) {
	if temperature == 0 {
		g, err := groundStates(m)
		if err != nil {
			panic(fmt.Sprint("ising: an unchecked model: ", err))
		}
		return []sampler{g}, nil
	}
	if math.IsInf(temperature, 1) {
		return []sampler{newHeatBath(m, temperature)}, nil
	}
	var s []sampler
	switch algorithm {
	case HeatBath:
		s = append(s, newHeatBath(m, temperature))
	case Metropolis:
		s = append(s, newMetropolis(m, temperature))
	case Wolff:
		s = append(s, newWolff(m, temperature))
	case SwendsenWang:
		s = append(s, newSwendsenWang(m, temperature))
	case Perfect:
		p, err := newCoupling(m, temperature)
		return []sampler{p}, err
	case MetropolisWolff:
		s = append(s, newMetropolis(m, temperature), newWolff(m, temperature))
	}
	if m.Field != 0 {
		s = append(s, newReversal(m, temperature))
	}
	return s, nil
}

// Step takes every chain one Monte Carlo step further; what a step is the constants of [Algorithm] say.
func (b *Block) Step() {
	for _, s := range b.samplers {
		s.step(b.spins, b.stream)
	}
}

// FlipAtRandom flips all spins of each chain with probability ½. In zero field that is an exact symmetry, and the only quick
// way from one sign of the magnetization to the other below the critical temperature. In a field it would be wrong, and
// FlipAtRandom panics.
func (b *Block) FlipAtRandom() {
	if b.model.Field != 0 {
		panic("ising: FlipAtRandom in a field")
	}
	flip(b.spins, b.stream.draw())
}

// Energies sets dst, of length Lanes, to the total energies of the chains.
func (b *Block) Energies(dst []float64) {
	mustHold(len(dst), Lanes)
	unequal := tallyUnequal(b.model.Lattice, b.spins)
	var magnetization [Lanes]int32
	if b.model.Field != 0 {
		b.Magnetizations(magnetization[:])
	}
	for c := range dst {
		dst[c] = b.model.energy(int(unequal[c]), int(magnetization[c]))
	}
}

// Magnetizations sets dst, of length Lanes, to Σσ of the chains.
func (b *Block) Magnetizations(dst []int32) { b.sums(dst, false) }

// OrderParameters sets dst, of length Lanes, to the chains' order parameters: see [Model.OrderParameter].
func (b *Block) OrderParameters(dst []int32) { b.sums(dst, b.model.staggered()) }

func (b *Block) sums(dst []int32, staggered bool) {
	mustHold(len(dst), Lanes)
	up := tallyUp(b.model.Lattice, b.spins, staggered)
	for c := range dst {
		dst[c] = 2*up[c] - int32(b.model.Lattice.sites)
	}
}

// Configurations sets dst, of length Lanes·Words(N), to the packed configurations of the chains, row after row.
func (b *Block) Configurations(dst []uint64) {
	words := Words(len(b.spins))
	mustHold(len(dst), Lanes*words)
	var squares [8][64]lanes // so many words of a row at a time that a cache line is written at once
	for from := 0; from < words; from += len(squares) {
		part := squares[:min(len(squares), words-from)]
		for w := range part {
			filled := copy(part[w][:], b.spins[64*(from+w):])
			clear(part[w][filled:])
			b.stream.kernel.Transpose(&part[w])
		}
		for l := range laneWords {
			for c := range 64 {
				row := dst[(64*l+c)*words+from:][:len(part)]
				for w := range row {
					row[w] = squares[w&7][c][l]
				}
			}
		}
	}
}

func mustHold(have, want int) {
	if have != want {
		panic("ising: a destination has the wrong length")
	}
}
