// Package exact holds what is known exactly about the Ising model of package ising: the oracle of every test and the curve
// in every figure.
//
// # Units and symbols
//
// H(σ) = −J Σ_<ij> σ_i σ_j − h Σ_i σ_i with every bond counted once, temperatures in units of J/k_B with k_B = 1, K = |J|/T,
// N spins, M = Σ_i σ_i. Functions that take no model have J = 1 and h = 0. Energies, specific heats and magnetizations are
// per spin, c = (<E²> − <E>²)/(N T²); ln Z is that of the whole system unless a name says otherwise. NaN stands for what
// is not known or does not exist.
//
// # What is known
//
//   - The infinite square lattice: [Onsager] and [Yang].
//   - The free energy of any n×m torus of the square lattice: [Torus] (Kaufman).
//   - The distribution of M on a periodic square lattice up to L = 12: [MagnetizationDistribution], from a transfer matrix
//     in which no two terms ever cancel; every moment of M follows from it. The same matrix gives the correlation length,
//     and energies in a field or under frustration.
//   - Rings and open chains, in a field too: closed forms, and the distribution of M up to 4096 sites.
//   - Any model of up to 24 sites: [Enumerate].
//   - T = 0 where the ground states are known, and T = ∞, where spins are independent.
//   - The restricted Boltzmann machine that is an Ising model: [BondMachine].
//
// [Solve] chooses among them. With J < 0 on a bipartite lattice the order parameter is the staggered magnetization, as in
// package ising; it then takes M's place in <|M|>, χ, χ₀, U, p₊ and the correlation length.
//
// # Accuracy
//
// Sums of Boltzmann weights are taken relative to all bonds satisfied, so that they keep their relative precision down to
// the lowest temperatures, where c and χ are exponentially small. Products over sinh and cosh (Kaufman) are kept as logarithms
// with signs. The tests hold 10⁻¹² or better near T_c, and 2·10⁻⁹ of the specific heat of a cold torus. Only where J < 0 is
// frustrated, or competes with a field, are the ground states not the reference, and cold variances lose digits.
//
// # References
//
//   - L. Onsager, Phys. Rev. 65, 117 (1944).
//   - B. Kaufman, Phys. Rev. 76, 1232 (1949).
//   - C. N. Yang, Phys. Rev. 85, 808 (1952).
//   - A. E. Ferdinand and M. E. Fisher, Phys. Rev. 185, 832 (1969).
//   - K. Binder, Physica 62, 508 (1972), and G. Bhanot, J. Stat. Phys. 60, 55 (1990): exact sums built up site by site.
//   - F. Cooper, B. Freedman and D. Preston, Nucl. Phys. B 210, 210 (1982): the second-moment correlation length.
//   - A. M. Ferrenberg, J. Xu and D. P. Landau, Phys. Rev. E 97, 043301 (2018): K_c of the cubic lattice.
//   - NIST Digital Library of Mathematical Functions (DLMF), chapter 19: elliptic integrals.
package exact
