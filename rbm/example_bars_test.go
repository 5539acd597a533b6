package rbm_test

import (
	"fmt"
	"log"

	"isingrbm/rbm"
)

// barsAndStripes returns the 14 pictures of 3 × 3 pixels whose rows, or whose
// columns, are each of one color.
func barsAndStripes() (pictures [][]bool) {
	for lines := range 8 {
		bars, stripes := make([]bool, 9), make([]bool, 9)
		for pixel := range 9 {
			bars[pixel] = lines>>(pixel/3)&1 == 1
			stripes[pixel] = lines>>(pixel%3)&1 == 1
		}
		pictures = append(pictures, bars)
		if lines != 0 && lines != 7 { // those are bars as well
			pictures = append(pictures, stripes)
		}
	}
	return pictures
}

// pack puts each row of bits into words of 64, as package rbm wants them.
func pack(rows [][]bool) (packed []uint64) {
	for _, row := range rows {
		words := make([]uint64, rbm.Words(len(row)))
		for unit, on := range row {
			if on {
				words[unit/64] |= 1 << (unit % 64)
			}
		}
		packed = append(packed, words...)
	}
	return packed
}

// Any binary data will do: a machine of 9 × 8 units is small enough for the exact
// gradient and the exact likelihood, whose largest possible value is −ln 14 = −2.639.
func ExampleTrainer() {
	data := pack(barsAndStripes())
	settings := rbm.Settings{Algorithm: "exact", Updates: 3000, Optimizer: "adam", Rate: 0.05,
		Schedule: "cosine", Centered: true, Initial: "gaussian", InitialScale: 0.1}
	trainer, err := rbm.NewTrainer(settings, 9, 8, data, [32]byte{1})
	if err != nil {
		log.Fatal(err)
	}
	for trainer.Updates() < trainer.Total() {
		if err := trainer.Update(); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Printf("mean ln p = %.2f\n", trainer.Record(nil).LogLikelihoodTraining)
	// Output:
	// mean ln p = -2.64
}
