package kernel

import (
	"math"
	"math/rand/v2"
)

// The oracle repeats the package's definition as literally as Go allows: no
// tables, no lanes, no bit tricks.

// params are the natural parameters behind a pair of layers.
type params struct {
	inputs, outputs int
	weights         [][]float32 // [input][output]
	up, down        []float32   // biases of outputs, of inputs
}

func randomParams(rng *rand.Rand, inputs, outputs int, deviation float64) params {
	normal := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(deviation * rng.NormFloat64())
		}
		return x
	}
	p := params{inputs, outputs, make([][]float32, inputs), normal(outputs), normal(inputs)}
	for i := range p.weights {
		p.weights[i] = normal(outputs)
	}
	return p
}

// layers builds both directions of the machine.
func (p params) layers() (up, down *Layer) {
	up, down = NewLayer(p.inputs, p.outputs), NewLayer(p.outputs, p.inputs)
	for o := range Strips(p.outputs) {
		weights := make([]Strip, p.inputs)
		for i := range weights {
			copy(weights[i][:], p.weights[i][o*Lanes:])
		}
		SetWeights(up, down, o, weights)
	}
	setBiases(up, p.up)
	setBiases(down, p.down)
	return up, down
}

func setBiases(l *Layer, bias []float32) {
	for o := range Strips(len(bias)) {
		var s Strip
		copy(s[:], bias[o*Lanes:])
		l.SetBias(o, &s)
	}
}

// transposed is the machine seen from its other layer.
func (p params) transposed() params {
	t := params{p.outputs, p.inputs, make([][]float32, p.outputs), p.down, p.up}
	for j := range t.weights {
		t.weights[j] = make([]float32, p.inputs)
		for i := range p.weights {
			t.weights[j][i] = p.weights[i][j]
		}
	}
	return t
}

// activation is the sum of one output in the order of the definition, in bits.
func (p params) activation(row []uint64, output int) float32 {
	const log2e = float32(math.Log2E)
	acc := float32(p.up[output] * log2e)
	for group := 0; group < p.inputs; group += 4 {
		t := float32(0)
		for i := group; i < min(group+4, p.inputs); i++ {
			if bitAt(row, i) {
				t += float32(p.weights[i][output] * log2e)
			}
		}
		acc += t
	}
	return acc
}

// literalExp is e of the definition.
func literalExp(z float32) float32 {
	z = max(-64, min(z, 64))
	k := math.RoundToEven(float64(-z) * perBit)
	g := z + float32(k/perBit-float64(center))
	power := float32(float64(leading) * math.Exp2(float64(int(k)&15)/perBit))
	p := float32(g*g) + rest
	return float32(p * float32(math.Ldexp(float64(power), int(k)>>4)))
}

// scalar is one xoshiro128+ generator, as published.
type scalar [4]uint32

func (s *scalar) next() uint32 {
	rotl := func(x uint32, k uint) uint32 { return x<<k | x>>(32-k) }
	result := s[0] + s[3]
	t := s[1] << 9
	s[2] ^= s[0]
	s[3] ^= s[1]
	s[1] ^= s[2]
	s[0] ^= s[3]
	s[2] ^= t
	s[3] = rotl(s[3], 11)
	return result
}

// literalSample draws all outputs of all rows; gens is advanced as the kernel's.
func (p params) literalSample(src []uint64, rows int, gens []Generator) (dst []uint64) {
	in, out := Words(p.inputs), Words(p.outputs)
	dst = make([]uint64, rows*out)
	for o := range gens {
		for lane := range Lanes {
			g := scalar{gens[o][0][lane], gens[o][1][lane], gens[o][2][lane], gens[o][3][lane]}
			for r := range rows {
				u := (float32(g.next()>>9) + 0.5) / (1 << 23)
				output := o*Lanes + lane
				if output >= p.outputs {
					continue
				}
				if e := literalExp(p.activation(src[r*in:], output)); u+float32(u*e) < 1 {
					dst[r*out+output/64] |= 1 << (output % 64)
				}
			}
			gens[o][0][lane], gens[o][1][lane], gens[o][2][lane], gens[o][3][lane] = g[0], g[1], g[2], g[3]
		}
	}
	return dst
}

func bitAt(row []uint64, i int) bool { return row[i/64]>>(i%64)&1 == 1 }

// randomRows returns n rows of fair bits, zero beyond units.
func randomRows(rng *rand.Rand, n, units int) []uint64 {
	words := Words(units)
	rows := make([]uint64, n*words)
	for i := range rows {
		rows[i] = rng.Uint64()
		if i%words == words-1 && units%64 != 0 {
			rows[i] &= 1<<(units%64) - 1
		}
	}
	return rows
}

func randomStrips(rng *rand.Rand, n int, deviation float64) []Strip {
	s := make([]Strip, n)
	for i := range s {
		for l := range s[i] {
			s[i][l] = float32(deviation * rng.NormFloat64())
		}
	}
	return s
}

func testGenerators(n int, seed byte) []Generator {
	return NewGenerators(n, rand.NewChaCha8([32]byte{seed}))
}
