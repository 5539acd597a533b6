package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"isingrbm/analysis"
)

// Figures that cannot show every cell show the largest lattice, the machine with
// most hidden units, its first replica, and a few temperatures.

// largest returns the largest of the keys' sizes that pass.
func largest[T any](list []T, value func(T) (int, bool)) int {
	best := 0
	for _, x := range list {
		if v, ok := value(x); ok {
			best = max(best, v)
		}
	}
	return best
}

// temperatures lists the distinct temperatures, finite ones first.
func temperatures[T any](list []T, value func(T) (float64, bool)) []float64 {
	var all []float64
	for _, x := range list {
		if t, ok := value(x); ok {
			all = append(all, t)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// pick chooses n of sorted temperatures: the one nearest to the critical one, if
// there is one within the sweep, and others spread over both sides of it.
func pick(all []float64, critical float64, n int) []float64 {
	if len(all) <= n {
		return all
	}
	chosen := map[int]bool{0: true, len(all) - 1: true}
	if n == 1 {
		chosen = map[int]bool{}
	}
	center := len(all) / 2
	if critical > 0 {
		for i, t := range all {
			if math.Abs(t-critical) < math.Abs(all[center]-critical) {
				center = i
			}
		}
	}
	chosen[center] = true
	for k := 1; len(chosen) < n; k++ { // then the middles of the widest gaps
		chosen[widestMiddle(chosen, len(all))] = true
	}
	var list []float64
	for i, t := range all {
		if chosen[i] {
			list = append(list, t)
		}
	}
	return list
}

func widestMiddle(chosen map[int]bool, n int) int {
	last, best, middle := -1, 0, 0
	for i := range n {
		if !chosen[i] {
			continue
		}
		if last >= 0 && i-last > best {
			best, middle = i-last, (i+last)/2
		}
		last = i
	}
	return middle
}

// at labels a temperature.
func at(t float64) string {
	if math.IsInf(t, 1) {
		return "*T* = ∞"
	}
	return "*T* = " + strconv.FormatFloat(t, 'g', 4, 64)
}

// key is the place of a row.
func key(r analysis.Row) Key { return Key{r.L, r.T, r.Hidden, r.Replica, r.Source} }

// byKey sorts by size, temperature, source, hidden units and replica, so that
// no figure depends on the order of its data.
func byKey[T any](list []T, of func(T) Key) []T {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(x, y T) int {
		a, b := of(x), of(y)
		return cmp.Or(a.L-b.L, cmp.Compare(a.T, b.T), cmp.Compare(a.Source, b.Source), a.Hidden-b.Hidden, a.Replica-b.Replica)
	})
	return list
}

// empty is the error of a figure for which something is missing.
func empty(name, why string) error {
	return fmt.Errorf("figure %s: %w: %s", name, ErrEmpty, why)
}

// listed joins temperatures for captions.
func listed(ts []float64) string {
	text := ""
	for i, t := range ts {
		switch {
		case i > 0 && i == len(ts)-1:
			text += " and "
		case i > 0:
			text += ", "
		}
		text += plain(at(t))[len("T = "):]
	}
	return text
}
