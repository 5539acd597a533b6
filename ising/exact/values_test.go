package exact

import (
	"math"
	"testing"

	"isingrbm/ising"
)

func TestMoments(t *testing.T) {
	p := []float64{0.1, 0.2, 0.3, 0.15, 0.25} // M = −4, −2, 0, 2, 4
	for _, down := range []bool{false, true} {
		m := momentsOf(p, down)
		near(t, "<|M|>", m.abs, 4*0.35+2*0.35, 1e-15)
		near(t, "<M>", m.mean, 4*0.15-2*0.05, 1e-15)
		near(t, "<M²>", m.square, 16*0.35+4*0.35, 1e-14)
		near(t, "<M⁴>", m.fourth, 256*0.35+16*0.35, 1e-13)
		near(t, "<M²> − <|M|>²", m.absVariance, m.square-m.abs*m.abs, 1e-14)
		near(t, "<M²> − <M>²", m.variance, m.square-m.mean*m.mean, 1e-14)
		near(t, "p₊", m.up, 0.55, 1e-15)
	}
}

// TestMomentsCold: a variance of 10⁻³⁰ beside a mean of 100 keeps its digits, on either side.
func TestMomentsCold(t *testing.T) {
	p := make([]float64, 101)
	p[99], p[100] = 1e-30, 1
	nearly(t, "variance, up", momentsOf(p, false).variance, 4e-30, 1e-14)
	nearly(t, "variance of |M|, up", momentsOf(p, false).absVariance, 4e-30, 1e-14)
	p[99], p[100], p[1], p[0] = 0, 0, 1e-30, 1
	nearly(t, "variance, down", momentsOf(p, true).variance, 4e-30, 1e-14)
}

func TestTallyInField(t *testing.T) {
	for _, coupling := range []float64{1, -1} {
		for _, field := range []float64{0, 0.3, -2} {
			m := model(t, ising.Square, 3, ising.Periodic, coupling, field)
			count := squareTally(3, 1/1.4, coupling < 0, 3)
			scale, known := count.inField(field / 1.4)
			if !known {
				t.Fatal("a warm lattice underflows")
			}
			var v Values
			v.setTally(count, m, 1.4, scale)
			want := brute(m, 1.4)
			near(t, "e", v.Energy, want.Energy, 1e-13)
			near(t, "c", v.SpecificHeat, want.SpecificHeat, 1e-12)
			near(t, "m", v.Magnetization, want.Magnetization, 1e-13)
			near(t, "ln Z", v.LogZ, want.LogZ, 1e-12)
		}
	}
	cold := squareTally(8, 20, true, 1)
	if _, known := cold.inField(100); known {
		t.Error("a saturated antiferromagnet of weight e^{−5000} is claimed to be known")
	}
}

func TestSetCorrelation(t *testing.T) {
	square := model(t, ising.Square, 6, ising.Periodic, 1, 0).Lattice
	for _, c := range []struct {
		l                 *ising.Lattice
		zero, first, want float64
	}{
		{square, 5, 1, 2},         // 2 sin(π/6) = 1
		{square, 1, 1 + 1e-16, 0}, // independent spins, rounded
		{square, 1, 2, nan},       // no second moment
		{square, 36, 0, nan},      // complete order
		{model(t, ising.Square, 6, ising.Open, 1, 0).Lattice, 5, 1, nan},                  // no momentum
		{model(t, ising.Triangular, 6, ising.Periodic, 1, 0).Lattice, 5, 1, math.Sqrt(3)}, // k̂² = 4/3
	} {
		v := unknown("")
		v.setCorrelation(c.zero, c.first, c.l)
		if math.IsNaN(c.want) != math.IsNaN(v.CorrelationLength) || math.Abs(v.CorrelationLength-c.want) > 1e-14 {
			t.Errorf("S(0) = %g, S(k) = %g: ξ = %g, want %g", c.zero, c.first, v.CorrelationLength, c.want)
		}
	}
}
