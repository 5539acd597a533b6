package pipeline

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"isingrbm/analysis"
)

func filledRow(source string, hidden, replica int, value float64) analysis.Row {
	r := analysis.Row{L: 8, T: 2.269185314213022, Hidden: hidden, Replica: replica, Source: source, N: 100}
	for range analysis.Observables() {
		e := analysis.Estimate{Value: value, Err: 0.25, Tau: 0.5}
		if source == analysis.SourceExact {
			e.Err, e.Tau, r.N = math.NaN(), math.NaN(), 0
		}
		r.Values = append(r.Values, e)
	}
	return r
}

// TestResultsTable holds the columns of results.csv and what is left empty.
func TestResultsTable(t *testing.T) {
	empty := filledRow(analysis.SourceExact, analysis.None, analysis.None, math.NaN())
	data := filledRow(analysis.SourceMonteCarlo, analysis.None, analysis.None, 2)
	data.Draw = &analysis.Draw{Algorithm: "wolff", Thermalization: 40, Thinning: math.NaN(), PilotTau: 1.5, Independence: analysis.Independence{
		EnergyRho: 0.01, AbsMagnetizationRho: -0.02, Overlap: 0.25, OverlapExpected: 0.125, OverlapZ: 0.5}}
	table := resultsTable([]analysis.Row{
		filledRow(analysis.SourceExact, analysis.None, analysis.None, 1),
		data,
		filledRow(analysis.SourceMachine, 64, 0, 3),
		empty,
	})
	var out bytes.Buffer
	if err := table.WriteCSV(&out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d lines, want a header and three rows:\n%s", len(lines), out.String())
	}
	header := "L,T,hidden,replica,source,n," +
		"energy,energy_err,energy_tau,abs_magnetization,abs_magnetization_err,abs_magnetization_tau," +
		"magnetization,magnetization_err,magnetization_tau,specific_heat,specific_heat_err,specific_heat_tau," +
		"susceptibility,susceptibility_err,susceptibility_tau,susceptibility_zero,susceptibility_zero_err,susceptibility_zero_tau," +
		"binder,binder_err,binder_tau,up_fraction,up_fraction_err,up_fraction_tau," +
		"correlation_length,correlation_length_err,correlation_length_tau," +
		"algorithm,thermalization_steps,thinning_steps,pilot_tau_steps,energy_rho1,abs_magnetization_rho1," +
		"replica_overlap,replica_overlap_expected,replica_overlap_z"
	for i, want := range []string{
		header,
		"8,2.269185314213022,,,exact,," + strings.Repeat(",1,,", 9)[1:] + ",,,,,,,,,",
		"8,2.269185314213022,,,mc,100" + strings.Repeat(",2,0.25,0.5", 9) + ",wolff,40,,1.5,0.01,-0.02,0.25,0.125,0.5",
		"8,2.269185314213022,64,0,rbm,100" + strings.Repeat(",3,0.25,0.5", 9) + ",,,,,,,,,",
	} {
		if lines[i] != want {
			t.Errorf("line %d is\n%s\nwant\n%s", i, lines[i], want)
		}
	}
}

// TestComparisonTable holds the columns of comparison.csv.
func TestComparisonTable(t *testing.T) {
	exact := filledRow(analysis.SourceExact, analysis.None, analysis.None, 1)
	mc := filledRow(analysis.SourceMonteCarlo, analysis.None, analysis.None, 1)
	c := analysis.Compare(filledRow(analysis.SourceMachine, 64, 0, 1), &exact, &mc, analysis.DefaultTolerances())
	table := comparisonTable([]analysis.Comparison{c})
	var out bytes.Buffer
	if err := table.WriteCSV(&out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var want []string
	want = append(want, "L", "T", "hidden", "replica")
	for _, o := range analysis.Observables() {
		for _, ending := range []string{"_ref", "_delta", "_rel", "_z", "_err_data", "_err_training", "_err_sampling"} {
			want = append(want, o.Name+ending)
		}
	}
	want = append(want, "log_z", "log_z_err", "log_z_lower", "log_z_upper", "kl", "kl_err", "kl_per_spin", "coupling_nn", "coupling_nn_err", "verdict")
	if lines[0] != strings.Join(want, ",") {
		t.Errorf("header is\n%s\nwant\n%s", lines[0], strings.Join(want, ","))
	}
	if !strings.HasPrefix(lines[1], "8,2.269185314213022,64,0,exact,0,0,0,,,,exact,0,0,0,,,,") {
		t.Errorf("row is\n%s", lines[1])
	}
}

func TestCouplingsTable(t *testing.T) {
	row := analysis.CouplingRow{L: 8, T: 2, Hidden: 64, Exact: 0.5, Coupling: analysis.Coupling{Distance: 1, Pairs: 128,
		Leading: analysis.Estimate{Value: 0.49, Err: 0.01}, Corrected: analysis.Estimate{Value: 0.51, Err: 0.02}, Sampled: analysis.Estimate{Value: 0.5, Err: 0.005}}}
	table := couplingsTable([]analysis.CouplingRow{row})
	var out bytes.Buffer
	if err := table.WriteCSV(&out); err != nil {
		t.Fatal(err)
	}
	const want = "L,T,hidden,replica,distance,pairs,exact,leading,leading_err,corrected,corrected_err,sampled,sampled_err\n8,2,64,0,1,128,0.5,0.49,0.01,0.51,0.02,0.5,0.005\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

// TestErrorBudgets: three replicas share the training error, and each has its
// own sampling error.
func TestErrorBudgets(t *testing.T) {
	mc := filledRow(analysis.SourceMonteCarlo, analysis.None, analysis.None, 1)
	rows := []analysis.Row{mc}
	var comparisons []analysis.Comparison
	for replica, value := range []float64{0, 1, 2} {
		row := filledRow(analysis.SourceMachine, 64, replica, value)
		rows = append(rows, row)
		comparisons = append(comparisons, analysis.Compare(row, nil, &mc, analysis.DefaultTolerances()))
	}
	setErrorBudgets(comparisons, rows)
	for _, c := range comparisons {
		d := c.Deviations[analysis.Energy]
		// The variance over 0, 1, 2 is 1, of which sampling explains 0.25².
		if want := math.Sqrt(1 - 0.0625); math.Abs(d.ErrTraining-want) > 1e-12 || d.ErrSampling != 0.25 || d.ErrData != 0.25 {
			t.Errorf("replica %d: budget %+v, want training error %v", c.Replica, d, want)
		}
	}
}
