package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkLayer measures the whole cost of one decision, activation included.
func BenchmarkLayer(b *testing.B) {
	const rows = 100
	for _, shape := range [][2]int{{64, 64}, {64, 256}, {256, 64}, {1024, 1024}} {
		rng := rand.New(rand.NewPCG(1, 2))
		up, _ := randomParams(rng, shape[0], shape[1], 0.3).layers()
		src := randomRows(rng, rows, shape[0])
		dst := make([]uint64, rows*Words(shape[1]))
		gens, w := testGenerators(Strips(shape[1]), 3), new(Workspace)
		b.Run(fmt.Sprintf("sample/%dx%d", shape[0], shape[1]), func(b *testing.B) {
			for b.Loop() {
				up.Sample(dst, src, gens, w)
			}
			perUnit(b, rows*shape[1])
		})
		means := make([]Strip, Strips(shape[1])*Padded(rows))
		b.Run(fmt.Sprintf("means/%dx%d", shape[0], shape[1]), func(b *testing.B) {
			for b.Loop() {
				up.Means(means, src, 1, w)
			}
			perUnit(b, rows*shape[1])
		})
	}
}

// BenchmarkParts measures the pieces of a decision.
func BenchmarkParts(b *testing.B) {
	const rows = 100
	rng := rand.New(rand.NewPCG(1, 2))
	acc, panel := randomStrips(rng, rows, 4), randomStrips(rng, 64, 1)
	bits := randomRows(rng, rows, 64)
	gen, sums := testGenerators(1, 4)[0], new(table)
	b.Run("fill", func(b *testing.B) {
		for b.Loop() {
			sums.fill(panel)
		}
		perUnit(b, 16)
	})
	b.Run("add", func(b *testing.B) {
		for b.Loop() {
			for r := range acc {
				sums.add(&acc[r], bits[r], 16)
			}
		}
		perUnit(b, rows*Lanes)
	})
	b.Run("decide", func(b *testing.B) {
		sum := uint32(0)
		for b.Loop() {
			for r := range acc {
				z := acc[r]
				sum += gen.decide(&z)
			}
		}
		perUnit(b, rows*Lanes)
	})
	square := new([64]uint64)
	copy(square[:], bits)
	b.Run("transpose", func(b *testing.B) {
		for b.Loop() {
			transposeSquare(square)
		}
	})
}

func perUnit(b *testing.B, units int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(units), "ns/unit")
}
