package rbm

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// Machine holds the parameters of a restricted Boltzmann machine with units in
// {0, 1}:
//
//	E(v,h) = −Σ_ij W_ij v_i h_j − Σ_i b_i v_i − Σ_j c_j h_j
//
// Its fields may be set freely; [Machine.Validate] says whether they fit. Methods
// compute in float64 and give the same bits on every processor. Rows of bits are
// packed as the package describes, with zeros beyond their units.
type Machine struct {
	Visible, Hidden int
	Weights         []float32 // W, Visible × Hidden, row-major
	VisibleBias     []float32 // b
	HiddenBias      []float32 // c
}

// NewMachine returns a machine whose parameters are zero. It panics unless both
// layers have a unit.
func NewMachine(visible, hidden int) *Machine {
	if visible < 1 || hidden < 1 {
		panic("rbm: machine without units")
	}
	return &Machine{visible, hidden, make([]float32, visible*hidden), make([]float32, visible), make([]float32, hidden)}
}

// Words is the number of 64-bit words of a packed row of units.
func Words(units int) int { return (units + 63) / 64 }

// Validate reports shapes that do not fit and parameters that are not finite. A nil
// machine is an error, too.
func (m *Machine) Validate() error {
	if m == nil {
		return errors.New("rbm: no machine")
	}
	if m.Visible < 1 || m.Hidden < 1 {
		return fmt.Errorf("rbm: a machine of %d × %d units", m.Visible, m.Hidden)
	}
	var problems []error
	for _, p := range []struct {
		name   string
		values []float32
		want   int
	}{
		{"weights", m.Weights, m.Visible * m.Hidden},
		{"visible biases", m.VisibleBias, m.Visible},
		{"hidden biases", m.HiddenBias, m.Hidden},
	} {
		if len(p.values) != p.want {
			problems = append(problems, fmt.Errorf("rbm: %d %s, want %d", len(p.values), p.name, p.want))
		} else if i := notFinite(p.values); i >= 0 {
			problems = append(problems, fmt.Errorf("rbm: %s: element %d is %v", p.name, i, p.values[i]))
		}
	}
	return errors.Join(problems...)
}

// notFinite returns the index of the first value that is not, or −1.
func notFinite(values []float32) int {
	for i, x := range values {
		if x-x != 0 {
			return i
		}
	}
	return -1
}

// Energy returns E(v,h) of one configuration of both layers.
func (m *Machine) Energy(v, h []uint64) float64 {
	sum := 0.0
	x := m.hiddenActivations(v, make([]float64, m.Hidden))
	forEachBit(h, func(j int) { sum += x[j] })
	return -sum - m.visibleField(v)
}

// FreeEnergy returns F(v) = −Σ_i b_i v_i − Σ_j ln(1 + exp(c_j + Σ_i W_ij v_i)); the
// probability of v is e^{−F(v)}/Z. It panics if v is not one whole row, or has bits
// beyond its units.
func (m *Machine) FreeEnergy(v []uint64) float64 {
	if !isRow(v, m.Visible) {
		panic("rbm: FreeEnergy needs one whole row without bits beyond its units")
	}
	x := m.hiddenActivations(v, make([]float64, m.Hidden))
	return -m.visibleField(v) - sumSoftplus(x)
}

// HiddenMeans writes p(h_j = 1 | v) to the Hidden elements of dst.
func (m *Machine) HiddenMeans(v []uint64, dst []float64) {
	for j, x := range m.hiddenActivations(v, dst) {
		dst[j] = sigmoid(x)
	}
}

// VisibleMeans writes p(v_i = 1 | h) to the Visible elements of dst.
func (m *Machine) VisibleMeans(h []uint64, dst []float64) {
	for i := range m.Visible {
		x := float64(m.VisibleBias[i])
		row := m.row(i)
		forEachBit(h, func(j int) { x += float64(row[j]) })
		dst[i] = sigmoid(x)
	}
}

// row returns the weights of visible unit i.
func (m *Machine) row(i int) []float32 { return m.Weights[i*m.Hidden:][:m.Hidden] }

// hiddenActivations writes c_j + Σ_i W_ij v_i to x and returns it.
func (m *Machine) hiddenActivations(v []uint64, x []float64) []float64 {
	x = x[:m.Hidden]
	for j, c := range m.HiddenBias {
		x[j] = float64(c)
	}
	forEachBit(v, func(i int) {
		for j, w := range m.row(i) {
			x[j] += float64(w)
		}
	})
	return x
}

// visibleField returns Σ_i b_i v_i.
func (m *Machine) visibleField(v []uint64) float64 {
	sum := 0.0
	forEachBit(v, func(i int) { sum += float64(m.VisibleBias[i]) })
	return sum
}

// forEachBit calls use with the index of every set bit, in order.
func forEachBit(row []uint64, use func(i int)) {
	for k, word := range row {
		for ; word != 0; word &= word - 1 {
			use(64*k + bits.TrailingZeros64(word))
		}
	}
}

// FlipSymmetric reports whether the machine is unchanged when all units of both
// layers are flipped: b_i = −½ Σ_j W_ij and c_j = −½ Σ_i W_ij, up to the rounding of
// float32. Then p(v) = p(1−v).
func (m *Machine) FlipSymmetric() bool {
	const tolerance = 1e-6
	rows, columns := m.halfSums()
	rowSizes, columnSizes := make([]float64, m.Visible), make([]float64, m.Hidden)
	for i := range m.Visible {
		for j, w := range m.row(i) {
			rowSizes[i] += math.Abs(float64(w))
			columnSizes[j] += math.Abs(float64(w))
		}
	}
	for i, b := range m.VisibleBias {
		if !(math.Abs(float64(b)+rows[i]) <= tolerance*rowSizes[i]) {
			return false
		}
	}
	for j, c := range m.HiddenBias {
		if !(math.Abs(float64(c)+columns[j]) <= tolerance*columnSizes[j]) {
			return false
		}
	}
	return true
}

// Symmetrize sets the biases that make the machine symmetric under a flip of all
// units of both layers.
func (m *Machine) Symmetrize() {
	rows, columns := m.halfSums()
	for i, sum := range rows {
		m.VisibleBias[i] = float32(-sum)
	}
	for j, sum := range columns {
		m.HiddenBias[j] = float32(-sum)
	}
}

// halfSums returns half the sums of each row and column of W, added in index order.
func (m *Machine) halfSums() (rows, columns []float64) {
	rows, columns = make([]float64, m.Visible), make([]float64, m.Hidden)
	for i := range m.Visible {
		for j, w := range m.row(i) {
			rows[i] += float64(w)
			columns[j] += float64(w)
		}
	}
	for i := range rows {
		rows[i] *= 0.5
	}
	for j := range columns {
		columns[j] *= 0.5
	}
	return rows, columns
}
