// Package kernel is the arithmetic of a restricted Boltzmann machine on packed
// bits. It is defined once, here, and every implementation follows the
// definition bit for bit, so that a machine trained with one processor's
// vector unit has the bytes of a machine trained with another's.
//
// # Layout
//
// A layer takes the bits of its inputs to the bits of its outputs. Outputs lie
// across [Lanes] = 16 vector lanes; 16 neighboring outputs make a strip, and a
// [Strip] holds one float32 for each of them. Outputs are padded to a whole
// strip, and what is padded is always a zero bit and a zero mean. A panel is the
// weights of one strip: one Strip an input, zero rows up to a multiple of four
// inputs. A row of bits is (n+63)/64 words, unit i in bit i%64 of word i/64, zero
// beyond n. Bits make the product of a binary matrix with a float panel a table
// look-up: four inputs have 16 values, so a table keeps the 16 sums of every
// group of four inputs and a row costs one load and one addition a group.
//
// # Sums
//
// Everything is IEEE 754 float32, rounded to nearest even after every single
// operation; a product is never fused with the sum that follows. For one output,
//
//	acc = start (the bias, or what the accumulator held)
//	for each group of four inputs, in index order:
//	        t = 0, then t += w_i for each set bit i of the group in index order
//	        acc = acc + t
//
// A sum that starts as t = 0 + w equals w but for the sign of a zero, and so do
// groups without a set bit; no bit, mean or parameter depends on that sign,
// because accumulators of gradients start at +0. The same primitive,
// [Accumulate], serves visible → hidden, hidden → visible and the gradient,
// whose inputs are samples and whose panel holds hidden means.
//
// # Activations are in bits
//
// A [Layer] keeps its parameters multiplied by float32(log₂ e) and rounded once,
// so that its sums z need no reduction by a constant: exp(−x) = 2^(−z), and z
// minus the nearest integer is exact. With z limited to [−64, 64],
//
//	t = 12582912 − z        (1.5·2²³: the sum is rounded to an integer, ties to even)
//	g = z + (t − 12582912)  (exact, in [−½, ½])
//	p = ((((c₅g + c₄)g + c₃)g + c₂)g + c₁)g + 1
//	e = p with bits(t) << 23 added to its bit pattern
//
// p is the minimax polynomial for 2^(−g) with p(0) = 1, its coefficients tuned
// as float32; e has a relative error below 1.8·10⁻⁷, and e(0) = 1 exactly.
// ±Inf is limited like any large number. NaN is for the caller to refuse.
//
// # Decisions
//
// An output is 1 with probability 1/(1+e). With the 32-bit word w of its lane,
//
//	u = ((w >> 9) + ½)·2⁻²³
//	bit = u + u·e < 1
//
// There is no division, u is exact and symmetric about ½, and beyond |z| = 25
// every decision is certain, so the limit on z cannot be seen in a bit. A mean is
// scale/(1+e), zero in padded lanes.
//
// # Random words
//
// A [Generator] is 16 xoshiro128++ generators side by side (Blackman and Vigna,
// ACM Trans. Math. Softw. 47, 36 (2021)), one a lane. Each strip of outputs of
// each layer has its own and draws once a row, rows in order, padded lanes
// included. Strips therefore depend on nothing but their inputs, and any number of
// threads may share them; the four strips that write one word stay together.
package kernel
