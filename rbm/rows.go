package rbm

import "fmt"

// checkRows returns what is wrong with packed rows of units: words that are left over, or
// bits beyond the units, which would be taken for weights.
func checkRows(name string, rows []uint64, units int) error {
	words := Words(units)
	if len(rows)%words != 0 {
		return fmt.Errorf("rbm: %d words of %s are not whole rows of %d words", len(rows), name, words)
	}
	if r := rowBeyond(rows, units); r >= 0 {
		return fmt.Errorf("rbm: row %d of %s has bits beyond its %d units", r, name, units)
	}
	return nil
}

// areRows reports whether rows are whole and without bits beyond their units.
func areRows(rows []uint64, units int) bool {
	return len(rows)%Words(units) == 0 && rowBeyond(rows, units) < 0
}

// isRow reports whether row is a single one.
func isRow(row []uint64, units int) bool {
	return len(row) == Words(units) && rowBeyond(row, units) < 0
}

// rowBeyond returns the first of whole rows that has bits beyond its units, or −1. Only
// the last word of a row can.
func rowBeyond(rows []uint64, units int) int {
	words := Words(units)
	for k := words - 1; k < len(rows); k += words {
		if rows[k]>>(uint(units-1)%64)>>1 != 0 {
			return k / words
		}
	}
	return -1
}
