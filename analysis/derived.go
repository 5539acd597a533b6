package analysis

// Derived lists what is measured beside the observables: the columns of
// details.csv, correlations.csv and the likelihoods of comparison.csv. The slice
// is the caller's.
func Derived() []Observable {
	return []Observable{
		{Name: "covariance", Title: "Covariance of energy and order", Symbol: "cov(E, M)", Unit: "J", Definition: "(⟨E|M|⟩ − ⟨E⟩⟨|M|⟩)/N, in a field (⟨EM⟩ − ⟨E⟩⟨M⟩)/N: T² dm/dT"},
		{Name: "entropy", Title: "Entropy", Symbol: "s", Unit: "k_B", Definition: "−Σ p ln p/N: of the Ising model (ln Z + ⟨E⟩/T)/N, of a machine (ln Z_RBM + ⟨F(v)⟩)/N over its samples"},
		{Name: "free_energy", Title: "Free energy", Symbol: "f", Unit: "J", Definition: "⟨E⟩/N − T s: of the Ising model −T ln Z/N; that of a machine lies above it by T KL(RBM‖Ising)/N"},
		{Name: "correlation", Title: "Two-point function", Symbol: "G(r)", Definition: "⟨σ_0 σ_r⟩ along the axes, averaged over translations; staggered where J < 0 on a bipartite lattice"},
		{Name: "connected", Title: "Connected two-point function", Symbol: "G_c(r)", Definition: "G(r) − m², in a field G(r) − (⟨M⟩/N)²"},
		{Name: "tv_joint", Title: "Total variation of P(E, M)", Symbol: "TV(E, M)", Definition: "½ Σ |p − q| between the samples of a machine and Monte Carlo; noise is its mean for two samples of one distribution"},
		{Name: "tv_energy", Title: "Total variation of P(E)", Symbol: "TV(E)", Definition: "the same of the energy alone"},
		{Name: "tv_magnetization", Title: "Total variation of P(M)", Symbol: "TV(M)", Definition: "the same of the order parameter alone"},
		{Name: "w1_energy", Title: "Wasserstein distance of P(E)", Symbol: "W₁(E)", Unit: "J", Definition: "∫ |F − G| of the cumulative distributions of E/N: how far probability must be moved on average"},
		{Name: "w1_magnetization", Title: "Wasserstein distance of P(M)", Symbol: "W₁(M)", Definition: "the same of M/N"},
		{Name: "log_z", Title: "Partition function of a machine", Symbol: "ln Z_RBM", Definition: "Z_RBM = Σ e^{−F(v)} over all configurations, exact or from both sides"},
		{Name: "kl", Title: "Kullback-Leibler divergence", Symbol: "KL", Unit: "nats", Definition: "of the machine from the Ising model: ⟨F(v) − E/T⟩ over held-out configurations + ln Z_RBM − ln Z"},
		{Name: "coupling_nn", Title: "Coupling of nearest neighbors", Symbol: "K₁", Definition: "J/T inferred from the weights: two-body part of −F, mean over samples and all bonds", Citation: "Cossu2019"},
		{Name: "weight_mean", Title: "Mean weight", Symbol: "⟨W⟩", Definition: "mean of all W_ij"},
		{Name: "weight_deviation", Title: "Standard deviation of the weights", Symbol: "σ(W)", Definition: "of all W_ij"},
		{Name: "weight_min", Title: "Smallest weight", Symbol: "min W", Definition: "of all W_ij"},
		{Name: "weight_max", Title: "Largest weight", Symbol: "max W", Definition: "of all W_ij"},
		{Name: "weight_kurtosis", Title: "Excess kurtosis of the weights", Symbol: "κ(W)", Definition: "⟨(W − ⟨W⟩)⁴⟩/σ⁴ − 3: 0 for a normal distribution"},
		{Name: "weight_participation", Title: "Participation", Symbol: "PR", Definition: "mean over hidden units of (Σ_i W²)²/(N Σ_i W⁴): 1 where all sites take part, 1/N where one does"},
		{Name: "hidden_dead", Title: "Hidden units that take no part", Symbol: "dead", Definition: "those with Σ_i |W_ij| < 0.04"},
	}
}
