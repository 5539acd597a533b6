package exact

import (
	"math"

	"isingrbm/ising"
)

// CriticalTemperature returns the critical temperature of the infinite lattice at J = 1, h = 0, and whether there is one: a
// chain has none.
//
// Square and triangular are exact, 2/ln(1+√2) and 4/ln 3. Cubic is 1/0.221654626(5), known to eight digits from simulation
// (Ferrenberg, Xu and Landau 2018).
func CriticalTemperature(kind ising.Kind) (float64, bool) {
	switch kind {
	case ising.Square:
		return 2 / math.Log1p(math.Sqrt2), true
	case ising.Triangular:
		return 4 / math.Log(3), true
	case ising.Cubic:
		return 1 / 0.221654626, true
	}
	return 0, false
}
