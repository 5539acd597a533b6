package figure

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"isingrbm/analysis"
)

// WeightHistograms draws the distributions of the weights of machines at several
// temperatures, a panel for each number of hidden units, up to four. The error is
// ErrEmpty without machines.
func WeightHistograms(d Data) (*Figure, error) {
	const name = "weight-histograms"
	machines := slices.DeleteFunc(byKey(d.Machines, func(m Machine) Key { return m.Key }), func(m Machine) bool { return len(m.Weights) == 0 || m.Replica > 0 })
	size := largest(machines, func(m Machine) (int, bool) { return m.L, true })
	machines = slices.DeleteFunc(machines, func(m Machine) bool { return m.L != size })
	ts := pick(temperatures(machines, func(m Machine) (float64, bool) { return m.T, true }), d.CriticalTemperature, 5)
	if len(ts) == 0 {
		return nil, empty(name, "needs a machine")
	}
	var hidden []int
	for _, m := range machines {
		hidden = append(hidden, m.Hidden)
	}
	slices.Sort(hidden)
	hidden = slices.Compact(hidden)
	hidden = hidden[max(0, len(hidden)-4):]
	g := &grid{width: pageWidth, panelHeight: 120, columns: min(2, len(hidden))}
	if len(hidden) == 1 {
		g.width = columnWidth
	}
	for k, t := range ts {
		g.legend = append(g.legend, filled(k).entry(at(t), true, true))
	}
	table := [][]string{record("L", "hidden", "T", "weight", "density")}
	for _, h := range hidden {
		var shown []Machine
		for _, m := range machines {
			if m.Hidden == h && slices.Contains(ts, m.T) {
				shown = append(shown, m)
			}
		}
		histograms := weightDensities(shown)
		for k, m := range shown {
			for _, p := range histograms[k] {
				table = append(table, record(size, h, m.T, p.x, p.Value))
			}
		}
		g.add(func(frame vg.Rectangle) *panel { return weightsPanel(frame, shown, histograms, ts, h) })
	}
	return g.figure(Figure{
		Name: name, Title: "Distributions of the weights", table: table,
		Caption: fmt.Sprintf("Probability density of the weights W_ij of restricted Boltzmann machines of %s hidden units, L = %d, at T = %s.", counted(hidden), size, listed(ts)),
		Alt:     fmt.Sprintf("Histograms of the weights at %d temperatures, L = %d, a panel for each of %d numbers of hidden units.", len(ts), size, len(hidden)),
	}), nil
}

// counted joins numbers for captions.
func counted(numbers []int) string {
	text := ""
	for i, n := range numbers {
		switch {
		case i > 0 && i == len(numbers)-1:
			text += " and "
		case i > 0:
			text += ", "
		}
		text += fmt.Sprint(n)
	}
	return text
}

// weightDensities bins the weights of each machine over their own range about
// zero, in more bins where there are more weights.
func weightDensities(machines []Machine) [][]point {
	all := make([][]point, len(machines))
	for k, m := range machines {
		reach := 1e-6
		for _, w := range m.Weights {
			reach = max(reach, 1.0001*math.Abs(float64(w)))
		}
		bins := 1 + 2*min(20, max(4, int(math.Sqrt(float64(len(m.Weights)))/3)))
		width := 2 * reach / float64(bins)
		counts := make([]float64, bins)
		for _, w := range m.Weights {
			counts[int((float64(w)+reach)/width)]++
		}
		for i, n := range counts {
			density := n / float64(len(m.Weights)) / width
			all[k] = append(all[k], point{-reach + (float64(i)+0.5)*width, analysis.Estimate{Value: density, Err: math.NaN()}})
		}
	}
	return all
}

func weightsPanel(frame vg.Rectangle, machines []Machine, histograms [][]point, ts []float64, hidden int) *panel {
	var plotters []plot.Plotter
	heights, width := emptySpan(), emptySpan()
	for k, m := range machines {
		l := filled(slices.Index(ts, m.T))
		var points []point // without the empty bins, which a logarithm cannot show
		for _, p := range histograms[k] {
			width.include(p.x)
			if p.Value > 0 {
				heights.include(p.Value)
				points = append(points, p)
			}
		}
		plotters = append(append(plotters, l.path(points)...), l.dots(every(points, 14))...)
	}
	p := newPanel(frame, 1.04*width.low, 1.04*width.high, heights.low/1.6, heights.high*1.6)
	p.logY()
	p.xLabel, p.yLabel, p.inside = "Weight *W*_{ij}", "Density", fmt.Sprintf("*n*_{h} = %d", hidden)
	p.plotters = plotters
	return p
}
