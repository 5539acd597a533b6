package figure

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"isingrbm/ising"
)

// ReceptiveFields draws the weights of hidden units as pictures of the lattice,
// those of largest norm first, at temperatures below, at and above the transition.
// The error is ErrEmpty without machines, and for lattices in three dimensions.
func ReceptiveFields(d Data) (*Figure, error) {
	const name, perSide = "receptive-fields", 3
	machines := slices.DeleteFunc(byKey(d.Machines, func(m Machine) Key { return m.Key }), func(m Machine) bool { return len(m.Weights) == 0 || m.Replica > 0 })
	size := largest(machines, func(m Machine) (int, bool) { return m.L, true })
	hidden := largest(machines, func(m Machine) (int, bool) { return m.Hidden, m.L == size })
	machines = slices.DeleteFunc(machines, func(m Machine) bool { return m.L != size || m.Hidden != hidden })
	ts := pick(temperatures(machines, func(m Machine) (float64, bool) { return m.T, true }), d.CriticalTemperature, 3)
	if len(ts) == 0 || !drawable(d.Lattice) {
		return nil, empty(name, "needs machines on a chain or a plane")
	}
	scale := colorScale{anchors: diverging()}
	table := [][]string{record("L", "hidden", "T", "unit", "site", "weight")}
	g := &grid{width: pageWidth, panelHeight: 128, columns: len(ts), tight: true, pictures: true, bar: &colorBar{label: "*W*_{ij}"}}
	for _, t := range ts {
		m := machines[slices.IndexFunc(machines, func(m Machine) bool { return m.T == t })]
		units := strongest(m, perSide*perSide)
		if d.Lattice == ising.Chain {
			units = strongest(m, 32)
		}
		for _, j := range units {
			for i := range len(m.Weights) / hidden {
				w := float64(m.Weights[i*hidden+j])
				scale.high = max(scale.high, math.Abs(w))
				table = append(table, record(size, hidden, t, j, i, w))
			}
		}
		g.headings = append(g.headings, at(t))
		g.add(func(frame vg.Rectangle) *panel {
			if d.Lattice == ising.Chain {
				return tilesPanel(frame, []tile{fieldsOfChain(m, units, scale)}, 1)
			}
			var tiles []tile
			for _, j := range units {
				tiles = append(tiles, fieldOfPlane(m, j, scale))
			}
			return tilesPanel(frame, tiles, perSide)
		})
	}
	scale.low = -scale.high
	g.bar.scale = scale
	return g.figure(Figure{
		Name: name, Title: "Receptive fields of hidden units", table: table,
		Caption: fmt.Sprintf("Weights W_ij of hidden units of machines of n_h = %d, L = %d, at T = %s, as pictures of the lattice; those of the largest norm, first to last from the top left"+
			map[bool]string{true: ", a unit a row"}[d.Lattice == ising.Chain]+".", hidden, size, listed(ts)),
		Alt: fmt.Sprintf("Pictures of the weights of the strongest hidden units, L = %d, at %d temperatures: positive weights in vermilion, negative ones in blue.", size, len(ts)),
	}), nil
}

// strongest lists the hidden units of largest Σ_i W_ij², up to n.
func strongest(m Machine, n int) []int {
	norms := make([]float64, m.Hidden)
	for k, w := range m.Weights {
		norms[k%m.Hidden] += float64(w) * float64(w)
	}
	units := make([]int, m.Hidden)
	for j := range units {
		units[j] = j
	}
	slices.SortStableFunc(units, func(a, b int) int { return cmp.Compare(norms[b], norms[a]) })
	return units[:min(n, len(units))]
}

func fieldOfPlane(m Machine, unit int, scale colorScale) tile {
	return tile{m.L, m.L, func(column, row int) color.Color {
		return scale.color(scale.step(float64(m.Weights[(row*m.L+column)*m.Hidden+unit])))
	}, scale.color(colorSteps / 2)}
}

func fieldsOfChain(m Machine, units []int, scale colorScale) tile {
	return tile{m.L, len(units), func(column, row int) color.Color {
		return scale.color(scale.step(float64(m.Weights[column*m.Hidden+units[row]])))
	}, scale.color(colorSteps / 2)}
}
