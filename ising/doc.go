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
//	schedule, err := ising.Pilot(ctx, model, temperature, ising.Auto, pilotSeed)
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
// What a block draws depends on its seed and arguments alone, bit for bit, and not on the kernel: the sweeps in zero field, the
// bonds and the clusters run in assembly where the processor has AVX-512 or AVX2 (see [Kernel]).
//
// # Rates
//
// One thread of an AMD EPYC (family 26, Zen 5, 2.6 GHz), a virtual machine, Go 1.26, go test -bench 'Step|Independent' ./ising, processor
// time. The scalar programs are in scalar_test.go and ran in the same run.
//
// Metropolis flips a nanosecond, periodic lattices without a field at T_c:
//
//	               scalar  portable  avx2  avx512
//	square L = 8     0.25       2.9  15.8    26.4
//	square L = 64    0.28       3.0  17.1    29.2
//	square L = 128   0.26       2.8  16.4    29.0
//	cubic L = 10                2.8  14.7    29.5
//
// Microseconds for an independent configuration, 2τ steps, of the square lattice with the algorithm that Auto stands for, and
// of the best of scalar Metropolis, Wolff and Swendsen-Wang:
//
//	T    L    scalar             portable    avx2  avx512  scalar/avx512
//	1.5    8  0.19  (Metropolis)     0.037   0.007  0.0042             46
//	1.5   16  0.73  (Metropolis)      0.14   0.025   0.015             49
//	1.5   32  3.1   (Metropolis)      0.62    0.11   0.064             48
//	1.5   64  12    (Metropolis)       2.2    0.38    0.22             52
//	1.5  128  44    (Metropolis)        11       2     1.2             38
//	T_c    8  1.5   (Metropolis)      0.18   0.035    0.02             74
//	T_c   16  14    (Wolff)            1.3    0.24    0.18             76
//	T_c   32  68    (Wolff)              7     1.2    0.84             80
//	T_c   64  339   (Wolff)             51     7.9     5.9             58
//	T_c  128  1910  (Wolff)            422      67      56             34
//	3      8  1.2   (Metropolis)     0.081   0.016  0.0092            129
//	3     16  5     (Metropolis)      0.31   0.057   0.032            156
//	3     32  19    (Metropolis)       1.5    0.27    0.15            124
//	3     64  78    (Metropolis)       5.3    0.94    0.51            151
//	3    128  170   (Wolff)             24     4.4     2.4             70
//
// Exact samples by coupling from the past ([Perfect]), which nothing has to be thermalized for, take some 20 µs each at L = 8
// and 0.8 ms at L = 64 at T = 3: an oracle for the other algorithms, and a choice at high temperature.
//
// # Limits
//
// A pilot sees what its chains reach. Where they cannot leave a part of phase space within thousands of steps, as in frustrated
// models at low temperature, it cannot know, and neither can its autocorrelation time. In zero field the two signs of the order
// parameter are no such trap, if FlipAtRandom is called, nor are they in a field, where every step proposes to flip all spins.
package ising
