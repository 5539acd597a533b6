// Package analysis turns configurations into numbers with honest errors, and
// sets the numbers of a machine against those of the model it should be.
//
// # Observables
//
// With E the energy, M the order parameter, N the number of spins and T the
// temperature (k_B = 1), every observable is per spin:
//
//	energy                e  = ⟨E⟩/N
//	abs_magnetization     m  = ⟨|M|⟩/N
//	magnetization              ⟨Σσ⟩/N
//	specific_heat         c  = (⟨E²⟩ − ⟨E⟩²)/(N T²)
//	susceptibility        χ  = (⟨M²⟩ − ⟨|M|⟩²)/(N T); in a field (⟨M²⟩ − ⟨M⟩²)/(N T)
//	susceptibility_zero   χ₀ = ⟨M²⟩/(N T), in zero field only
//	binder                U  = 1 − ⟨M⁴⟩/(3⟨M²⟩²)
//	up_fraction           p₊ = P(M > 0) + ½ P(M = 0)
//	correlation_length    ξ  = √(S(0)/S(k) − 1) / (2 sin(π/L)), k = 2π/L
//
// M is the magnetization Σσ or, where J < 0 on a bipartite lattice, the
// staggered magnetization; the observable magnetization is Σσ always. S(k) is
// the structure factor ⟨|Σ σ_r e^{ikr}|²⟩/N of the order parameter along the
// axes, averaged over them; in a field S(0) is the connected one. ξ is the
// second-moment correlation length of Cooper, Freedman and Preston (1982).
// On a triangular lattice the lattice momentum of that k is larger by 4/3,
// because two of the three bond directions see it, and ξ is the smaller by √(3/4).
//
// What does not exist is NaN: c, χ and χ₀ at T = 0 and at T = ∞, χ₀ in a
// field, ξ with open boundaries, in a perfect crystal, and where ξ² is not three
// errors above zero, U where M vanishes.
//
// # Errors
//
// Configurations arrive as chains, and successive ones are correlated. τ is the
// integrated autocorrelation time of the series that feeds the observable, in
// stored configurations, ½ for independent ones. The data are cut into bins
// that are close to independent of each other:
//
//   - whole chains, where there are at least 32 of them: different chains are
//     independent whatever τ is;
//   - otherwise contiguous pieces of a chain, 20 τ long where the data allow it
//     (τ the largest of all observables). Bins of length b lose a fraction τ/b
//     of the variance, so that the errors are then 2.5 % too small at most.
//
// Errors and bias corrections are those of the jackknife over the bins, in the
// form for bins of unequal size (Busing, Meijer and van der Leeden 1999). For
// an average such as e it is the scatter of the bin means; for c, χ, U and ξ it
// also removes the bias of order 1/n. What cannot be honest is said by
// Collector.Warnings.
//
// # Memory
//
// A collector keeps sums of whole chains, sums of blocks of consecutive
// configurations of the first chains, and the cells of P(E, M) that hold something:
// each bounded by a constant. Blocks begin as single configurations and double in
// length whenever there is no more room, as do the cells of the distribution.
//
// # Beyond the observables
//
//   - Collector.Correlations: the two-point function along the axes, full and
//     connected, by counting bits.
//   - Histogram.Compare: total variation and Wasserstein distances of P(E), P(M)
//     and P(E, M), with what two samples of one distribution would show.
//   - IsingPotentials, MachinePotentials: entropy and free energy from ln Z.
//   - ScalingOf: critical temperature and exponents from several sizes.
//   - WeightsOf, NearestNeighborCoupling: what the weights of a machine say.
//
// # References
//
// Every method's source is in References, with its BibTeX entry.
package analysis
