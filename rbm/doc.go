// Package rbm is the restricted Boltzmann machine: its energy, likelihoods and
// samplers, and its training from binary data. It knows bits, not physics.
//
// # Machine
//
// Units are 0 or 1, n_v visible v_i and n_h hidden h_j:
//
//	E(v,h) = −Σ_ij W_ij v_i h_j − Σ_i b_i v_i − Σ_j c_j h_j,   p(v,h) = e^{−E(v,h)}/Z
//	p(h_j=1|v) = σ(c_j + Σ_i W_ij v_i),   p(v_i=1|h) = σ(b_i + Σ_j W_ij h_j),   σ(x) = 1/(1+e^{−x})
//	F(v) = −Σ_i b_i v_i − Σ_j ln(1 + exp(c_j + Σ_i W_ij v_i)),   p(v) = e^{−F(v)}/Z
//
// W is n_v × n_h, row-major. Likelihoods and free energies are in nats per
// configuration.
//
// # Packed bits
//
// A configuration of n units is a row of (n+63)/64 words, unit i in bit i%64 of
// word i/64, zero beyond n. A set of configurations is one slice, row after row.
//
// # Training
//
// A [Trainer] climbs the mean log-likelihood of the data, whose gradient is
//
//	∂/∂W_ij = ⟨v_i h_j⟩_data − ⟨v_i h_j⟩_machine, and likewise with v_i for b_i, h_j for c_j
//
// with hidden means, not samples, in both averages. The second is estimated by
// block Gibbs sampling: contrastive divergence CD-k starts k steps at the minibatch
// (Hinton, Neural Comput. 14, 1771 (2002)), persistent contrastive divergence
// PCD-k goes on with chains of its own (Tieleman, ICML 2008), and "ptt" lets those
// exchange configurations with chains of machines kept earlier in the training. Each average is over
// its own number of rows, so a short last minibatch or another number of chains
// changes no weight. For small machines it is also computed exactly, by enumeration
// of the smaller layer.
//
// Centering (Melchior, Fischer, Wiskott, JMLR 17(99) (2016)) follows the gradient
// of the machine written with v_i − μ_i and h_j − λ_j, whose offsets are running
// means of the data and of the hidden means given the data:
//
//	d_ij = ⟨(v_i−μ_i)(h_j−λ_j)⟩_data − ⟨(v_i−μ_i)(h_j−λ_j)⟩_machine,   d_i, d_j as above
//	ΔW_ij = η d_ij,   Δb_i = η (d_i − Σ_j λ_j d_ij),   Δc_j = η (d_j − Σ_i μ_i d_ij)
//
// The stored parameters are those of the ordinary machine, so that a change of
// offsets changes no parameter. Weight decay (L2 and L1, on W alone), momentum and
// Adam act on d: what they make of d takes its place in the second line.
//
// A machine that is symmetric under the flip of all units has
//
//	b_i = −½ Σ_j W_ij,   c_j = −½ Σ_i W_ij,   p(v) = p(1−v)
//
// and its gradient in W, the only free parameter, is the d_ij above with all
// offsets ½: the trainer restores the biases after every update. A global flip of
// a chain is then an exact move, and each chain makes it with probability ½ before
// every update.
//
// A machine that is tied under a group G of permutations of its visible units,
// new[i] = old[p_g[i]], has α = n_h/|G| filters w_f, each of which looks at every
// image of a configuration:
//
//	W[p_g[i], f|G|+g] = w_f[i],   c[f|G|+g] = c_f,   b[p_g[i]] = b[i],   p(v) = p(v permuted)
//
// which for the N translations of a lattice leaves α(N+1) + 1 free parameters. Hidden
// unit f|G|+g is copy g of filter f. What a free parameter follows is the mean of the
// gradients of all its places in the ordinary ("dense") machine, that is the
// gradient of the dense machine projected on the tied ones, so that one rate serves
// both: momentum, decay, averages and the norm of the gradient are those of
// the free parameters. Offsets are means over orbits as well. With flip symmetry
// too, the biases follow from the filters.
//
// A training may start from another machine ([Settings].Start), such as that of data
// which are alike but easier to learn.
//
// So few parameters can follow the natural gradient (Amari, Neural Comput. 10, 251
// (1998)), which undoes what makes tied machines slow: all filters together hold the
// total magnetization of a configuration, which fluctuates by n_v² where a pair of
// units does by one, and a rate that is safe for the first is far too small for the
// second. Its steps are
//
//	Δθ = η (A + λ)⁻¹ d,   A = covariance of −∂F(v)/∂θ over configurations v of the data
//
// with θ and d in units in which the machine's W and c have unit length, and shortened
// where they would change p(v) by more than a stated divergence.
//
// A training that no more updates would save stops with a [*DivergedError], which says
// what was seen and what to change.
//
// # Sampling
//
// [Gibbs] runs chains of block Gibbs sampling side by side. Where those cannot leave a
// mode, [Exchange] lets machines of which some mix fast exchange configurations: one
// machine at several inverse temperatures ([Machine.Tempered]), or several machines, such
// as those of one training ([Trainer.Trajectory]).
//
// # Likelihood
//
// ln Z is exact by enumeration of a layer of few units ([Machine.LogPartition]).
// Otherwise it is estimated by annealed importance sampling
// ([Machine.AnnealLogPartition]) in both directions between the machine and a base whose
// ln Z is known: from the base it is too low on average, from samples of the machine too
// high, and both directions together give the value. β stands within the softplus of the
// free energies that make the weights as in the conditionals that are sampled.
//
// # Reproducibility
//
// Everything follows from the settings, the data and one seed, to the bit, on every
// processor and with any number of threads: sampling and gradients go through the kernel, whose arithmetic is
// fixed, and everything else rounds after every operation and avoids functions of
// package math that differ between processors. Monitoring changes nothing. A
// training that is interrupted, stored and continued gives the bytes of one that
// was not.
//
// Not handled: other than binary units, more than two layers, missing data.
package rbm
