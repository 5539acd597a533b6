package pipeline

import (
	"crypto/sha256"
	"fmt"
	"strconv"

	"isingrbm/pipeline/runfile"
)

// streamFormat is part of every stream's key; it changes only when the
// meaning of the other parts does, and with it every random number.
const streamFormat = "isingrbm/1"

// stream derives the seed of one random stream by hashing what the stream is
// for: the run's seed, the lattice and couplings, the cell, the purpose and
// its running number (a block, say). Two streams differ as soon as one part
// does; a position in a list of sizes or temperatures is never a part, so
// adding a cell changes no other cell's bytes.
func stream(run *runfile.Run, cell Cell, purpose string, number int) [32]byte {
	exact := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	key := fmt.Sprintf("%s seed=%d lattice=%s boundary=%s J=%s h=%s L=%d T=%s n_h=%d replica=%d purpose=%s number=%d",
		streamFormat, run.Seed, run.Lattice.Kind, run.Lattice.Boundary,
		exact(run.Lattice.Coupling), exact(run.Lattice.Field),
		cell.Size, cell.temperatureKey(), cell.Hidden, cell.Replica, purpose, number)
	return sha256.Sum256([]byte(key))
}
