package ising

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// scalarGroup decides a group by the definition, one chain at a time, and returns also every chain's uniform number as far as
// its bits were looked at, most significant first, and how many these were.
type scalarGroup struct {
	open, yes [groupSize][Lanes]bool
	class     [groupSize][Lanes]int
	u         [groupSize][Lanes]uint64
	looked    [groupSize][Lanes]int
	draws     int
}

func (g *scalarGroup) decide(size int, thresholds []uint64, s *stream) {
	rounds := 0
	for _, t := range thresholds {
		for k := range 64 {
			if t>>(63-k)&1 == 1 {
				rounds = max(rounds, k+1)
			}
		}
	}
	for j := range size {
		for k := range min(aloneRounds, rounds) {
			g.draws++
			u := s.draw()
			for c := range Lanes {
				g.look(j, c, k, u, thresholds)
			}
		}
	}
	for rounds > aloneRounds {
		var member [Lanes]int
		any := false
		for c := range Lanes {
			member[c] = -1
			for j := size - 1; j >= 0; j-- {
				if g.open[j][c] {
					member[c], any = j, true
				}
			}
		}
		if !any {
			return
		}
		for k := aloneRounds; k < rounds && any; k++ {
			g.draws++
			u := s.draw()
			any = false
			for c, j := range member {
				if j >= 0 {
					g.look(j, c, k, u, thresholds)
					any = any || g.open[j][c]
				}
			}
		}
		for c, j := range member {
			if j >= 0 {
				g.open[j][c] = false
			}
		}
	}
}

// look compares bit k of a chain that is open.
func (g *scalarGroup) look(j, c, k int, u lanes, thresholds []uint64) {
	if !g.open[j][c] {
		return
	}
	bit := u[c/64] >> (c % 64) & 1
	g.u[j][c] |= bit << (63 - k)
	g.looked[j][c] = k + 1
	if t := thresholds[g.class[j][c]] >> (63 - k) & 1; bit != t {
		g.open[j][c] = false
		g.yes[j][c] = bit < t
	}
}

// randomGroup returns one random group in both forms.
func randomGroup(rng *rand.Rand, size, classes int) (g group, slow scalarGroup) {
	g.size = size
	for j := range size {
		for c := range Lanes {
			slow.open[j][c] = rng.IntN(4) > 0
			slow.class[j][c] = rng.IntN(classes)
			if slow.open[j][c] {
				g.open[j][c/64] |= 1 << (c % 64)
				g.class[j][c/64][slow.class[j][c]] |= 1 << (c % 64)
			}
		}
	}
	return g, slow
}

// The group's words hold, bit for bit, what the definition gives one chain at a time; every decision is u < t for the uniform
// number u that the chain's bits are the beginning of, whatever the rest; and both leave the stream in one state.
func TestDecideIsTheDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, thresholds := range [][]uint64{
		{1 << 63}, {1}, {1<<63 + 1}, {math.MaxUint64}, {3 << 60, 1 << 59},
		{threshold(math.Exp(-4 / 2.269)), threshold(math.Exp(-8 / 2.269))},
		{threshold(0.1), threshold(0.2), threshold(0.3)},
		{1, 1 << 10, 1 << 20, 1 << 30, 1 << 40, 1 << 50, math.MaxUint64 - 1, 1 << 62},
	} {
		for size := 1; size <= groupSize; size++ {
			t.Run(fmt.Sprintf("%d-classes-%d-members", len(thresholds), size), func(t *testing.T) {
				g, slow := randomGroup(rng, size, len(thresholds))
				seed := [32]byte{byte(size), byte(len(thresholds))}
				s, slowStream := testStream(seed), testStream(seed)
				o := newOdds(thresholds)
				g.decide(&o, s)
				slow.decide(size, thresholds, slowStream)
				if s.state != slowStream.state {
					t.Fatal("the streams are in different states")
				}
				for j := range size {
					for c := range Lanes {
						if got := g.yes[j][c/64]>>(c%64)&1 == 1; got != slow.yes[j][c] {
							t.Fatalf("member %d, chain %d: %v, want %v", j, c, got, slow.yes[j][c])
						}
						if slow.looked[j][c] == 0 {
							continue
						}
						limit := thresholds[slow.class[j][c]]
						rest := uint64(1)<<(64-slow.looked[j][c]) - 1
						if smallest, largest := slow.u[j][c], slow.u[j][c]|rest; slow.yes[j][c] != (smallest < limit) ||
							slow.yes[j][c] != (largest < limit) {
							t.Fatalf("member %d, chain %d: u from %x to %x against %x decided %v",
								j, c, smallest, largest, limit, slow.yes[j][c])
						}
					}
				}
			})
		}
	}
}

// The frequency of yes is the probability of the class. With n decisions a class, z is standard normal; |z| > 4.5 for any of
// the 6 has probability 4·10⁻⁵.
func TestDecideFrequencies(t *testing.T) {
	p := []float64{0.5, 0.03125, 0.171572875, 1e-3, 0.999, 0.7310585786300049}
	thresholds := make([]uint64, len(p))
	for k := range p {
		thresholds[k] = threshold(p[k])
	}
	o := newOdds(thresholds)
	s := testStream([32]byte{9})
	var yes, n [6]float64
	rng := rand.New(rand.NewPCG(7, 8))
	for range 200 {
		g, slow := randomGroup(rng, groupSize, len(p))
		g.decide(&o, s)
		for j := range groupSize {
			for c := range Lanes {
				if slow.open[j][c] {
					n[slow.class[j][c]]++
					yes[slow.class[j][c]] += float64(g.yes[j][c/64] >> (c % 64) & 1)
				}
			}
		}
	}
	for k := range p {
		if z := (yes[k] - n[k]*p[k]) / math.Sqrt(n[k]*p[k]*(1-p[k])); math.Abs(z) > 4.5 {
			t.Errorf("P = %v: %v of %v, %.1fσ", p[k], yes[k], n[k], z)
		}
	}
}

// Eight sites of the square lattice at T_c share their draws: about 6.9 a site.
func TestDecideIsFrugal(t *testing.T) {
	s := testStream([32]byte{10})
	rng := rand.New(rand.NewPCG(9, 10))
	thresholds := []uint64{threshold(math.Exp(-4 / 2.269)), threshold(math.Exp(-8 / 2.269))}
	draws := 0
	for range 50 {
		_, slow := randomGroup(rng, groupSize, 2)
		slow.decide(groupSize, thresholds, s)
		draws += slow.draws
	}
	if each := float64(draws) / (50 * groupSize); each < 6 || each > 7.2 {
		t.Errorf("%.2f draws a site", each)
	}
}

func TestThreshold(t *testing.T) {
	for _, c := range []struct {
		p    float64
		want uint64
	}{{0, 0}, {0.5, 1 << 63}, {0.75, 3 << 62}, {0x1p-64, 1}, {0x1p-65, 0}, {1e-300, 0}, {below1, math.MaxUint64 - 1<<11 + 1}} {
		if got := threshold(c.p); got != c.want {
			t.Errorf("threshold(%v) = %x, want %x", c.p, got, c.want)
		}
	}
}
