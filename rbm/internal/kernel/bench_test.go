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

// BenchmarkParts measures the pieces of a decision with every kernel.
func BenchmarkParts(b *testing.B) {
	const rows = 100
	rng := rand.New(rand.NewPCG(1, 2))
	panel, bits := randomStrips(rng, 64, 1), randomRows(rng, rows, 64)
	layer, dst := NewLayer(64, 64), make([]uint64, rows)
	gens, sums, scale := testGenerators(1, 4), new(table), Strip{1}
	for _, k := range Kernels() {
		run := func(name string, units int, work func()) {
			b.Run(name+"/"+k.Name(), func(b *testing.B) {
				for b.Loop() {
					work()
				}
				perUnit(b, units)
			})
		}
		acc := randomStrips(rng, rows, 4)
		run("fill", 64*Lanes, func() { k.fillTable(sums, panel, &Strip{}) })
		run("set", rows*Lanes, func() { k.setTable(acc, bits, 1, sums, 16) })
		run("add", rows*Lanes, func() { k.addTable(acc, bits, 1, sums, 16) })
		run("decide", rows*Lanes, func() { k.decideRows(layer.target(dst, 0), acc, &gens[0]) })
		run("sample", rows*Lanes, func() { k.sampleRows(layer.target(dst, 0), acc, true, bits, 1, sums, 16, &gens[0]) })
		run("mean", rows*Lanes, func() { k.meanRows(acc, &scale) })
	}
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
