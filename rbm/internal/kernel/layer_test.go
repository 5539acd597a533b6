package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

var shapes = [][2]int{{1, 1}, {3, 4}, {4, 16}, {17, 5}, {64, 64}, {65, 33}, {63, 80}, {130, 129}, {16, 200}}

// Every bit and mean is the definition's, in both directions, for rows below,
// at and beyond the block size.
func TestLayerIsLiteral(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	for _, shape := range shapes {
		p := randomParams(rng, shape[0], shape[1], 0.7)
		up, down := p.layers()
		for _, rows := range []int{0, 1, 3, 20} {
			compareToLiteral(t, up, p, rng, rows)
			compareToLiteral(t, down, p.transposed(), rng, rows)
		}
	}
	p := randomParams(rng, 5, 3, 0.7)
	up, _ := p.layers()
	compareToLiteral(t, up, p, rng, len(Workspace{}.acc)+3)
}

func compareToLiteral(t *testing.T, layer *Layer, p params, rng *rand.Rand, rows int) {
	t.Helper()
	const guard = 0xabcdef0123456789
	out, strips := Words(p.outputs), Strips(p.outputs)
	src := randomRows(rng, rows, p.inputs)
	kept := slices.Clone(src)
	gens, literal, w := testGenerators(strips, 1), testGenerators(strips, 1), new(Workspace)
	dst := slices.Repeat([]uint64{guard}, rows*out+1)
	layer.Sample(dst[:rows*out], src, gens, w)
	want := p.literalSample(src, rows, literal)
	if !slices.Equal(dst[:rows*out], want) || !slices.Equal(gens, literal) {
		t.Fatalf("%d → %d, %d rows: samples or generators differ from the definition", p.inputs, p.outputs, rows)
	}
	compareMeans(t, layer, p, src, rows)
	means := make([]Strip, strips*Padded(rows))
	layer.SampleMeans(dst[:rows*out], means, src, 0.25, gens, w)
	if !slices.Equal(dst[:rows*out], p.literalSample(src, rows, literal)) {
		t.Fatalf("%d → %d: SampleMeans samples otherwise than Sample", p.inputs, p.outputs)
	}
	only := make([]Strip, len(means))
	layer.Means(only, src, 0.25, w)
	if !slices.Equal(only, means) {
		t.Fatalf("%d → %d: SampleMeans and Means differ", p.inputs, p.outputs)
	}
	if dst[rows*out] != guard || !slices.Equal(src, kept) {
		t.Fatal("wrote outside its destination")
	}
}

// compareMeans checks the means, their padding and the guards around them.
func compareMeans(t *testing.T, layer *Layer, p params, src []uint64, rows int) {
	t.Helper()
	const scale, mark = -0.125, 77
	room := Strips(p.outputs) * Padded(rows)
	means := make([]Strip, room+1)
	for i := range means {
		means[i][0] = mark
	}
	layer.Means(means[:room], src, scale, new(Workspace))
	for o := range Strips(p.outputs) {
		for r := range Padded(rows) {
			got := means[o*Padded(rows)+r]
			if r >= rows {
				if got != (Strip{mark}) {
					t.Fatal("a padded row was written")
				}
				continue
			}
			for lane, x := range got {
				want := float32(0)
				if output := o*Lanes + lane; output < p.outputs {
					want = scale / (1 + literalExp(p.activation(src[r*Words(p.inputs):], output)))
				}
				if x != want {
					t.Fatalf("mean of output %d is %g, the definition gives %g", o*Lanes+lane, x, want)
				}
			}
		}
	}
	if means[room] != (Strip{mark}) {
		t.Fatal("wrote behind the means")
	}
}

// Means agree with float64 arithmetic in natural units.
func TestMeansAgainstFloat64(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	const inputs, outputs, rows = 64, 64, 100
	p := randomParams(rng, inputs, outputs, 0.3)
	up, _ := p.layers()
	src := randomRows(rng, rows, inputs)
	means := make([]Strip, Strips(outputs)*Padded(rows))
	up.Means(means, src, 1, new(Workspace))
	worst := 0.0
	for r := range rows {
		for j := range outputs {
			x := float64(p.up[j])
			for i := range inputs {
				if bitAt(src[r:], i) {
					x += float64(p.weights[i][j])
				}
			}
			got := float64(means[j/Lanes*Padded(rows)+r][j%Lanes])
			worst = max(worst, math.Abs(got-1/(1+math.Exp(-x))))
		}
	}
	t.Logf("largest error of a mean %.2g", worst)
	if worst > 1e-6 {
		t.Errorf("a mean is off by %g", worst)
	}
}

// A strip depends on nothing but its inputs and its own generator.
func TestStripsAreIndependent(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	p := randomParams(rng, 40, 70, 0.5)
	up, _ := p.layers()
	narrow := p
	narrow.outputs = 32
	narrow.up = p.up[:32]
	few, _ := narrow.layers()
	src := randomRows(rng, 50, 40)
	all, part := make([]uint64, 50*2), make([]uint64, 50)
	w := new(Workspace)
	up.Sample(all, src, testGenerators(5, 2), w)
	few.Sample(part, src, testGenerators(5, 2)[:2], w)
	for r := range part {
		if part[r] != all[2*r]&(1<<32-1) {
			t.Fatalf("row %d depends on strips beside it", r)
		}
	}
}

func TestLayerRefusesWhatDoesNotFit(t *testing.T) {
	up, down := NewLayer(10, 20), NewLayer(20, 10)
	w := new(Workspace)
	for name, call := range map[string]func(){
		"no units":       func() { NewLayer(0, 3) },
		"short dst":      func() { up.Sample(make([]uint64, 1), make([]uint64, 2), testGenerators(2, 1), w) },
		"few generators": func() { up.Sample(make([]uint64, 2), make([]uint64, 2), testGenerators(1, 1), w) },
		"wrong pair":     func() { SetWeights(up, up, 0, make([]Strip, 10)) },
		"few weights":    func() { SetWeights(up, down, 0, make([]Strip, 9)) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("accepted")
				}
			}()
			call()
		})
	}
}

func FuzzLayer(f *testing.F) {
	f.Add(uint8(5), uint8(9), uint8(3), uint64(1))
	f.Add(uint8(64), uint8(16), uint8(100), uint64(2))
	f.Add(uint8(129), uint8(65), uint8(2), uint64(3))
	f.Fuzz(func(t *testing.T, inputs, outputs, rows uint8, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 0))
		p := randomParams(rng, int(inputs)+1, int(outputs)+1, 1)
		up, down := p.layers()
		compareToLiteral(t, up, p, rng, int(rows))
		compareToLiteral(t, down, p.transposed(), rng, int(rows))
	})
}
