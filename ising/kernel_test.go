package ising

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"isingrbm/ising/internal/multispin"
)

func TestKernel(t *testing.T) {
	name, err := Kernel()
	if err != nil {
		t.Fatal(err)
	}
	if asked := os.Getenv(kernelVariable); asked != "" && name != asked {
		t.Errorf("kernel %q, but %s=%s", name, kernelVariable, asked)
	}
	if _, err := selectKernel("avx3"); err == nil || !strings.Contains(err.Error(), `ISINGRBM_KERNEL: no kernel "avx3": want`) {
		t.Errorf("kernel avx3: error %v", err)
	}
}

// quickModels are models in zero field that have quick rules, of odd and even size and either sign.
func quickModels(t *testing.T) []Model {
	var models []Model
	for _, c := range []struct {
		kind     Kind
		size     int
		boundary Boundary
	}{{Square, 3, Periodic}, {Square, 4, Periodic}, {Square, 9, Periodic}, {Square, 10, Periodic}, {Square, 7, Open},
		{Cubic, 3, Periodic}, {Cubic, 4, Periodic}, {Cubic, 5, Open}, {Triangular, 6, Periodic}, {Triangular, 7, Open},
		{Chain, 13, Periodic}} {
		l := mustLattice(t, c.kind, c.size, c.boundary)
		models = append(models, Model{l, 1, 0}, Model{l, -1, 0})
	}
	return models
}

// run returns the spins and the stream after some steps of a block, once the samplers are changed.
func run(t *testing.T, m Model, temperature float64, a Algorithm, k *multispin.Kernel, change func(sampler)) ([]lanes, multispin.State) {
	t.Helper()
	b := mustBlock(t, m, temperature, a, 61)
	b.stream.kernel = k
	for _, s := range b.samplers {
		change(s)
	}
	for range 4 {
		b.Step()
	}
	return b.spins, b.stream.state
}

// All kernels give the same bits, also at temperatures that leave few classes or none to chance.
func TestKernelsGiveTheSameBits(t *testing.T) {
	for _, m := range quickModels(t) {
		for _, algorithm := range []Algorithm{Metropolis, HeatBath, Wolff, SwendsenWang, MetropolisWolff} {
			for _, temperature := range []float64{1e-3, 0.3, 1.5, 2.269, 4.5, 1e20} {
				if CheckAlgorithm(m, algorithm, temperature) != nil {
					continue
				}
				want, wantState := run(t, m, temperature, algorithm, multispin.Portable, func(sampler) {})
				for _, k := range multispin.Kernels() {
					got, gotState := run(t, m, temperature, algorithm, k, func(sampler) {})
					if !slices.Equal(got, want) || gotState != wantState {
						t.Errorf("%v T=%v %s: %s differs from portable", m, temperature, algorithm, k.Name())
					}
				}
			}
		}
	}
}

// Quick rules give the bits of the general ones.
func TestQuickRulesAreTheRules(t *testing.T) {
	for _, m := range quickModels(t) {
		for _, algorithm := range []Algorithm{Metropolis, HeatBath} {
			t.Run(fmt.Sprintf("%v/%s", m, algorithm), func(t *testing.T) {
				quick := 0
				want, wantState := run(t, m, 2.269, algorithm, multispin.Portable, func(s sampler) {
					for k, q := range s.(*sweep).quick {
						if q != nil {
							quick++
						}
						s.(*sweep).quick[k] = nil
					}
				})
				got, gotState := run(t, m, 2.269, algorithm, multispin.Portable, func(sampler) {})
				if !slices.Equal(got, want) || gotState != wantState {
					t.Error("quick and general rules differ")
				}
				if quick == 0 && m.Lattice.kind != Chain && (m.Lattice.kind == Square || algorithm == Metropolis) {
					t.Error("no quick rule")
				}
			})
		}
	}
}
