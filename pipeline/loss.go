package pipeline

import (
	"math"
	"slices"

	"isingrbm/ising"
	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

// loss is the data-driven view of a machine, part of likelihood.json, in nats a
// configuration: what its training descended, and averages over both layers. Rows are
// evenly spaced ones of the training data and of the samples.
type loss struct {
	Training      number `json:"training"`       // L = −⟨ln p(v)⟩ over the training data
	TrainingErr   number `json:"training_err"`   // by the scatter of the configurations and the error of ln Z
	Validation    number `json:"validation"`     // the same over the held-out data
	ValidationErr number `json:"validation_err"` //
	Entropy       number `json:"entropy"`        // H_D of the distribution of the training data
	Distinct      int    `json:"distinct"`       // configurations in the training data
	KL            number `json:"kl"`             // L − H_D, where most of them are seen often

	Data    layerAverages `json:"data"`    // over the training data
	Machine layerAverages `json:"machine"` // over samples of the machine

	// GradientWeights and so on are the root mean squares, over the parameters of a kind,
	// of the gradient ⟨−∂E/∂λ⟩_data − ⟨−∂E/∂λ⟩_machine.
	GradientWeights number `json:"gradient_weights"`
	GradientVisible number `json:"gradient_visible"`
	GradientHidden  number `json:"gradient_hidden"`
}

// layerAverages are averages over v and p(h|v), −⟨∂E/∂λ⟩ as root mean squares.
type layerAverages struct {
	Energy    number `json:"energy"` // ⟨E(v,h)⟩
	EnergyErr number `json:"energy_err"`
	Activity  number `json:"activity"` // Σ_j ⟨h_j⟩/n_h
	Weights   number `json:"weights"`  // of ⟨v_i h_j⟩
	Visible   number `json:"visible"`  // of ⟨v_i⟩
	Hidden    number `json:"hidden"`   // of ⟨h_j⟩
}

const (
	lossWork  = 1 << 28 // rows times weights that are averaged over
	mostRows  = 20_000
	leastRows = 256
	// oftenSeen is how many configurations there are at least for each distinct one where
	// the distribution of the data means something.
	oftenSeen = 10
)

// measureLoss compares the machine with its training data.
func (j *job) measureLoss(machine *rbm.Machine, samples []uint64, logZ, logZErr float64) (loss, error) {
	data, err := j.readSpins(configurationsFile)
	if err != nil {
		return loss{}, err
	}
	validation, err := j.readSpins(validationFile)
	if err != nil {
		return loss{}, err
	}
	var l loss
	l.Training, l.TrainingErr = meanLoss(machine, data, logZ, logZErr)
	l.Validation, l.ValidationErr = meanLoss(machine, validation, logZ, logZErr)
	entropy, distinct := empiricalEntropy(data, ising.Words(machine.Visible))
	l.Entropy, l.Distinct, l.KL = number(entropy), distinct, number(math.NaN())
	if n := len(data) / ising.Words(machine.Visible); n >= oftenSeen*distinct {
		l.KL = l.Training - l.Entropy
	}
	rows := averagedRows(len(machine.Weights), mostRows)
	over, of := machine.Averages(spreadRows(data, machine.Visible, rows)), machine.Averages(spreadRows(samples, machine.Visible, rows))
	l.Data, l.Machine = newLayerAverages(over), newLayerAverages(of)
	l.GradientWeights = rootMeanSquare(over.Pairs, of.Pairs)
	l.GradientVisible = rootMeanSquare(over.Visible, of.Visible)
	l.GradientHidden = rootMeanSquare(over.Hidden, of.Hidden)
	return l, nil
}

// averagedRows is how many of n rows are averaged over.
func averagedRows(weights, n int) int {
	return min(n, max(leastRows, min(mostRows, lossWork/weights)))
}

// meanLoss is −⟨ln p(v)⟩ = ⟨F(v)⟩ + ln Z with its error, for independent rows.
func meanLoss(machine *rbm.Machine, rows []uint64, logZ, logZErr float64) (mean, err number) {
	const atOnce = 4096
	words := ising.Words(machine.Visible)
	n := float64(len(rows) / words)
	eachEnergy := func(use func(f float64)) {
		for some := range slices.Chunk(rows, atOnce*words) {
			for _, f := range machine.FreeEnergies(some) {
				use(f)
			}
		}
	}
	free, variance := 0.0, 0.0
	eachEnergy(func(f float64) { free += f })
	free /= n
	eachEnergy(func(f float64) { variance += float64((f-free)*(f-free)) / (n - 1) })
	return number(free + logZ), number(math.Hypot(math.Sqrt(variance/n), logZErr))
}

// empiricalEntropy is −Σ p ln p of the distribution of the rows, and how many are
// distinct.
func empiricalEntropy(rows []uint64, words int) (entropy float64, distinct int) {
	row := func(i int32) []uint64 { return rows[int(i)*words:][:words] }
	order := make([]int32, len(rows)/words)
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return slices.Compare(row(a), row(b)) })
	n := float64(len(order))
	for from := 0; from < len(order); distinct++ {
		to := from + 1
		for to < len(order) && slices.Equal(row(order[from]), row(order[to])) {
			to++
		}
		p := float64(to-from) / n
		entropy -= p * math.Log(p)
		from = to
	}
	return entropy, distinct
}

// spreadRows returns evenly spaced rows, at most as many as wanted.
func spreadRows(rows []uint64, units, want int) []uint64 {
	words := ising.Words(units)
	n := len(rows) / words
	if n <= want {
		return rows
	}
	list := make([]uint64, 0, want*words)
	for k := range want {
		list = append(list, rows[k*n/want*words:][:words]...)
	}
	return list
}

func newLayerAverages(a *rbm.Averages) layerAverages {
	return layerAverages{
		Energy: number(a.Energy), EnergyErr: number(math.Sqrt(a.EnergyVariance / float64(a.Rows))), Activity: number(meanOf(a.Hidden)),
		Weights: rootMeanSquare(a.Pairs, nil), Visible: rootMeanSquare(a.Visible, nil), Hidden: rootMeanSquare(a.Hidden, nil),
	}
}

// rootMeanSquare is that of a − b, or of a alone.
func rootMeanSquare(a, b []float64) number {
	sum := 0.0
	for k, x := range a {
		if b != nil {
			x -= b[k]
		}
		sum += float64(x * x)
	}
	return number(math.Sqrt(sum / float64(len(a))))
}

// lossRow is the loss of one machine cell.
type lossRow struct {
	cell Cell
	loss
}

// lossTable is likelihood.csv: a row a machine.
func lossTable(rows []lossRow) store.Table {
	b := tableBuilder[lossRow]{rows: rows}
	b.machine(func(r lossRow) (int, float64, int, int) {
		return r.cell.Size, float64(r.cell.Temperature), r.cell.Hidden, r.cell.Replica
	})
	column := func(name string, value func(lossRow) number) {
		b.float(name, func(r lossRow) float64 { return float64(value(r)) })
	}
	column("loss", func(r lossRow) number { return r.Training })
	column("loss_err", func(r lossRow) number { return r.TrainingErr })
	column("loss_validation", func(r lossRow) number { return r.Validation })
	column("loss_validation_err", func(r lossRow) number { return r.ValidationErr })
	column("entropy_data", func(r lossRow) number { return r.Entropy })
	b.integer("distinct", func(r lossRow) int { return r.Distinct })
	column("kl_data", func(r lossRow) number { return r.KL })
	for _, layer := range []struct {
		name string
		of   func(lossRow) layerAverages
	}{{"data", func(r lossRow) layerAverages { return r.Data }}, {"machine", func(r lossRow) layerAverages { return r.Machine }}} {
		column("machine_energy_over_"+layer.name, func(r lossRow) number { return layer.of(r).Energy })
		column("machine_energy_over_"+layer.name+"_err", func(r lossRow) number { return layer.of(r).EnergyErr })
		column("activity_over_"+layer.name, func(r lossRow) number { return layer.of(r).Activity })
		column("term_weights_over_"+layer.name, func(r lossRow) number { return layer.of(r).Weights })
		column("term_visible_over_"+layer.name, func(r lossRow) number { return layer.of(r).Visible })
		column("term_hidden_over_"+layer.name, func(r lossRow) number { return layer.of(r).Hidden })
	}
	column("gradient_weights", func(r lossRow) number { return r.GradientWeights })
	column("gradient_visible", func(r lossRow) number { return r.GradientVisible })
	column("gradient_hidden", func(r lossRow) number { return r.GradientHidden })
	return b.table
}
