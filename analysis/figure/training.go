package figure

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"isingrbm/analysis"
)

// TrainingCurves draws the record of trainings against the step: the divergence
// of machine and model where it is known, else the likelihood, and energy,
// magnetization and up fraction of the chains with the values they should reach.
// The error is ErrEmpty without trainings.
func TrainingCurves(d Data) (*Figure, error) {
	const name = "training"
	size := largest(d.Machines, func(m Machine) (int, bool) { return m.L, len(m.Training.Step) > 0 })
	hidden := largest(d.Machines, func(m Machine) (int, bool) { return m.Hidden, m.L == size && len(m.Training.Step) > 0 })
	drawn := func(m Machine) bool {
		return m.L == size && m.Hidden == hidden && m.Replica == 0 && len(m.Training.Step) > 0
	}
	ts := pick(temperatures(d.Machines, func(m Machine) (float64, bool) { return m.T, drawn(m) }), d.CriticalTemperature, 4)
	if len(ts) == 0 {
		return nil, empty(name, "needs a training")
	}
	c := &trainingCurves{likelihood: likelihoodOf(d.Machines, drawn), rows: d.Rows, size: size}
	for _, t := range ts {
		for _, m := range byKey(d.Machines, func(m Machine) Key { return m.Key }) {
			if drawn(m) && m.T == t {
				c.machines = append(c.machines, m)
			}
		}
	}
	g := &grid{width: pageWidth, panelHeight: 118, columns: 2}
	for k, t := range ts {
		g.legend = append(g.legend, filled(k).solid().entry(at(t), true, true))
	}
	g.legend = append(g.legend, entry{label: "exact or Monte Carlo", line: &referenceLine})
	g.add(c.likelihoodPanel)
	for _, q := range chainPhysics() {
		g.add(func(frame vg.Rectangle) *panel { return c.physicsPanel(frame, q) })
	}
	return g.figure(Figure{
		Name: name, Title: "Training: likelihood and the physics of the chains", table: c.table(),
		Caption: fmt.Sprintf("Training of machines of %d hidden units, L = %d, at T = %s. (a) %s, over training (lines with markers) and held-out (dashed) configurations. "+
			"(b) Energy, (c) absolute magnetization and (d) share of positive magnetization of the chains of the negative phase, with the values of the model (dotted).",
			hidden, size, listed(ts), c.likelihood.title),
		Alt: fmt.Sprintf("Four panels against the training step, L = %d, %d hidden units: %s falls or rises to its plateau; energy, magnetization and up fraction of the chains approach the values of the model.",
			size, hidden, c.likelihood.title),
	}), nil
}

var referenceLine = *markStyle()

// likelihood is the best measure of likelihood that a record has.
type likelihood struct {
	title, label         string
	logarithmic          bool
	training, validation func(Training) []float64
}

func likelihoodOf(machines []Machine, drawn func(Machine) bool) likelihood {
	list := []likelihood{
		{"Kullback-Leibler divergence in nats", "KL (nats)", true,
			func(t Training) []float64 { return t.KLTraining }, func(t Training) []float64 { return t.KLValidation }},
		{"Log-likelihood in nats a configuration", "ln *p* (nats)", false,
			func(t Training) []float64 { return t.LogLikelihoodTraining }, func(t Training) []float64 { return t.LogLikelihoodValidation }},
		{"Pseudo-log-likelihood in nats a configuration", "Pseudo-ln *p* (nats)", false,
			func(t Training) []float64 { return t.PseudoTraining }, func(t Training) []float64 { return t.PseudoValidation }},
	}
	for _, l := range list[:2] {
		for _, m := range machines {
			for _, x := range l.training(m.Training) {
				if drawn(m) && finite(x) {
					return l
				}
			}
		}
	}
	return list[2]
}

// chainQuantity is what is recorded of the chains.
type chainQuantity struct {
	observable int
	of         func(Training) []float64
}

func chainPhysics() []chainQuantity {
	return []chainQuantity{
		{analysis.Energy, func(t Training) []float64 { return t.Energy }},
		{analysis.AbsMagnetization, func(t Training) []float64 { return t.AbsMagnetization }},
		{analysis.UpFraction, func(t Training) []float64 { return t.UpFraction }},
	}
}

type trainingCurves struct {
	likelihood likelihood
	machines   []Machine
	rows       []analysis.Row
	size       int
}

// series pairs steps and values; those that are not positive are left out of a
// logarithmic axis.
func (c *trainingCurves) series(t Training, values []float64, positive bool) []point {
	var points []point
	for i, x := range values {
		if positive && !(x > 0) {
			x = math.NaN()
		}
		points = append(points, point{t.Step[i], analysis.Estimate{Value: x, Err: math.NaN()}})
	}
	return points
}

func (c *trainingCurves) steps() span {
	s := emptySpan()
	for _, m := range c.machines {
		s.include(0, m.Training.Step[len(m.Training.Step)-1])
	}
	return s
}

func (c *trainingCurves) likelihoodPanel(frame vg.Rectangle) *panel {
	var plotters []plot.Plotter
	heights := emptySpan()
	for k, m := range c.machines {
		l := filled(k).solid()
		held := l
		held.line.Dashes = dashes()[1]
		training := c.series(m.Training, c.likelihood.training(m.Training), c.likelihood.logarithmic)
		validation := c.series(m.Training, c.likelihood.validation(m.Training), c.likelihood.logarithmic)
		heights = reach(reach(heights, training), validation)
		plotters = append(append(append(plotters, held.path(validation)...), l.path(training)...), l.dots(every(training, 8))...)
	}
	steps := c.steps()
	if c.likelihood.logarithmic {
		heights.low, heights.high = max(heights.low, heights.high/1e5)/1.3, heights.high*1.3
	} else {
		heights = heights.padded(0.07)
	}
	p := newPanel(frame, steps.low, steps.high, heights.low, heights.high)
	if c.likelihood.logarithmic {
		p.logY()
	}
	p.xLabel, p.yLabel, p.plotters = "Update", c.likelihood.label, plotters
	return p
}

func (c *trainingCurves) physicsPanel(frame vg.Rectangle, q chainQuantity) *panel {
	var plotters []plot.Plotter
	heights := emptySpan()
	for k, m := range c.machines {
		l := filled(k).solid()
		points := c.series(m.Training, q.of(m.Training), false)
		heights = reach(heights, points)
		if reference := c.reference(m.T, q.observable); finite(reference) {
			heights.include(reference)
			style := referenceLine
			style.Color = l.line.Color
			plotters = append(plotters, rule{at: reference, style: style})
		}
		plotters = append(append(plotters, l.path(points)...), l.dots(every(points, 8))...)
	}
	heights = heights.padded(0.07)
	steps := c.steps()
	p := newPanel(frame, steps.low, steps.high, heights.low, heights.high)
	p.xLabel, p.yLabel, p.plotters = "Update", axisLabel(analysis.Observables()[q.observable]), plotters
	return p
}

// reference is the exact value, else that of Monte Carlo.
func (c *trainingCurves) reference(t float64, observable int) float64 {
	value := math.NaN()
	for _, r := range c.rows {
		if r.L != c.size || r.T != t || r.Source == analysis.SourceMachine {
			continue
		}
		if x := r.Values[observable].Value; !finite(value) || r.Source == analysis.SourceExact && finite(x) {
			value = x
		}
	}
	return value
}

func (c *trainingCurves) table() [][]string {
	table := [][]string{record("T", "L", "hidden", "replica", "step", "likelihood", "training", "validation", "energy", "abs_magnetization", "up_fraction")}
	for _, m := range c.machines {
		training, validation := c.likelihood.training(m.Training), c.likelihood.validation(m.Training)
		for i, step := range m.Training.Step {
			table = append(table, record(m.T, m.L, m.Hidden, m.Replica, step, c.likelihood.title, training[i], validation[i],
				m.Training.Energy[i], m.Training.AbsMagnetization[i], m.Training.UpFraction[i]))
		}
	}
	return table
}
