package figure

import (
	"fmt"
	"testing"

	"gonum.org/v1/plot/vg"
)

// Entries keep their order, and no row is wider than the page unless it has one
// entry only.
func TestLegendBreaksIntoRows(t *testing.T) {
	s := newTypesetter(false)
	var l legend
	for i := range 20 {
		l = append(l, entry{label: fmt.Sprintf("RBM, *n*_{h} = %d", 1<<i)})
	}
	for _, width := range []vg.Length{20, 150, pageWidth, 1e6} {
		rows := l.rows(s, width)
		next := 0
		for _, row := range rows {
			used := -legendGap
			for _, e := range row {
				if e.label != l[next].label {
					t.Fatalf("entry %d is %s", next, e.label)
				}
				used += legendGap + e.width(s)
				next++
			}
			if used > width && len(row) > 1 {
				t.Errorf("a row takes %v of %v", used, width)
			}
		}
		if next != len(l) || l.height(s, width) != vg.Length(len(rows))*legendRow {
			t.Errorf("%d of %d entries in %d rows", next, len(l), len(rows))
		}
	}
}
