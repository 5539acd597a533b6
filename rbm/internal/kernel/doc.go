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
// so that its sums z need no reduction by a constant: exp(−x) = 2^(−z). With z
// limited to [−64, 64],
//
//	t = 786688 − z                   (3·2¹⁸ + 2⁸: z is rounded to −k/16, k an integer, ties to even)
//	g = z + (t − (786688 + 23/16))   (the bracket is exact, g in −23/16 ± 1/32)
//	p = g·g + r
//	e = p·s, the pattern of s being powers[k mod 16] + bits(t) << 19, s ∝ 2^(k/16)
//
// The parabola p is proportional to 2^(−y), y = g + 23/16, because 23/16 is nearly
// 1/ln 2; its relative error is 10⁻⁶, and the factor of proportion is in the table of
// powers. With its rounding e has a relative error below 1.1·10⁻⁶, a probability
// therefore one below 2.8·10⁻⁷, and e(0) = 1 exactly. ±Inf is limited like any large
// number. NaN is for the caller to refuse.
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
// A [Generator] is 16 xoshiro128+ generators side by side (Blackman and Vigna,
// ACM Trans. Math. Softw. 47, 36 (2021)), one a lane; its weakness is in the lowest
// bits, of which decisions use none. Each strip of outputs of
// each layer has its own and draws once a row, rows in order, padded lanes
// included. Strips therefore depend on nothing but their inputs, and any number of
// threads may share them; the four strips that write one word stay together.
//
// # Kernels
//
// The loops exist three times: in portable Go, and in assembly for AVX2 and for
// AVX-512, which package avo generates from the program in _gen (go generate; a test
// with the tag generate compares). [Selected] is the widest that the processor has,
// or the one that the environment names; the build tag noasm leaves the portable one
// alone. A table takes 16 KiB, the part of a first-level cache that rows and sums
// leave free on every processor with these instructions, and lies at a multiple of
// the cache's 64-byte lines.
//
// The bias is part of the first group's entries, so that a sum begins with a load.
// AVX-512 holds a strip in one register, adds to four rows side by side, and decides
// four rows while it sums the next four, since loads and arithmetic wait for
// different parts of a core. What it waits for most are the ports of additions, which on
// AMD's Zen 5 also limit, convert and shift: where integers can do as well (a rotation
// and a mask for a shift, one limit of absolute values for two), they do. It draws in
// units of 2⁻³², where u is a word with its low bits set, converted. AVX2 holds a strip
// in two registers and decides one half after the other.
//
// # Speed
//
// Updates of CD-k a second of one core's time, trainer included, on an AMD EPYC of
// family 26 (Zen 5, virtual, two cores of 4.05 GHz), go1.26.8, with much other work
// beside: all take turns of 5 ms or more, the best of eight counts. blas32 is the same
// update by gonum's matrix products with a similar exponential. The last columns are
// AVX-512's rate over that of blas32 and, in operations of dense matrices,
// (2k+3)·2·B·n_v·n_h an update, over the fused multiply-adds of the core with 256 bits,
// 132 GFLOP/s, and with 512 bits, 264.
//
//	n_v × n_h     k    B   avx512    avx2  portable   ×blas32  ×FMA256  ×FMA512
//	64×64         1  100    65000   41200      6240      19.5     2.01     1.02
//	64×64         1  500    18500   10200      1390      30.3     2.90     1.46
//	64×64        10  100    22700    9770      1210      33.6     3.27     1.63
//	64×64        10  500     6070    2220       268      47.9     4.34     2.18
//	64×256        1  100    21400   12900      1750      22.9     2.68     1.34
//	64×256        1  500     5220    3070       395      32.5     3.24     1.63
//	64×256       10  100     6450    2940       362      31.2     3.74     1.86
//	64×256       10  500     1540     658      79.8      43.8     4.44     2.22
//	256×256       1  100     6310    4200       574      26.8     3.19     1.58
//	256×256       1  500     1650     980       128      37.9     4.16     2.05
//	256×256      10  100     1560     919       114      31.6     3.61     1.80
//	256×256      10  500      396     209      26.6      40.0     4.56     2.27
//	1024×1024     1  100      380     260      38.4      23.6     3.00     1.49
//	1024×1024     1  500       91    61.3         9      33.9     3.78     1.84
//	1024×1024    10  100     86.3    52.1      7.76      26.1     3.22     1.62
//	1024×1024    10  500     20.5    13.6       1.9      32.1     3.83     1.90
//
// The command is: go test -run '^$' -bench 'Roof|Ratio' -benchtime 8x ./rbm. The core
// reads 516 GB/s from its first-level cache, two strips a cycle, which 16 entries a row
// take eight cycles of. A row and strip of 64 inputs takes 12.4 cycles, decision
// included, and the table of a strip some 280; sums alone take 11. Two machines on the
// two cores kept all of their rate.
package kernel
