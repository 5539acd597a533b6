package ising

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// everyLattice calls f for small lattices of all kinds and both boundaries, even and odd.
func everyLattice(t *testing.T, f func(t *testing.T, l *Lattice)) {
	for _, kind := range []Kind{Chain, Square, Triangular, Cubic} {
		for _, boundary := range []Boundary{Periodic, Open} {
			for size := 2; size <= 6; size++ {
				if boundary == Periodic && size == 2 {
					continue
				}
				l := mustLattice(t, kind, size, boundary)
				t.Run(fmt.Sprintf("%s-%d-%s", kind, size, boundary), func(t *testing.T) { f(t, l) })
			}
		}
	}
}

func TestBondsAreThoseOfTheGeometry(t *testing.T) {
	everyLattice(t, func(t *testing.T, l *Lattice) {
		want := slowBonds(l.Kind(), l.Size(), l.Boundary())
		if len(l.Bonds()) != len(want) {
			t.Errorf("%d bonds, want %d", len(l.Bonds()), len(want))
		}
		for _, b := range l.Bonds() {
			if !want[Bond{min(b.A, b.B), max(b.A, b.B)}] {
				t.Errorf("no such bond: %v", b)
			}
		}
	})
}

// The numbers of bonds in closed form: z N/2 on a periodic lattice, and (L−1) L^{d−1} an axis, (L−1)² diagonals, on an open
// one.
func TestBondCounts(t *testing.T) {
	everyLattice(t, func(t *testing.T, l *Lattice) {
		n, size := l.Sites(), l.Size()
		coordination := map[Kind]int{Chain: 2, Square: 4, Triangular: 6, Cubic: 6}[l.Kind()]
		want := coordination * n / 2
		if l.Boundary() == Open {
			want = map[Kind]int{
				Chain: size - 1, Square: 2 * size * (size - 1),
				Triangular: 2*size*(size-1) + (size-1)*(size-1), Cubic: 3 * size * size * (size - 1),
			}[l.Kind()]
		}
		if got := len(l.Bonds()); got != want {
			t.Errorf("%d bonds, want %d", got, want)
		}
	})
}

func TestNeighborsAreSymmetricAndMatchTheBonds(t *testing.T) {
	everyLattice(t, func(t *testing.T, l *Lattice) {
		total := 0
		for site := range l.Sites() {
			neighbors := slices.Clone(l.Neighbors(site))
			total += len(neighbors)
			for _, n := range neighbors {
				if int(n) == site || !slices.Contains(l.Neighbors(int(n)), int32(site)) {
					t.Errorf("%d has neighbor %d, but not the other way round", site, n)
				}
			}
			slices.Sort(neighbors)
			if len(slices.Compact(neighbors)) != len(l.Neighbors(site)) {
				t.Errorf("site %d has a neighbor twice: %v", site, l.Neighbors(site))
			}
		}
		if total != 2*len(l.Bonds()) {
			t.Errorf("%d neighbors of all sites for %d bonds", total, len(l.Bonds()))
		}
	})
}

// A graph is bipartite if it has no odd cycle: color it by breadth-first search and compare.
func TestBipartiteIsTwoColorable(t *testing.T) {
	everyLattice(t, func(t *testing.T, l *Lattice) {
		color := make([]int, l.Sites())
		for i := range color {
			color[i] = -1
		}
		color[0] = 0
		queue, want := []int{0}, true
		for len(queue) > 0 {
			site := queue[0]
			queue = queue[1:]
			for _, n := range l.Neighbors(site) {
				if color[n] < 0 {
					color[n] = 1 - color[site]
					queue = append(queue, int(n))
				}
				want = want && color[n] != color[site]
			}
		}
		if l.Bipartite() != want {
			t.Fatalf("bipartite %v, want %v", l.Bipartite(), want)
		}
		for site := range color {
			if want && l.Sublattice(site) != color[site] {
				t.Errorf("site %d on sublattice %d, want %d", site, l.Sublattice(site), color[site])
			}
		}
	})
}

func TestTranslationsKeepTheEnergyAndFormAGroup(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	everyLattice(t, func(t *testing.T, l *Lattice) {
		translations := l.Translations()
		want := l.Sites()
		if l.Boundary() == Open {
			want = 1
		}
		if len(translations) != want {
			t.Fatalf("%d translations, want %d", len(translations), want)
		}
		old, moved := make([]int, l.Sites()), make([]int, l.Sites())
		for i := range old {
			old[i] = 2*rng.IntN(2) - 1
		}
		s := newSlow(Model{l, 1, 0.25})
		before, _, _ := s.measure(func(i int) int { return old[i] })
		for k, p := range translations {
			if l.Boundary() == Periodic && p[0] != int32(k) {
				t.Errorf("translation %d moves site %d onto site 0", k, p[0])
			}
			for i := range moved {
				moved[i] = old[p[i]]
			}
			if after, _, _ := s.measure(func(i int) int { return moved[i] }); after != before {
				t.Errorf("translation %d changes the energy from %v to %v", k, before, after)
			}
			sorted := slices.Sorted(slices.Values(p))
			for i := range sorted {
				if sorted[i] != int32(i) {
					t.Fatalf("translation %d is no permutation", k)
				}
			}
		}
		for i, site := range translations[0] {
			if site != int32(i) {
				t.Fatal("the first translation is not the identity")
			}
		}
	})
}

func TestNewLatticeRefuses(t *testing.T) {
	for _, c := range []struct {
		kind     Kind
		size     int
		boundary Boundary
		want     string
	}{
		{"hexagonal", 4, Periodic, "no lattice"},
		{"", 4, Periodic, "no lattice"},
		{Square, 4, "helical", "no boundary"},
		{Square, 2, Periodic, "double bonds"},
		{Chain, -3, Periodic, "double bonds"},
		{Cubic, 1, Open, "no bonds"},
		{Square, 4097, Open, "more than"},
		{Cubic, 1 << 40, Periodic, "more than"},
	} {
		if l, err := NewLattice(c.kind, c.size, c.boundary); err == nil || l != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("NewLattice(%q, %d, %q): error %v, want one with %q", c.kind, c.size, c.boundary, err, c.want)
		}
	}
}

func TestLatticeAccessors(t *testing.T) {
	l := mustLattice(t, Cubic, 4, Open)
	if l.Kind() != Cubic || l.Size() != 4 || l.Boundary() != Open || l.Dimension() != 3 || l.Sites() != 64 {
		t.Errorf("%v %v %v %v %v", l.Kind(), l.Size(), l.Boundary(), l.Dimension(), l.Sites())
	}
	for _, c := range [][2]int{{1, 1}, {64, 1}, {65, 2}, {128, 2}, {129, 3}} {
		if Words(c[0]) != c[1] {
			t.Errorf("Words(%d) = %d, want %d", c[0], Words(c[0]), c[1])
		}
	}
}
