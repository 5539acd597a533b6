package store_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"isingrbm/pipeline/store"
)

// Write two configurations of four spins, then read them back.
func Example() {
	folder, err := os.MkdirTemp("", "store")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "configurations.parquet")

	var meta store.Metadata
	meta.Set("lattice", "square")
	w, err := store.CreateConfigurations(path, 4, store.ConfigurationLayout{IntegerEnergy: true}, meta)
	if err != nil {
		log.Fatal(err)
	}
	defer w.Abort() // nothing after Commit
	err = w.Append(store.ConfigurationBatch{
		Chain:         []int32{0, 1},
		Step:          []int64{100, 100},
		Energy:        []float64{-8, 0},
		Magnetization: []int32{4, 0},
		Spins:         []uint64{0b1111, 0b0011}, // one word a row, site 0 the lowest bit
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		log.Fatal(err)
	}

	r, err := store.OpenConfigurations(path)
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	fmt.Println(r.Rows(), "configurations of", r.Sites(), "spins,", r.Metadata())
	for {
		batch, err := r.Next(1)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("energy %v, spins %04b\n", batch.Energy[0], batch.Spins[0])
	}
	// Output:
	// 2 configurations of 4 spins, [{lattice square}]
	// energy -8, spins 1111
	// energy 0, spins 0011
}
