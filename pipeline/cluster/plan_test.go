package cluster

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"isingrbm/pipeline"
	"isingrbm/pipeline/runfile"
)

// newPlanner plans one cell a task, without limits.
func newPlanner() *planner {
	return &planner{
		prefix: "r", stages: pipeline.CellStages(), perData: 1, perMachine: 1, maxElements: 100,
		source: make(map[pipeline.Cell]source),
		chain:  func(c pipeline.Cell) []pipeline.Cell { return []pipeline.Cell{c} },
		data:   func(c pipeline.Cell) []pipeline.Cell { return []pipeline.Cell{c.Data()} },
	}
}

// sweepCells lists data cells of n temperatures and m machines of each.
func sweepCells(n, m int) (data, machines []pipeline.Cell) {
	for i := range n {
		cell := pipeline.Cell{Size: 4, Temperature: runfile.Temperature(i + 1)}
		data = append(data, cell)
		for replica := range m {
			machine := cell
			machine.Hidden, machine.Replica = 4, replica
			machines = append(machines, machine)
		}
	}
	return data, machines
}

// shape writes arrays as "label elements after", to be compared at a glance.
func shape(arrays []Array) string {
	var b strings.Builder
	for _, a := range arrays {
		fmt.Fprintf(&b, "%s %s", a.Label, indices(a.Elements))
		for _, d := range a.After {
			fmt.Fprintf(&b, " %s:%s", d.Kind, strings.TrimPrefix(d.Array, "r."))
			if d.Index > 0 {
				fmt.Fprintf(&b, "_%d", d.Index)
			}
		}
		if a.Limit > 0 {
			fmt.Fprintf(&b, " %%%d", a.Limit)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// everyCellOnce fails unless the arrays hold exactly the cells given, and every
// machine is tied to the element that draws its data.
func everyCellOnce(t *testing.T, arrays []Array, want []pipeline.Cell) {
	t.Helper()
	var got []string
	where := make(map[string]source)
	for _, a := range arrays {
		for _, e := range a.Elements {
			got = append(got, e.Cells...)
			for _, id := range e.Cells {
				where[id] = source{array: a.Name, index: e.Index}
			}
		}
	}
	wanted := ids(want)
	slices.Sort(got)
	slices.Sort(wanted)
	if !slices.Equal(got, wanted) {
		t.Errorf("cells %q, want %q", got, wanted)
	}
	for _, a := range arrays {
		for _, e := range a.Elements {
			for _, id := range e.Cells {
				data := where[id[:strings.LastIndexByte(id, '/')]]
				if !strings.Contains(id, "/h") || data.array == "" {
					continue
				}
				tied := slices.ContainsFunc(a.After, func(d Dependency) bool {
					return d.Array == data.array && (d.Kind == afterCorresponding && e.Index == data.index || d.Kind == afterSuccess && d.Index == data.index)
				})
				if !tied {
					t.Errorf("%s in %s[%d] is not tied to %v", id, a.Label, e.Index, data)
				}
			}
		}
	}
}

func TestPlan(t *testing.T) {
	for _, c := range []struct {
		name           string
		data, machines int
		change         func(p *planner)
		want           string
	}{
		{"an element trains after its data", 3, 2, func(*planner) {},
			"generate.1 1-3\ntrain.1 1-3 aftercorr:generate.1\ntrain.2 1-3 aftercorr:generate.1\n"},
		{"split by the largest array", 5, 1, func(p *planner) { p.maxElements = 2 },
			"generate.1 1-2\ngenerate.2 1-2\ngenerate.3 1\n" +
				"train.1 1-2 aftercorr:generate.1\ntrain.2 1-2 aftercorr:generate.2\ntrain.3 1 aftercorr:generate.3\n"},
		{"many machines of few data", 2, 5, func(p *planner) { p.maxElements = 3 },
			"generate.1 1-2\ntrain.1 1-3 afterok:generate.1_1\ntrain.2 1-2 afterok:generate.1_1\n" +
				"train.3 1-3 afterok:generate.1_2\ntrain.4 1-2 afterok:generate.1_2\n"},
		{"bundles", 4, 3, func(p *planner) { p.perData, p.perMachine = 2, 3 },
			"generate.1 1-2\ntrain.1 1-2 aftercorr:generate.1\ntrain.2 1-2 aftercorr:generate.1\n"},
		{"a limit is shared out", 3, 2, func(p *planner) { p.maxRunning = 3 },
			"generate.1 1-3 %3\ntrain.1 1-3 aftercorr:generate.1 %2\ntrain.2 1-3 aftercorr:generate.1 %1\n"},
		{"fewer may run than there are arrays", 3, 3, func(p *planner) { p.maxRunning = 2 },
			"generate.1 1-3 %2\ntrain.1 1-3 aftercorr:generate.1 %1\ntrain.2 1-3 aftercorr:generate.1 %1\n" +
				"train.3 1-3 aftercorr:generate.1 afterany:train.1 %1\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlanner()
			c.change(p)
			data, machines := sweepCells(c.data, c.machines)
			p.generate(data)
			p.machines(machines)
			p.limit()
			if got := shape(p.arrays); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
			everyCellOnce(t, p.arrays, append(data, machines...))
		})
	}
}

// TestPlanAfterQueued: machines are tied to data that were queued before, at
// the places that those have, and to nothing where the data are there.
func TestPlanAfterQueued(t *testing.T) {
	p := newPlanner()
	data, machines := sweepCells(4, 1)
	p.source[data[1]] = source{array: "old.generate.1", job: "17", index: 5}
	p.source[data[3]] = source{array: "old.generate.1", job: "17", index: 7}
	p.machines(machines)
	p.collect([]Dependency{{Kind: afterEnd, Array: "old.generate.1", Job: "17"}})
	want := "train.1 1-2\ntrain.2 5,7 aftercorr:old.generate.1\nreport  afterany:old.generate.1 afterany:train.1 afterany:train.2\n"
	if got := shape(p.arrays); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestPlanChains: machines of which each starts from that of the next higher
// temperature are one task, hottest first, once their data are drawn; short
// chains are put together.
func TestPlanChains(t *testing.T) {
	data, machines := sweepCells(3, 4)
	for _, c := range []struct {
		perMachine int
		want       string
	}{
		{1, "generate.1 1-3\ntrain.1 1-4 afterany:generate.1\n"},
		{6, "generate.1 1-3\ntrain.1 1-2 afterany:generate.1\n"},
	} {
		p := newPlanner()
		p.perMachine = c.perMachine
		p.chain = func(cell pipeline.Cell) (chain []pipeline.Cell) {
			for t := runfile.Temperature(3); t >= cell.Temperature; t-- {
				hotter := cell
				hotter.Temperature = t
				chain = append(chain, hotter)
			}
			return chain
		}
		p.generate(data)
		p.machines(machines)
		if got := shape(p.arrays); got != c.want {
			t.Errorf("got\n%swant\n%s", got, c.want)
		}
		want := []string{"L004/T3.000000/h0004_r00", "L004/T2.000000/h0004_r00", "L004/T1.000000/h0004_r00"}
		if got := p.arrays[1].Elements[0].Cells[:3]; !slices.Equal(got, want) {
			t.Errorf("the first chain is %q, want %q", got, want)
		}
	}
}

func TestIndices(t *testing.T) {
	for want, list := range map[string][]int{"": {0}, "1": {1}, "1-3": {1, 2, 3}, "1-2,5,7-8": {1, 2, 5, 7, 8}} {
		var elements []Element
		for _, i := range list {
			elements = append(elements, Element{Index: i})
		}
		if got := indices(elements); got != want {
			t.Errorf("%v: %q, want %q", list, got, want)
		}
	}
}
