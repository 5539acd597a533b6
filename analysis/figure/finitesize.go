package figure

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"isingrbm/analysis"
)

// FiniteSizeScaling draws the Binder cumulants of several sizes, which cross at
// the critical temperature, the powers of L at that temperature, and the collapse
// of magnetization and susceptibility on one curve each. The error is ErrEmpty
// where sizes or temperatures do not suffice.
func FiniteSizeScaling(d Data) (*Figure, error) {
	const name = "finite-size-scaling"
	if d.Scaling == nil {
		return nil, empty(name, "needs three sizes or more, at three temperatures or more each around the transition")
	}
	f := &finiteSize{Scaling: d.Scaling}
	for _, r := range byKey(d.Rows, key) {
		if r.Source == analysis.SourceMonteCarlo && finite(r.T) {
			f.rows = append(f.rows, r)
		}
	}
	f.sizes = distinct(f.rows, func(r analysis.Row) (int, bool) { return r.L, true })
	f.near = f.window()
	g := &grid{width: pageWidth, panelHeight: 124, columns: 2}
	for k, l := range f.sizes {
		g.legend = append(g.legend, filled(k).solid().entry(fmt.Sprintf("*L* = %d", l), true, true))
	}
	g.add(f.binderPanel)
	g.add(f.powersPanel)
	for _, q := range f.collapsed() {
		g.add(func(frame vg.Rectangle) *panel { return f.collapsePanel(frame, q) })
	}
	return g.figure(Figure{
		Name: name, Title: "Finite-size scaling", table: f.table(),
		Caption: fmt.Sprintf("(a) Binder cumulants cross at T_c = %s (dotted), from their collapse with 1/ν = %s for L ≥ %d. "+
			"(b) Susceptibility χ₀ (upper, γ/ν = %s for L ≥ %d) and magnetization m (lower, β/ν = %s for L ≥ %d) at T_c, relative to the fits (lines) at the smallest size. "+
			"(c), (d) Both, scaled with these exponents, against t L^(1/ν), t = (T − T_c)/T_c. Error bars are one standard deviation.",
			f.CriticalTemperature, f.InverseNu, f.SmallestBinder, f.GammaNu.Estimate, f.GammaNu.Smallest, f.BetaNu.Estimate, f.BetaNu.Smallest),
		Alt: fmt.Sprintf("Binder cumulants of %d sizes cross at T_c = %s; susceptibility and magnetization follow powers of L with γ/ν = %s and β/ν = %s, and collapse on one curve each.",
			len(f.sizes), f.CriticalTemperature, f.GammaNu.Estimate, f.BetaNu.Estimate),
	}), nil
}

type finiteSize struct {
	*analysis.Scaling
	rows  []analysis.Row
	sizes []int
	near  span // of temperatures about the critical one
}

// window keeps to temperatures where the scaling variable of the smallest size
// stays below 3.
func (f *finiteSize) window() span {
	tc, s := f.CriticalTemperature.Value, emptySpan()
	limit := 3 * tc * math.Pow(float64(f.sizes[0]), -f.InverseNu.Value)
	for _, r := range f.rows {
		if math.Abs(r.T-tc) <= limit {
			s.include(r.T)
		}
	}
	pad := 0.04 * (s.high - s.low)
	return span{s.low - pad, s.high + pad}
}

func (f *finiteSize) binderPanel(frame vg.Rectangle) *panel {
	var plotters []plot.Plotter
	heights := emptySpan()
	for k, size := range f.sizes {
		var points []point
		for _, r := range f.rows {
			if r.L == size && r.T >= f.near.low && r.T <= f.near.high {
				points = append(points, point{r.T, r.Values[analysis.Binder]})
			}
		}
		heights = reach(heights, points)
		l := filled(k).solid()
		l.line.Width = frameWidth
		plotters = append(append(plotters, l.path(points)...), l.dots(points)...)
	}
	pad := 0.06 * (heights.high - heights.low)
	p := newPanel(frame, f.near.low, f.near.high, heights.low-pad, heights.high+pad)
	p.xLabel, p.yLabel = "*T* (*J*/*k*_{B})", "Binder cumulant *U*"
	p.plotters = append([]plot.Plotter{rule{at: f.CriticalTemperature.Value, vertical: true, style: *markStyle()}}, plotters...)
	return p
}

func (f *finiteSize) powersPanel(frame vg.Rectangle) *panel {
	var upper, lower, upperFit, lowerFit []point
	heights := emptySpan()
	for k, p := range f.Points {
		l := float64(p.L)
		chi, m := f.GammaNu.Amplitude*math.Pow(l, f.GammaNu.Value), f.BetaNu.Amplitude*math.Pow(l, -f.BetaNu.Value)
		chi0 := f.GammaNu.Amplitude * math.Pow(float64(f.Points[0].L), f.GammaNu.Value)
		m0 := f.BetaNu.Amplitude * math.Pow(float64(f.Points[0].L), -f.BetaNu.Value)
		upper = append(upper, point{l, scaledBy(p.SusceptibilityZero, 1/chi0)})
		lower = append(lower, point{l, scaledBy(p.AbsMagnetization, 1/m0)})
		upperFit = append(upperFit, point{l, analysis.Estimate{Value: chi / chi0, Err: math.NaN()}})
		lowerFit = append(lowerFit, point{l, analysis.Estimate{Value: m / m0, Err: math.NaN()}})
		heights.include(upper[k].Value, lower[k].Value)
	}
	low, high := float64(f.sizes[0])/1.2, float64(f.sizes[len(f.sizes)-1])*1.2
	p := newPanel(frame, low, high, heights.low/1.5, heights.high*1.5)
	p.logX()
	p.logY()
	p.plot.X.Tick.Marker = hiddenTicks(f.sizes)
	p.xLabel, p.yLabel = "*L* (*a*)", "*χ*_{0} and *m* at *T*_{c}, relative"
	line := look{line: exactLine}
	p.plotters = append(line.path(upperFit), line.path(lowerFit)...)
	for k := range f.Points {
		l := filled(slices.Index(f.sizes, f.Points[k].L))
		p.plotters = append(append(p.plotters, l.dots(upper[k:k+1])...), l.dots(lower[k:k+1])...)
	}
	return p
}

func scaledBy(e analysis.Estimate, factor float64) analysis.Estimate {
	return analysis.Estimate{Value: e.Value * factor, Err: e.Err * factor}
}

// collapsed is an observable and the power of L that takes its growth away.
type collapsed struct {
	observable int
	power      float64
	label      string
}

func (f *finiteSize) collapsed() []collapsed {
	return []collapsed{
		{analysis.SusceptibilityZero, -f.GammaNu.Value, "*χ*_{0} *L*^{−γ/ν} (1/*J*)"},
		{analysis.AbsMagnetization, f.BetaNu.Value, "*m L*^{β/ν}"},
	}
}

func (f *finiteSize) collapsePanel(frame vg.Rectangle, q collapsed) *panel {
	var plotters []plot.Plotter
	heights, width := emptySpan(), emptySpan()
	for k, size := range f.sizes {
		var points []point
		for _, r := range f.rows {
			if r.L != size || r.T < f.near.low || r.T > f.near.high {
				continue
			}
			tc := f.CriticalTemperature.Value
			x := (r.T - tc) / tc * math.Pow(float64(size), f.InverseNu.Value)
			width.include(x)
			points = append(points, point{x, scaledBy(r.Values[q.observable], math.Pow(float64(size), q.power))})
		}
		heights = reach(heights, points)
		plotters = append(plotters, hollow(k).dots(points)...)
	}
	heights, width = heights.padded(0.07), width.padded(0.04)
	p := newPanel(frame, width.low, width.high, heights.low, heights.high)
	p.xLabel, p.yLabel, p.plotters = "*t L*^{1/ν}", q.label, plotters
	return p
}

func (f *finiteSize) table() [][]string {
	table := [][]string{record("quantity", "L", "L_large", "T", "value", "err")}
	for _, r := range f.rows {
		b := r.Values[analysis.Binder]
		table = append(table, record("binder", r.L, "", r.T, b.Value, b.Err))
	}
	for _, c := range f.Crossings {
		table = append(table, record("crossing", c.Small, c.Large, "", c.Temperature.Value, c.Temperature.Err))
	}
	tc := f.CriticalTemperature
	for _, p := range f.Points {
		table = append(table, record("abs_magnetization", p.L, "", tc.Value, p.AbsMagnetization.Value, p.AbsMagnetization.Err),
			record("susceptibility_zero", p.L, "", tc.Value, p.SusceptibilityZero.Value, p.SusceptibilityZero.Err))
	}
	return append(table,
		record("critical_temperature", f.SmallestBinder, "", "", tc.Value, tc.Err),
		record("inverse_nu", f.SmallestBinder, "", "", f.InverseNu.Value, f.InverseNu.Err),
		record("gamma_nu", f.GammaNu.Smallest, "", "", f.GammaNu.Value, f.GammaNu.Err),
		record("beta_nu", f.BetaNu.Smallest, "", "", f.BetaNu.Value, f.BetaNu.Err))
}
