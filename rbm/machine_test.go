package rbm

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

var machineShapes = [][2]int{{1, 1}, {6, 4}, {4, 6}, {3, 9}}

func TestEnergyAndFreeEnergyAgainstEnumeration(t *testing.T) {
	for _, shape := range machineShapes {
		m := randomMachine(1, shape[0], shape[1], 1.5)
		for v := range uint64(1) << m.Visible {
			sum := 0.0
			for h := range uint64(1) << m.Hidden {
				want := literalEnergy(m, []uint64{v}, []uint64{h})
				if got := m.Energy([]uint64{v}, []uint64{h}); !near(got, want, 1e-12) {
					t.Fatalf("E(%b,%b) = %g, want %g", v, h, got, want)
				}
				sum += math.Exp(-want)
			}
			if got := m.FreeEnergy([]uint64{v}); !near(got, -math.Log(sum), 1e-12) {
				t.Fatalf("F(%b) = %g, want %g", v, got, -math.Log(sum))
			}
		}
	}
}

func TestConditionalsAgainstEnumeration(t *testing.T) {
	for _, shape := range machineShapes {
		m := randomMachine(2, shape[0], shape[1], 1.5)
		hidden, visible := make([]float64, m.Hidden), make([]float64, m.Visible)
		for v := range uint64(1) << m.Visible {
			m.HiddenMeans([]uint64{v}, hidden)
			for j := range hidden {
				h := make([]uint64, 1)
				off := literalEnergy(m, []uint64{v}, h)
				h[0] = 1 << j
				on := literalEnergy(m, []uint64{v}, h)
				if want := 1 / (1 + math.Exp(on-off)); !near(hidden[j], want, 1e-12) {
					t.Fatalf("p(h_%d|%b) = %g, want %g", j, v, hidden[j], want)
				}
			}
		}
		for h := range uint64(1) << m.Hidden {
			m.VisibleMeans([]uint64{h}, visible)
			for i := range visible {
				off := literalEnergy(m, []uint64{0}, []uint64{h})
				on := literalEnergy(m, []uint64{1 << i}, []uint64{h})
				if want := 1 / (1 + math.Exp(on-off)); !near(visible[i], want, 1e-12) {
					t.Fatalf("p(v_%d|%b) = %g, want %g", i, h, visible[i], want)
				}
			}
		}
	}
}

// Layers of more than a word: F(v) from its definition, unit by unit.
func TestFreeEnergyOfWideLayers(t *testing.T) {
	m := randomMachine(3, 130, 1100, 0.3)
	v := randomRows(1, 1, m.Visible)
	want := 0.0
	for i := range m.Visible {
		want -= float64(m.VisibleBias[i]) * bitOf(v, i)
	}
	for j := range m.Hidden {
		x := float64(m.HiddenBias[j])
		for i := range m.Visible {
			x += float64(m.Weights[i*m.Hidden+j]) * bitOf(v, i)
		}
		want -= math.Log1p(math.Exp(x))
	}
	if got := m.FreeEnergy(v); !near(got, want, 1e-9) {
		t.Errorf("F = %.12g, want %.12g", got, want)
	}
}

func TestSymmetrize(t *testing.T) {
	m := randomMachine(4, 9, 7, 1)
	if m.FlipSymmetric() {
		t.Fatal("a random machine passes for symmetric")
	}
	m.Symmetrize()
	if !m.FlipSymmetric() {
		t.Fatal("a symmetrized machine does not pass")
	}
	for v := range uint64(1) << m.Visible {
		// Float32 biases leave a rounding of about 1e-7 each.
		if a, b := m.FreeEnergy([]uint64{v}), m.FreeEnergy([]uint64{^v & 0x1ff}); !near(a, b, 5e-6) {
			t.Fatalf("F(%b) = %g but %g flipped", v, a, b)
		}
	}
	m.HiddenBias[3] += 1e-3
	if m.FlipSymmetric() {
		t.Error("a bias off by 1e-3 passes for symmetric")
	}
	if !NewMachine(3, 2).FlipSymmetric() {
		t.Error("the zero machine is symmetric")
	}
}

func TestValidate(t *testing.T) {
	good := randomMachine(5, 4, 3, 1)
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(m *Machine){
		"0 × 3 units":                  func(m *Machine) { m.Visible = 0 },
		"11 weights, want 12":          func(m *Machine) { m.Weights = m.Weights[:11] },
		"weights: element 5 is NaN":    func(m *Machine) { m.Weights[5] = float32(math.NaN()) },
		"hidden biases: element 2 is":  func(m *Machine) { m.HiddenBias[2] = float32(math.Inf(-1)) },
		"5 visible biases, want 4":     func(m *Machine) { m.VisibleBias = make([]float32, 5) },
		"visible biases: element 0 is": func(m *Machine) { m.VisibleBias[0] = float32(math.Inf(1)) },
	} {
		m := randomMachine(5, 4, 3, 1)
		spoil(m)
		if err := m.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

// What takes a machine refuses one that is not valid, before it looks at any unit.
func TestInvalidMachinesAreRefused(t *testing.T) {
	short, broken := NewMachine(4, 3), NewMachine(4, 3)
	short.Weights, broken.VisibleBias[2] = short.Weights[:11], float32(math.NaN())
	for name, m := range map[string]*Machine{"nil": nil, "empty": {}, "short": short, "NaN": broken} {
		for what, use := range map[string]func() error{
			"Validate":     m.Validate,
			"LogPartition": func() error { _, err := m.LogPartition(); return err },
			"NewGibbs":     func() error { _, err := NewGibbs(m, 1, [32]byte{}); return err },
			"NewExchange":  func() error { _, err := NewExchange([]*Machine{m}, 1, [32]byte{}); return err },
			"Tempered":     func() error { _, err := m.Tempered(t.Context(), nil, 2, [32]byte{}); return err },
			"AnnealLogPartition": func() error {
				_, err := m.AnnealLogPartition(t.Context(), []uint64{0, 0}, Annealing{}, [32]byte{})
				return err
			},
		} {
			if use() == nil {
				t.Errorf("%s took a machine that is %s", what, name)
			}
		}
	}
}

func TestNewMachinePanicsWithoutUnits(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a machine without hidden units was made")
		}
	}()
	NewMachine(3, 0)
}

func BenchmarkFreeEnergy(b *testing.B) {
	m := randomMachine(6, 64, 64, 0.5)
	v := []uint64{rand.New(rand.NewPCG(1, 1)).Uint64()}
	for b.Loop() {
		m.FreeEnergy(v)
	}
}
