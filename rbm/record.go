package rbm

import "math"

// Record is what a trainer says about itself at one step. Rows of training and
// validation are fixed subsets of their sets, spread evenly; means are per
// configuration, likelihoods and free energies in nats. NaN stands for what is not
// known.
type Record struct {
	Step int     // updates made
	Rate float64 // of the last update; of the first before it

	// ReconstructionError is the mean over training rows and units of (v_i − w_i)²,
	// w the visible means given the hidden means given v.
	ReconstructionError float64

	// PseudoLogLikelihood is that of [Machine.PseudoLogLikelihood].
	PseudoLogLikelihoodTraining, PseudoLogLikelihoodValidation float64

	// FreeEnergy is the mean of F(v). A validation mean that rises above the
	// training one shows overfitting; chains whose mean is not within a few nats of
	// the training one show steps that are too large, or chains that lag behind.
	FreeEnergyTraining, FreeEnergyValidation, FreeEnergyChains float64

	// LogPartition is ln Z and LogLikelihood the mean of ln p(v), both exact; known
	// where the smaller layer has at most 12 units.
	LogPartition                                   float64
	LogLikelihoodTraining, LogLikelihoodValidation float64

	// WeightNorm is √ΣW²; MaxVisibleBias and MaxHiddenBias are the largest |b_i| and
	// |c_j|.
	WeightNorm                    float64
	MaxVisibleBias, MaxHiddenBias float64

	// GradientNorm is the length of the gradient of the last update over all
	// parameters, the free ones where they are tied: centered where the machine is,
	// with decay, before momentum or Adam.
	GradientNorm float64

	// SaturatedFraction is the share of hidden units whose mean over the training
	// rows is below 0.01 or above 0.99: units that carry no information.
	SaturatedFraction float64
}

const (
	recordedUnits  = 12      // of the smaller layer, up to which ln Z is enumerated
	saturation     = 0.01    // distance of a saturated unit's mean from 0 or 1
	freeEnergyWork = 1 << 21 // rows × n_v × n_h of a record
	pseudoWork     = 1 << 19 // and of what costs more
)

// Record returns the monitoring numbers of the current parameters. It changes
// nothing. Validation rows may be nil; it panics if they are not whole or have bits
// beyond the units.
func (t *Trainer) Record(validation []uint64) Record {
	m := t.Machine()
	if !areRows(validation, m.Visible) {
		panic("rbm: Record needs whole rows without bits beyond their units")
	}
	training := t.batches.data.rows
	r := Record{
		Step: int(t.updates), Rate: t.settings.rate(max(int(t.updates)-1, 0)),
		PseudoLogLikelihoodTraining:   m.PseudoLogLikelihood(m.subset(training, pseudoWork)),
		PseudoLogLikelihoodValidation: m.PseudoLogLikelihood(m.subset(validation, pseudoWork)),
		FreeEnergyTraining:            m.meanFreeEnergy(m.subset(training, freeEnergyWork)),
		FreeEnergyValidation:          m.meanFreeEnergy(m.subset(validation, freeEnergyWork)),
		FreeEnergyChains:              m.meanFreeEnergy(m.subset(t.machine.rows(), freeEnergyWork)),
		LogPartition:                  math.NaN(),
		WeightNorm:                    norm(m.Weights),
		MaxVisibleBias:                largest(m.VisibleBias),
		MaxHiddenBias:                 largest(m.HiddenBias),
		GradientNorm:                  t.gradient.norm(),
	}
	if min(m.Visible, m.Hidden) <= recordedUnits {
		if logZ, err := m.LogPartition(); err == nil {
			r.LogPartition = logZ
		}
	}
	r.LogLikelihoodTraining = -r.FreeEnergyTraining - r.LogPartition
	r.LogLikelihoodValidation = -r.FreeEnergyValidation - r.LogPartition
	r.ReconstructionError, r.SaturatedFraction = m.reconstruct(m.subset(training, pseudoWork))
	return r
}

// subset returns evenly spaced rows, as many as the given work allows but between
// 32 and 1024.
func (m *Machine) subset(rows []uint64, work int) []uint64 {
	return spread(rows, Words(m.Visible), min(max(32, work/(m.Visible*m.Hidden)), 1024))
}

// spread returns evenly spaced rows of the given number of words, as many as wanted.
func spread(rows []uint64, words, want int) []uint64 {
	n := len(rows) / words
	if n <= want {
		return rows
	}
	subset := make([]uint64, 0, want*words)
	for k := range want {
		r := k * n / want
		subset = append(subset, rows[r*words:][:words]...)
	}
	return subset
}

// meanFreeEnergy is NaN without rows.
func (m *Machine) meanFreeEnergy(rows []uint64) float64 {
	words := Words(m.Visible)
	sum := 0.0
	for r := 0; r < len(rows); r += words {
		sum += m.FreeEnergy(rows[r:][:words])
	}
	return sum / float64(len(rows)/words)
}

// reconstruct returns the mean squared error of mean-field reconstructions and the
// share of saturated hidden units.
func (m *Machine) reconstruct(rows []uint64) (err, saturated float64) {
	words, n := Words(m.Visible), len(rows)/Words(m.Visible)
	h, sums := make([]float64, m.Hidden), make([]float64, m.Hidden)
	for r := range n {
		v := rows[r*words:][:words]
		m.HiddenMeans(v, h)
		for j, mean := range h {
			sums[j] += mean
		}
		err += m.squaredError(v, h)
	}
	for _, sum := range sums {
		if mean := sum / float64(n); mean < saturation || mean > 1-saturation {
			saturated++
		}
	}
	return err / float64(n*m.Visible), saturated / float64(m.Hidden)
}

// squaredError is Σ_i (v_i − σ(b_i + Σ_j W_ij h_j))² for hidden means h.
func (m *Machine) squaredError(v []uint64, h []float64) float64 {
	sum := 0.0
	for i, b := range m.VisibleBias {
		x := float64(b)
		for j, w := range m.row(i) {
			x += float64(float64(w) * h[j])
		}
		d := float64(v[i/64]>>(i%64)&1) - sigmoid(x)
		sum += float64(d * d)
	}
	return sum
}

// largest is the largest |x|.
func largest(values []float32) float64 {
	size := 0.0
	for _, x := range values {
		size = max(size, math.Abs(float64(x)))
	}
	return size
}

// norm is √Σx².
func norm(values []float32) float64 {
	sum := 0.0
	for _, x := range values {
		sum += float64(float64(x) * float64(x))
	}
	return math.Sqrt(sum)
}

// norm is the length over all parameters; padded ones are zero.
func (p *parameters) norm() float64 {
	sum := 0.0
	for _, strips := range p.all() {
		for s := range strips {
			length := norm(strips[s][:])
			sum += float64(length * length)
		}
	}
	return math.Sqrt(sum)
}
