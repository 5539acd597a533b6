// Package ising draws configurations of the Ising model by Monte Carlo.
//
// # Model
//
// The energy of a configuration σ, σ_i = ±1, is
//
//	H(σ) = −J Σ_<ij> σ_i σ_j − h Σ_i σ_i
//
// with every bond <ij> of a [Lattice] counted once, and its probability is e^{−H(σ)/T}/Z. J may have either sign. Temperatures
// are in the units of J and h (k_B = 1). T = 0 stands for the ground states and T = ∞ for independent spins.
//
// The magnetization is M = Σ_i σ_i. For J < 0 on a bipartite lattice the staggered sum, + on one sublattice and − on the other,
// is what orders: see [Model.OrderParameter].
//
// # Packed spins
//
// A spin is a bit: 1 is up, σ = +1. A configuration of N spins is a row of Words(N) 64-bit words, site i in bit i%64 of word
// i/64, bits above the last site zero; a set of configurations is one flat slice, row after row.
//
// # Chains
//
// A [Block] runs 512 Markov chains side by side, one in each bit lane: a word holds the spins of one site in 64 chains, and
// neighbors are counted, flips decided and clusters grown for all of them by the same few logical operations. Every decision
// of every chain has random bits of its own and is exact to 64 bits. Only what does not depend on any spin is common to the
// chains, as which sites a Metropolis sweep leaves out and at which site a cluster starts; that leaves stationary chains
// independent.
//
// [Pilot] decides by measured autocorrelation times how many steps to thermalize a block and how many to leave between stored
// configurations:
//
//	schedule, err := ising.Pilot(model, temperature, ising.Auto, pilotSeed)
//	block, err := ising.NewBlock(model, temperature, schedule.Algorithm, blockSeed)
//	for range schedule.Thermalization {
//		block.Step()
//	}
//	for range stored {
//		for range schedule.Thinning {
//			block.Step()
//		}
//		block.FlipAtRandom() // in zero field
//		block.Configurations(rows)
//	}
//
// What a block draws depends on its seed and arguments alone, bit for bit.
//
// # Limits
//
// A pilot sees what its chains reach. Where they cannot leave a part of phase space within thousands of steps, as in frustrated
// models at low temperature, it cannot know, and neither can its autocorrelation time. In zero field the two signs of the order
// parameter are no such trap, if FlipAtRandom is called, nor are they in a field, where every step proposes to flip all spins.
package ising
