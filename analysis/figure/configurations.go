package figure

import (
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot/vg"

	"isingrbm/analysis"
	"isingrbm/ising"
)

// Configurations draws configurations of Monte Carlo above those of machines, at
// a few temperatures. The error is ErrEmpty without configurations, and for
// lattices in three dimensions.
func Configurations(d Data) (*Figure, error) {
	const name = "configurations"
	sources := slices.DeleteFunc(byKey(d.Sources, func(s Source) Key { return s.Key }), func(s Source) bool { return len(s.Samples) == 0 || s.Replica > 0 })
	size := largest(sources, func(s Source) (int, bool) { return s.L, true })
	hidden := largest(sources, func(s Source) (int, bool) { return s.Hidden, s.L == size && s.Source == analysis.SourceMachine })
	ts := pick(temperatures(sources, func(s Source) (float64, bool) { return s.T, s.L == size }), d.CriticalTemperature, 4)
	if len(ts) == 0 || !drawable(d.Lattice) {
		return nil, empty(name, "needs configurations of a chain or a plane")
	}
	g := &grid{width: pageWidth, panelHeight: 104, columns: len(ts), tight: true, pictures: true}
	table := [][]string{record("L", "source", "hidden", "T", "number", "spins")}
	for _, t := range ts {
		g.headings = append(g.headings, at(t))
	}
	rows := []struct {
		source string
		hidden int
		label  string
	}{{analysis.SourceMonteCarlo, analysis.None, "Monte Carlo"}, {analysis.SourceMachine, hidden, fmt.Sprintf("RBM, *n*_{h} = %d", hidden)}}
	if hidden == 0 {
		rows = rows[:1]
	}
	for _, row := range rows {
		for _, t := range ts {
			k := slices.IndexFunc(sources, func(s Source) bool {
				return s.L == size && s.T == t && s.Source == row.source && s.Hidden == row.hidden
			})
			if k < 0 {
				g.add(func(vg.Rectangle) *panel { return nil })
				continue
			}
			tiles, perSide := spinTiles(d.Lattice, sources[k])
			for i, spins := range sources[k].Samples[:min(len(sources[k].Samples), max(len(tiles), tiles[0].rows/size))] {
				table = append(table, record(size, row.source, count(row.hidden), t, i, spinText(spins, d.Lattice, size)))
			}
			g.add(func(frame vg.Rectangle) *panel {
				p := tilesPanel(frame, tiles, perSide)
				p.yLabel = row.label
				return p
			})
		}
	}
	side := "each with other configurations beside it"
	if d.Lattice == ising.Chain {
		side = "a configuration a row"
	}
	return g.figure(Figure{
		Name: name, Title: "Configurations of Monte Carlo and machines", table: table,
		Caption: fmt.Sprintf("Configurations at T = %s, L = %d, filled where spins are up, %s: independent ones of Monte Carlo (top) and of restricted Boltzmann machines (bottom).", listed(ts), size, side),
		Alt:     fmt.Sprintf("Pictures of spin configurations, L = %d, at %d temperatures: one or two large domains in the cold, small ones in the heat, alike for Monte Carlo and machines.", size, len(ts)),
	}), nil
}

// spinTiles are pictures of a source's configurations: of chains one picture with
// a configuration a row, of planes as many as stay readable, n a row.
func spinTiles(kind ising.Kind, s Source) (tiles []tile, n int) {
	paint := func(spins []uint64, site int) color.Color {
		if spins[site/64]>>(site%64)&1 == 1 {
			return ink
		}
		return nil
	}
	if kind == ising.Chain {
		return []tile{{columns: s.L, rows: len(s.Samples), color: func(column, row int) color.Color { return paint(s.Samples[row], column) }}}, 1
	}
	n = max(1, min(3, 48/s.L))
	for _, spins := range s.Samples[:min(n*n, len(s.Samples))] {
		tiles = append(tiles, tile{columns: s.L, rows: s.L, color: func(column, row int) color.Color { return paint(spins, row*s.L+column) }})
	}
	return tiles, n
}

// spinText writes a configuration as a row of + and −.
func spinText(spins []uint64, kind ising.Kind, size int) string {
	sites := size
	if kind != ising.Chain {
		sites *= size
	}
	text := make([]byte, sites)
	for i := range text {
		text[i] = "-+"[spins[i/64]>>(i%64)&1]
	}
	return string(text)
}
