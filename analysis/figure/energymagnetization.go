package figure

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"isingrbm/analysis"
)

// EnergyMagnetization draws the joint distribution of energy and magnetization,
// of Monte Carlo above that of machines, at a few temperatures. The error is
// ErrEmpty without distributions.
func EnergyMagnetization(d Data) (*Figure, error) {
	const name = "energy-magnetization"
	sources := slices.DeleteFunc(byKey(d.Sources, func(s Source) Key { return s.Key }), func(s Source) bool { return len(s.Cells) == 0 || s.Replica > 0 })
	size := largest(sources, func(s Source) (int, bool) { return s.L, true })
	hidden := largest(sources, func(s Source) (int, bool) { return s.Hidden, s.L == size && s.Source == analysis.SourceMachine })
	sources = slices.DeleteFunc(sources, func(s Source) bool {
		return s.L != size || s.Source == analysis.SourceMachine && s.Hidden != hidden
	})
	ts := pick(temperatures(sources, func(s Source) (float64, bool) { return s.T, s.Source == analysis.SourceMonteCarlo }), d.CriticalTemperature, 3)
	if len(ts) == 0 {
		return nil, empty(name, "needs configurations")
	}
	g := &grid{width: pageWidth, panelHeight: 112, columns: len(ts), tight: true, bar: &colorBar{label: "*P*(*E*, *M*)"}}
	table := [][]string{record("L", "source", "hidden", "T", "energy", "magnetization", "probability")}
	scale := colorScale{low: 1, logarithmic: true, anchors: viridis()}
	energies := emptySpan()
	for _, s := range sources {
		if !slices.Contains(ts, s.T) {
			continue
		}
		for _, c := range s.Cells {
			energies.include(c.Energy-s.Energy, c.Energy+s.Energy)
			scale.low, scale.high = min(scale.low, c.Probability), max(scale.high, c.Probability)
			table = append(table, record(size, s.Key.Source, count(s.Hidden), s.T, c.Energy, c.Order, c.Probability))
		}
	}
	scale.high *= 1.001
	scale.low = max(scale.low, scale.high/1e6)
	g.bar.scale = scale
	for _, t := range ts {
		g.headings = append(g.headings, at(t))
	}
	for _, source := range []string{analysis.SourceMonteCarlo, analysis.SourceMachine} {
		if source == analysis.SourceMachine && hidden == 0 {
			continue
		}
		for _, t := range ts {
			k := slices.IndexFunc(sources, func(s Source) bool { return s.T == t && s.Key.Source == source })
			if k < 0 {
				g.add(func(vg.Rectangle) *panel { return nil })
				continue
			}
			g.add(func(frame vg.Rectangle) *panel { return jointPanel(frame, sources[k], scale, energies) })
		}
	}
	return g.figure(Figure{
		Name: name, Title: "Joint distribution of energy and magnetization", table: table,
		Caption: fmt.Sprintf("Joint distribution P(E, M) of energy and magnetization a spin, L = %d, at T = %s: of Monte Carlo (top) and of restricted Boltzmann machines of n_h = %d (bottom). "+
			"Cells without a configuration are blank.", size, listed(ts), hidden),
		Alt: fmt.Sprintf("Maps of the probability of energy and magnetization, L = %d, at %d temperatures, Monte Carlo above machines: two mirror images at low temperature that join above the transition.", size, len(ts)),
	}), nil
}

func jointPanel(frame vg.Rectangle, s Source, scale colorScale, energies span) *panel {
	p := newPanel(frame, -1.08, 1.08, energies.low, energies.high)
	p.plot.X.Tick.Marker = ticks{count: 4}
	p.xLabel, p.yLabel, p.inside = "*M*/*N*", "*E*/*N* (*J*)", map[string]string{analysis.SourceMonteCarlo: "Monte Carlo", analysis.SourceMachine: "RBM"}[s.Key.Source]
	lookup := map[[2]int]float64{}
	index := func(x, from, width float64) int { return int(math.Round((x - from) / width)) }
	columns, rows := index(1, -1, s.Order)+1, index(energies.high, energies.low, s.Energy)+1
	first := s.Cells[0].Energy // cells lie on one grid
	bottom := first - s.Energy*math.Floor((first-energies.low)/s.Energy)
	left := s.Cells[0].Order - s.Order*math.Floor((s.Cells[0].Order+1+1e-9)/s.Order)
	for _, c := range s.Cells {
		lookup[[2]int{index(c.Order, left, s.Order), index(c.Energy, bottom, s.Energy)}] = c.Probability
	}
	p.plotters = append(p.plotters, cells{
		columns: columns, rows: rows, x: left - s.Order/2, y: bottom - s.Energy/2, width: s.Order, height: s.Energy,
		color: func(column, row int) color.Color {
			probability, ok := lookup[[2]int{column, row}]
			if !ok {
				return nil
			}
			return scale.color(scale.step(probability))
		},
	})
	return p
}
