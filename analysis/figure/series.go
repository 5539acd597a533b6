package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg/draw"

	"isingrbm/analysis"
)

// series is all rows that share a source, a size and a number of hidden units,
// and how they are drawn.
type series struct {
	label string
	rows  []analysis.Row // by T, then replica
	line  draw.LineStyle // of a curve, or of error bars
	glyph draw.GlyphStyle
}

// arrange sorts rows into series: curves of exact values by size, and points,
// those of Monte Carlo by size before those of machines by hidden units and size.
func arrange(rows []analysis.Row) (curves, points []series) {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b analysis.Row) int {
		return cmp.Or(rank(a)-rank(b), a.Hidden-b.Hidden, a.L-b.L, cmp.Compare(a.T, b.T), a.Replica-b.Replica)
	})
	sizes := distinct(rows, func(r analysis.Row) (int, bool) { return r.L, true })
	hidden := distinct(rows, func(r analysis.Row) (int, bool) { return r.Hidden, r.Source == analysis.SourceMachine })
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rank(rows[n]) == rank(rows[0]) && rows[n].L == rows[0].L && rows[n].Hidden == rows[0].Hidden {
			n++
		}
		s := styled(rows[:n], sizes, hidden)
		if rows[0].Source == analysis.SourceExact {
			curves = append(curves, s)
		} else {
			points = append(points, s)
		}
		rows = rows[n:]
	}
	return curves, points
}

// rank orders the sources.
func rank(r analysis.Row) int {
	return slices.Index([]string{analysis.SourceExact, analysis.SourceMonteCarlo, analysis.SourceMachine}, r.Source)
}

// distinct returns the sorted distinct values of rows that have one.
func distinct(rows []analysis.Row, value func(analysis.Row) (int, bool)) []int {
	var values []int
	for _, r := range rows {
		if v, ok := value(r); ok {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// styled chooses label, color and marker. Color tells numbers of hidden units
// apart, or sizes where there is one number only; so does the shape of a marker,
// but that it tells sizes apart where there are several.
func styled(rows []analysis.Row, sizes, hidden []int) series {
	r := rows[0]
	size, machine := slices.Index(sizes, r.L), slices.Index(hidden, r.Hidden)
	of := ""
	if len(sizes) > 1 {
		of = fmt.Sprintf(", *L* = %d", r.L)
	}
	switch r.Source {
	case analysis.SourceExact:
		pattern := dashes()[size%len(dashes())]
		return series{label: "exact" + of, rows: rows, line: draw.LineStyle{Color: ink, Width: curveWidth, Dashes: pattern}}
	case analysis.SourceMonteCarlo:
		shape := shapes()[size%len(shapes())]
		shape.open = true
		return series{
			label: "Monte Carlo" + of, rows: rows,
			line:  draw.LineStyle{Color: ink, Width: errorWidth},
			glyph: draw.GlyphStyle{Color: ink, Radius: ringRadius, Shape: shape},
		}
	}
	color, shape := machine, machine+1
	if len(hidden) == 1 {
		color = size
	}
	if len(sizes) > 1 {
		shape = size
	}
	paint := palette()[color%len(palette())]
	return series{
		label: fmt.Sprintf("RBM, *n*_{h} = %d", r.Hidden) + of, rows: rows,
		line:  draw.LineStyle{Color: paint, Width: errorWidth},
		glyph: draw.GlyphStyle{Color: paint, Radius: markerRadius, Shape: shapes()[shape%len(shapes())]},
	}
}

// finite reports whether a number can be drawn.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
