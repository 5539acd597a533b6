package multispin

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// guard is how many lanes stand before and behind everything that a kernel may write, filled with numbers that must stay.
const guard = 3

// fill returns random lanes.
func fill(rng *rand.Rand, n int) []Lanes {
	v := make([]Lanes, n)
	for i := range v {
		for l := range v[i] {
			v[i][l] = rng.Uint64()
		}
	}
	return v
}

// guarded returns a copy of lanes with guards around it, and a function that reports whether these are as they were.
func guarded(v []Lanes) (inside []Lanes, whole func() bool) {
	all := fill(rand.New(rand.NewPCG(1, 2)), len(v)+2*guard)
	copy(all[guard:], v)
	before := slices.Clone(all)
	return all[guard : guard+len(v) : guard+len(v)], func() bool {
		n := guard + len(v)
		return slices.Equal(all[:guard], before[:guard]) && slices.Equal(all[n:], before[n:])
	}
}

// ring is sites of which each has the given number of neighbors, numbers at fixed distances.
func ring(n, degree int, spins []Lanes, differ uint64) *Sites {
	s := &Sites{Spins: spins, First: []int32{0}, Differ: differ}
	for i := range n {
		for k := 1; k <= degree/2; k++ {
			s.Neighbors = append(s.Neighbors, int32((i+k)%n), int32((i+n-k)%n))
		}
		s.First = append(s.First, int32(len(s.Neighbors)))
	}
	return s
}

// every returns every step-th of n sites.
func every(n, step int) (sites []int32) {
	for i := 0; i+step <= n; i += step {
		sites = append(sites, int32(i))
	}
	return sites
}

func fraction(p float64) uint64 { return uint64(math.Ldexp(p, 64)) }

// manyOdds are odds with thresholds of all sorts, also such as end after few bits.
func manyOdds(rng *rand.Rand) []*Odds {
	p4, p8, p12 := fraction(math.Exp(-4/2.269)), fraction(math.Exp(-8/2.269)), fraction(math.Exp(-12/2.269))
	return []*Odds{
		NewOdds(p8, p8^p4), NewOdds(p12, p4^p8, p8^p12), NewOdds(p8, p4^p8, 1<<63^p8), NewOdds(0), NewOdds(1 << 63),
		NewOdds(1 << 59), NewOdds(1 << 58), NewOdds(1), NewOdds(math.MaxUint64), NewOdds(0, 1, 1<<63),
		NewOdds(rng.Uint64(), rng.Uint64(), rng.Uint64()), NewOdds(rng.Uint64()<<52, rng.Uint64()<<52),
	}
}

func others(t *testing.T) []*Kernel {
	kernels := Kernels()
	t.Logf("kernels: %d beside the portable one", len(kernels)-1)
	return kernels[:len(kernels)-1]
}

// flips runs a kernel's update and returns the spins and the state after it.
func flips(t *testing.T, k *Kernel, r Rule, spins []Lanes, sites []int32, o *Odds, differ uint64, state State) ([]Lanes, State) {
	t.Helper()
	inside, whole := guarded(spins)
	lattice := ring(len(spins), r.Degree(), inside, differ)
	first, neighbors, list, odds := slices.Clone(lattice.First), slices.Clone(lattice.Neighbors), slices.Clone(sites), *o
	k.Flip(r, lattice, sites, o, &state)
	if !whole() {
		t.Fatal("wrote outside of the spins")
	}
	if !slices.Equal(first, lattice.First) || !slices.Equal(neighbors, lattice.Neighbors) || !slices.Equal(list, sites) ||
		odds != *o {
		t.Fatal("changed what it must only read")
	}
	return inside, state
}

// Every kernel flips as the portable one, with sites of every number to several groups, and leaves the same state.
func TestFlipIsPortable(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, k := range others(t) {
		for r := range rules {
			for count := range 3*groupSize + 2 {
				step := r.Degree()/2 + 1
				spins := fill(rng, step*max(count, 2)+rng.IntN(3))
				sites := every(len(spins), step)[:count]
				for i, o := range manyOdds(rng) {
					state := State(fill(rng, 4))
					differ := -(rng.Uint64() & 1)
					want, wantState := flips(t, Portable, r, spins, sites, o, differ, state)
					got, gotState := flips(t, k, r, spins, sites, o, differ, state)
					if !slices.Equal(got, want) || gotState != wantState {
						t.Fatalf("%s: rule %d, %d sites, odds %d: differs from portable", k.Name(), r, count, i)
					}
				}
			}
		}
	}
}

// Every kernel draws bonds as the portable one.
func TestDrawBondsIsPortable(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, k := range others(t) {
		for count := range 3*groupSize + 2 {
			spins := fill(rng, 10)
			ends := make([][2]int32, count)
			for i := range ends {
				ends[i] = [2]int32{rng.Int32N(10), rng.Int32N(10)}
			}
			for i, o := range []*Odds{NewOdds(fraction(math.Exp(-2 / 2.269))), NewOdds(0), NewOdds(1 << 63), NewOdds(1),
				NewOdds(math.MaxUint64), NewOdds(rng.Uint64())} {
				differ := -(rng.Uint64() & 1)
				state := State(fill(rng, 4))
				run := func(k *Kernel) ([]Lanes, State) {
					drawn, whole := guarded(make([]Lanes, count))
					state, before := state, slices.Clone(spins)
					k.DrawBonds(drawn, spins, ends, o, differ, &state)
					if !whole() || !slices.Equal(spins, before) {
						t.Fatal("wrote what it must not")
					}
					return drawn, state
				}
				want, wantState := run(Portable)
				got, gotState := run(k)
				if !slices.Equal(got, want) || gotState != wantState {
					t.Fatalf("%s: %d bonds, odds %d: differs from portable", k.Name(), count, i)
				}
			}
		}
	}
}

// Every kernel grows rows as the portable one, of every length, closed or open, in every span.
func TestGrowIsPortable(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, k := range others(t) {
		for size := 2; size < 20; size++ {
			for _, degree := range []int{0, 2, 4} {
				for trial := range 12 {
					before, bonds, r := randomRow(rng, size, degree, trial%2 == 0)
					from := rng.IntN(size)
					open := Span{from, from + rng.IntN(size-from)}
					run := func(k *Kernel) ([]Lanes, Span) {
						reached, whole := guarded(before)
						drawn := slices.Clone(bonds)
						grown := k.Grow(reached, bonds, r, open)
						if !whole() || !slices.Equal(drawn, bonds) {
							t.Fatal("wrote what it must not")
						}
						return reached, grown
					}
					want, wantGrown := run(Portable)
					got, gotGrown := run(k)
					if !slices.Equal(got, want) || gotGrown != wantGrown {
						t.Fatalf("%s: row of %d, %d sides: %v differs from portable %v", k.Name(), size, degree, gotGrown, wantGrown)
					}
				}
			}
		}
	}
}

// randomRow returns the middle one of three rows, with sides to both others, and reached sites there, mostly few.
func randomRow(rng *rand.Rand, size, degree int, closed bool) (reached, bonds []Lanes, r *Row) {
	r = &Row{First: size, Size: size, Degree: degree}
	reached = make([]Lanes, 3*size)
	few := rng.IntN(2) == 0
	for i, u := range fill(rng, size) {
		reached[i], reached[2*size+i] = u, u
		for l := range u {
			reached[i][l] &= rng.Uint64() & rng.Uint64()
			if few {
				reached[i][l] = reached[i][l] >> 63 & -uint64(l/7) // so that spans end within the row
				reached[2*size+i][l] = 0
			}
		}
	}
	bonds = fill(rng, size*(degree+1)+1)
	bonds[len(bonds)-1] = Lanes{}
	for x := range size {
		r.Along = append(r.Along, 64*uint32(x))
		for d := range degree {
			other := uint32(x) + uint32(d%2)*2*uint32(size)
			r.Sides = append(r.Sides, [2]uint32{64 * other, 64 * uint32(size+x*degree+d)})
		}
	}
	if !closed {
		r.Along[size-1] = 64 * uint32(len(bonds)-1)
	}
	if rng.IntN(2) == 0 {
		for l := range reached[size] {
			reached[size+rng.IntN(size)][l] = rng.Uint64()
		}
	}
	r.Close(reached, bonds)
	return reached, bonds, r
}

// Every kernel transposes as the definition says.
func TestTranspose(t *testing.T) {
	before := fill(rand.New(rand.NewPCG(13, 14)), 64)
	for _, k := range Kernels() {
		after, whole := guarded(before)
		k.Transpose((*[64]Lanes)(after))
		if !whole() {
			t.Fatalf("%s: wrote outside", k.Name())
		}
		for a := range before {
			for b := range after {
				for l := range Words {
					if before[a][l]>>b&1 != after[b][l]>>a&1 {
						t.Fatalf("%s: word %d: element (%d, %d)", k.Name(), l, a, b)
					}
				}
			}
		}
	}
}

// Calls that are divided among several of the assembly give the same bits.
func TestLongCallsArePortable(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	o := NewOdds(fraction(0.03), fraction(0.03)^fraction(0.17))
	spins, state := fill(rng, 3*(longestCall+groupSize+3)), State(fill(rng, 4))
	sites := every(len(spins), 3)
	ends := make([][2]int32, longestCall+groupSize+3)
	for i := range ends {
		ends[i] = [2]int32{rng.Int32N(100), rng.Int32N(100)}
	}
	bonds := func(k *Kernel) ([]Lanes, State) {
		drawn, state := make([]Lanes, len(ends)), state
		k.DrawBonds(drawn, spins, ends, o, 0, &state)
		return drawn, state
	}
	want, wantState := flips(t, Portable, Metropolis4, spins, sites, o, 0, state)
	wantBonds, wantBondState := bonds(Portable)
	for _, k := range others(t) {
		if got, gotState := flips(t, k, Metropolis4, spins, sites, o, 0, state); !slices.Equal(got, want) || gotState != wantState {
			t.Errorf("%s: flips differ from portable", k.Name())
		}
		if got, gotState := bonds(k); !slices.Equal(got, wantBonds) || gotState != wantBondState {
			t.Errorf("%s: bonds differ from portable", k.Name())
		}
	}
}

// FuzzFlip looks for numbers of sites and thresholds at which a kernel differs from the portable one.
func FuzzFlip(f *testing.F) {
	f.Add(uint64(1), uint8(9), uint8(0), uint64(1)<<60, uint64(3)<<58, uint64(7))
	f.Add(uint64(2), uint8(31), uint8(1), uint64(0), uint64(1), uint64(1)<<63)
	f.Add(uint64(3), uint8(1), uint8(2), uint64(math.MaxUint64), uint64(0), uint64(1)<<58)
	f.Fuzz(func(t *testing.T, seed uint64, count, rule uint8, base, change0, change1 uint64) {
		rng := rand.New(rand.NewPCG(seed, 1))
		r := Rule(rule % uint8(rules))
		if r == Metropolis4 {
			change1 = 0 // it has one plane
		}
		step := r.Degree()/2 + 1
		spins, state, o := fill(rng, step*max(int(count), 2)), State(fill(rng, 4)), NewOdds(base, change0, change1)
		sites := every(len(spins), step)[:count]
		want, wantState := flips(t, Portable, r, spins, sites, o, 0, state)
		for _, k := range Kernels() {
			if got, gotState := flips(t, k, r, spins, sites, o, 0, state); !slices.Equal(got, want) || gotState != wantState {
				t.Fatalf("%s: differs from portable", k.Name())
			}
		}
	})
}

// The control: kernels that are a little wrong must be told from the portable one.
func TestWrongKernelsDiffer(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	spins, state := fill(rng, 48), State(fill(rng, 4))
	sites, o := every(48, 3), NewOdds(fraction(0.03), fraction(0.03)^fraction(0.17))
	want, wantState := flips(t, Portable, Metropolis4, spins, sites, o, 0, state)
	last := NewOdds(fraction(0.03), fraction(0.03)^fraction(0.17)^1<<20)
	got, _ := flips(t, Portable, Metropolis4, spins, sites, last, 0, state)
	if !slices.Equal(got, want) {
		t.Error("bit 44 of a threshold should not matter here: choose a harder case")
	}
	for name, run := range map[string]func() ([]Lanes, State){
		"another probability": func() ([]Lanes, State) {
			return flips(t, Portable, Metropolis4, spins, sites, NewOdds(fraction(0.03), fraction(0.03)^fraction(0.18)), 0, state)
		},
		"a site left out":   func() ([]Lanes, State) { return flips(t, Portable, Metropolis4, spins, sites[1:], o, 0, state) },
		"the other sign":    func() ([]Lanes, State) { return flips(t, Portable, Metropolis4, spins, sites, o, ^uint64(0), state) },
		"the other rule":    func() ([]Lanes, State) { return flips(t, Portable, HeatBath4, spins, sites, o, 0, state) },
		"one draw too many": func() ([]Lanes, State) { return want, next(wantState) },
	} {
		if got, gotState := run(); slices.Equal(got, want) && gotState == wantState {
			t.Errorf("%s: no difference", name)
		}
	}
}

func next(s State) State {
	for l := range Words {
		Restore(&s, l, Generator(&s, l).Skip(1))
	}
	return s
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
	if len(assembly()) == 0 {
		if _, err := Select("avx2"); err == nil || !strings.Contains(err.Error(), "cannot run here") {
			t.Errorf("avx2: %v", err)
		}
	}
}
