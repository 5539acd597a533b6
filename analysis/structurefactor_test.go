package analysis

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"isingrbm/ising"
)

// slowStructureFactor sums phases site by site.
func slowStructureFactor(l *ising.Lattice, spins []uint64) float64 {
	sum, stride := 0.0, 1
	for range l.Dimension() {
		var wave complex128
		for site := range l.Sites() {
			s := float64(spins[site/64]>>(site%64)&1)*2 - 1
			x := float64(site / stride % l.Size())
			wave += complex(s, 0) * cmplx.Exp(complex(0, 2*math.Pi*x/float64(l.Size())))
		}
		sum += real(wave * cmplx.Conj(wave))
		stride *= l.Size()
	}
	return sum / float64(l.Dimension()*l.Sites())
}

func randomRow(sites int, rng *rand.Rand) []uint64 {
	row := make([]uint64, ising.Words(sites))
	for i := range row {
		row[i] = rng.Uint64()
	}
	if sites%64 != 0 {
		row[len(row)-1] &= 1<<(sites%64) - 1
	}
	return row
}

func TestStructureFactorAgainstPhases(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	folds := 0
	for _, c := range []struct {
		kind ising.Kind
		size int
	}{
		{ising.Chain, 3}, {ising.Chain, 64}, {ising.Chain, 100},
		{ising.Square, 3}, {ising.Square, 4}, {ising.Square, 8}, {ising.Square, 9},
		{ising.Square, 16}, {ising.Square, 24}, {ising.Square, 64}, {ising.Square, 65},
		{ising.Cubic, 4}, {ising.Cubic, 5}, {ising.Cubic, 8}, {ising.Cubic, 16},
	} {
		l := lattice(t, c.kind, c.size, ising.Periodic)
		w := newWaves(l)
		if w.folded {
			folds++
		}
		for range 5 {
			row := randomRow(l.Sites(), rng)
			got, want := w.structureFactor(row), slowStructureFactor(l, row)
			if math.Abs(got-want) > 1e-9*(1+want) {
				t.Errorf("%s %d: S = %v, want %v", c.kind, c.size, got, want)
			}
		}
	}
	if folds < 6 {
		t.Errorf("only %d lattices were summed in folded words", folds)
	}
}

// One plane wave of spins holds all its weight at k = 2π/L of one axis:
// L = 4, rows ++−−, |Σ σ e^{ikx}|² = N²·½ along x and nothing along y.
func TestStructureFactorOfAPlaneWave(t *testing.T) {
	l := lattice(t, ising.Square, 4, ising.Periodic)
	if got := newWaves(l).structureFactor([]uint64{0x3333}); math.Abs(got-4) > 1e-12 {
		t.Errorf("S = %v, want 4", got)
	}
	if got := newWaves(l).structureFactor([]uint64{0xffff}); got != 0 {
		t.Errorf("S = %v of a uniform row, want 0", got)
	}
}

func TestOpenBoundariesHaveNoWaves(t *testing.T) {
	if newWaves(lattice(t, ising.Square, 4, ising.Open)) != nil {
		t.Error("momentum is defined with open boundaries")
	}
}

// Ornstein and Zernike: S(k) = S(0)/(1 + ξ² k̂²) gives ξ back. On the triangular
// lattice k̂² = (2/3)(4 sin² + 4 sin²) for the bond vectors x and x + y.
func TestSecondMoment(t *testing.T) {
	sin := math.Sin(math.Pi / 12)
	for kind, momentum := range map[ising.Kind]float64{
		ising.Chain: 4 * sin * sin, ising.Square: 4 * sin * sin, ising.Cubic: 4 * sin * sin,
		ising.Triangular: 2.0 / 3 * 8 * sin * sin,
	} {
		l := lattice(t, kind, 12, ising.Periodic)
		if got := secondMoment(l, 7, 7/(1+2.5*momentum)); math.Abs(got-2.5) > 1e-12 {
			t.Errorf("%s: ξ² = %v, want 2.5", kind, got)
		}
	}
}

func BenchmarkStructureFactor(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{8, 10, 16, 64} {
		b.Run(fmt.Sprintf("L%d", size), func(b *testing.B) {
			l := lattice(b, ising.Square, size, ising.Periodic)
			w, row := newWaves(l), randomRow(l.Sites(), rng)
			for b.Loop() {
				w.structureFactor(row)
			}
		})
	}
}
