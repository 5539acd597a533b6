package pipeline

import (
	"fmt"
	"math"
	"strings"

	"isingrbm/pipeline/runfile"
)

// Cell is one point of the sweep: a data cell (L, T), or a machine cell
// (L, T, n_h, replica). A pooled machine, which is trained on the data of all
// temperatures together, has none of its own: its cell is (L, n_h, replica).
type Cell struct {
	Size        int                 // L, sites along a side
	Temperature runfile.Temperature // T in J/k_B; 0 where Pooled
	Pooled      bool                // whether it is a cell of all temperatures
	Hidden      int                 // n_h; 0 for a data cell
	Replica     int                 // 0, 1, …; 0 for a data cell
}

// IsMachine reports whether the cell is a machine cell.
func (c Cell) IsMachine() bool { return c.Hidden > 0 }

// Data returns the data cell that c reads: itself for a data cell. A pooled machine
// reads all those of Plan.DataOf, and the cell returned here is no cell of the plan.
func (c Cell) Data() Cell {
	return Cell{Size: c.Size, Temperature: c.Temperature, Pooled: c.Pooled}
}

// temperature is T, NaN of a pooled machine.
func (c Cell) temperature() float64 {
	if c.Pooled {
		return math.NaN()
	}
	return float64(c.Temperature)
}

// temperatureKey is the cell's temperature in folder names and streams.
func (c Cell) temperatureKey() string {
	if c.Pooled {
		return "pool"
	}
	return c.Temperature.Key()
}

// ID names the cell in folder names, states and logs: "L008/T2.269185" or
// "L008/T2.269185/h0064_r00", of a pooled machine "L008/pool/h0064_r00".
func (c Cell) ID() string {
	id := fmt.Sprintf("L%03d/T%s", c.Size, c.temperatureKey())
	if c.Pooled {
		id = fmt.Sprintf("L%03d/%s", c.Size, c.temperatureKey())
	}
	if c.IsMachine() {
		id += fmt.Sprintf("/h%04d_r%02d", c.Hidden, c.Replica)
	}
	return id
}

// String is the cell in words, for messages.
func (c Cell) String() string {
	var b strings.Builder
	if c.Pooled {
		fmt.Fprintf(&b, "L = %d, all T", c.Size)
	} else {
		fmt.Fprintf(&b, "L = %d, T = %s", c.Size, c.Temperature)
	}
	if c.IsMachine() {
		fmt.Fprintf(&b, ", n_h = %d", c.Hidden)
		if c.Replica > 0 {
			fmt.Fprintf(&b, ", replica %d", c.Replica)
		}
	}
	return b.String()
}
