package rbm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
)

// Gibbs runs many chains of block Gibbs sampling side by side on one machine.
type Gibbs struct {
	*conditionals
	visible, hidden packed
	chains          int
	random          *stream
	symmetric       bool
}

// NewGibbs starts the given number of chains, from 1 to 2³¹−1, with visible units
// that are 0 or 1 at random. The machine is copied. It is an error if the machine
// is not valid.
func NewGibbs(m *Machine, chains int, seed [32]byte) (*Gibbs, error) {
	return newGibbs(m, chains, newStream(seed))
}

func newGibbs(m *Machine, chains int, random *stream) (*Gibbs, error) {
	if _, err := Kernel(); err != nil {
		return nil, err
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	if err := checkChains(chains, 1); err != nil {
		return nil, err
	}
	g := &Gibbs{chains: chains, random: random, symmetric: m.FlipSymmetric()}
	g.conditionals = newConditionals(m.Visible, m.Hidden, random, newTeam(1))
	g.set(parametersOf(m))
	g.visible = packed{make([]uint64, chains*Words(m.Visible)), m.Visible}
	g.hidden = packed{make([]uint64, chains*Words(m.Hidden)), m.Hidden}
	g.Randomize()
	return g, nil
}

// mostChains is more than any memory holds of machines worth sampling, so that a larger
// number is a mistake.
const mostChains = math.MaxInt32

// checkChains refuses numbers of chains out of range.
func checkChains(chains, least int) error {
	if least <= chains && chains <= mostChains {
		return nil
	}
	return fmt.Errorf("rbm: %d chains, want %d to %d", chains, least, mostChains)
}

// Randomize sets every visible unit of every chain to 0 or 1 with probability ½.
func (g *Gibbs) Randomize() {
	words := Words(g.visible.units)
	mask := ^uint64(0) >> (-uint(g.visible.units) % 64)
	for k := range g.visible.rows {
		g.visible.rows[k] = g.random.Uint64()
		if k%words == words-1 {
			g.visible.rows[k] &= mask
		}
	}
	clear(g.hidden.rows)
}

// SetVisible sets the visible units of all chains. It panics if rows do not have
// the number of words of all chains.
func (g *Gibbs) SetVisible(rows []uint64) {
	if len(rows) != len(g.visible.rows) {
		panic("rbm: SetVisible needs one row a chain")
	}
	copy(g.visible.rows, rows)
	clear(g.hidden.rows)
}

// Visible returns the visible configurations, one row a chain. They change with
// the next step and are not to be modified.
func (g *Gibbs) Visible() []uint64 { return g.visible.rows }

// Hidden returns the hidden configurations that the visible ones were drawn from,
// zero before the first step. They are not to be modified.
func (g *Gibbs) Hidden() []uint64 { return g.hidden.rows }

// Step makes n steps of every chain: hidden units given the visible ones, then
// visible units given the hidden ones.
func (g *Gibbs) Step(n int) {
	for range n {
		g.sampleHidden(g.hidden.rows, g.visible.rows)
		g.sampleVisible(g.visible.rows, g.hidden.rows)
	}
}

// FlipAtRandom flips all units of each chain with probability ½, an exact move of
// a machine with [Machine.FlipSymmetric]; on others it panics.
func (g *Gibbs) FlipAtRandom() {
	if !g.symmetric {
		panic("rbm: FlipAtRandom on a machine without flip symmetry")
	}
	g.random.flipRows(g.chains, g.visible, g.hidden)
}

// gibbsMagic begins the stored form of chains, little-endian: magic, CRC-32
// (IEEE) of what follows, chains, visible and hidden units, state. The machine
// is not stored.
const gibbsMagic = "isingrbm chains 1"

// state lists everything that changes in a step.
func (g *Gibbs) state(random *streamState) []any {
	return []any{random, g.up.generators, g.down.generators, g.visible.rows, g.hidden.rows}
}

func (g *Gibbs) shape() [3]int64 {
	return [3]int64{int64(g.chains), int64(g.visible.units), int64(g.hidden.units)}
}

// MarshalBinary stores everything that a bit-identical continuation needs, except
// for the machine. It never fails.
func (g *Gibbs) MarshalBinary() ([]byte, error) {
	var random streamState
	copy(random[:], g.random.state())
	var body []byte
	var err error
	for _, part := range append([]any{g.shape()}, g.state(&random)...) {
		if body, err = binary.Append(body, binary.LittleEndian, part); err != nil {
			return nil, err
		}
	}
	return append(binary.LittleEndian.AppendUint32([]byte(gibbsMagic), crc32.ChecksumIEEE(body)), body...), nil
}

// UnmarshalBinary continues stored chains. There must be as many of them, of a
// machine of the same shape; that it is the same machine is the caller's to know.
// After an error the chains are as before.
func (g *Gibbs) UnmarshalBinary(stored []byte) error {
	const head = len(gibbsMagic) + 4
	if len(stored) < head || string(stored[:len(gibbsMagic)]) != gibbsMagic {
		return errors.New("rbm: not complete stored chains")
	}
	body := stored[head:]
	if binary.LittleEndian.Uint32(stored[len(gibbsMagic):]) != crc32.ChecksumIEEE(body) {
		return errors.New("rbm: stored chains do not match their checksum")
	}
	var shape [3]int64
	n, err := binary.Decode(body, binary.LittleEndian, &shape)
	if err != nil || shape != g.shape() {
		return fmt.Errorf("rbm: stored chains of number and units %v, these are %v", shape, g.shape())
	}
	var random streamState
	size := n
	for _, part := range g.state(&random) {
		size += binary.Size(part)
	}
	if size != len(body) {
		return errors.New("rbm: stored chains are cut short or too long")
	}
	if err := g.random.restore(body[n : n+len(random)]); err != nil {
		return fmt.Errorf("rbm: stored chains: %w", err)
	}
	for _, part := range g.state(&random) {
		m, err := binary.Decode(body[n:], binary.LittleEndian, part)
		if err != nil {
			panic("rbm: " + err.Error()) // the sizes were compared
		}
		n += m
	}
	return nil
}
