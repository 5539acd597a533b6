package rbm

import (
	"math"
	"math/rand/v2"
	"testing"

	"isingrbm/rbm/internal/kernel"
)

// Against the algorithm in float64, over many updates of noisy gradients of very
// different sizes. The tolerance is that of float32 for a quotient whose numerator
// may cancel.
func TestAdamAgainstTheAlgorithm(t *testing.T) {
	const beta1, beta2, epsilon = 0.9, 0.999, 1e-8
	p := newParameters(7, 18)
	a := newAdam(p, Settings{Optimizer: "adam", Beta1: beta1, Beta2: beta2, Epsilon: epsilon})
	g := newParameters(7, 18)
	n := len(flatten(g.machine()))
	m, s := make([]float64, n), make([]float64, n)
	rng := rand.New(rand.NewPCG(5, 5))
	for step := 1; step <= 300; step++ {
		noisy := NewMachine(7, 18)
		for _, part := range [][]float32{noisy.Weights, noisy.VisibleBias, noisy.HiddenBias} {
			for k := range part {
				part[k] = float32(math.Pow(10, -float64(k%7)) * (0.3 + rng.NormFloat64()))
			}
		}
		*g = *parametersOf(noisy)
		got := flatten(a.followAll(g).machine())
		for k, x := range flatten(noisy) {
			m[k] = beta1*m[k] + (1-beta1)*x
			s[k] = beta2*s[k] + (1-beta2)*x*x
			want := m[k] / (1 - math.Pow(beta1, float64(step))) / (math.Sqrt(s[k]/(1-math.Pow(beta2, float64(step)))) + epsilon)
			if !near(got[k], want, 1e-4) { // 1 − β₂ = 0.001 has 17 bits in float32
				t.Fatalf("update %d, parameter %d: %g, want %g", step, k, got[k], want)
			}
		}
	}
}

// The first update moves every parameter by the rate, whatever its gradient's size,
// and padded parameters not at all.
func TestAdamFirstUpdateHasUnitSize(t *testing.T) {
	g := parametersOf(randomMachine(60, 5, 3, 1e-3))
	a := newAdam(g, Settings{Optimizer: "adam"}.resolved())
	d := a.followAll(g)
	for _, x := range flatten(d.machine()) {
		if !near(math.Abs(x), 1, 1e-3) {
			t.Fatalf("a first direction of %g", x)
		}
	}
	if x := d.panel(0)[2][3]; x != 0 {
		t.Errorf("a padded direction of %g", x)
	}
}

// followAll follows all of a gradient in one update.
func (a *adam) followAll(g *parameters) *parameters {
	a.begin()
	a.follow(g, func(p *parameters) []kernel.Strip { return p.panels })
	a.follow(g, func(p *parameters) []kernel.Strip { return p.bias })
	return a.along
}

func TestUnbiased(t *testing.T) {
	for _, steps := range []int64{1, 2, 3, 10, 1000, 1 << 40} {
		want := 1 / (1 - math.Pow(float64(float32(0.999)), float64(steps)))
		if got := float64(unbiased(0.999, steps)); !near(got/want, 1, 1e-7) {
			t.Errorf("after %d updates: %g, want %g", steps, got, want)
		}
	}
}

// root is the float32 whose square is nearest: no neighbor has a smaller error in
// exact arithmetic, where a product of two float32 is exact in float64.
func TestRootIsRoundedCorrectly(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for range 100_000 {
		x := math.Float32frombits(rng.Uint32() & 0x7f7fffff)
		y := root(x)
		low, high := math.Nextafter32(y, 0), math.Nextafter32(y, math.MaxFloat32)
		below, above := (float64(low)+float64(y))/2, (float64(y)+float64(high))/2
		if below*below > float64(x)*(1+1e-15) || above*above < float64(x)*(1-1e-15) {
			t.Fatalf("√%g = %g", x, y)
		}
	}
}

func TestShrinkTakesTheSign(t *testing.T) {
	g, w := newParameters(2, 3), parametersOf(&Machine{2, 3, []float32{1, -2, 0, 1e-30, -1e-30, 5}, make([]float32, 2), make([]float32, 3)})
	shrink(g.panel(0)[:2], w.panel(0)[:2], 0.25)
	for k, want := range []float32{-0.25, 0.25, 0, -0.25, 0.25, -0.25} {
		if got := *g.weight(k/3, k%3); got != want {
			t.Errorf("weight %d: %g, want %g", k, got, want)
		}
	}
}
