package ising

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"isingrbm/ising/internal/multispin"
)

// timed runs a benchmark's loop and returns the processor time of a call in nanoseconds.
func timed(b *testing.B, call func()) float64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	from := time.Duration(0)
	for b.Loop() {
		if from == 0 {
			from = processorTime()
		}
		call()
	}
	return float64(processorTime()-from) / float64(b.N)
}

// BenchmarkStep measures steps of every algorithm with every kernel, in processor time. A flip is the decision on one spin of
// one chain: Metropolis steps leave out an eighth of the sites and count only those attempted, a cluster step counts every
// site once.
func BenchmarkStep(b *testing.B) {
	for _, c := range []struct {
		kind        Kind
		size        int
		temperature float64
		field       float64
	}{{Square, 8, 2.269, 0}, {Square, 32, 2.269, 0}, {Square, 64, 2.269, 0}, {Square, 128, 2.269, 0}, {Square, 64, 1.5, 0},
		{Square, 64, 3, 0}, {Square, 32, 2.269, 0.1}, {Cubic, 10, 4.51, 0}, {Triangular, 32, 3.64, 0}, {Chain, 1024, 1, 0}} {
		m := Model{mustLattice(b, c.kind, c.size, Periodic), 1, c.field}
		for _, algorithm := range []Algorithm{Metropolis, HeatBath, Wolff} {
			if CheckAlgorithm(m, algorithm, c.temperature) != nil {
				continue
			}
			for _, k := range multispin.Kernels() {
				name := fmt.Sprintf("%s/L=%d/T=%v/h=%v/%s/%s", c.kind, c.size, c.temperature, c.field, algorithm, k.Name())
				b.Run(name, func(b *testing.B) {
					block := mustBlock(b, m, c.temperature, algorithm, 1)
					block.stream.kernel = k
					for range 20 {
						block.Step()
					}
					each := timed(b, block.Step)
					visited := 1.0
					if algorithm == Metropolis && c.kind != Chain {
						visited = 7.0 / 8
					}
					b.ReportMetric(visited*Lanes*float64(m.Lattice.sites)/each, "flips/ns")
					b.ReportMetric(each/Lanes, "ns/chain-step")
				})
			}
		}
	}
}

// BenchmarkMeasure measures what is done with a configuration beside drawing it.
func BenchmarkMeasure(b *testing.B) {
	m := Model{mustLattice(b, Square, 64, Periodic), 1, 0}
	block := mustBlock(b, m, 2.269, Metropolis, 1)
	energies, orders := make([]float64, Lanes), make([]int32, Lanes)
	rows := make([]uint64, Lanes*Words(m.Lattice.sites))
	for name, call := range map[string]func(){
		"energies":       func() { block.Energies(energies) },
		"magnetizations": func() { block.Magnetizations(orders) },
		"configurations": func() { block.Configurations(rows) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				call()
			}
			b.ReportMetric(float64(b.N)*Lanes*float64(m.Lattice.sites)/float64(b.Elapsed().Nanoseconds()), "spins/ns")
		})
	}
}

// BenchmarkPilot measures whole pilots.
func BenchmarkPilot(b *testing.B) {
	for _, size := range []int{8, 16, 32, 64} {
		m := Model{mustLattice(b, Square, size, Periodic), 1, 0}
		for _, temperature := range []float64{1.5, 2.269185314213022, 3} {
			b.Run(fmt.Sprintf("L=%d/T=%.2f", size, temperature), func(b *testing.B) {
				for b.Loop() {
					if _, err := Pilot(m, temperature, Auto, [32]byte{1}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
