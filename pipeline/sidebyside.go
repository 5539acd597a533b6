package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"isingrbm/analysis"
	"isingrbm/pipeline/store"
)

// Side is one of two runs that are set side by side: what its tables say of its
// machines or, in a Monte Carlo study, of its data.
type Side struct {
	Dir      string
	Settings []Input
	Rows     []SideRow // by L, T, n_h, replica
}

// SideRow is a row of the results with what the comparison says of it.
type SideRow struct {
	analysis.Row
	Relative []float64         // deviations of the observables from their references; NaN without
	KL       analysis.Estimate // nats a configuration; NaN where it is not known
	Verdict  string            // empty without a machine
}

// Pair is one cell of both runs; either side may be nil.
type Pair struct{ A, B *SideRow }

// Z is B − A of an observable in units of both errors together, NaN where there
// are none.
func (p Pair) Z(observable int) float64 {
	if p.A == nil || p.B == nil {
		return math.NaN()
	}
	a, b := p.A.Values[observable], p.B.Values[observable]
	return (b.Value - a.Value) / math.Hypot(a.Err, b.Err)
}

// ReadSide reads the tables of a run directory, or of the one that belongs to a run
// file. Nothing is computed anew.
func ReadSide(path string) (*Side, error) {
	s := &Side{Dir: path}
	if file, ok := strings.CutSuffix(path, ".toml"); ok {
		s.Dir = file + ".out"
	}
	var m manifest
	if err := store.ReadJSON(filepath.Join(s.Dir, manifestFile), &m); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s is no run directory with a report\n  hint: `isingrbm run` of its run file makes one", s.Dir)
		}
		return nil, err
	}
	s.Settings = m.Settings
	results, _, err := store.ReadTable(filepath.Join(s.Dir, resultsParquet))
	if err != nil {
		return nil, err
	}
	comparison, err := store.ReadCSV(filepath.Join(s.Dir, comparisonCSV))
	if err != nil {
		return nil, err
	}
	source := analysis.SourceMonteCarlo
	if comparison.Rows() > 0 {
		source = analysis.SourceMachine
	}
	if s.Rows, err = sideRows(results, source); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(s.Dir, resultsParquet), err)
	}
	if err := compareSide(s.Rows, comparison); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(s.Dir, comparisonCSV), err)
	}
	return s, nil
}

// columns finds columns by name; the error names the first that is not there.
func columns(t store.Table, names ...string) ([]store.Column, error) {
	list := make([]store.Column, len(names))
	for i, name := range names {
		var ok bool
		if list[i], ok = t.Column(name); !ok {
			return nil, fmt.Errorf("it has no column %q: it was written by another version", name)
		}
	}
	return list, nil
}

// sideRows are the rows of one source of results.parquet.
func sideRows(t store.Table, source string) ([]SideRow, error) {
	keys, err := columns(t, "L", "T", "hidden", "replica", "source", "n")
	if err != nil {
		return nil, err
	}
	var rows []SideRow
	for i := range t.Rows() {
		if keys[4].Text(i) != source {
			continue
		}
		row := SideRow{KL: analysis.Undefined()}
		row.L, row.T, row.Source, row.N = int(keys[0].Ints[i]), keys[1].Floats[i], source, int(keys[5].Ints[i])
		row.Hidden, row.Replica = analysis.None, analysis.None
		if !keys[2].Missing(i) {
			row.Hidden, row.Replica = int(keys[2].Ints[i]), int(keys[3].Ints[i])
		}
		for _, o := range analysis.Observables() {
			value, err := columns(t, o.Name, o.Name+"_err", o.Name+"_tau")
			if err != nil {
				return nil, err
			}
			row.Values = append(row.Values, analysis.Estimate{Value: value[0].Floats[i], Err: value[1].Floats[i], Tau: value[2].Floats[i]})
			row.Relative = append(row.Relative, math.NaN())
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// compareSide fills in what comparison.csv says of machines.
func compareSide(rows []SideRow, t store.Table) error {
	if t.Rows() == 0 {
		return nil
	}
	keys, err := columns(t, "L", "T", "hidden", "replica", "kl", "kl_err", "verdict")
	if err != nil {
		return err
	}
	for i := range t.Rows() {
		k := slices.IndexFunc(rows, func(r SideRow) bool {
			return float64(r.L) == keys[0].Float(i) && r.T == keys[1].Float(i) && float64(r.Hidden) == keys[2].Float(i) && float64(r.Replica) == keys[3].Float(i)
		})
		if k < 0 {
			continue
		}
		rows[k].KL = analysis.Estimate{Value: keys[4].Float(i), Err: keys[5].Float(i), Tau: math.NaN()}
		rows[k].Verdict = keys[6].Text(i)
		for n, o := range analysis.Observables() {
			relative, err := columns(t, o.Name+"_rel")
			if err != nil {
				return err
			}
			rows[k].Relative[n] = relative[0].Float(i)
		}
	}
	return nil
}

// Differences lists the settings in which two runs differ; Before is A's.
func Differences(a, b *Side) []Change { return changes(nil, a.Settings, b.Settings) }

// Pairs sets the cells of two runs side by side, by L and T, then by n_h and
// replica. Where each run has one n_h only, those are set beside each other though
// they differ.
func Pairs(a, b *Side) []Pair {
	hidden := func(s *Side) (list []int) {
		for _, r := range s.Rows {
			list = append(list, r.Hidden)
		}
		slices.Sort(list)
		return slices.Compact(list)
	}
	single := len(hidden(a)) == 1 && len(hidden(b)) == 1
	same := func(x, y *SideRow) bool {
		return x.L == y.L && x.T == y.T && x.Replica == y.Replica && (single || x.Hidden == y.Hidden)
	}
	var pairs []Pair
	taken := make([]bool, len(b.Rows))
	for i := range a.Rows {
		p := Pair{A: &a.Rows[i]}
		for k := range b.Rows {
			if !taken[k] && same(p.A, &b.Rows[k]) {
				p.B, taken[k] = &b.Rows[k], true
				break
			}
		}
		pairs = append(pairs, p)
	}
	for k := range b.Rows {
		if !taken[k] {
			pairs = append(pairs, Pair{B: &b.Rows[k]})
		}
	}
	return pairs
}
