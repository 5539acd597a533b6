package ising

import (
	"fmt"
	"testing"
)

// BenchmarkStep measures steps of every algorithm. A flip is the decision on one spin of one chain: Metropolis steps leave out
// an eighth of the sites and count only those attempted, a cluster step counts every site once.
func BenchmarkStep(b *testing.B) {
	for _, c := range []struct {
		kind        Kind
		size        int
		temperature float64
		field       float64
	}{{Square, 8, 2.269, 0}, {Square, 32, 2.269, 0}, {Square, 64, 2.269, 0}, {Square, 64, 3, 0}, {Square, 32, 2.269, 0.1},
		{Cubic, 10, 4.51, 0}, {Triangular, 32, 3.64, 0}, {Chain, 1024, 1, 0}} {
		m := Model{mustLattice(b, c.kind, c.size, Periodic), 1, c.field}
		for _, algorithm := range []Algorithm{Metropolis, HeatBath, Wolff, MetropolisWolff} {
			if CheckAlgorithm(m, algorithm, c.temperature) != nil {
				continue
			}
			b.Run(fmt.Sprintf("%s/L=%d/T=%v/h=%v/%s", c.kind, c.size, c.temperature, c.field, algorithm), func(b *testing.B) {
				block := mustBlock(b, m, c.temperature, algorithm, 1)
				for range 20 {
					block.Step()
				}
				for b.Loop() {
					block.Step()
				}
				visited := 1.0
				switch {
				case algorithm == Metropolis && c.kind != Chain:
					visited = 7.0 / 8
				case algorithm == MetropolisWolff:
					visited = 15.0 / 8
				}
				flips := visited * Lanes * float64(m.Lattice.sites) * float64(b.N)
				b.ReportMetric(flips/float64(b.Elapsed().Nanoseconds()), "flips/ns")
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/Lanes, "ns/chain-step")
			})
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
