package analysis

// Source is everything measured of one source at one place of the sweep.
type Source struct {
	Row
	Covariance       Estimate // of energy and order, a spin: Collector.Covariance
	Entropy          Estimate // a spin, in k_B; NaN where ln Z is not known
	FreeEnergy       Estimate // a spin, in J; NaN where ln Z is not known
	Correlations     []Correlation
	Autocorrelations []Autocorrelation
	Histogram        *Histogram
}

// Source returns everything measured of the configurations added so far, in a
// row that begins as the one given. What needs ln Z is left NaN.
func (c *Collector) Source(row Row) Source {
	row.N, row.Values = c.N(), c.Estimates()
	return Source{
		Row: row, Covariance: c.Covariance(), Entropy: Undefined(), FreeEnergy: Undefined(),
		Correlations: c.Correlations(), Autocorrelations: c.Autocorrelations(), Histogram: c.Histogram(),
	}
}

// Independent is the number of independent configurations that the distribution
// of energy and order is worth, n/(2τ) with the largest τ of the observables.
func (s Source) Independent() float64 {
	tau := 0.5
	for _, e := range s.Values {
		if e.Tau > tau {
			tau = e.Tau
		}
	}
	return float64(s.N) / (2 * tau)
}
