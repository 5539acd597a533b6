package rbm

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func layoutNamed(t *testing.T, name string) Layout {
	t.Helper()
	layouts := Layouts()
	i := slices.IndexFunc(layouts, func(l Layout) bool { return l.Name == name })
	if i < 0 {
		t.Fatalf("no layout %s", name)
	}
	return layouts[i]
}

// energyOf is the energy of a state as the layout's own program computes it: units
// are ±1 or {0, 1}, and weights are read by the layout's order.
func (l Layout) energyOf(p LaidOut, v, h uint64) float64 {
	unit := func(row uint64, k int) float64 {
		bit := float64(row >> k & 1)
		if l.Spins {
			return 2*bit - 1
		}
		return bit
	}
	sum := 0.0
	for i := range p.Visible {
		sum -= p.VisibleBias[i] * unit(v, i)
		for j := range p.Hidden {
			k := i*p.Hidden + j
			if l.HiddenFirst {
				k = j*p.Visible + i
			}
			sum -= p.Weights[k] * unit(v, i) * unit(h, j)
		}
	}
	for j := range p.Hidden {
		sum -= p.HiddenBias[j] * unit(h, j)
	}
	return sum
}

// Every state of both layers has the machine's energy, up to the constant.
func TestLayoutEnergies(t *testing.T) {
	for _, shape := range machineShapes {
		m := randomMachine(21, shape[0], shape[1], 1.5)
		for _, l := range Layouts() {
			p, constant := l.Export(m)
			if !l.Spins && constant != 0 {
				t.Errorf("%s: a constant of %g between units in {0, 1}", l.Name, constant)
			}
			for v := range uint64(1) << m.Visible {
				for h := range uint64(1) << m.Hidden {
					want := literalEnergy(m, []uint64{v}, []uint64{h})
					if got := l.energyOf(p, v, h) + constant; !near(got, want, 1e-12) {
						t.Fatalf("%s %v: E(%b,%b) = %g, want %g", l.Name, shape, v, h, got, want)
					}
				}
			}
		}
	}
}

// The control: with the biases left as they are, the energies of ±1 differ by more
// than a constant.
func TestLayoutEnergiesControl(t *testing.T) {
	m := randomMachine(21, 4, 3, 1.5)
	l := layoutNamed(t, "spins")
	p, constant := l.Export(m)
	p.VisibleBias = widened(m.VisibleBias)
	worst := 0.0
	for v := range uint64(1) << m.Visible {
		worst = max(worst, math.Abs(l.energyOf(p, v, 0)+constant-literalEnergy(m, []uint64{v}, []uint64{0})))
	}
	if worst < 0.1 {
		t.Errorf("wrong biases pass: the energies differ by %g", worst)
	}
}

// A symmetric machine has no field on its spins.
func TestLayoutSpinsOfSymmetricMachine(t *testing.T) {
	m := randomMachine(22, 9, 7, 1)
	m.Symmetrize()
	p, _ := layoutNamed(t, "spins").Export(m)
	for _, field := range slices.Concat(p.VisibleBias, p.HiddenBias) {
		// The biases are rounded to float32: half of 2⁻²⁴ of numbers up to 16.
		if math.Abs(field) > 5e-7 {
			t.Fatalf("a field of %g", field)
		}
	}
}

func TestLayoutRoundTrip(t *testing.T) {
	for _, shape := range append(machineShapes, [2]int{64, 64}, [2]int{130, 70}) {
		m := randomMachine(23, shape[0], shape[1], 0.7)
		m.VisibleBias[0] = float32(math.Copysign(0, -1))
		m.Weights[0] = math.SmallestNonzeroFloat32
		for _, l := range Layouts() {
			p, _ := l.Export(m)
			before := LaidOut{p.Visible, p.Hidden, slices.Clone(p.Weights), slices.Clone(p.VisibleBias), slices.Clone(p.HiddenBias)}
			back, exact, err := l.Import(p)
			if err != nil {
				t.Fatalf("%s %v: %v", l.Name, shape, err)
			}
			if !reflect.DeepEqual(p, before) {
				t.Errorf("%s %v: importing changed its argument", l.Name, shape)
			}
			if !sameBits(back.Weights, m.Weights) {
				t.Errorf("%s %v: the weights came back changed", l.Name, shape)
			}
			if l.Spins {
				checkBiases(t, m, back)
			} else if !exact || !sameBits(back.VisibleBias, m.VisibleBias) || !sameBits(back.HiddenBias, m.HiddenBias) {
				t.Errorf("%s %v: the biases came back changed, exact is %v", l.Name, shape, exact)
			}
		}
	}
}

func sameBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

// checkBiases allows what rounding sums of up to 131 numbers in float64 can do,
// 131 × 2⁻⁵³ of some 131, and that of the result to float32.
func checkBiases(t *testing.T, want, got *Machine) {
	t.Helper()
	for k, b := range slices.Concat(want.VisibleBias, want.HiddenBias) {
		x := slices.Concat(got.VisibleBias, got.HiddenBias)[k]
		if diff := math.Abs(float64(x) - float64(b)); diff > 2e-12+math.Abs(float64(b))*0x1p-23 {
			t.Fatalf("bias %d: %g came back as %g", k, b, x)
		}
	}
}

func TestLayoutShapes(t *testing.T) {
	for name, want := range map[string][]int{"qucumber": {2, 5}, "sklearn": {2, 5}, "rbms": {5, 2}, "spins": {5, 2}} {
		if got := layoutNamed(t, name).WeightShape(5, 2); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	m := randomMachine(24, 5, 2, 1)
	p, _ := layoutNamed(t, "qucumber").Export(m)
	if got, want := p.Weights[1*5+3], float64(m.Weights[3*2+1]); got != want {
		t.Errorf("weights[1][3] = %g, want W[3][1] = %g", got, want)
	}
}

func TestLayoutImportRefusesAndRounds(t *testing.T) {
	l := layoutNamed(t, "rbms")
	for want, weight := range map[string]float64{"weights: element 1 is NaN": math.NaN(), "weights: element 1 is +Inf": 1e39} {
		if _, _, err := l.Import(LaidOut{1, 2, []float64{0, weight}, []float64{0}, []float64{0, 0}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%g: %v", weight, err)
		}
	}
	m, exact, err := l.Import(LaidOut{1, 2, []float64{0.1, 0.5}, []float64{0}, []float64{0, 0}})
	if err != nil || exact || m.Weights[0] != float32(0.1) {
		t.Errorf("0.1 became %v, exact is %v, %v", m.Weights, exact, err)
	}
	defer func() {
		if recover() == nil {
			t.Error("a bias too few was accepted")
		}
	}()
	l.Import(LaidOut{1, 2, []float64{0, 0}, []float64{0}, []float64{0}})
}
