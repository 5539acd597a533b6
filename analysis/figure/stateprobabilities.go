package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"isingrbm/analysis"
)

// numbered is the number of states up to which they are drawn by their number;
// more are drawn by their rank, most probable first.
const numbered = 64

// StateProbabilities draws the probability of every state, exact and of machines,
// at a few temperatures. The error is ErrEmpty where no machine's states can be
// listed, which are 2^12 at most.
func StateProbabilities(d Data) (*Figure, error) {
	const name = "state-probabilities"
	machines := slices.DeleteFunc(byKey(d.Machines, func(m Machine) Key { return m.Key }), func(m Machine) bool { return m.States == nil || m.Replica > 0 })
	size := largest(machines, func(m Machine) (int, bool) { return m.L, true })
	machines = slices.DeleteFunc(machines, func(m Machine) bool { return m.L != size })
	ts := pick(temperatures(machines, func(m Machine) (float64, bool) { return m.T, true }), d.CriticalTemperature, 3)
	if len(ts) == 0 {
		return nil, empty(name, "needs a machine of 12 visible units or fewer")
	}
	var hidden []int
	for _, m := range machines {
		hidden = append(hidden, m.Hidden)
	}
	slices.Sort(hidden)
	hidden = slices.Compact(hidden)
	if len(hidden) > 3 {
		hidden = []int{hidden[0], hidden[len(hidden)/2], hidden[len(hidden)-1]}
	}
	exact := look{glyph: hollow(0).glyph}
	exact.glyph.Color, exact.line.Color = ink, ink
	g := &grid{width: pageWidth, panelHeight: 92, columns: 1}
	g.legend = append(g.legend, exact.entry("exact", false, true))
	for k, h := range hidden {
		g.legend = append(g.legend, filled(k).entry(fmt.Sprintf("RBM, *n*_{h} = %d", h), false, true))
	}
	table := [][]string{record("T", "L", "hidden", "state", "exact", "machine")}
	for _, t := range ts {
		var shown []Machine
		var looks []look
		for _, m := range machines {
			if m.T == t && slices.Contains(hidden, m.Hidden) {
				shown, looks = append(shown, m), append(looks, filled(slices.Index(hidden, m.Hidden)))
				for k, p := range m.States.Machine {
					table = append(table, record(t, size, m.Hidden, k, m.States.Exact[k], p))
				}
			}
		}
		g.add(func(frame vg.Rectangle) *panel { return statesPanel(frame, shown, looks, exact, at(t)) })
	}
	states := len(machines[0].States.Exact)
	order := "by number, site i of state k being up where bit i of k is 1"
	if states > numbered {
		order = "by rank, the most probable first"
	}
	return g.figure(Figure{
		Name: name, Title: "Probabilities of all states", table: table,
		Caption: fmt.Sprintf("Probability of each of the %d states at T = %s, %s: exact (open circles) and of restricted Boltzmann machines (filled markers), normalized over all states.", states, listed(ts), order),
		Alt:     fmt.Sprintf("Probabilities of %d states of the machines beside the exact ones, a panel for each of %d temperatures.", states, len(ts)),
	}), nil
}

// statesPanel draws the states of machines, each in its look, over the exact ones.
func statesPanel(frame vg.Rectangle, machines []Machine, looks []look, exact look, title string) *panel {
	states := machines[0].States
	order := make([]int, len(states.Exact))
	for k := range order {
		order[k] = k
	}
	ranked := len(order) > numbered
	if ranked {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(states.Exact[b], states.Exact[a]) })
	}
	heights := emptySpan()
	series := func(values []float64) []point {
		var points []point
		for x, k := range order {
			heights.include(values[k])
			points = append(points, point{float64(x), analysis.Estimate{Value: values[k], Err: math.NaN()}})
		}
		return points
	}
	plotters := exact.dots(series(states.Exact))
	for k, m := range machines {
		l := looks[k]
		l.glyph.Radius = 0.75 * markerRadius
		plotters = append(plotters, l.dots(series(m.States.Machine))...)
	}
	n := float64(len(order) - 1)
	p := newPanel(frame, -0.015*n, 1.015*n, max(heights.low, heights.high/1e9)/1.7, heights.high*1.7)
	p.logY()
	p.xLabel = map[bool]string{true: "Rank of state", false: "State"}[ranked]
	p.yLabel, p.inside, p.centered = "Probability *p*", title, true
	p.plotters = plotters
	return p
}
