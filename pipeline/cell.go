package pipeline

import (
	"fmt"
	"strings"

	"isingrbm/pipeline/runfile"
)

// Cell is one point of the sweep: a data cell (L, T), or a machine cell
// (L, T, n_h, replica).
type Cell struct {
	Size        int                 // L, sites along a side
	Temperature runfile.Temperature // T in J/k_B
	Hidden      int                 // n_h; 0 for a data cell
	Replica     int                 // 0, 1, …; 0 for a data cell
}

// IsMachine reports whether the cell is a machine cell.
func (c Cell) IsMachine() bool { return c.Hidden > 0 }

// Data returns the data cell that c reads: itself for a data cell.
func (c Cell) Data() Cell {
	return Cell{Size: c.Size, Temperature: c.Temperature}
}

// ID names the cell in folder names, states and logs: "L008/T2.269185" or
// "L008/T2.269185/h0064_r00".
func (c Cell) ID() string {
	id := fmt.Sprintf("L%03d/T%s", c.Size, c.Temperature.Key())
	if c.IsMachine() {
		id += fmt.Sprintf("/h%04d_r%02d", c.Hidden, c.Replica)
	}
	return id
}

// String is the cell in words, for messages.
func (c Cell) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "L = %d, T = %s", c.Size, c.Temperature)
	if c.IsMachine() {
		fmt.Fprintf(&b, ", n_h = %d", c.Hidden)
		if c.Replica > 0 {
			fmt.Fprintf(&b, ", replica %d", c.Replica)
		}
	}
	return b.String()
}
