package figure

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"isingrbm/analysis"
)

// Stage is a machine that was kept along its training, all of whose states can be listed.
type Stage struct {
	Update   float64
	States   *States
	Estimate analysis.Estimate // of the divergence, in nats, from configurations alone
}

// Divergence is the Kullback-Leibler divergence of the machine from the model, in nats.
func (s *States) Divergence() float64 {
	sum := 0.0
	for k, p := range s.Exact {
		if p > 0 {
			sum += float64(p * math.Log(p/s.Machine[k]))
		}
	}
	return sum
}

// Learning draws the divergence of machines along their training, exact and as it is
// estimated from configurations, and the probability of every state at three stages of
// it. The error is ErrEmpty without machines kept along the training, of 12 visible units
// or fewer.
func Learning(d Data) (*Figure, error) {
	const name = "learning"
	kept := func(m Machine) bool { return len(m.Stages) > 2 && m.Replica == 0 }
	size := largest(d.Machines, func(m Machine) (int, bool) { return m.L, kept(m) })
	hidden := largest(d.Machines, func(m Machine) (int, bool) { return m.Hidden, m.L == size && kept(m) })
	machines := slices.DeleteFunc(byKey(d.Machines, func(m Machine) Key { return m.Key }), func(m Machine) bool {
		return !kept(m) || m.L != size || m.Hidden != hidden
	})
	ts := pick(temperatures(machines, func(m Machine) (float64, bool) { return m.T, true }), d.CriticalTemperature, 3)
	if len(ts) == 0 {
		return nil, empty(name, "needs machines of 12 visible units or fewer, and training.snapshots of 2 or more")
	}
	machines = slices.DeleteFunc(machines, func(m Machine) bool { return !slices.Contains(ts, m.T) })
	shown := machines[len(machines)/2]
	g := &grid{width: pageWidth, panelHeight: 92, columns: 1}
	exact := look{glyph: hollow(0).glyph}
	exact.glyph.Color, exact.line.Color = ink, ink
	for k, t := range ts {
		g.legend = append(g.legend, filled(k).solid().entry(at(t), true, true))
	}
	g.legend = append(g.legend, exact.entry("exact", false, true))
	g.add(func(frame vg.Rectangle) *panel { return learningPanel(frame, machines) })
	updates := ""
	for i, stage := range threeStages(shown.Stages) {
		m := shown
		m.States = stage.States
		title := fmt.Sprintf("%s, update %.0f", at(shown.T), stage.Update)
		g.add(func(frame vg.Rectangle) *panel {
			return statesPanel(frame, []Machine{m}, []look{filled(len(machines) / 2)}, exact, title)
		})
		updates += []string{"", ", ", " and "}[i] + fmt.Sprintf("%.0f", stage.Update)
	}
	table := [][]string{record("T", "L", "hidden", "update", "kl", "kl_estimated", "kl_estimated_err")}
	for _, m := range machines {
		for _, s := range m.Stages {
			table = append(table, record(m.T, m.L, m.Hidden, s.Update, s.States.Divergence(), s.Estimate.Value, s.Estimate.Err))
		}
	}
	return g.figure(Figure{
		Name: name, Title: "Learning the probabilities of all states", table: table,
		Caption: fmt.Sprintf("(a) Kullback-Leibler divergence from the model of restricted Boltzmann machines of %d hidden units along their training, L = %d: summed over all states (lines), and estimated from held-out configurations (markers, one standard deviation). "+
			"(b–d) Probability of every state after %s updates at T = %s, exact (open circles) and of the machine (filled markers).", hidden, size, updates, listed([]float64{shown.T})),
		Alt: fmt.Sprintf("Divergence of machines from the model that falls along the training at %d temperatures, L = %d, and the probabilities of all states beside the exact ones at three of its stages.", len(ts), size),
	}), nil
}

// threeStages are the first, the last, and the one whose divergence is nearest to their
// geometric mean.
func threeStages(stages []Stage) [3]Stage {
	first, last := stages[0], stages[len(stages)-1]
	middle, want := stages[1], math.Sqrt(first.States.Divergence()*last.States.Divergence())
	distance := func(s Stage) float64 { return math.Abs(math.Log(s.States.Divergence() / want)) }
	for _, s := range stages[1 : len(stages)-1] {
		if distance(s) < distance(middle) {
			middle = s
		}
	}
	return [3]Stage{first, middle, last}
}

func learningPanel(frame vg.Rectangle, machines []Machine) *panel {
	heights, steps := emptySpan(), emptySpan()
	var lines, markers [][]point
	for _, m := range machines {
		var line, dots []point
		for _, s := range m.Stages {
			if s.Update == 0 { // nowhere on a logarithmic axis
				continue
			}
			kl := s.States.Divergence()
			heights.include(kl)
			steps.include(s.Update)
			line = append(line, point{s.Update, analysis.Estimate{Value: kl, Err: math.NaN()}})
			if s.Estimate.Value > 0 {
				dots = append(dots, point{s.Update, s.Estimate})
			}
		}
		lines, markers = append(lines, line), append(markers, dots)
	}
	low := heights.low / 2
	p := newPanel(frame, steps.low/1.2, steps.high*1.2, low, heights.high*2)
	p.logX()
	p.logY()
	p.xLabel, p.yLabel = "Update", "KL (nats)"
	for k := range machines {
		l := filled(k).solid()
		p.plotters = append(append(p.plotters, l.path(lines[k])...), cutAt(low, l.dots(markers[k]))...)
	}
	return p
}

// cutAt cuts error bars off at the bottom of a logarithmic axis, which has no zero.
func cutAt(bottom float64, plotters []plot.Plotter) []plot.Plotter {
	for _, p := range plotters {
		if bars, ok := p.(*plotter.YErrorBars); ok {
			for i, at := range bars.XYs {
				bars.YErrors[i].Low = min(bars.YErrors[i].Low, max(0, at.Y-bottom))
			}
		}
	}
	return plotters
}
