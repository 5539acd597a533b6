package figure

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot"
)

func labels(marks []plot.Tick) string {
	var text []string
	for _, m := range marks {
		if m.Label != "" {
			text = append(text, m.Label)
		}
	}
	return strings.Join(text, " ")
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		count     int
		want      string
	}{
		{0, 1, 4, "0.00 0.25 0.50 0.75 1.00"},
		{-2, -0.6, 4, "−2.0 −1.5 −1.0"},
		{1, 3.54, 6, "1.0 1.5 2.0 2.5 3.0 3.5"},
		{-0.1, 0.1, 4, "−0.10 −0.05 0.00 0.05 0.10"},
		{0, 9, 4, "0.0 2.5 5.0 7.5"},
		{0, 100, 4, "0 25 50 75 100"},
		{0, 4000, 4, "0 1000 2000 3000 4000"},
		{0, 4e-7, 4, "0.0000000 1×10^{−7} 2×10^{−7} 3×10^{−7} 4×10^{−7}"},
	} {
		if got := labels(ticks{count: c.count}.Ticks(c.low, c.high)); got != c.want {
			t.Errorf("[%v, %v]: %s, want %s", c.low, c.high, got, c.want)
		}
	}
}

// For any range: ticks inside, in order, at least two labels, no more than asked.
func TestTicksOfAnyRange(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		low := rng.NormFloat64() * math.Pow(10, float64(rng.IntN(7)-3))
		high := low + math.Max(math.Abs(low)/20, 1e-4)*math.Pow(10, 2*rng.Float64())
		marks := ticks{count: 4}.Ticks(low, high)
		slack := 1e-6 * (high - low)
		if n := len(strings.Fields(labels(marks))); n < 1 || n > 5 {
			t.Errorf("[%v, %v] has %d labels: %s", low, high, n, labels(marks))
		}
		seen := strings.Fields(labels(marks))
		slices.Sort(seen)
		if len(slices.Compact(seen)) != len(strings.Fields(labels(marks))) {
			t.Errorf("[%v, %v] has equal labels: %s", low, high, labels(marks))
		}
		for i, m := range marks {
			if m.Value < low-slack || m.Value > high+slack || i > 0 && m.Value <= marks[i-1].Value {
				t.Errorf("[%v, %v]: tick at %v", low, high, m.Value)
			}
		}
	}
}

func TestSymmetricScales(t *testing.T) {
	for _, c := range []struct {
		sizes []float64
		want  string
	}{
		{nil, "−0.5 0 0.5"},
		{[]float64{0, 0}, "−0.5 0 0.5"},
		{[]float64{1, 2, 3}, "−2 0 2"},
		{[]float64{0.01, 0.02}, "−0.01 0 0.01"},
		{[]float64{30, 40, 70}, "−50 0 50"},
		{[]float64{0.3, 1, 1, 1, 170}, "0 −100 100 −10 10"},
		{[]float64{1e-3, 1e-3, 1e-3, 1000}, "0 −1000 1000 −1 1"},
	} {
		limit, scale := symmetric(c.sizes)
		marks := scale.Ticks(-limit, limit)
		if got := labels(marks); !strings.HasPrefix(got, c.want) {
			t.Errorf("%v: %s, want %s", c.sizes, got, c.want)
		}
		for _, m := range marks {
			if math.Abs(m.Value) > limit {
				t.Errorf("%v: tick at %v beyond %v", c.sizes, m.Value, limit)
			}
		}
		for _, x := range c.sizes {
			if x > limit {
				t.Errorf("%v does not fit into %v", x, limit)
			}
		}
	}
}

func TestScalesAreMonotonicAndOdd(t *testing.T) {
	for _, scale := range []symmetricScale{aboutZero{}, logarithmic(0.1)} {
		previous := -1.0
		for x := -50.0; x <= 50; x += 0.5 {
			y := scale.Normalize(-50, 50, x)
			if y <= previous || math.Abs(y+scale.Normalize(-50, 50, -x)-1) > 1e-12 {
				t.Errorf("%T maps %v to %v", scale, x, y)
			}
			previous = y
		}
		if scale.Normalize(-50, 50, -50) != 0 || scale.Normalize(-50, 50, 50) != 1 {
			t.Errorf("%T does not fill its axis", scale)
		}
	}
}
