package analysis

import "math"

// Distance is how far two distributions are from each other, and what it would
// be on average for two samples of these sizes from one distribution.
type Distance struct{ Value, Noise float64 }

// Distances are those of two histograms.
//
// The total variation ½ Σ |p − q| is the largest difference of the probabilities
// of any event: 0 for equal distributions, 1 for those that share nothing. The
// Wasserstein distance W₁ = ∫ |F − G| dx, of the cumulative distributions, is how
// far probability must be moved on average, in units of e or of M/N.
type Distances struct {
	JointVariation  Distance // of P(E, M)
	EnergyVariation Distance // of P(E)
	OrderVariation  Distance // of P(M)
	EnergyTransport Distance // W₁ of E/N, in J
	OrderTransport  Distance // W₁ of M/N
}

// Compare returns the distances of two histograms of one model, each with its
// number of independent configurations, n/(2τ). Where their cells differ in width
// the wider is used for both.
func (h *Histogram) Compare(other *Histogram, independent, otherIndependent float64) Distances {
	if h.sites != other.sites || h.step != other.step || h.lowest != other.lowest {
		panic("analysis: histograms of different models")
	}
	scale := max(h.scale, other.scale)
	a, b := h.Coarser(scale), other.Coarser(scale)
	noise := 1/independent + 1/otherIndependent
	var d Distances
	joint := map[bracket][2]float64{}
	for at, n := range a.counts {
		joint[at] = [2]float64{float64(n) / float64(a.total), 0}
	}
	for at, n := range b.counts {
		joint[at] = [2]float64{joint[at][0], float64(n) / float64(b.total)}
	}
	var both [][2]float64
	for _, at := range sortedKeys(joint) {
		both = append(both, joint[at])
	}
	d.JointVariation = variation(both, noise)
	energies, energyAt := aligned(a.Energies(), b.Energies())
	orders, orderAt := aligned(a.Orders(), b.Orders())
	d.EnergyVariation, d.EnergyTransport = variation(energies, noise), transport(energies, energyAt, noise)
	d.OrderVariation, d.OrderTransport = variation(orders, noise), transport(orders, orderAt, noise)
	return d
}

// aligned puts two distributions side by side.
func aligned(a, b []Level) (both [][2]float64, at []float64) {
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].At < b[0].At:
			both, at, a = append(both, [2]float64{a[0].Probability, 0}), append(at, a[0].At), a[1:]
		case len(a) == 0 || b[0].At < a[0].At:
			both, at, b = append(both, [2]float64{0, b[0].Probability}), append(at, b[0].At), b[1:]
		default:
			both, at = append(both, [2]float64{a[0].Probability, b[0].Probability}), append(at, a[0].At)
			a, b = a[1:], b[1:]
		}
	}
	return both, at
}

// meanSize is ⟨|x|⟩ of a normal variable of unit variance.
var meanSize = math.Sqrt(2 / math.Pi)

// variation is ½ Σ |p − q|. Noise gives a cell the mean size of a normal
// difference, but no more than both its probabilities.
func variation(both [][2]float64, noise float64) (d Distance) {
	for _, p := range both {
		pooled := (p[0] + p[1]) / 2
		d.Value += math.Abs(p[0]-p[1]) / 2
		d.Noise += min(meanSize*math.Sqrt(pooled*(1-pooled)*noise), 2*pooled) / 2
	}
	return d
}

// transport is ∫ |F − G| dx.
func transport(both [][2]float64, at []float64, noise float64) (d Distance) {
	var f, g float64
	for k := range len(both) - 1 {
		f, g = f+both[k][0], g+both[k][1]
		width, pooled := at[k+1]-at[k], (f+g)/2
		d.Value += math.Abs(f-g) * width
		d.Noise += meanSize * math.Sqrt(max(0, pooled*(1-pooled))*noise) * width
	}
	return d
}

// NoDistances are those of what is not there.
func NoDistances() Distances {
	nan := Distance{math.NaN(), math.NaN()}
	return Distances{nan, nan, nan, nan, nan}
}
