package rbm

import (
	"math"
	"testing"
)

// ulps is the distance of two positive or two negative numbers in units in the
// last place.
func ulps(a, b float64) uint64 {
	x, y := math.Float64bits(a), math.Float64bits(b)
	return max(x, y) - min(x, y)
}

func TestExp(t *testing.T) {
	for x := -745.0; x < 709; x += 0.0371 {
		if d := ulps(exp(x), math.Exp(x)); d > 2 && exp(x) > 1e-300 {
			t.Fatalf("exp(%g) is off by %d units in the last place", x, d)
		}
	}
	for _, c := range [][2]float64{{0, 1}, {800, math.Inf(1)}, {-800, 0}, {math.Inf(1), math.Inf(1)}, {math.Inf(-1), 0}} {
		if exp(c[0]) != c[1] {
			t.Errorf("exp(%g) = %g", c[0], exp(c[0]))
		}
	}
}

func TestLog(t *testing.T) {
	for x := 1e-12; x < 1e12; x *= 1.00037 {
		if math.Abs(x-1) < 0.01 {
			continue // relative errors mean nothing at a root; the sweep below covers it
		}
		if d := ulps(log(x), math.Log(x)); d > 2 {
			t.Fatalf("log(%g) is off by %d units in the last place", x, d)
		}
	}
	for x := 0.9; x < 2; x += 1e-4 {
		if d := math.Abs(log(x) - math.Log(x)); d > 2.3e-16 {
			t.Fatalf("log(%g) is off by %g", x, d)
		}
	}
	if log(1) != 0 {
		t.Errorf("log(1) = %g", log(1))
	}
}

func TestSoftplus(t *testing.T) {
	var xs []float64
	sum := 0.0
	for x := -800.0; x <= 800; x += 0.731 {
		want := max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
		if d := math.Abs(softplus(x) - want); d > 3e-16*max(1, want) {
			t.Fatalf("softplus(%g) = %g, want %g", x, softplus(x), want)
		}
		if d := math.Abs(sigmoid(x) - 1/(1+math.Exp(-x))); d > 1e-15 {
			t.Fatalf("sigmoid(%g) is off by %g", x, d)
		}
		xs = append(xs, x)
		sum += want
	}
	if got := sumSoftplus(xs); math.Abs(got/sum-1) > 1e-13 {
		t.Errorf("sum is %g, want %g", got, sum)
	}
	zeros := make([]float64, 5000)
	if got := sumSoftplus(zeros); math.Abs(got-5000*math.Ln2) > 1e-9 {
		t.Errorf("5000 ln 2 came out as %g", got)
	}
}

func TestCosPi(t *testing.T) {
	for x := 0.0; x <= 1; x += 1.0 / 1024 {
		if got := cosPi(x); !near(got, math.Cos(math.Pi*x), 5e-16) {
			t.Errorf("cos %gπ = %.17g, want %.17g", x, got, math.Cos(math.Pi*x))
		}
	}
	if cosPi(0) != 1 || cosPi(0.5) != 0 || cosPi(1) != -1 {
		t.Error("the exact values are not")
	}
}
