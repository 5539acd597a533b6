package pipeline

import (
	"context"
	"io"
	"math"
	"path/filepath"

	"isingrbm/analysis"
	"isingrbm/analysis/figure"
	"isingrbm/ising"
	"isingrbm/pipeline/runfile"
	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

// A flow reconstructs configurations again and again with a machine, v → h → v, and
// measures them after every iteration. Trained on configurations of many temperatures
// the machine takes those of any temperature with it to where its flow ends: Iso, Shiba
// and Yokoo, Phys. Rev. E 97, 053304 (2018). The stage takes seconds, and begins anew
// where it was interrupted.

// flowPoint is what was measured of a flow after an iteration; 0 is the start.
type flowPoint struct {
	From             runfile.Temperature
	Iteration        int
	Energy           analysis.Estimate // ⟨E⟩/N
	AbsMagnetization analysis.Estimate // ⟨|M|⟩/N
	EnergyVariance   analysis.Estimate // (⟨E²⟩ − ⟨E⟩²)/N = c T²
}

// flow writes flow.parquet from the cell's machine.
func (j *job) flow(ctx context.Context) error {
	machine, err := j.readMachine()
	if err != nil {
		return err
	}
	var points []flowPoint
	for _, from := range j.spec.Flow.From {
		list, err := j.flowFrom(ctx, machine, from)
		if err != nil {
			return err
		}
		points = append(points, list...)
	}
	table := flowTable(points)
	return store.WriteFile(j.desk(flowFile), func(w io.Writer) error {
		return table.WriteParquet(w, store.Metadata{{Key: "content", Value: "flow"}, {Key: "cell", Value: j.task.Cell.ID()}})
	})
}

// flowFrom follows held-out configurations of one temperature.
func (j *job) flowFrom(ctx context.Context, machine *rbm.Machine, from runfile.Temperature) ([]flowPoint, error) {
	n, words := j.spec.Flow.Chains, ising.Words(j.model.Lattice.Sites())
	rows, err := j.readSpinsOf(Cell{Size: j.task.Cell.Size, Temperature: from}, validationFile)
	if err != nil {
		return nil, err
	}
	chains, err := rbm.NewGibbs(machine, n, stream(j.spec, j.task.Cell, "flow from "+from.Key(), 0))
	if err != nil {
		return nil, err
	}
	chains.SetVisible(rows[:n*words])
	points := []flowPoint{j.flowPoint(from, 0, chains.Visible())}
	for i := range j.spec.Flow.Iterations {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		chains.Step(1)
		points = append(points, j.flowPoint(from, i+1, chains.Visible()))
		j.advance(1)
	}
	return points, nil
}

// flowPoint measures configurations that are independent of each other. At T = 1 the
// specific heat is the variance of the energy a spin.
func (j *job) flowPoint(from runfile.Temperature, iteration int, rows []uint64) flowPoint {
	collector := analysis.NewCollector(j.model, 1)
	words := ising.Words(j.model.Lattice.Sites())
	for chain := int32(0); len(rows) > 0; rows = rows[words:] {
		collector.Add(chain, j.model.Energy(rows[:words]), int32(j.model.Magnetization(rows[:words])), rows[:words])
		chain++
	}
	values := collector.Source(analysis.Row{}).Values
	return flowPoint{from, iteration, values[analysis.Energy], values[analysis.AbsMagnetization], values[analysis.SpecificHeat]}
}

// flowQuantities are the estimates of a point, by their names in tables.
var flowQuantities = []struct {
	name string
	of   func(*flowPoint) *analysis.Estimate
}{
	{"energy", func(p *flowPoint) *analysis.Estimate { return &p.Energy }},
	{"abs_magnetization", func(p *flowPoint) *analysis.Estimate { return &p.AbsMagnetization }},
	{"energy_variance", func(p *flowPoint) *analysis.Estimate { return &p.EnergyVariance }},
}

// flowTable is flow.parquet: a row a start and iteration.
func flowTable(points []flowPoint) store.Table {
	b := tableBuilder[flowPoint]{rows: points}
	b.float("from", func(p flowPoint) float64 { return float64(p.From) })
	b.integer("iteration", func(p flowPoint) int { return p.Iteration })
	for _, q := range flowQuantities {
		b.float(q.name, func(p flowPoint) float64 { return q.of(&p).Value })
		b.float(q.name+"_err", func(p flowPoint) float64 { return q.of(&p).Err })
	}
	return b.table
}

// readFlow reads flow.parquet of a machine cell.
func readFlow(dir string) ([]flowPoint, error) {
	if err := store.Verify(dir, flowFile); err != nil {
		return nil, err
	}
	table, _, err := store.ReadTable(filepath.Join(dir, flowFile))
	if err != nil {
		return nil, err
	}
	points := make([]flowPoint, table.Rows())
	for i := range points {
		number := func(name string) float64 {
			c, ok := table.Column(name)
			if !ok {
				return math.NaN()
			}
			return c.Float(i)
		}
		p := &points[i]
		p.From, p.Iteration = runfile.Temperature(number("from")), int(number("iteration"))
		for _, q := range flowQuantities {
			*q.of(p) = analysis.Estimate{Value: number(q.name), Err: number(q.name + "_err"), Tau: math.NaN()}
		}
	}
	return points, nil
}

// flowRow is a row of flow.csv.
type flowRow struct {
	cell Cell
	flowPoint
	temperature analysis.Estimate // at which the model has the energy measured; NaN where it is not known
}

// specificHeat is that of the ensemble at the temperature of its energy.
func (r flowRow) specificHeat() analysis.Estimate {
	square := float64(r.temperature.Value * r.temperature.Value)
	return analysis.Estimate{Value: r.EnergyVariance.Value / square, Err: r.EnergyVariance.Err / square, Tau: math.NaN()}
}

// flows reads the flows of all finished cells.
func (w *Workspace) flows(list []taskStatus, rows []analysis.Row) (flows []flowRow, failures []Failure) {
	thermometers := make(map[int]*analysis.Thermometer)
	for _, s := range list {
		if s.Stage != Flow || s.Status != Done {
			continue
		}
		points, err := readFlow(w.folders.of(s.Cell))
		if err != nil {
			failures = append(failures, Failure{Analyse, s.Cell, err})
			continue
		}
		size := s.Cell.Size
		if thermometers[size] == nil {
			thermometers[size] = analysis.NewThermometer(rows, size)
		}
		for _, p := range points {
			flows = append(flows, flowRow{s.Cell, p, thermometers[size].Read(p.Energy)})
		}
	}
	return flows, failures
}

// flowRowsTable is flow.csv: a row a machine, start and iteration. T is empty for a pooled
// machine.
func flowRowsTable(rows []flowRow) store.Table {
	b := tableBuilder[flowRow]{rows: rows}
	b.machine(func(r flowRow) (int, float64, int, int) {
		return r.cell.Size, r.cell.temperature(), r.cell.Hidden, r.cell.Replica
	})
	b.float("from", func(r flowRow) float64 { return float64(r.From) })
	b.integer("iteration", func(r flowRow) int { return r.Iteration })
	for _, q := range flowQuantities {
		b.float(q.name, func(r flowRow) float64 { return q.of(&r.flowPoint).Value })
		b.float(q.name+"_err", func(r flowRow) float64 { return q.of(&r.flowPoint).Err })
	}
	b.float("temperature", func(r flowRow) float64 { return r.temperature.Value })
	b.float("temperature_err", func(r flowRow) float64 { return r.temperature.Err })
	b.float("specific_heat", func(r flowRow) float64 { return r.specificHeat().Value })
	b.float("specific_heat_err", func(r flowRow) float64 { return r.specificHeat().Err })
	return b.table
}

// figureFlows puts rows that belong to one flow together.
func figureFlows(rows []flowRow) (flows []figure.Flow) {
	for _, r := range rows {
		k := figure.Key{L: r.cell.Size, T: r.cell.temperature(), Hidden: r.cell.Hidden, Replica: r.cell.Replica, Source: analysis.SourceMachine}
		if r.Iteration == 0 {
			flows = append(flows, figure.Flow{Key: k, From: float64(r.From)})
		}
		f := &flows[len(flows)-1]
		f.Points = append(f.Points, figure.FlowPoint{
			Iteration: r.Iteration, Energy: r.Energy, Temperature: r.temperature, AbsMagnetization: r.AbsMagnetization, SpecificHeat: r.specificHeat(),
		})
	}
	return flows
}
