package ising

import (
	"slices"
	"testing"
)

func TestPartitionIsAColoringByDegree(t *testing.T) {
	everyLattice(t, func(t *testing.T, l *Lattice) {
		var all []int32
		for _, c := range partition(l) {
			for _, site := range c.sites {
				if len(l.Neighbors(int(site))) != c.degree {
					t.Errorf("site %d is in a class of degree %d", site, c.degree)
				}
				for _, n := range l.Neighbors(int(site)) {
					if slices.Contains(c.sites, n) {
						t.Errorf("%d and its neighbor %d are in one class", site, n)
					}
				}
			}
			all = append(all, c.sites...)
		}
		slices.Sort(all)
		if len(all) != l.Sites() || len(slices.Compact(all)) != l.Sites() {
			t.Errorf("%d sites in classes, want %d", len(all), l.Sites())
		}
	})
}

func TestPartitionOfABipartiteTorusIsTheCheckerboard(t *testing.T) {
	for _, kind := range []Kind{Chain, Square, Cubic} {
		l := mustLattice(t, kind, 6, Periodic)
		classes := partition(l)
		if len(classes) != 2 {
			t.Fatalf("%s: %d classes", kind, len(classes))
		}
		for k, c := range classes {
			for _, site := range c.sites {
				if l.Sublattice(int(site)) != k {
					t.Errorf("%s: site %d in class %d", kind, site, k)
				}
			}
		}
	}
}
