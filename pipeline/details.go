package pipeline

import (
	"math"

	"isingrbm/analysis"
	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

// MachineDetails is what is known of a machine cell beside its observables.
type MachineDetails struct {
	Distances analysis.Distances // of its samples from the Monte Carlo data; NaN without them
	Weights   analysis.WeightStatistics
}

// machineDetails sets a machine's distributions against its data cell's, and
// fills its potentials in.
func machineDetails(m, data measurement) MachineDetails {
	d := MachineDetails{Weights: m.weights, Distances: analysis.NoDistances()}
	if data.cell == m.cell.Data() && m.source.Histogram != nil {
		d.Distances = m.source.Histogram.Compare(data.source.Histogram, m.source.Independent(), data.source.Independent())
	}
	return d
}

// potentialTerms bounds the work for ⟨F(v)⟩: rows · n_v · n_h.
const potentialTerms = 1 << 31

// potential averages a machine's free energy F(v) over its first samples.
type potential struct {
	machine                *rbm.Machine
	limit                  float64
	n, sum, squares, first float64
}

func newPotential(machine *rbm.Machine) *potential {
	rows := max(1, potentialTerms/(machine.Visible*machine.Hidden))
	return &potential{machine: machine, limit: float64(rows)}
}

func (p *potential) add(b store.ConfigurationBatch) {
	words := rbm.Words(p.machine.Visible)
	for i := 0; i < b.Rows() && p.n < p.limit; i++ {
		x := p.machine.FreeEnergy(b.Spins[i*words : (i+1)*words])
		if p.n == 0 {
			p.first = x
		}
		p.n++
		p.sum += x - p.first
		p.squares += float64((x - p.first) * (x - p.first))
	}
}

// mean is ⟨F⟩ with its error for samples of an autocorrelation time.
func (p *potential) mean(tau float64) analysis.Estimate {
	if p.n < 2 {
		return analysis.Undefined()
	}
	mean := p.sum / p.n
	variance := max(0, p.squares/p.n-float64(mean*mean))
	return analysis.Estimate{Value: p.first + mean, Err: math.Sqrt(2 * tau * variance / p.n), Tau: tau}
}

// spread keeps a few configurations, evenly spaced through a file.
type spread struct {
	words, seen, every int
	spins              []uint64
}

func newSpread(sites, configurations, few int) *spread {
	return &spread{words: rbm.Words(sites), every: max(1, configurations/few)}
}

func (s *spread) add(b store.ConfigurationBatch) {
	for i := range b.Rows() {
		if s.seen%s.every == 0 {
			s.spins = append(s.spins, b.Spins[i*s.words:][:s.words]...)
		}
		s.seen++
	}
}

// detail is a row of details.csv: a source, and the details of its machine if it
// is one.
type detail struct {
	analysis.Source
	machine *MachineDetails
}

// details pairs sources with the details of machines, which come in one order.
func details(r *Results) []detail {
	var rows []detail
	machines := r.Machines
	for _, s := range r.Sources {
		row := detail{Source: s}
		if s.Source == analysis.SourceMachine {
			row.machine, machines = &machines[0], machines[1:]
		}
		rows = append(rows, row)
	}
	return rows
}

type detailsBuilder struct{ tableBuilder[detail] }

// detailsTable is details.csv: what results.csv does not hold, a row a source.
func detailsTable(r *Results) store.Table {
	b := detailsBuilder{tableBuilder[detail]{rows: details(r)}}
	b.machine(func(d detail) (int, float64, int, int) { return d.L, d.T, d.Hidden, d.Replica })
	b.text("source", func(d detail) string { return d.Row.Source })
	for _, q := range []struct {
		name string
		of   func(detail) analysis.Estimate
	}{
		{"covariance", func(d detail) analysis.Estimate { return d.Covariance }},
		{"entropy", func(d detail) analysis.Estimate { return d.Entropy }},
		{"free_energy", func(d detail) analysis.Estimate { return d.FreeEnergy }},
	} {
		b.float(q.name, func(d detail) float64 { return q.of(d).Value })
		b.float(q.name+"_err", func(d detail) float64 { return q.of(d).Err })
	}
	for _, q := range []struct {
		name string
		of   func(analysis.Distances) analysis.Distance
	}{
		{"tv_joint", func(d analysis.Distances) analysis.Distance { return d.JointVariation }},
		{"tv_energy", func(d analysis.Distances) analysis.Distance { return d.EnergyVariation }},
		{"tv_magnetization", func(d analysis.Distances) analysis.Distance { return d.OrderVariation }},
		{"w1_energy", func(d analysis.Distances) analysis.Distance { return d.EnergyTransport }},
		{"w1_magnetization", func(d analysis.Distances) analysis.Distance { return d.OrderTransport }},
	} {
		b.ofMachine(q.name, func(m *MachineDetails) float64 { return q.of(m.Distances).Value })
		b.ofMachine(q.name+"_noise", func(m *MachineDetails) float64 { return q.of(m.Distances).Noise })
	}
	b.ofMachine("weight_mean", func(m *MachineDetails) float64 { return m.Weights.Mean })
	b.ofMachine("weight_deviation", func(m *MachineDetails) float64 { return m.Weights.Deviation })
	b.ofMachine("weight_min", func(m *MachineDetails) float64 { return m.Weights.Min })
	b.ofMachine("weight_max", func(m *MachineDetails) float64 { return m.Weights.Max })
	b.ofMachine("weight_kurtosis", func(m *MachineDetails) float64 { return m.Weights.Kurtosis })
	b.ofMachine("weight_participation", func(m *MachineDetails) float64 { return m.Weights.Participation })
	b.integer("hidden_dead", func(d detail) int {
		if d.machine == nil {
			return -1
		}
		return d.machine.Weights.Dead
	})
	return b.table
}

// ofMachine adds a column that is empty but for machines.
func (b *detailsBuilder) ofMachine(name string, value func(*MachineDetails) float64) {
	b.float(name, func(d detail) float64 {
		if d.machine == nil {
			return math.NaN()
		}
		return value(d.machine)
	})
}

// correlation is a row of correlations.csv.
type correlation struct {
	*analysis.Source
	analysis.Correlation
}

// correlationsTable is correlations.csv: a row a source and distance.
func correlationsTable(sources []analysis.Source) store.Table {
	b := tableBuilder[correlation]{}
	for i, s := range sources {
		for _, c := range s.Correlations {
			b.rows = append(b.rows, correlation{&sources[i], c})
		}
	}
	b.machine(func(c correlation) (int, float64, int, int) { return c.L, c.T, c.Hidden, c.Replica })
	b.text("source", func(c correlation) string { return c.Row.Source })
	b.integer("r", func(c correlation) int { return c.Distance })
	b.float("correlation", func(c correlation) float64 { return c.Full.Value })
	b.float("correlation_err", func(c correlation) float64 { return c.Full.Err })
	b.float("connected", func(c correlation) float64 { return c.Connected.Value })
	b.float("connected_err", func(c correlation) float64 { return c.Connected.Err })
	return b.table
}
