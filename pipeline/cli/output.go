package cli

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"isingrbm/analysis"
	"isingrbm/pipeline"
)

// shown are the observables of the table that ends a run.
var shown = []int{analysis.Energy, analysis.AbsMagnetization, analysis.SpecificHeat, analysis.Susceptibility, analysis.UpFraction}

// printVerdict prints the machines' observables with their errors and their
// deviations from the reference, and the verdicts; without machines, the
// Monte Carlo values.
func printVerdict(out io.Writer, r *pipeline.Results) {
	source := analysis.SourceMachine
	if len(r.Comparisons) == 0 {
		source = analysis.SourceMonteCarlo
	}
	observables := analysis.Observables()
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	header := []string{"L", "T", "n_h"}
	for _, i := range shown {
		header = append(header, observables[i].Symbol)
	}
	fmt.Fprintln(t, strings.Join(append(header, "verdict"), "\t"))
	next := 0
	for _, row := range r.Rows {
		if row.Source != source {
			continue
		}
		var comparison *analysis.Comparison
		if source == analysis.SourceMachine && next < len(r.Comparisons) {
			comparison = &r.Comparisons[next]
			next++
		}
		fmt.Fprintln(t, strings.Join(verdictLine(row, comparison), "\t"))
	}
	t.Flush()
	for _, warning := range r.Warnings {
		fmt.Fprintln(out, "warning:", warning)
	}
}

// verdictLine is one line of the table; c is nil for Monte Carlo.
func verdictLine(row analysis.Row, c *analysis.Comparison) []string {
	line := []string{fmt.Sprint(row.L), temperature(row.T), ""}
	if c != nil {
		line[2] = fmt.Sprint(row.Hidden)
		if row.Replica > 0 {
			line[2] += fmt.Sprintf(" (replica %d)", row.Replica)
		}
	}
	for _, i := range shown {
		text := row.Values[i].String()
		if c != nil && i != analysis.UpFraction && !math.IsNaN(c.Deviations[i].Rel) {
			text += fmt.Sprintf(" %+.1f %%", 100*c.Deviations[i].Rel)
		}
		line = append(line, text)
	}
	if c != nil {
		line = append(line, c.Verdict)
	}
	return line
}

// temperature prints six digits, or inf.
func temperature(t float64) string {
	if math.IsInf(t, 1) {
		return "inf"
	}
	return fmt.Sprintf("%.6g", t)
}

// printOutcome says in one or two lines what a command did.
func printOutcome(out io.Writer, w *pipeline.Workspace, o pipeline.Outcome, err error) {
	if err == nil && o.Ran+o.Elsewhere == 0 && o.Results == nil {
		fmt.Fprintf(out, "nothing to do: all %d stages of %s are done\n", o.Tasks, w.Dir)
		return
	}
	if o.Tasks == 0 {
		return // refused; the error says why
	}
	fmt.Fprintf(out, "%s: %d stages completed now, %d done before", w.Dir, o.Ran, o.Done)
	if o.Elsewhere > 0 {
		fmt.Fprintf(out, ", %d completed meanwhile by other processes", o.Elsewhere)
	}
	if n := len(o.Failures); n > 0 {
		fmt.Fprintf(out, ", %d failed", n)
	}
	if o.Skipped > 0 {
		fmt.Fprintf(out, ", %d not completed", o.Skipped)
	}
	fmt.Fprintln(out)
	if o.Page != "" {
		fmt.Fprintln(out, o.Page)
	}
}

// duration rounds to what an estimate can promise.
func duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d < time.Minute:
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// byteCount prints a size with a decimal prefix.
func byteCount(n int64) string {
	const prefixes = "kMGTPE"
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	x, i := float64(n)/1000, 0
	for x >= 999.5 && i < len(prefixes)-1 {
		x /= 1000
		i++
	}
	return fmt.Sprintf("%.3g %cB", x, prefixes[i])
}
