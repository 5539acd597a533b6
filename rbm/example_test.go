package rbm_test

import (
	"fmt"
	"log"

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
