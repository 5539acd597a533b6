// Package ising draws configurations of the Ising model by Monte Carlo.
//
// # Model
//
// The energy of a configuration σ, σ_i = ±1, is
//
//	H(σ) = −J Σ_<ij> σ_i σ_j − h Σ_i σ_i
//
// with every bond <ij> of a [Lattice] counted once, and its probability is e^{−H(σ)/T}/Z. Temperatures are in the units of
// J and h (k_B = 1). T = 0 stands for the ground states and T = ∞ for independent spins.
//
// A spin is a bit: 1 is up, σ = +1. A configuration of N spins is a row of Words(N) 64-bit words, site i in bit i%64 of word
// i/64, bits above the last site zero; a set of configurations is one flat slice, row after row.
package ising
