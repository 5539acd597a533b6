package ising

import "fmt"

// Kind names a lattice. Kinds are the names that run files and file metadata use.
type Kind string

// The lattices, with the number of neighbors of a site far from any edge.
const (
	Chain      Kind = "chain"      // 1-d, 2 neighbors
	Square     Kind = "square"     // 2-d, 4 neighbors
	Triangular Kind = "triangular" // 2-d, 6 neighbors: the square lattice with one diagonal
	Cubic      Kind = "cubic"      // 3-d simple cubic, 6 neighbors
)

// Boundary names what happens at the edges of a lattice.
type Boundary string

// The boundaries, the same in all directions.
const (
	Periodic Boundary = "periodic" // a ring, torus or 3-torus
	Open     Boundary = "open"     // sites at an edge have fewer neighbors
)

// maxSites bounds a lattice so that a block of 512 chains, 64 bytes a site, stays within 1 GiB.
const maxSites = 1 << 24

// A Bond joins two neighboring sites.
type Bond struct{ A, B int32 }

// A Lattice is a piece of a regular lattice with L sites a side, L^d in all. Sites are numbered row-major: with column x,
// row y and layer z, site x + L (y + L z). A Lattice is immutable and safe for concurrent use.
type Lattice struct {
	kind       Kind
	size       int
	boundary   Boundary
	dimension  int
	sites      int
	directions [][3]int // forward bond vectors (x, y, z), one of each pair ±v
	bonds      []Bond
	neighbors  []int32 // the neighbors of site i are neighbors[first[i]:first[i+1]]
	first      []int32
	odd        []uint64 // packed: the sites of sublattice 1
}

// NewLattice returns the lattice of the given kind, sites a side, and boundary.
//
// Any size, even or odd, is good from 3 on where it is periodic (at 2 a site's left and right neighbors are one, so that
// every bond would be double) and from 2 on where it is open, up to 2^24 sites. Anything else is an error.
func NewLattice(kind Kind, size int, boundary Boundary) (*Lattice, error) {
	directions, dimension := geometry(kind)
	if directions == nil {
		return nil, fmt.Errorf("ising: no lattice %q: want %q, %q, %q or %q", kind, Chain, Square, Triangular, Cubic)
	}
	switch {
	case boundary != Periodic && boundary != Open:
		return nil, fmt.Errorf("ising: no boundary %q: want %q or %q", boundary, Periodic, Open)
	case boundary == Periodic && size < 3:
		return nil, fmt.Errorf("ising: a periodic %s lattice of size %d has double bonds: the smallest size is 3", kind, size)
	case size < 2:
		return nil, fmt.Errorf("ising: an open %s lattice of size %d has no bonds: the smallest size is 2", kind, size)
	}
	sites := 1
	for range dimension {
		if sites > maxSites/size {
			return nil, fmt.Errorf("ising: a %s lattice of size %d has more than %d sites", kind, size, maxSites)
		}
		sites *= size
	}
	l := &Lattice{kind: kind, size: size, boundary: boundary, dimension: dimension, sites: sites, directions: directions}
	l.connect()
	return l, nil
}

// geometry returns the forward bond vectors and the dimension of a kind, or nil if there is no such kind.
func geometry(kind Kind) (directions [][3]int, dimension int) {
	switch kind {
	case Chain:
		return [][3]int{{1, 0, 0}}, 1
	case Square:
		return [][3]int{{1, 0, 0}, {0, 1, 0}}, 2
	case Triangular:
		return [][3]int{{1, 0, 0}, {0, 1, 0}, {1, 1, 0}}, 2
	case Cubic:
		return [][3]int{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, 3
	}
	return nil, 0
}

// connect fills the bonds (by site, then direction), the neighbors (by direction, forward before backward) and the
// sublattices.
func (l *Lattice) connect() {
	l.first = make([]int32, 1, l.sites+1)
	l.odd = make([]uint64, Words(l.sites))
	for site := range l.sites {
		l.odd[site>>6] |= uint64(l.Sublattice(site)) << (site & 63)
		for _, v := range l.directions {
			if next, ok := l.shift(site, v, 1); ok {
				l.bonds = append(l.bonds, Bond{int32(site), int32(next)})
				l.neighbors = append(l.neighbors, int32(next))
			}
			if previous, ok := l.shift(site, v, -1); ok {
				l.neighbors = append(l.neighbors, int32(previous))
			}
		}
		l.first = append(l.first, int32(len(l.neighbors)))
	}
}

// shift returns the site at sign·v from a site, and false where that lies beyond an open edge.
func (l *Lattice) shift(site int, v [3]int, sign int) (int, bool) {
	shifted, stride := 0, 1
	for axis := range l.dimension {
		x := site/stride%l.size + sign*v[axis]
		if x < 0 || x >= l.size {
			if l.boundary == Open {
				return 0, false
			}
			x = (x + l.size) % l.size
		}
		shifted += x * stride
		stride *= l.size
	}
	return shifted, true
}

// Kind returns the lattice's kind.
func (l *Lattice) Kind() Kind { return l.kind }

// Size returns L, the sites a side.
func (l *Lattice) Size() int { return l.size }

// Boundary returns the lattice's boundary.
func (l *Lattice) Boundary() Boundary { return l.boundary }

// Dimension returns d: 1, 2 or 3.
func (l *Lattice) Dimension() int { return l.dimension }

// Sites returns N = L^d.
func (l *Lattice) Sites() int { return l.sites }

// Bonds returns every bond once, ordered by site and direction. The caller must not modify it.
func (l *Lattice) Bonds() []Bond { return l.bonds }

// Neighbors returns the neighbors of a site, ordered by direction, forward before backward. The caller must not modify
// it. It panics if there is no such site.
func (l *Lattice) Neighbors(site int) []int32 {
	return l.neighbors[l.first[site]:l.first[site+1]:l.first[site+1]]
}

// Bipartite reports whether every bond joins sublattice 0 to sublattice 1. Chains, square and cubic lattices are bipartite
// when open or of even size; a triangular lattice never is.
func (l *Lattice) Bipartite() bool {
	return l.kind != Triangular && (l.boundary == Open || l.size%2 == 0)
}

// Sublattice returns the parity, 0 or 1, of the sum of a site's coordinates: the two colors of a checkerboard. On a lattice
// that is not bipartite some bonds join sites of one parity.
func (l *Lattice) Sublattice(site int) int {
	parity := 0
	for range l.dimension {
		parity += site % l.size
		site /= l.size
	}
	return parity & 1
}

// Translations returns the lattice translations as permutations p of the sites that take a configuration to
// new[i] = old[p[i]]. A periodic lattice has N of them, N² entries in all, number k moving site k onto site 0; the first is
// the identity, and it is the only one of an open lattice.
func (l *Lattice) Translations() [][]int32 {
	count := l.sites
	if l.boundary == Open {
		count = 1
	}
	entries := make([]int32, count*l.sites)
	translations := make([][]int32, count)
	for k := range translations {
		p := entries[k*l.sites : (k+1)*l.sites : (k+1)*l.sites]
		v := [3]int{k % l.size, k / l.size % l.size, k / (l.size * l.size)}
		for site := range p {
			moved, _ := l.shift(site, v, 1)
			p[site] = int32(moved)
		}
		translations[k] = p
	}
	return translations
}

// Words returns the number of 64-bit words in a packed configuration of the given number of sites.
func Words(sites int) int { return (sites + 63) / 64 }
