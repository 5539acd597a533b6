package rbm

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Moments of the initial weights, 5σ each; the kurtosis tells the distributions
// apart (9/5 and 3).
func TestInitialWeights(t *testing.T) {
	const visible, hidden = 100, 200
	means := make([]float64, visible)
	for _, c := range []struct {
		initial              string
		scale, sd, kurtosis  float64
		varianceOfSquares    float64 // of x²/sd²
		varianceOfFourthPows float64 // of x⁴/sd⁴
	}{
		{"uniform", 4, 4 * math.Sqrt(6.0/300) / math.Sqrt(3), 1.8, 0.8, 9 - 3.24},
		{"gaussian", 0.02, 0.02, 3, 2, 105 - 9},
	} {
		s := Settings{Initial: c.initial, InitialScale: c.scale, VisibleBias: "zero"}
		m := initialParameters(s, means, 10, hidden, nil, newStream([32]byte{7})).machine()
		n, first, second, fourth := float64(len(m.Weights)), 0.0, 0.0, 0.0
		for _, w := range m.Weights {
			x := float64(w) / c.sd
			first, second, fourth = first+x, second+x*x, fourth+x*x*x*x
		}
		for moment, z := range map[string]float64{
			"mean":     first / math.Sqrt(n),
			"variance": (second - n) / math.Sqrt(n*c.varianceOfSquares),
			"fourth":   (fourth - c.kurtosis*n) / math.Sqrt(n*c.varianceOfFourthPows),
		} {
			if math.Abs(z) > 5 {
				t.Errorf("%s: the %s is %.1f standard deviations off", c.initial, moment, z)
			}
		}
		if norm(m.VisibleBias) != 0 || norm(m.HiddenBias) != 0 {
			t.Errorf("%s: biases are not zero", c.initial)
		}
	}
}

// The envelope multiplies the weights of each visible unit.
func TestInitialEnvelope(t *testing.T) {
	s := Settings{Initial: "gaussian", InitialScale: 1, VisibleBias: "zero"}
	start := func(e []float64) *Machine {
		s.InitialEnvelope = e
		return initialParameters(s, make([]float64, 3), 10, 20, nil, newStream([32]byte{8})).machine()
	}
	free, shaped := start(nil), start([]float64{1, 0.25, 0})
	for j := range 20 {
		for i, factor := range []float32{1, 0.25, 0} {
			if got, want := shaped.row(i)[j], factor*free.row(i)[j]; got != want {
				t.Fatalf("weight (%d, %d) is %g, want %g", i, j, got, want)
			}
		}
	}
}

// Biases from the data reproduce its means, but for half a configuration.
func TestInitialBiasesFromData(t *testing.T) {
	data := randomRows(18, 1000, 9)
	for r := range data {
		data[r] = data[r]&^1 | 2 // unit 0 never, unit 1 always
	}
	s := Settings{Steps: 1, Batch: 10, Updates: 1, Rate: 0.1, Initial: "gaussian", InitialScale: 1e-12}
	for _, centered := range []bool{false, true} {
		s.Centered = centered
		trainer := newTestTrainer(t, s, 9, 4, data)
		got := make([]float64, 9)
		trainer.Machine().VisibleMeans([]uint64{0}, got)
		for i, mean := range trainer.batches.means(nil) {
			if want := (mean*1000 + 0.5) / 1001; !near(got[i], want, 1e-6) {
				t.Errorf("unit %d has mean %g, want %g", i, got[i], want)
			}
		}
	}
	s.Centered, s.AugmentFlips = false, true
	if m := newTestTrainer(t, s, 9, 4, data).Machine(); norm(m.VisibleBias) != 0 {
		t.Error("flipped data have biases")
	}
}

// A centered machine starts with its biases in the centered coordinates: at the
// mean configuration every hidden unit is undecided.
func TestInitialCenteredMachine(t *testing.T) {
	s := Settings{Steps: 1, Batch: 10, Updates: 1, Rate: 0.1, Centered: true, VisibleBias: "zero"}
	data := randomRows(19, 200, 30)
	trainer := newTestTrainer(t, s, 30, 20, data)
	m, means := trainer.Machine(), trainer.batches.means(nil)
	for j := range m.Hidden {
		x := float64(m.HiddenBias[j])
		for i, mean := range means {
			x += float64(m.row(i)[j]) * mean
		}
		if !near(x, 0, 1e-5) {
			t.Errorf("hidden unit %d has activation %g at the mean", j, x)
		}
	}
	for i := range m.Visible {
		x := float64(m.VisibleBias[i])
		for _, w := range m.row(i) {
			x += float64(w) / 2
		}
		if !near(x, 0, 1e-5) {
			t.Errorf("visible unit %d has activation %g at ½", i, x)
		}
	}
}

// startSettings are of a training from a given machine, whose symmetry and centering
// vary.
func startSettings(start *Machine, symmetry string, centered bool) Settings {
	s := Settings{Steps: 1, Batch: 10, Updates: 4, Rate: 0.1, Symmetry: symmetry, Centered: centered, Start: start}
	if s.tied() {
		s.Group = ringShifts(6)
	}
	return s
}

// A training begins with the machine it is given, bit by bit, if that has the
// symmetry asked for: a trained one of the same settings has it.
func TestStart(t *testing.T) {
	data := randomRows(31, 200, 6)
	for _, symmetry := range []string{"none", "flip", "translation", "translation+flip"} {
		for _, centered := range []bool{false, true} {
			first := newTestTrainer(t, startSettings(nil, symmetry, centered), 6, 12, data)
			update(t, first, 4)
			start := first.Machine()
			second := newTestTrainer(t, startSettings(start, symmetry, centered), 6, 12, data)
			if !reflect.DeepEqual(second.Machine(), start) {
				t.Errorf("%s, centered %v: the training begins with another machine", symmetry, centered)
			}
			update(t, second, 1)
			if reflect.DeepEqual(second.Machine(), start) {
				t.Errorf("%s, centered %v: an update changes nothing", symmetry, centered)
			}
			if !reflect.DeepEqual(start, first.Machine()) {
				t.Errorf("%s, centered %v: the given machine was changed", symmetry, centered)
			}
		}
	}
}

// What the given machine lacks in symmetry is imposed.
func TestStartIsSymmetrized(t *testing.T) {
	data := randomRows(32, 200, 6)
	start := randomMachine(33, 6, 12, 1)
	flipped := newTestTrainer(t, startSettings(start, "flip", false), 6, 12, data).Machine()
	if !flipped.FlipSymmetric() || !slices.Equal(flipped.Weights, start.Weights) {
		t.Error("flip: not symmetric, or with other weights")
	}
	tied := newTestTrainer(t, startSettings(start, "translation", false), 6, 12, data).Machine()
	for f := range 2 {
		for i := range 6 {
			want := 0.0
			for g := range 6 {
				want += float64(start.Weights[(i+g)%6*12+f*6+g]) / 6
			}
			for g := range 6 {
				if got := tied.Weights[(i+g)%6*12+f*6+g]; !near(float64(got), want, 1e-6) {
					t.Fatalf("filter %d, element %d: %v, want the mean %v over its places", f, i, got, want)
				}
			}
		}
	}
}

func TestStartRefused(t *testing.T) {
	data := randomRows(34, 200, 6)
	broken := randomMachine(35, 6, 12, 1)
	broken.Weights[7] = float32(math.NaN())
	for want, start := range map[string]*Machine{
		"Start is a machine of 6 × 11 units, want 6 × 12": randomMachine(35, 6, 11, 1),
		"Start is a machine of 5 × 12 units, want 6 × 12": randomMachine(35, 5, 12, 1),
		"Start: rbm: weights: element 7 is NaN":           broken,
	} {
		_, err := NewTrainer(startSettings(start, "none", false), 6, 12, data, [32]byte{1})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
