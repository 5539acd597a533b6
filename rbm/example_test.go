package rbm_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"math/bits"
	"slices"

	"isingrbm/rbm"
)

// A machine learns that two units are equal in nine configurations of ten.
func Example() {
	data := make([]uint64, 1000) // a row a configuration, unit i in bit i
	for r := range data {
		data[r] = []uint64{0b00, 0b11}[r%2]
		if r%10 < 1 {
			data[r] ^= 1 << (r / 10 % 2)
		}
	}
	settings := rbm.Settings{Algorithm: "pcd", Steps: 1, Batch: 100, Chains: 1000, Updates: 2000,
		Rate: 1, FinalRate: 0.01, Schedule: "exponential", Centered: true, Shuffle: true, AverageFraction: 0.1}
	trainer, err := rbm.NewTrainer(settings, 2, 2, data, [32]byte{1})
	if err != nil {
		log.Fatal(err)
	}
	for trainer.Updates() < trainer.Total() {
		if err := trainer.Update(); err != nil {
			log.Fatal(err)
		}
	}
	machine := trainer.Average()
	logZ, err := machine.LogPartition()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("ln p(11) = %.1f\n", -machine.FreeEnergy([]uint64{0b11})-logZ)

	chains, err := rbm.NewGibbs(machine, 10_000, [32]byte{2})
	if err != nil {
		log.Fatal(err)
	}
	chains.Step(100)
	equal := 0
	for _, v := range chains.Visible() {
		if v&1 == v>>1&1 {
			equal++
		}
	}
	fmt.Printf("equal in %.0f %% of the samples\n", float64(equal)/100)
	// Output:
	// ln p(11) = -0.7
	// equal in 90 % of the samples
}

// Samples of a machine whose parameters are known: two visible units that a hidden
// one makes equal.
func ExampleGibbs() {
	machine := rbm.NewMachine(2, 1)
	machine.Weights[0], machine.Weights[1] = 8, 8 // visible unit 0 and 1 with hidden unit 0
	machine.Symmetrize()
	chains, err := rbm.NewGibbs(machine, 100_000, [32]byte{3})
	if err != nil {
		log.Fatal(err)
	}
	for range 20 {
		chains.Step(1)
		chains.FlipAtRandom() // exact on a symmetric machine
	}
	counts := make([]int, 4)
	for _, v := range chains.Visible() {
		counts[v]++
	}
	fmt.Printf("p(11) = %.2f, p(01) = %.2f\n", float64(counts[0b11])/100_000, float64(counts[0b01])/100_000)
	// Output:
	// p(11) = 0.48, p(01) = 0.02
}

// The probability of a configuration is e^{−F(v)}/Z, with Z by enumeration of the
// smaller layer.
func ExampleMachine_LogPartition() {
	machine := rbm.NewMachine(100, 2)
	machine.HiddenBias[0] = 1
	logZ, err := machine.LogPartition()
	if err != nil {
		log.Fatal(err)
	}
	v := make([]uint64, rbm.Words(100)) // all zero
	fmt.Printf("ln Z = %.3f, ln p(0…0) = −100 ln 2 = %.3f\n", logZ, -machine.FreeEnergy(v)-logZ)
	// Output:
	// ln Z = 71.321, ln p(0…0) = −100 ln 2 = -69.315
}

// ln Z of a machine of any size, between bounds: annealed from a crude model to the
// machine, and back from samples of it.
func ExampleMachine_AnnealLogPartition() {
	machine := rbm.NewMachine(100, 10) // small enough on one side for ln Z to be known
	for k := range machine.Weights {
		machine.Weights[k] = float32(k%7-3) / 4
	}
	exact, err := machine.LogPartition()
	if err != nil {
		log.Fatal(err)
	}
	chains, err := rbm.NewGibbs(machine, 500, [32]byte{4})
	if err != nil {
		log.Fatal(err)
	}
	chains.Step(100)
	estimate, err := machine.AnnealLogPartition(context.Background(), chains.Visible(), rbm.Annealing{Tolerance: 0.02}, [32]byte{5})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("ln Z = %.1f, exact %.1f, error below 0.02: %v\n", estimate.Value, exact, estimate.Err < 0.02)
	fmt.Println(estimate.Lower.Value-2*estimate.Lower.Err < exact, exact < estimate.Upper.Value+2*estimate.Upper.Err, estimate.Warnings)
	// Output:
	// ln Z = 104.7, exact 104.7, error below 0.02: true
	// true true []
}

// Chains that start in the wrong mode of a machine, from where plain Gibbs sampling never
// leads away, find the right one by exchanges with the machine at higher temperatures.
func ExampleExchange() {
	up, down := slices.Repeat([]float64{0.98}, 50), slices.Repeat([]float64{0.02}, 50)
	machine, err := rbm.NewMixture(up, down, 0.9) // nine in ten configurations are mostly 1
	if err != nil {
		log.Fatal(err)
	}
	machines, err := machine.Tempered(context.Background(), nil, 32, [32]byte{6})
	if err != nil {
		log.Fatal(err)
	}
	chains, err := rbm.NewExchange(machines, 2000, [32]byte{7})
	if err != nil {
		log.Fatal(err)
	}
	chains.SetVisible(make([]uint64, 2000)) // all 0
	chains.Step(300)
	mostlyUp := 0
	for _, v := range chains.Visible() {
		if bits.OnesCount64(v) > 25 {
			mostlyUp++
		}
	}
	fmt.Printf("%.1f\n", float64(mostlyUp)/2000)
	// Output:
	// 0.9
}

// A training that is stored and continued elsewhere ends with the same bits.
func ExampleTrainer_MarshalBinary() {
	data := []uint64{0b0011, 0b0110, 0b1100, 0b1001}
	settings := rbm.Settings{Steps: 1, Batch: 4, Updates: 100, Rate: 0.1}
	trainer := func(seed byte) *rbm.Trainer {
		t, err := rbm.NewTrainer(settings, 4, 3, data, [32]byte{seed})
		if err != nil {
			log.Fatal(err)
		}
		return t
	}
	run := func(t *rbm.Trainer, until int) {
		for t.Updates() < until {
			if err := t.Update(); err != nil {
				log.Fatal(err)
			}
		}
	}
	first, whole := trainer(1), trainer(1)
	run(first, 40)
	state, err := first.MarshalBinary()
	if err != nil {
		log.Fatal(err)
	}
	second := trainer(2) // its seed does not matter
	if err := second.UnmarshalBinary(state); err != nil {
		log.Fatal(err)
	}
	run(second, 100)
	run(whole, 100)
	fmt.Println(slices.Equal(second.Machine().Weights, whole.Machine().Weights))
	// Output:
	// true
}

// A ring of units whose distribution is the same for all its rotations: every filter
// has a copy a rotation, and the data of one place teach all of them.
func ExampleSettings_tied() {
	const units, filters = 12, 2
	group := make([][]int32, units)
	for shift := range group {
		for i := range units {
			group[shift] = append(group[shift], int32((i+shift)%units))
		}
	}
	settings := rbm.Settings{Symmetry: "translation+flip", Group: group, Steps: 1, Batch: 10, Updates: 10, Rate: 0.1}
	trainer, err := rbm.NewTrainer(settings, units, filters*units, []uint64{0b111, 0b1110, 0}, [32]byte{1})
	if err != nil {
		log.Fatal(err)
	}
	if err := trainer.Update(); err != nil {
		log.Fatal(err)
	}
	machine := trainer.Machine()
	here, rotated := machine.FreeEnergy([]uint64{0b1011}), machine.FreeEnergy([]uint64{0b10110})
	fmt.Println(math.Abs(here-rotated) < 1e-9, machine.FlipSymmetric())
	// Output:
	// true true
}
