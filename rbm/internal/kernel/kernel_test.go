package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// guard is the number of elements before and behind everything that a kernel may
// write.
const guard = 3

// guarded returns a copy of v with guards around it, and a function that reports
// whether these are as they were.
func guarded[T comparable](v []T, mark T) (inside []T, whole func() bool) {
	n := len(v)
	all := slices.Repeat([]T{mark}, n+2*guard)
	copy(all[guard:], v)
	return all[guard : guard+n : guard+n], func() bool {
		outside := append(slices.Clone(all[:guard]), all[guard+n:]...)
		return !slices.ContainsFunc(outside, func(x T) bool { return x != mark })
	}
}

// markStrip stands in guards.
var markStrip = Strip{3: 77, 15: -1}

// patterns are the bits of strips: NaN and signs of zeros count.
func patterns(strips []Strip) []uint32 {
	var p []uint32
	for i := range strips {
		for _, x := range strips[i] {
			p = append(p, math.Float32bits(x))
		}
	}
	return p
}

// extremes are activations that strain the definition.
func extremes(rng *rand.Rand, n int) []Strip {
	inf, nan := float32(math.Inf(1)), math.Float32bits(float32(math.NaN()))
	special := []float32{inf, -inf, math.MaxFloat32, -math.MaxFloat32, 64, -64, 65, -65, math.Nextafter32(64, 65), 0,
		math.Float32frombits(1 << 31), 0.5, -0.5, 1.5, 24.9, -24.9, 1e-38, 1e-45,
		math.Float32frombits(nan), math.Float32frombits(nan | 1<<31)}
	s := randomStrips(rng, n, 10)
	for i := range s {
		for l := range s[i] {
			if rng.IntN(3) == 0 {
				s[i][l] = special[rng.IntN(len(special))]
			}
		}
	}
	return s
}

// others are the kernels that have to agree with the portable one.
func others(t testing.TB) []*Kernel {
	kernels := Kernels()
	t.Logf("kernels: %d beside the portable one", len(kernels)-1)
	return kernels[:len(kernels)-1]
}

func TestFillTableIsPortable(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 1))
	for _, k := range others(t) {
		for groups := 1; groups <= groupsPerWord; groups++ {
			panel, start := extremes(rng, 4*groups), &extremes(rng, 1)[0]
			kept := patterns(append(panel, *start))
			run := func(k *Kernel) []uint32 {
				all := make([]table, 3)
				k.fillTable(&all[1], panel, start)
				if all[0] != (table{}) || all[2] != (table{}) || all[1][16] != (Strip{}) {
					t.Fatalf("%s: %d groups: wrote outside of the table", k.Name(), groups)
				}
				return patterns(all[1][:])
			}
			if !sameNumbers(run(k), run(Portable)) {
				t.Fatalf("%s: %d groups differ from portable", k.Name(), groups)
			}
			if !slices.Equal(patterns(append(panel, *start)), kept) {
				t.Fatalf("%s changed its arguments", k.Name())
			}
		}
	}
}

// sameNumbers compares patterns; that of a NaN after a sum is the processor's.
func sameNumbers(a, b []uint32) bool {
	return slices.EqualFunc(a, b, func(x, y uint32) bool {
		p, q := math.Float32frombits(x), math.Float32frombits(y)
		return x == y || p != p && q != q
	})
}

// Sums of every number of rows and groups, fresh and going on, at every stride.
func TestSumsAreThePortableOnes(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 1))
	sums := new(table)
	for _, k := range others(t) {
		for groups := 1; groups <= groupsPerWord; groups++ {
			sums.fill(randomStrips(rng, 4*groups, 1), &randomStrips(rng, 1, 1)[0])
			kept := *sums
			for _, n := range []int{1, 2, 3, 4, 5, 7, 8, 11, 16, 17} {
				stride := 1 + rng.IntN(3)
				bits := randomRows(rng, 1+(n-1)*stride, 64)
				for r := range n {
					bits[r*stride] &= 1<<(4*groups) - 1
				}
				start, in := randomStrips(rng, n, 1), slices.Clone(bits)
				for name, sum := range map[string]func(k *Kernel, acc []Strip){
					"set": func(k *Kernel, acc []Strip) { k.setTable(acc, bits, stride, sums, groups) },
					"add": func(k *Kernel, acc []Strip) { k.addTable(acc, bits, stride, sums, groups) },
				} {
					run := func(k *Kernel) []uint32 {
						acc, whole := guarded(start, markStrip)
						sum(k, acc)
						if !whole() || !slices.Equal(bits, in) || *sums != kept {
							t.Fatalf("%s: %s wrote what it must not", k.Name(), name)
						}
						return patterns(acc)
					}
					if !slices.Equal(run(k), run(Portable)) {
						t.Fatalf("%s: %s of %d groups, %d rows differs from portable", k.Name(), name, groups, n)
					}
				}
			}
		}
	}
}

// Both directions get the same weights, whole blocks or not, and the padding stays.
func TestSetIsPortable(t *testing.T) {
	rng := rand.New(rand.NewPCG(16, 1))
	for _, k := range others(t) {
		for _, inputs := range []int{1, 15, 16, 17, 31, 32, 64, 100} {
			for _, outputs := range []int{1, 12, 13, 15, 16, 17, 64, 75} {
				weights := make([][]Strip, Strips(outputs))
				for o := range weights {
					weights[o] = randomStrips(rng, inputs, 1)
					for lane := outputs - o*Lanes; lane < Lanes; lane++ {
						for i := range weights[o] {
							weights[o][i][lane] = 0
						}
					}
				}
				run := func(k *Kernel) []uint32 {
					up, down := NewLayer(inputs, outputs), NewLayer(outputs, inputs)
					var whole [2]func() bool
					for d, l := range []*Layer{up, down} {
						l.panels, whole[d] = guarded(l.panels, markStrip)
					}
					for o := range weights {
						kept := slices.Clone(weights[o])
						up.set(k, down, o, weights[o])
						if !slices.Equal(kept, weights[o]) {
							t.Fatal("changed the weights")
						}
					}
					if !whole[0]() || !whole[1]() {
						t.Fatal("wrote outside of the panels")
					}
					return append(patterns(up.panels), patterns(down.panels)...)
				}
				if !slices.Equal(run(k), run(Portable)) {
					t.Fatalf("%s: %d → %d differs from portable", k.Name(), inputs, outputs)
				}
			}
		}
	}
}

// Bits, means and generators of every number of rows, in every place of a word, at
// every offset, with ordinary and extreme activations.
func TestDecideRowsIsPortable(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 1))
	for _, k := range others(t) {
		for _, n := range []int{1, 2, 3, 4, 5, 6, 7, 8, 13, 64, 101} {
			for strip := range 8 {
				for _, outputs := range []int{16*strip + 1, 16*strip + 15, 16*strip + 16, 16*strip + 40, 200} {
					layer := NewLayer(1, outputs)
					if msg := decideOnBoth(layer, k, strip, extremes(rng, n), testGenerators(1, byte(n))[0], rng); msg != "" {
						t.Fatalf("%s: %d rows, strip %d of %d outputs: %s", k.Name(), n, strip, outputs, msg)
					}
				}
			}
		}
	}
}

// decideOnBoth compares one kernel's decisions and means with the portable ones.
func decideOnBoth(layer *Layer, k *Kernel, strip int, z []Strip, gen Generator, rng *rand.Rand) string {
	n, words := len(z), Words(layer.outputs)
	scale := *new(Workspace).scales(layer, strip, 0.01)
	before := randomRows(rng, n*words, 64)
	for r := range n { // the first strip of a word has cleared the others
		if strip%4 != 0 {
			before[r*words+strip/4] &^= 0xffff << (strip % 4 * Lanes)
		}
	}
	type result struct {
		rows          [2][]uint64
		gens          [2]Generator
		means, inPass []uint32
	}
	whole := true
	run := func(k *Kernel) (r result) {
		for pass := range r.rows {
			dst, wholeRows := guarded(before, uint64(0xabcdef0123456789))
			acc, wholeAcc := guarded(z, markStrip)
			gens, wholeGens := guarded([]Generator{gen}, Generator{{1}})
			if pass == 0 {
				k.decideRows(layer.target(dst, strip), acc, &gens[0])
			} else {
				k.decideMeanRows(layer.target(dst, strip), acc, &gens[0], &scale)
				r.inPass = patterns(acc)
			}
			r.rows[pass], r.gens[pass] = dst, gens[0]
			whole = whole && wholeRows() && wholeAcc() && wholeGens()
		}
		acc, wholeAcc := guarded(z, markStrip)
		k.meanRows(acc, &scale)
		r.means = patterns(acc)
		whole = whole && wholeAcc()
		return r
	}
	want, got := run(Portable), run(k)
	for pass := range want.rows {
		if strip%4 == 0 { // the rest of a word is another strip's to write, if there is one
			mask := ^uint64(0)
			if len(layer.bias)-strip >= 4 {
				mask = 0xffff
			}
			for r := range n {
				want.rows[pass][r*words+strip/4] &= mask
				got.rows[pass][r*words+strip/4] &= mask
			}
		}
		if !slices.Equal(want.rows[pass], got.rows[pass]) || want.gens[pass] != got.gens[pass] {
			return "bits or generators differ from portable"
		}
	}
	switch {
	case !slices.Equal(want.means, got.means) || !slices.Equal(got.means, got.inPass):
		return "means differ from portable"
	case !whole:
		return "wrote what it must not"
	}
	return ""
}

// Sums and decisions side by side are those one after the other, for every number of
// rows around the blocks, fresh and going on, in every place of a word.
func TestSampleRowsIsPortable(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 1))
	sums := new(table)
	for _, k := range others(t) {
		for _, groups := range []int{groupsPerWord, 5} {
			sums.fill(randomStrips(rng, 4*groups, 1), &randomStrips(rng, 1, 1)[0])
			for n := 1; n <= 23; n++ {
				for strip := range 8 {
					layer, stride := NewLayer(64, 16*strip+1+rng.IntN(90)), 1+rng.IntN(3)
					bits, gen := randomRows(rng, (n-1)*stride+1, 4*groups), testGenerators(1, byte(n))[0]
					for _, fresh := range []bool{true, false} {
						start := randomStrips(rng, n, 1)
						run := func(k *Kernel) ([]uint64, Generator) {
							dst, wholeRows := guarded(make([]uint64, n*Words(layer.outputs)), uint64(0xabcdef0123456789))
							acc, wholeAcc := guarded(start, markStrip)
							in, g := slices.Clone(bits), gen
							k.sampleRows(layer.target(dst, strip), acc, fresh, in, stride, sums, groups, &g)
							if !wholeRows() || !wholeAcc() || !slices.Equal(in, bits) {
								t.Fatalf("%s: %d rows: wrote what it must not", k.Name(), n)
							}
							return dst, g
						}
						want, wantGen := run(Portable)
						got, gotGen := run(k)
						if !slices.Equal(want, got) || wantGen != gotGen {
							t.Fatalf("%s: %d rows, strip %d of %d outputs: differs from portable", k.Name(), n, strip, layer.outputs)
						}
					}
				}
			}
		}
	}
}

// The control: kernels that are a little wrong are told from the portable one.
func TestWrongKernelsDiffer(t *testing.T) {
	rng := rand.New(rand.NewPCG(14, 1))
	layer, z, gen := NewLayer(1, 64), randomStrips(rng, 100, 2), testGenerators(1, 1)[0]
	draw := func(z []Strip, gen Generator) []uint64 {
		dst := make([]uint64, len(z))
		Portable.decideRows(layer.target(dst, 0), slices.Clone(z), &gen)
		return dst
	}
	shifted := slices.Clone(z)
	for i := range shifted {
		for l := range shifted[i] {
			shifted[i][l] += 0.02
		}
	}
	other := gen
	other[2][7] ^= 1 << 31
	if slices.Equal(draw(z, gen), draw(shifted, gen)) || slices.Equal(draw(z, gen), draw(z, other)) {
		t.Error("a wrong activation or state went unnoticed")
	}
}

// Whole layers agree for shapes of all sorts.
func FuzzKernels(f *testing.F) {
	f.Add(uint16(63), uint16(63), uint16(99), uint64(1))
	f.Add(uint16(8), uint16(3), uint16(6), uint64(2))
	f.Add(uint16(130), uint16(99), uint16(600), uint64(3))
	f.Fuzz(func(t *testing.T, inputs, outputs, rows uint16, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 0))
		n := int(rows)%700 + 1
		p := randomParams(rng, int(inputs)%300+1, int(outputs)%300+1, 1)
		up, _ := p.layers()
		src := randomRows(rng, n, p.inputs)
		want := runLayer(up, src, n, Portable)
		for _, k := range others(t) {
			if got := runLayer(up, src, n, k); !got.equal(want) {
				t.Fatalf("%s: %d × %d, %d rows: differs from portable", k.Name(), p.inputs, p.outputs, n)
			}
		}
	})
}

func TestKernelsGiveTheSameBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 1))
	for _, inputs := range []int{1, 4, 16, 36, 64, 65, 100, 144, 256} {
		for _, outputs := range []int{1, 4, 16, 17, 48, 64, 65, 130} {
			for _, n := range []int{1, 3, 4, 100, 515} {
				up, _ := randomParams(rng, inputs, outputs, 1).layers()
				src := randomRows(rng, n, inputs)
				want := runLayer(up, src, n, Portable)
				for _, k := range others(t) {
					if got := runLayer(up, src, n, k); !got.equal(want) {
						t.Fatalf("%s: %d → %d, %d rows: differs from portable", k.Name(), inputs, outputs, n)
					}
				}
			}
		}
	}
}

// outcome is all that a layer and a gradient leave.
type outcome struct {
	sampled, drawn  []uint64
	gens            []Generator
	means, gradient []uint32
}

func (o outcome) equal(p outcome) bool {
	return slices.Equal(o.sampled, p.sampled) && slices.Equal(o.drawn, p.drawn) && slices.Equal(o.gens, p.gens) &&
		slices.Equal(o.means, p.means) && slices.Equal(o.gradient, p.gradient)
}

// runLayer uses one workspace for everything, so that leftovers would show.
func runLayer(l *Layer, src []uint64, n int, k *Kernel) (o outcome) {
	w, out := NewWorkspace(k), Words(l.outputs)
	o.gens = testGenerators(Strips(l.outputs), 21)
	o.sampled, o.drawn = make([]uint64, n*out), make([]uint64, n*out)
	l.Sample(o.sampled, src, o.gens, w)
	means := make([]Strip, Strips(l.outputs)*Padded(n))
	l.SampleMeans(o.drawn, means, src, 1/float32(n), o.gens, w)
	columns := make([]uint64, l.inputs*Words(n))
	TransposeBits(columns, src, n, l.inputs)
	gradient := make([]Strip, l.inputs)
	Accumulate(gradient, means[:Padded(n)], columns, Words(n), w)
	o.gradient = patterns(gradient)
	l.Means(means, src, -1/float32(n), w)
	o.means = patterns(means)
	return o
}

func TestSelect(t *testing.T) {
	for _, k := range Kernels() {
		if got, err := Select(k.Name()); err != nil || got.Name() != k.Name() {
			t.Errorf("%s: %v, %v", k.Name(), got, err)
		}
	}
	if k, err := Select(""); err != nil || k.Name() != Kernels()[0].Name() {
		t.Errorf("the default is %v, %v", k, err)
	}
	if _, err := Select("sse9"); err == nil || !strings.Contains(err.Error(), `no kernel "sse9": want`) {
		t.Errorf("sse9: %v", err)
	}
	for _, name := range []string{"avx2", "avx512"} {
		there := slices.ContainsFunc(Kernels(), func(k *Kernel) bool { return k.Name() == name })
		if _, err := Select(name); !there && (err == nil || !strings.Contains(err.Error(), "cannot run here")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A variable that names no kernel must not let the tests of another one pass.
func TestSelected(t *testing.T) {
	k, err := Selected()
	if err != nil {
		t.Fatal(err)
	}
	if asked := os.Getenv(Variable); asked != "" && k.Name() != asked {
		t.Errorf("kernel %s, but %s=%s", k.Name(), Variable, asked)
	}
	if new(Workspace).use().Name() != k.Name() {
		t.Error("a new workspace has another kernel than the selected one")
	}
}

// Loads of a strip should not straddle cache lines: the allocator aligns what is a
// multiple of 64 bytes long.
func TestAlignment(t *testing.T) {
	check := func(what string, p unsafe.Pointer) {
		if uintptr(p)%64 != 0 {
			t.Errorf("%s at %x, not at a multiple of 64", what, p)
		}
	}
	for n := 1; n < 600; n += 7 {
		l := NewLayer(n, n/2+1)
		check(fmt.Sprintf("panels of %d inputs", n), unsafe.Pointer(&l.panels[0]))
		check(fmt.Sprintf("biases of %d outputs", n/2+1), unsafe.Pointer(&l.bias[0]))
	}
	w := NewWorkspace(Portable)
	check("table", unsafe.Pointer(&w.table))
	check("activations", unsafe.Pointer(&w.acc))
}
