package exact

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"isingrbm/ising"
)

// Limits of enumeration: the sites of Enumerate and those of its States.
const (
	maxEnumeratedSites = 24
	maxListedSites     = 20
)

// An Enumeration knows every state of a small model: how many there are by energy and magnetizations, from which everything
// follows at any temperature. It is immutable and safe for concurrent use.
type Enumeration struct {
	model  ising.Model
	lowest float64 // energy of the ground states
	levels []level
}

// A level is all states with the same broken bonds and the same numbers of up spins on either sublattice.
type level struct {
	energy    float64 // above the ground states
	up        int     // up spins
	order     int     // (M + N)/2, M the order parameter
	states    float64
	structure float64 // Σ |Σ_i ±σ_i e^{ikx}|² over the states, k = 2π/L, averaged over the axes; 0 on an open lattice
}

// Enumerate visits every state of a model of up to 24 sites; that takes less than a second. Any larger one is an error.
func Enumerate(m ising.Model) (*Enumeration, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	if m.Lattice.Sites() > maxEnumeratedSites {
		return nil, fmt.Errorf("exact: %d sites have too many states to enumerate: at most %d", m.Lattice.Sites(), maxEnumeratedSites)
	}
	c := newCensus(m)
	c.take()
	e := &Enumeration{model: m, lowest: math.Inf(1), levels: c.list()}
	for i := range e.levels {
		l := &e.levels[i]
		l.energy += 2 * math.Abs(m.Field) * float64(against(m, l.up))
		e.lowest = math.Min(e.lowest, l.energy)
	}
	for i := range e.levels {
		e.levels[i].energy -= e.lowest
	}
	e.lowest += reference(m)
	return e, nil
}

// A census counts states. It visits them in the order of a Gray code, one spin turned over at a time.
type census struct {
	model     ising.Model
	sites     int
	bonds     int
	staggered bool           // whether the order parameter is
	neighbors []uint32       // by site, a mask
	color     []int          // by site, the sublattice; all 0 if the lattice is not bipartite
	size      [2]int         // sites of the sublattices
	phases    [][][2]float64 // by axis and site, ±(cos kx, sin kx); none on an open lattice
	states    []float64      // by index
	structure []float64      // by index, summed over the axes
}

func newCensus(m ising.Model) *census {
	l := m.Lattice
	c := &census{model: m, sites: l.Sites(), bonds: len(l.Bonds()), staggered: m.Coupling < 0 && l.Bipartite()}
	for site := range c.sites {
		mask, color := uint32(0), 0
		for _, other := range l.Neighbors(site) {
			mask |= 1 << other
		}
		if l.Bipartite() {
			color = l.Sublattice(site)
		}
		c.neighbors = append(c.neighbors, mask)
		c.color = append(c.color, color)
		c.size[color]++
	}
	if l.Boundary() == ising.Periodic {
		c.setPhases()
	}
	entries := (c.bonds + 1) * (c.size[0] + 1) * (c.size[1] + 1)
	c.states, c.structure = make([]float64, entries), make([]float64, entries)
	return c
}

// setPhases fills in e^{ikx} for k = 2π/L along each axis, with the sign of the sublattice where the order is staggered.
func (c *census) setPhases() {
	l := c.model.Lattice
	stride := 1
	for range l.Dimension() {
		axis := make([][2]float64, c.sites)
		for site := range axis {
			sin, cos := math.Sincos(2 * math.Pi * float64(site/stride%l.Size()) / float64(l.Size()))
			if c.staggered && c.color[site] == 1 {
				sin, cos = -sin, -cos
			}
			axis[site] = [2]float64{cos, sin}
		}
		c.phases = append(c.phases, axis)
		stride *= l.Size()
	}
}

// A visit is where a census is: a state and what it counts there.
type visit struct {
	state   uint32
	unequal int // unequal neighbors
	up      [2]int
	waves   [3][2]float64 // Σ_i ±σ_i e^{ikx} by axis
}

// take visits the states whose last spin is down; all spins turned over give the others.
func (c *census) take() {
	var v visit
	for count := range uint32(1) << (c.sites - 1) {
		if count > 0 {
			c.turn(&v, bits.TrailingZeros32(count))
		}
		if count%4096 == 0 { // lest rounding errors add up
			c.sumWaves(&v)
		}
		c.record(&v)
	}
}

// turn turns a spin over.
func (c *census) turn(v *visit, site int) {
	was := int(v.state >> site & 1)
	up := bits.OnesCount32(v.state & c.neighbors[site])
	all := bits.OnesCount32(c.neighbors[site])
	step := 1 - 2*was
	v.unequal += step * (all - 2*up)
	v.up[c.color[site]] += step
	v.state ^= 1 << site
	for a, axis := range c.phases {
		v.waves[a][0] += float64(2*step) * axis[site][0]
		v.waves[a][1] += float64(2*step) * axis[site][1]
	}
}

// sumWaves sums the waves anew.
func (c *census) sumWaves(v *visit) {
	for a, axis := range c.phases {
		v.waves[a] = [2]float64{}
		for site, phase := range axis {
			sigma := float64(2*int(v.state>>site&1) - 1)
			v.waves[a][0] += sigma * phase[0]
			v.waves[a][1] += sigma * phase[1]
		}
	}
}

// record counts the state. A wave that is zero but for rounding is counted as zero: an ordered state has none.
func (c *census) record(v *visit) {
	i := c.index(v.unequal, v.up)
	c.states[i]++
	sum := 0.0
	for a := range c.phases {
		sum += v.waves[a][0]*v.waves[a][0] + v.waves[a][1]*v.waves[a][1]
	}
	if sum > 1e-20 {
		c.structure[i] += sum
	}
}

func (c *census) index(unequal int, up [2]int) int {
	return (unequal*(c.size[0]+1)+up[0])*(c.size[1]+1) + up[1]
}

// list returns the levels that have states, their energies above that of all bonds satisfied and without those in the field.
func (c *census) list() []level {
	var levels []level
	axes := math.Max(1, float64(len(c.phases)))
	for unequal := range c.bonds + 1 {
		for a := range c.size[0] + 1 {
			for b := range c.size[1] + 1 {
				i, turned := c.index(unequal, [2]int{a, b}), c.index(unequal, [2]int{c.size[0] - a, c.size[1] - b})
				l := level{up: a + b, order: a + b, states: c.states[i] + c.states[turned]}
				if l.states == 0 {
					continue
				}
				l.structure = (c.structure[i] + c.structure[turned]) / axes
				l.energy = 2 * math.Abs(c.model.Coupling) * float64(c.broken(unequal))
				if c.staggered {
					l.order = a + c.size[1] - b
				}
				levels = append(levels, l)
			}
		}
	}
	return levels
}

// broken returns the number of bonds that are not satisfied.
func (c *census) broken(unequal int) int {
	if c.model.Coupling < 0 {
		return c.bonds - unequal
	}
	return unequal
}

// weight returns the Boltzmann factor at an energy above the ground states, at T = 0 too.
func weight(energy, temperature float64) float64 {
	if energy == 0 {
		return 1
	}
	return math.Exp(-energy / temperature)
}

// Values returns all that there is to know of the model at a temperature from 0 to +Inf: at 0 the averages over its ground
// states, at ∞ those over all states. It panics if the temperature is negative or NaN.
func (e *Enumeration) Values(temperature float64) Values {
	mustBeTemperature(temperature)
	l := e.model.Lattice
	sites := float64(l.Sites())
	order := make([]float64, l.Sites()+1)
	var a average
	var up, structure float64
	for _, l := range e.levels {
		w := weight(l.energy, temperature) * l.states
		a.sum += w
		a.first += w * l.energy
		a.second += w * l.energy * l.energy
		up += w * float64(l.up)
		order[l.order] += w
		structure += w / l.states * l.structure
	}
	v := unknown("enumeration")
	v.setEnergy(a, e.lowest, sites, temperature)
	v.Magnetization = 2*up/(a.sum*sites) - 1
	zero := v.setOrder(normalized(order), temperature, e.model.Field)
	v.setSymmetry(e.model.Field)
	v.setCorrelation(zero, structure/(a.sum*sites), l)
	return v
}

// A Level is all states of one energy.
type Level struct {
	Energy      float64 // of the whole system
	States      float64 // how many there are
	Probability float64 // of all of them together
}

// Levels returns P(E) at a temperature from 0 to +Inf, by ascending energy. It panics if the temperature is negative or NaN.
func (e *Enumeration) Levels(temperature float64) []Level {
	mustBeTemperature(temperature)
	sorted := slices.Clone(e.levels)
	slices.SortStableFunc(sorted, func(a, b level) int { return cmp.Compare(a.energy, b.energy) })
	var levels []Level
	sum := 0.0
	for i, l := range sorted {
		if i == 0 || l.energy-sorted[i-1].energy > e.rounding() {
			levels = append(levels, Level{Energy: e.lowest + l.energy})
		}
		w := weight(l.energy, temperature) * l.states
		levels[len(levels)-1].States += l.states
		levels[len(levels)-1].Probability += w
		sum += w
	}
	for i := range levels {
		levels[i].Probability /= sum
	}
	return levels
}

// rounding returns a difference of energies that can only come from rounding.
func (e *Enumeration) rounding() float64 { return 1e-12 * math.Abs(reference(e.model)) }

// States returns the energy and the probability of every state of a model of up to 20 sites, at a temperature from 0 to +Inf.
// State number k has site i up if bit i of k is 1. A larger model is an error. It panics if the temperature is negative or
// NaN.
func (e *Enumeration) States(temperature float64) (energies, probabilities []float64, err error) {
	mustBeTemperature(temperature)
	sites := e.model.Lattice.Sites()
	if sites > maxListedSites {
		return nil, nil, fmt.Errorf("exact: %d sites have too many states to list: at most %d", sites, maxListedSites)
	}
	energies, probabilities = make([]float64, 1<<sites), make([]float64, 1<<sites)
	for state := range energies {
		energy := e.model.Energy([]uint64{uint64(state)})
		energies[state] = energy
		above := energy - e.lowest
		if above < e.rounding() {
			above = 0
		}
		probabilities[state] = weight(above, temperature)
	}
	return energies, normalized(probabilities), nil
}
