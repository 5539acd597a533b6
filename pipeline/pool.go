package pipeline

import (
	"strings"

	"isingrbm/pipeline/runfile"
)

// dataOf lists the data cells that a cell's training reads: one, or for a pooled
// machine those of all temperatures.
func dataOf(run *runfile.Run, c Cell) []Cell {
	if !c.Pooled {
		return []Cell{c.Data()}
	}
	var cells []Cell
	for _, t := range run.Sweep.Temperatures {
		if run.HasData(c.Size, t) {
			cells = append(cells, Cell{Size: c.Size, Temperature: t})
		}
	}
	return cells
}

// withPool adds to the inputs of a pooled machine the temperatures whose data it reads.
func withPool(inputs []Input, run *runfile.Run, c Cell) []Input {
	if !c.Pooled {
		return inputs
	}
	var keys []string
	for _, data := range dataOf(run, c) {
		keys = append(keys, data.Temperature.Key())
	}
	return append(inputs, Input{"training.pool of", strings.Join(keys, " ")})
}

// takeTurns hands on the first row of each list, then the second, until all are taken: so
// the first rows of a pool are as mixed as all of it.
func takeTurns(lists [][]uint64, words int, add func(row []uint64) error) error {
	for begin, left := 0, true; left; begin += words {
		left = false
		for _, list := range lists {
			if begin >= len(list) {
				continue
			}
			left = true
			if err := add(list[begin : begin+words]); err != nil {
				return err
			}
		}
	}
	return nil
}
