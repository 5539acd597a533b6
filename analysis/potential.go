package analysis

import "math"

// Potentials of a source a spin. With p the distribution of the configurations,
// the entropy S = −Σ p ln p and the free energy F = ⟨E⟩ − T S. For the Ising model
// S = ln Z + ⟨E⟩/T and F = −T ln Z. For a machine, p = e^{−F(v)}/Z_RBM, S is
// ⟨F(v)⟩ + ln Z_RBM, and F lies above that of the Ising model, by T times the
// divergence KL(RBM‖Ising).

// IsingPotentials returns entropy and free energy a spin of the Ising model of n
// spins from ln Z and ⟨E⟩/n. At T = ∞ there is no free energy, at T = 0 its entropy
// needs the number of ground states: NaN.
func IsingPotentials(n int, temperature, logZ float64, energy Estimate) (entropy, free Estimate) {
	entropy, free = Undefined(), Undefined()
	if math.IsNaN(logZ) || temperature == 0 {
		return entropy, free
	}
	entropy.Value, entropy.Err = logZ/float64(n), 0
	if !math.IsInf(temperature, 1) {
		entropy.Value += energy.Value / temperature
		entropy.Err = energy.Err / temperature
		free.Value, free.Err = -temperature*logZ/float64(n), 0
	}
	return entropy, free
}

// MachinePotentials returns entropy and free energy a spin of a machine of n
// visible units from ln Z_RBM, ⟨F(v)⟩ and ⟨E⟩/n over its samples.
func MachinePotentials(n int, temperature float64, logZ, potential, energy Estimate) (entropy, free Estimate) {
	entropy, free = Undefined(), Undefined()
	entropy.Value = (potential.Value + logZ.Value) / float64(n)
	entropy.Err = math.Hypot(potential.Err, logZ.Err) / float64(n)
	if temperature > 0 && !math.IsInf(temperature, 1) {
		free.Value = energy.Value - float64(temperature*entropy.Value)
		free.Err = math.Hypot(energy.Err, float64(temperature*entropy.Err))
	}
	if math.IsNaN(entropy.Value) {
		entropy, free = Undefined(), Undefined()
	}
	return entropy, free
}
