package rbm

import (
	"encoding/binary"
	"errors"
	"fmt"

	"isingrbm/rbm/internal/kernel"
)

// tying is the relation between a machine that is symmetric under a group of
// permutations of its visible units and its free parameters: α filters w_f, one
// hidden bias a filter, and visible biases that are equal within an orbit. Those
// are kept as the parameters of a machine of n_v × α units, and
//
//	W[p_g[i], f|G|+g] = w_f[i],   c[f|G|+g] = c_f
//
// so that hidden unit f|G|+g sees of v what filter f sees of the permuted v.
type tying struct {
	group   [][]int32
	filters int
	orbit   []int32 // of each visible unit: its smallest member
	sizes   []int   // of an orbit, at its smallest member
	sums    []float64
}

// newTying returns nil for settings that tie nothing. It is an error if the hidden
// units are not whole copies of filters, or if the permutations are no group.
func newTying(s Settings, visible, hidden int) (*tying, error) {
	if !s.tied() {
		return nil, nil
	}
	if len(s.Group) == 0 || hidden%len(s.Group) != 0 {
		return nil, fmt.Errorf("rbm: %d hidden units are not a multiple of the %d permutations of Group: a tied machine has one copy of each filter a permutation", hidden, len(s.Group))
	}
	if err := checkGroup(s.Group, visible); err != nil {
		return nil, err
	}
	t := &tying{group: s.Group, filters: hidden / len(s.Group),
		orbit: make([]int32, visible), sizes: make([]int, visible), sums: make([]float64, visible)}
	for i := range t.orbit {
		smallest := int32(i)
		for _, p := range s.Group {
			smallest = min(smallest, p[i])
		}
		t.orbit[i] = smallest
		t.sizes[smallest]++
	}
	return t, nil
}

// checkGroup refuses permutations that are not those of a group, each once.
func checkGroup(group [][]int32, visible int) error {
	members := make(map[string]int, len(group))
	for k, p := range group {
		if _, err := compile(p, visible); err != nil {
			return fmt.Errorf("rbm: permutation %d of Group: %w", k, err)
		}
		key := bytesOf(p)
		if first, twice := members[key]; twice {
			return fmt.Errorf("rbm: permutations %d and %d of Group are equal", first, k)
		}
		members[key] = k
	}
	identity := make([]int32, visible)
	for i := range identity {
		identity[i] = int32(i)
	}
	if _, there := members[bytesOf(identity)]; !there {
		return errors.New("rbm: Group lacks the identity")
	}
	return checkClosed(group, members, identity)
}

// checkClosed grows the subgroup of a few generators until it holds every member:
// then every product of members is a product of generators with members, and those
// are all looked up.
func checkClosed(group [][]int32, members map[string]int, identity []int32) error {
	var generators []int
	reached, product := []bool(nil), make([]int32, len(identity))
	for next := range group {
		if reached != nil && reached[next] {
			continue
		}
		generators = append(generators, next)
		reached = make([]bool, len(group))
		start := members[bytesOf(identity)]
		reached[start] = true
		for queue := []int{start}; len(queue) > 0; queue = queue[1:] {
			for _, g := range generators {
				for i, old := range group[g] {
					product[i] = group[queue[0]][old]
				}
				k, there := members[bytesOf(product)]
				if !there {
					return fmt.Errorf("rbm: Group is not closed: it lacks the product of permutations %d and %d", queue[0], g)
				}
				if !reached[k] {
					reached[k] = true
					queue = append(queue, k)
				}
			}
		}
	}
	return nil
}

// bytesOf is a permutation as the key of a map.
func bytesOf(p []int32) string {
	b := make([]byte, 0, 4*len(p))
	for _, x := range p {
		b = binary.LittleEndian.AppendUint32(b, uint32(x))
	}
	return string(b)
}

// expand writes the machine of the free parameters.
func (t *tying) expand(dense, free *parameters, workers *team) {
	copy(dense.bias, free.bias)
	workers.share(dense.strips(), func(_ *kernel.Workspace, first, end int) {
		for j := first * kernel.Lanes; j < min(end*kernel.Lanes, dense.hidden); j++ {
			f, p := j/len(t.group), t.group[j%len(t.group)]
			from, lane := free.panel(f/kernel.Lanes), f%kernel.Lanes
			to, l := dense.panel(j/kernel.Lanes), j%kernel.Lanes
			for i, place := range p {
				to[place][l] = from[i][lane]
			}
			to[dense.visible][l] = from[free.visible][lane]
		}
	})
}

// fold averages a gradient of the machine over the places of each free parameter.
func (t *tying) fold(free, dense *parameters, workers *team) {
	copy(free.bias, dense.bias)
	t.level(free.bias, 1)
	workers.share(free.visible, func(_ *kernel.Workspace, first, end int) {
		for f := range t.filters {
			t.foldWeights(free, dense, f, first, end)
		}
	})
	biases := make([]kernel.Strip, dense.strips())
	for o := range biases {
		biases[o] = dense.panel(o)[dense.visible]
	}
	t.foldHidden(biases)
	for o := range free.strips() {
		free.panel(o)[free.visible] = biases[o]
	}
}

// foldWeights averages the weights of a filter to visible units [first, end).
func (t *tying) foldWeights(free, dense *parameters, f, first, end int) {
	sums := t.sums[first:end]
	clear(sums)
	for g, p := range t.group {
		j := f*len(t.group) + g
		from, l := dense.panel(j/kernel.Lanes), j%kernel.Lanes
		for i, place := range p[first:end] {
			sums[i] += float64(from[place][l])
		}
	}
	to, lane := free.panel(f / kernel.Lanes)[first:], f%kernel.Lanes
	share := 1 / float64(len(t.group))
	for i, sum := range sums {
		to[i][lane] = float32(sum * share)
	}
}

// foldHidden averages one number a hidden unit over the copies of each filter, in
// place, and clears what is left over.
func (t *tying) foldHidden(values []kernel.Strip) {
	share := 1 / float64(len(t.group))
	for f := range t.filters {
		sum := 0.0
		for g := range t.group {
			sum += float64(*at(values, f*len(t.group)+g))
		}
		*at(values, f) = float32(sum * share)
	}
	for j := t.filters; j < len(values)*kernel.Lanes; j++ {
		*at(values, j) = 0
	}
}

// level replaces one number a visible unit by its mean over the unit's orbit, times
// a factor.
func (t *tying) level(values []kernel.Strip, factor float64) {
	clear(t.sums)
	for i, o := range t.orbit {
		t.sums[o] += float64(*at(values, i))
	}
	for i, o := range t.orbit {
		*at(values, i) = float32(factor * t.sums[o] / float64(t.sizes[o]))
	}
}

// levelMeans does the same to means.
func (t *tying) levelMeans(means []float64) {
	clear(t.sums)
	for i, o := range t.orbit {
		t.sums[o] += means[i]
	}
	for i, o := range t.orbit {
		means[i] = t.sums[o] / float64(t.sizes[o])
	}
}

// overCopies turns Σ over filters of one number a visible unit into Σ over hidden
// units: the copies of a filter visit every member of an orbit equally often.
func (t *tying) overCopies(values []kernel.Strip) { t.level(values, float64(len(t.group))) }

// orbitSum adds one number a visible unit over the orbit whose smallest member is given.
func (t *tying) orbitSum(values []float64, smallest int) float64 {
	sum := 0.0
	for i, o := range t.orbit {
		if int(o) == smallest {
			sum += values[i]
		}
	}
	return sum
}
