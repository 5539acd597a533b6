package pipeline

import (
	"context"
	"errors"
	"math"
	"slices"

	"isingrbm/analysis"
	"isingrbm/ising/exact"
	"isingrbm/pipeline/runfile"
)

// curvePoints is the number of temperatures of the exact curve in figures;
// above L = 10 the transfer matrix takes seconds a temperature.
func curvePoints(size int) int {
	if size > 10 {
		return 25
	}
	return 61
}

// exactCurve computes the exact values between the sweep's lowest and highest
// finite temperatures.
func (w *Workspace) exactCurve(ctx context.Context, workers int) ([]analysis.Row, error) {
	var cells []Cell
	for _, size := range w.Run.Lattice.Sizes {
		for _, t := range curveTemperatures(w.Run.Sweep.Temperatures, curvePoints(size)) {
			cells = append(cells, Cell{Size: size, Temperature: t})
		}
	}
	rows := make([]analysis.Row, len(cells))
	errs := execute(ctx, workers, make([][]int, len(cells)), func(_ context.Context, i int) error {
		values, err := solve(w.Run, w.Plan.Model(cells[i]), cells[i].Temperature)
		if errors.Is(err, exact.ErrUnknown) {
			return nil
		}
		j := &job{task: Task{Cell: cells[i]}}
		rows[i] = j.exactRow(values)
		return err
	})
	if ctx.Err() != nil {
		return nil, ErrInterrupted
	}
	rows = slices.DeleteFunc(rows, func(r analysis.Row) bool { return r.Values == nil || r.Empty() })
	return rows, errors.Join(errs...)
}

// curveTemperatures are a number of points between the lowest and the highest
// finite temperature of a sweep, without those of the sweep itself, whose exact
// values stand in the results. A sweep from T = 0 begins above it.
func curveTemperatures(sweep []runfile.Temperature, points int) []runfile.Temperature {
	finite := slices.DeleteFunc(slices.Clone(sweep), func(t runfile.Temperature) bool { return math.IsInf(float64(t), 1) })
	if len(finite) < 2 {
		return nil
	}
	low, high := finite[0], finite[len(finite)-1]
	var list []runfile.Temperature
	for i := 1; i < points-1; i++ {
		t := low + (high-low)*runfile.Temperature(float64(i)/float64(points-1))
		if !slices.Contains(sweep, t) {
			list = append(list, t)
		}
	}
	return list
}
