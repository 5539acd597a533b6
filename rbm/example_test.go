package rbm_test

import (
	"fmt"
	"log"

	"isingrbm/rbm"
)

// A machine learns that two units are always equal.
func Example() {
	data := make([]uint64, 1000) // a row a configuration, unit i in bit i
	for r := range data {
		data[r] = []uint64{0b000, 0b011, 0b100, 0b111}[r%4]
	}
	settings := rbm.Settings{Algorithm: "pcd", Steps: 1, Batch: 50, Updates: 2000,
		Rate: 2, FinalRate: 0.02, Schedule: "exponential", Centered: true, Shuffle: true, AverageFraction: 0.1}
	trainer, err := rbm.NewTrainer(settings, 3, 4, data, [32]byte{1})
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
	fmt.Printf("ln p(011) = %.1f\n", -machine.FreeEnergy([]uint64{0b011})-logZ)

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
	fmt.Println("almost always equal:", equal > 9_800)
	// Output:
	// ln p(011) = -1.4
	// almost always equal: true
}
