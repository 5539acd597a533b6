package cli

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"isingrbm/analysis"
	"isingrbm/ising"
	"isingrbm/ising/exact"
	"isingrbm/pipeline"
	"isingrbm/pipeline/runfile"
	"isingrbm/pipeline/store"
)

// exactFlags are the flags of `isingrbm exact`.
type exactFlags struct {
	sizes           []int
	temperatures    []string
	kind, boundary  string
	coupling, field float64
	format          string
}

func newExact() *cobra.Command {
	var f exactFlags
	cmd := &cobra.Command{
		Use:   "exact --size L --temperature T",
		Short: "print exact values of the Ising model",
		Long: `Print exact values per spin of the finite Ising model, and ln Z of the whole:
by Kaufman's solution and a transfer matrix on the periodic square lattice (all
moments of M up to L = 12, energy and specific heat at any size), by transfer
matrices on chains, by enumeration on lattices of up to 24 spins. What is not
known is left empty.

	isingrbm exact --size 8 --temperature 2.5,Tc
	isingrbm exact --size 4,8 --temperature 1,2,3 --format csv > exact.csv`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.OutOrStdout()) },
	}
	flags := cmd.Flags()
	flags.IntSliceVar(&f.sizes, "size", nil, "sites along a side, comma-separated")
	flags.StringSliceVar(&f.temperatures, "temperature", nil, `temperatures in J/k_B, comma-separated; "Tc", "inf" and 0 are temperatures`)
	flags.StringVar(&f.kind, "lattice", string(ising.Square), "chain, square, triangular or cubic")
	flags.StringVar(&f.boundary, "boundary", string(ising.Periodic), "periodic or open")
	flags.Float64Var(&f.coupling, "coupling", 1, "coupling J")
	flags.Float64Var(&f.field, "field", 0, "field h")
	flags.StringVar(&f.format, "format", "table", "table, json or csv")
	return cmd
}

func (f exactFlags) run(out io.Writer) error {
	if len(f.sizes) == 0 || len(f.temperatures) == 0 {
		return usageError{errors.New("exact needs --size and --temperature\n  hint: isingrbm exact --size 8 --temperature 2.5,Tc")}
	}
	if f.format != "table" && f.format != "json" && f.format != "csv" {
		return usageError{fmt.Errorf("--format is %q\n  hint: table, json or csv", f.format)}
	}
	var points []exactPoint
	for _, size := range f.sizes {
		for _, text := range f.temperatures {
			point, err := f.solve(size, text)
			if err != nil {
				return err
			}
			points = append(points, point)
		}
	}
	switch f.format {
	case "json":
		return exactTable(points).WriteJSON(out)
	case "csv":
		return exactTable(points).WriteCSV(out)
	}
	return printExact(out, points)
}

// exactPoint is the exact answer at one size and temperature.
type exactPoint struct {
	size        int
	temperature runfile.Temperature
	values      exact.Values
}

func (f exactFlags) solve(size int, text string) (exactPoint, error) {
	lattice, err := ising.NewLattice(ising.Kind(f.kind), size, ising.Boundary(f.boundary))
	if err != nil {
		return exactPoint{}, usageError{err}
	}
	model := ising.Model{Lattice: lattice, Coupling: f.coupling, Field: f.field}
	if err := model.Validate(); err != nil {
		return exactPoint{}, usageError{err}
	}
	t, err := parseTemperature(text, model)
	if err != nil {
		return exactPoint{}, usageError{err}
	}
	values, err := exact.Solve(model, float64(t))
	if err != nil {
		return exactPoint{}, fmt.Errorf("L = %d, T = %s: %w", size, t, err)
	}
	return exactPoint{size, t, values}, nil
}

// parseTemperature reads a number, "inf" or "Tc".
func parseTemperature(text string, model ising.Model) (runfile.Temperature, error) {
	if text == "Tc" {
		critical, ok := exact.CriticalTemperature(model.Lattice.Kind())
		if !ok {
			return 0, fmt.Errorf("--temperature Tc: a %s has no critical temperature", model.Lattice.Kind())
		}
		return runfile.Temperature(critical * math.Abs(model.Coupling)), nil
	}
	t, err := strconv.ParseFloat(text, 64)
	if err != nil || !(t >= 0) {
		return 0, fmt.Errorf("--temperature %s: not a temperature\n  hint: a number from 0 on, Tc or inf", text)
	}
	return runfile.Temperature(t), nil
}

// exactTable has the columns of results.csv that exist for exact values, and
// ln Z.
func exactTable(points []exactPoint) store.Table {
	sizes, temperatures, logZ := make([]int64, len(points)), make([]float64, len(points)), make([]float64, len(points))
	columns := make([][]float64, len(analysis.Observables()))
	for i, p := range points {
		sizes[i], temperatures[i], logZ[i] = int64(p.size), float64(p.temperature), p.values.LogZ
		for k, e := range pipeline.ExactEstimates(p.values) {
			columns[k] = append(columns[k], e.Value)
		}
	}
	table := store.Table{Columns: []store.Column{
		{Name: "L", Kind: store.Int, Ints: sizes},
		{Name: "T", Kind: store.Float, Floats: temperatures},
	}}
	for k, o := range analysis.Observables() {
		table.Columns = append(table.Columns, store.Column{Name: o.Name, Kind: store.Float, Floats: columns[k]})
	}
	table.Columns = append(table.Columns, store.Column{Name: "log_z", Kind: store.Float, Floats: logZ})
	return table
}

// printExact prints a block a point: a line an observable.
func printExact(out io.Writer, points []exactPoint) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	header := []string{"", ""}
	for _, p := range points {
		header = append(header, fmt.Sprintf("L = %d, T = %s", p.size, p.temperature))
	}
	fmt.Fprintln(t, strings.Join(header, "\t"))
	for k, o := range analysis.Observables() {
		cells := []string{o.Title, o.Symbol}
		for _, p := range points {
			cells = append(cells, number(pipeline.ExactEstimates(p.values)[k].Value))
		}
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	logZ, method := []string{"Partition function", "ln Z"}, []string{"Method", ""}
	for _, p := range points {
		logZ, method = append(logZ, number(p.values.LogZ)), append(method, p.values.Method)
	}
	fmt.Fprintln(t, strings.Join(logZ, "\t"))
	fmt.Fprintln(t, strings.Join(method, "\t"))
	return t.Flush()
}

// number prints ten digits, or nothing for what is not known.
func number(x float64) string {
	if math.IsNaN(x) {
		return ""
	}
	return strconv.FormatFloat(x, 'g', 10, 64)
}
