package pipeline

import (
	"math"

	"isingrbm/analysis"
)

// compare sets a machine against its data cell's exact and Monte Carlo values.
func (w *Workspace) compare(machine, data measurement) analysis.Comparison {
	c := analysis.Compare(machine.source.Row, data.exact, &data.source.Row, tolerances(w.Run.Analysis))
	numbers := machine.machine
	if !numbers.sampling.Equilibrated {
		c.Reject("samples not equilibrated")
	}
	if numbers.Missed {
		c.Reject("a mode of the machine missed")
	}
	c.CouplingNN, c.CouplingNNErr = numbers.coupling.Value, numbers.coupling.Err
	c.LogZ, c.LogZErr = float64(numbers.LogZ), float64(numbers.LogZErr)
	c.LogZLower, c.LogZUpper = numbers.bracket()
	c.KL = float64(numbers.Cross) + c.LogZ - data.logZ
	c.KLErr = math.Hypot(float64(numbers.CrossErr), c.LogZErr)
	c.KLPerSpin = c.KL / float64(w.Plan.Model(machine.cell).Lattice.Sites())
	if math.IsNaN(c.KL) { // ln Z_Ising is not known
		c.KLErr = math.NaN()
	}
	return c
}

// setErrorBudgets compares the replicas of each (L, T, n_h), which follow one
// another in rows of machines and in comparisons alike.
func setErrorBudgets(comparisons []analysis.Comparison, rows []analysis.Row) {
	type key struct {
		size, hidden int
		temperature  float64
	}
	replicas := make(map[key][]analysis.Row)
	data := make(map[key]*analysis.Row)
	for i, r := range rows {
		k := key{r.L, r.Hidden, r.T}
		switch r.Source {
		case analysis.SourceMachine:
			replicas[k] = append(replicas[k], r)
		case analysis.SourceMonteCarlo:
			data[key{r.L, 0, r.T}] = &rows[i]
		}
	}
	for i := range comparisons {
		c := &comparisons[i]
		c.SetErrorBudget(replicas[key{c.L, c.Hidden, c.T}], data[key{c.L, 0, c.T}])
	}
}
