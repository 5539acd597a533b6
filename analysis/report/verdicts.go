package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"isingrbm/analysis"
)

// judged lists the observables of the table of verdicts.
func judged() []int {
	return []int{analysis.Energy, analysis.AbsMagnetization, analysis.SpecificHeat, analysis.Susceptibility, analysis.UpFraction}
}

// verdicts is the table of what became of every cell.
type verdicts struct {
	Machines bool // or a study by Monte Carlo alone
	Replicas bool // some machine has replicas
	KL       bool // some divergence is known
	Columns  []analysis.Observable
	Lines    []line
}

// line is one cell of the run.
type line struct {
	L, T            string
	Hidden, Replica string
	Values          []entry
	KL              string
	Status          string // pass, fail or one-sided; empty without a verdict
	Reasons         []string
}

// entry is one value of a line.
type entry struct {
	Label     string // of its column
	Value     string
	Deviation string // from the reference
	Bad       bool   // a reason of the failure
}

// verdictTable has a line a machine, or a line a temperature in a study without.
func verdictTable(p Page) verdicts {
	t := verdicts{Machines: len(p.Comparisons) > 0}
	for _, i := range judged() {
		t.Columns = append(t.Columns, analysis.Observables()[i])
	}
	for _, c := range p.Comparisons {
		t.Replicas = t.Replicas || c.Replica > 0
		t.KL = t.KL || !math.IsNaN(c.KL)
		t.Lines = append(t.Lines, machineLine(c, p.Rows))
	}
	if !t.Machines {
		for _, r := range p.Rows {
			if r.Source == analysis.SourceMonteCarlo {
				t.Lines = append(t.Lines, monteCarloLine(r, p.Rows))
			}
		}
	}
	return t
}

func machineLine(c analysis.Comparison, rows []analysis.Row) line {
	l := line{L: strconv.Itoa(c.L), T: number(c.T), Hidden: strconv.Itoa(c.Hidden), Replica: strconv.Itoa(c.Replica)}
	if c.Replica == analysis.None {
		l.Replica = ""
	}
	l.KL = minus(analysis.Estimate{Value: c.KL, Err: c.KLErr}.String())
	verdict, reasons, _ := strings.Cut(c.Verdict, ": ")
	l.Status = verdict
	if reasons != "" {
		l.Reasons = strings.Split(reasons, "; ")
	}
	at := slices.IndexFunc(rows, func(r analysis.Row) bool {
		return r.Source == analysis.SourceMachine && r.L == c.L && r.T == c.T && r.Hidden == c.Hidden && r.Replica == c.Replica
	})
	for _, i := range judged() {
		o := analysis.Observables()[i]
		e := entry{Label: o.Symbol, Deviation: deviation(i, c.Deviations[i])}
		if at >= 0 {
			e.Value = minus(rows[at].Values[i].String())
		}
		for k, reason := range l.Reasons {
			if rest, ok := strings.CutPrefix(reason, o.Name+" "); ok {
				e.Bad = true
				l.Reasons[k] = o.Symbol + " " + minus(rest)
			}
		}
		l.Values = append(l.Values, e)
	}
	if l.Status == "one-sided" {
		l.Values[len(l.Values)-1].Bad = true
	}
	return l
}

// monteCarloLine sets Monte Carlo against the exact values, in standard
// deviations.
func monteCarloLine(r analysis.Row, rows []analysis.Row) line {
	l := line{L: strconv.Itoa(r.L), T: number(r.T)}
	at := slices.IndexFunc(rows, func(e analysis.Row) bool {
		return e.Source == analysis.SourceExact && e.L == r.L && e.T == r.T
	})
	for _, i := range judged() {
		e := entry{Label: analysis.Observables()[i].Symbol, Value: minus(r.Values[i].String())}
		if at >= 0 {
			if z := (r.Values[i].Value - rows[at].Values[i].Value) / r.Values[i].Err; !math.IsNaN(z) && !math.IsInf(z, 0) {
				e.Deviation = signed(z, 1) + " σ"
			}
		}
		l.Values = append(l.Values, e)
	}
	return l
}

// deviation prints what the verdict judges: the relative deviation, of p₊ the
// absolute one.
func deviation(observable int, d analysis.Deviation) string {
	switch {
	case observable == analysis.UpFraction && !math.IsNaN(d.Delta):
		return signed(d.Delta, 2)
	case observable != analysis.UpFraction && !math.IsNaN(d.Rel):
		return signed(100*d.Rel, 1) + " %"
	}
	return ""
}

// summary answers the question in a sentence.
func summary(comparisons []analysis.Comparison) string {
	var pass, oneSided, resolved int
	for _, c := range comparisons {
		switch {
		case c.Verdict == "pass":
			pass++
		case c.Verdict == "one-sided":
			oneSided++
		case !strings.Contains(c.Verdict, "not resolved"):
			resolved++
		}
	}
	n := len(comparisons)
	switch {
	case n == 0:
		return "A Monte Carlo study: there are no machines to judge."
	case pass == n && n == 1:
		return "The machine reproduces the physics within the tolerances."
	case pass == n:
		return fmt.Sprintf("All %d machines reproduce the physics within the tolerances.", n)
	}
	text := fmt.Sprintf("%d of %d machines reproduce the physics within the tolerances", pass, n)
	if n == 1 {
		text = "The machine does not reproduce the physics within the tolerances"
	}
	if oneSided > 0 {
		text += fmt.Sprintf("; %d lost one sign of the magnetization", oneSided)
	}
	if unresolved := n - pass - oneSided - resolved; unresolved > 0 {
		text += fmt.Sprintf("; %d cannot be judged in every observable, because errors exceed tolerances", unresolved)
	}
	return text + "."
}

// rules states the tolerances.
func rules(t analysis.Tolerances) []string {
	percent := func(x float64) string { return strconv.FormatFloat(math.Round(x*1e6)/1e4, 'g', -1, 64) + " %" }
	return []string{
		"e within " + percent(t.Energy),
		"m within " + percent(t.AbsMagnetization),
		"c within " + percent(t.SpecificHeat),
		"χ within " + percent(t.Susceptibility),
		"p₊ within " + strconv.FormatFloat(t.UpFraction, 'g', -1, 64),
	}
}

// allTable has every row and every observable, below a line of headings.
func allTable(rows []analysis.Row) [][]string {
	heading := []string{"L", "T", "source", "n_h", "replica", "n"}
	for _, o := range analysis.Observables() {
		heading = append(heading, o.Symbol)
	}
	table := [][]string{heading}
	for _, r := range rows {
		record := []string{strconv.Itoa(r.L), number(r.T), r.Source, count(r.Hidden), count(r.Replica), ""}
		if r.N > 0 {
			record[5] = strconv.Itoa(r.N)
		}
		for _, e := range r.Values {
			record = append(record, minus(e.String()))
		}
		table = append(table, record)
	}
	return table
}

// count is empty where there is no machine.
func count(n int) string {
	if n == analysis.None {
		return ""
	}
	return strconv.Itoa(n)
}

// number prints a temperature.
func number(t float64) string {
	if math.IsInf(t, 1) {
		return "∞"
	}
	return strconv.FormatFloat(t, 'g', 7, 64)
}

// signed prints a number with its sign, zero without.
func signed(x float64, decimals int) string {
	text := strconv.FormatFloat(x, 'f', decimals, 64)
	switch {
	case strings.Trim(text, "-0.") == "":
		return strings.TrimPrefix(text, "-")
	case x > 0:
		return "+" + text
	}
	return minus(text)
}

// minus sets the sign of negative numbers as typography does.
func minus(text string) string { return strings.ReplaceAll(text, "-", "−") }
