package cli

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"

	"isingrbm/analysis"
	"isingrbm/pipeline"
)

// compareRuns prints two runs side by side: the settings in which they differ,
// then every cell of both with its deviations, and their difference in standard
// deviations.
func compareRuns(out io.Writer, paths []string) error {
	var sides [2]*pipeline.Side
	for i, path := range paths {
		var err error
		if sides[i], err = pipeline.ReadSide(path); err != nil {
			return err
		}
	}
	a, b := sides[0], sides[1]
	fmt.Fprintf(out, "A  %s\nB  %s\n\n", a.Dir, b.Dir)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "SETTING\tA\tB")
	for _, c := range pipeline.Differences(a, b) {
		fmt.Fprintf(t, "%s\t%s\t%s\n", c.Key, absent(c.Before), absent(c.Now))
	}
	fmt.Fprintln(t)
	header := []string{"L", "T", "", "n_h"}
	for _, i := range shown {
		header = append(header, analysis.Observables()[i].Symbol)
	}
	fmt.Fprintln(t, strings.Join(append(header, "KL", "verdict"), "\t"))
	pairs := pipeline.Pairs(a, b)
	for _, p := range pairs {
		printPair(t, p)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nA: %s\nB: %s\n", passed(a), passed(b))
	return nil
}

func absent(text string) string {
	if text == "" {
		return "absent"
	}
	return text
}

// printPair prints a line for each side, and their difference.
func printPair(out io.Writer, p pipeline.Pair) {
	for _, side := range []struct {
		name string
		row  *pipeline.SideRow
	}{{"A", p.A}, {"B", p.B}} {
		if side.row == nil {
			continue
		}
		r := side.row
		line := []string{fmt.Sprint(r.L), temperature(r.T), side.name, ""}
		if r.Hidden != analysis.None {
			line[3] = fmt.Sprint(r.Hidden)
			if r.Replica > 0 {
				line[3] += fmt.Sprintf(" (replica %d)", r.Replica)
			}
		}
		for _, i := range shown {
			text := r.Values[i].String()
			if i != analysis.UpFraction && !math.IsNaN(r.Relative[i]) {
				text += fmt.Sprintf(" %+.1f %%", 100*r.Relative[i])
			}
			line = append(line, text)
		}
		fmt.Fprintln(out, strings.Join(append(line, r.KL.String(), r.Verdict), "\t"))
	}
	if p.A == nil || p.B == nil {
		return
	}
	line := []string{"", "", "B − A", ""}
	for _, i := range shown {
		text := ""
		if z := p.Z(i); !math.IsNaN(z) && !math.IsInf(z, 0) {
			text = fmt.Sprintf("%+.1f σ", z)
		}
		line = append(line, text)
	}
	fmt.Fprintln(out, strings.Join(append(line, "", ""), "\t"))
}

// passed counts the verdicts of a run.
func passed(s *pipeline.Side) string {
	pass, oneSided, judged := 0, 0, 0
	for _, r := range s.Rows {
		if r.Verdict != "" {
			judged++
		}
		switch r.Verdict {
		case "pass":
			pass++
		case "one-sided":
			oneSided++
		}
	}
	if judged == 0 {
		return fmt.Sprintf("a Monte Carlo study of %d cells", len(s.Rows))
	}
	return fmt.Sprintf("%d of %d machines pass, %d one-sided", pass, judged, oneSided)
}
