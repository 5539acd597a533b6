package report

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"isingrbm/analysis"
)

func TestVerdictTable(t *testing.T) {
	table := verdictTable(example())
	if !table.Machines || !table.Replicas || !table.KL || len(table.Lines) != 3 || len(table.Columns) != 5 {
		t.Fatalf("%+v", table)
	}
	good, bad, oneSided := table.Lines[0], table.Lines[1], table.Lines[2]
	if good.Status != "pass" || good.Reasons != nil || good.L != "8" || good.T != "2.5" || good.Hidden != "64" || good.KL != "0.0200(30)" {
		t.Errorf("%+v", good)
	}
	if want := (entry{"e", "−1.2510(20)", "−0.1 %", false}); good.Values[0] != want {
		t.Errorf("%+v, want %+v", good.Values[0], want)
	}
	if want := (entry{"p₊", "0.5100(20)", "+0.01", false}); good.Values[4] != want {
		t.Errorf("%+v, want %+v", good.Values[4], want)
	}
	reasons := []string{"e +4.0 % (tolerance 2 %)", "m +20.0 % (tolerance 2 %)", "c +20.0 % (tolerance 10 %)"}
	if bad.Status != "fail" || !reflect.DeepEqual(bad.Reasons, reasons) {
		t.Errorf("%q, want %q", bad.Reasons, reasons)
	}
	for i, want := range []bool{true, true, true, false, false} {
		if bad.Values[i].Bad != want {
			t.Errorf("%s of the bad machine: %v", bad.Values[i].Label, bad.Values[i].Bad)
		}
	}
	if oneSided.Status != "one-sided" || !oneSided.Values[4].Bad || oneSided.Values[0].Bad {
		t.Errorf("%+v", oneSided)
	}
}

func TestMonteCarloStudy(t *testing.T) {
	page := example()
	page.Comparisons = nil
	table := verdictTable(page)
	if table.Machines || len(table.Lines) != 1 || table.Lines[0].Status != "" {
		t.Fatalf("%+v", table)
	}
	if want := (entry{"e", "−1.2480(20)", "+1.0 σ", false}); table.Lines[0].Values[0] != want {
		t.Errorf("%+v, want %+v", table.Lines[0].Values[0], want)
	}
	if text := html(t, page); !strings.Contains(text, "A Monte Carlo study") || strings.Contains(text, "verdict fail") {
		t.Error("the page judges machines that are not there")
	}
}

func TestSummary(t *testing.T) {
	machines := func(verdicts ...string) (c []analysis.Comparison) {
		for _, v := range verdicts {
			c = append(c, analysis.Comparison{Verdict: v})
		}
		return c
	}
	for _, c := range []struct {
		comparisons []analysis.Comparison
		want        string
	}{
		{nil, "A Monte Carlo study: there are no machines to judge."},
		{machines("pass"), "The machine reproduces the physics within the tolerances."},
		{machines("pass", "pass"), "All 2 machines reproduce the physics within the tolerances."},
		{machines("fail: energy +3 %"), "The machine does not reproduce the physics within the tolerances."},
		{machines("pass", "one-sided", "fail: energy +3 %"), "1 of 3 machines reproduce the physics within the tolerances; 1 lost one sign of the magnetization."},
		{machines("pass", "fail: energy not resolved (error 3 %)"), "1 of 2 machines reproduce the physics within the tolerances; " +
			"1 cannot be judged in every observable, because errors exceed tolerances."},
	} {
		if got := summary(c.comparisons); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for got, want := range map[string]string{
		signed(0.04, 1): "0.0", signed(-0.04, 1): "0.0", signed(0.06, 1): "+0.1", signed(-12.34, 1): "−12.3",
		number(math.Inf(1)): "∞", number(2.269185314213022): "2.269185", number(0): "0",
		strings.Join(rules(analysis.DefaultTolerances()), ", "): "e within 2 %, m within 2 %, c within 10 %, χ within 15 %, p₊ within 0.1",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAllTable(t *testing.T) {
	table := allTable(example().Rows)
	if len(table) != 6 || len(table[0]) != 6+len(analysis.Observables()) {
		t.Fatalf("%d lines of %d", len(table), len(table[0]))
	}
	if got := strings.Join(table[1][:7], "|"); got != "8|2.5|exact||||−1.25" {
		t.Errorf("%s", got)
	}
	if got := strings.Join(table[3][:7], "|"); got != "8|2.5|rbm|64|0|20000|−1.2510(20)" {
		t.Errorf("%s", got)
	}
}
