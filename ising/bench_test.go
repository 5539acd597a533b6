package ising

import (
	"context"
	"fmt"
	"math"
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
		for _, algorithm := range []Algorithm{Metropolis, HeatBath, Wolff, SwendsenWang} {
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
		if c.kind == Square && c.field == 0 {
			b.Run(fmt.Sprintf("%s/L=%d/T=%v/h=0/metropolis/scalar", c.kind, c.size, c.temperature), func(b *testing.B) {
				each := timed(b, equilibrium(b, m, c.temperature).metropolis)
				b.ReportMetric(float64(m.Lattice.sites)/each, "flips/ns")
				b.ReportMetric(each, "ns/chain-step")
			})
		}
	}
}

// equilibrium returns a scalar chain that starts from a configuration of the Boltzmann distribution.
func equilibrium(b *testing.B, m Model, temperature float64) *scalar {
	block := mustBlock(b, m, temperature, MetropolisWolff, 5)
	for range 100 {
		block.Step()
	}
	s := newScalar(m.Lattice.size, temperature)
	for i, spin := range block.spins {
		s.spins[i] = 2*int8(spin[0]&1) - 1
	}
	return s
}

// BenchmarkIndependent measures the processor time of an independent configuration, which is 2τ steps, on periodic square
// lattices: of the scalar algorithms, and of a block with the algorithm that Auto stands for, with every kernel. The last
// column compares with the best scalar algorithm.
func BenchmarkIndependent(b *testing.B) {
	for _, temperature := range []float64{1.5, 2.269185314213022, 3} {
		for _, size := range []int{8, 16, 32, 64, 128} {
			b.Run(fmt.Sprintf("T=%.3f/L=%d", temperature, size), func(b *testing.B) {
				m := Model{mustLattice(b, Square, size, Periodic), 1, 0}
				best := independentScalar(b, m, temperature)
				schedule, err := Pilot(context.Background(), m, temperature, Auto, [32]byte{6})
				if err != nil {
					b.Fatal(err)
				}
				for _, k := range multispin.Kernels() {
					b.Run(fmt.Sprintf("%s/%s", schedule.Algorithm, k.Name()), func(b *testing.B) {
						block := mustBlock(b, m, temperature, schedule.Algorithm, 1)
						block.stream.kernel = k
						for range schedule.Thermalization {
							block.Step()
						}
						cost := reportIndependent(b, timed(b, block.Step)/Lanes, schedule.Tau)
						if best < math.Inf(1) {
							b.ReportMetric(best/cost, "×scalar")
						}
					})
				}
			})
		}
	}
}

// independentScalar returns the least processor time of an independent configuration of the scalar algorithms.
func independentScalar(b *testing.B, m Model, temperature float64) (best float64) {
	best = math.Inf(1)
	for k, name := range []string{"metropolis", "wolff", "swendsen-wang"} {
		b.Run("scalar-"+name, func(b *testing.B) {
			s := equilibrium(b, m, temperature)
			step := s.steppers()[k].step
			each := timed(b, step)
			steps := min(1<<18, max(1<<12, int(1e9/(each+4*float64(m.Lattice.sites))))) // about a second
			best = min(best, reportIndependent(b, each, s.tau(step, steps)))
		})
	}
	return best
}

// reportIndependent reports, and returns in nanoseconds, the cost of 2τ steps of a chain.
func reportIndependent(b *testing.B, step, tau float64) float64 {
	cost := 2 * tau * step
	b.ReportMetric(tau, "τ/step")
	b.ReportMetric(cost/1000, "µs/config")
	return cost
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
					if _, err := Pilot(context.Background(), m, temperature, Auto, [32]byte{1}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
