package rbm

import (
	"fmt"
	"math"
	"slices"

	"isingrbm/rbm/internal/kernel"
)

// natural turns the gradient of a tied machine into its natural gradient: the
// direction in which the likelihood grows fastest for a given Kullback-Leibler
// divergence between the machine before and after a step, whatever the parameters
// that describe it (Amari, Neural Comput. 10, 251 (1998)). It is the solution x of
//
//	(A + λ) x = g
//
// with g the gradient and A the covariance, over configurations v of the data, of
// what each contributes to the data's part of g. Once the machine is distributed as
// the data, A is its Fisher information. Before, the machine's own covariance would
// be far smaller: a machine that has not yet ordered hardly fluctuates, and steps
// that go by its fluctuations throw it over into an order from which its chains do
// not come back.
//
// Coordinates are the free parameters, one after the other, each times the root of
// the number of its places in the machine: lengths are then those of the machine.
type natural struct {
	covariance []float64 // lower triangle, row after row: the sum of decayed batches
	weight     float64   // Σ of what is left of each batch in it
	damping    float64   // λ of the factor
	factor     []float64 // L of A + λ = L Lᵀ, likewise

	coordinates []coordinate
	along       *parameters // the direction
	predicted   float64     // divergence, in nats, of a step of rate 1
	longest     float64     // change of a parameter in it
	limit       float64     // nats a step
}

// coordinate is a free parameter: that of a filter at a visible unit, with the hidden
// bias as if at one more, or the bias that the visible units of an orbit share.
type coordinate struct {
	unit, filter int     // no filter (−1) for the bias of the orbit of unit
	scale        float64 // root of the number of places
}

// MetricInterval is the number of updates of a natural gradient that share one metric,
// but for the first few: to find it takes as long as some ten updates.
const MetricInterval = 10

const (
	// The first metricEvery updates have an A each. Weights that begin small grow by factors within ten updates, and A with their
	// square: steps that an old A calls small then take the machine anywhere, which is
	// mostly into an ordered state that it does not come back from.
	metricEvery = 30
	// A is the mean over one minibatch at first, while the machine changes fast, and over
	// the last half of all in the end, when rare configurations decide about weak
	// directions.
	metricShare = 0.5
	// naturalParameters is the largest number of free parameters: two triangles of 8
	// bytes an element, 200 MB.
	naturalParameters = 5000
	// leastDamping keeps A + λ invertible where nothing varies. What matters in A is
	// larger, 10⁻⁶ even where one spin in thousands is flipped.
	leastDamping = 1e-12
	// longestChange of a parameter in an update is far more than a training takes that sees
	// its data vary. Minibatches of one configuration over and over have no A: steps would
	// be as long as numbers are large.
	longestChange = 0.5
)

// newNatural returns nil where the settings do not ask for it. p are the free
// parameters.
func newNatural(p *parameters, s Settings, t *tying) (*natural, error) {
	if s.Optimizer != naturalGradient {
		return nil, nil
	}
	n := &natural{coordinates: coordinatesOf(p, t, s.flipSymmetric()), along: newParameters(p.visible, p.hidden), limit: s.StepLimit}
	if size := len(n.coordinates); size > naturalParameters {
		return nil, fmt.Errorf("rbm: Optimizer %q solves for all free parameters together, of which there are %d, more than %d", naturalGradient, size, naturalParameters)
	}
	n.covariance, n.factor = make([]float64, triangle(len(n.coordinates))), make([]float64, triangle(len(n.coordinates)))
	return n, nil
}

// coordinatesOf lists the free parameters: filter after filter, then hidden biases,
// then visible ones; those of a flip-symmetric machine follow from its filters.
func coordinatesOf(p *parameters, t *tying, symmetric bool) []coordinate {
	copies := math.Sqrt(float64(len(t.group)))
	var all []coordinate
	for f := range p.hidden {
		for i := range p.visible {
			all = append(all, coordinate{i, f, copies})
		}
	}
	if symmetric {
		return all
	}
	for f := range p.hidden {
		all = append(all, coordinate{p.visible, f, copies})
	}
	for i, o := range t.orbit {
		if int(o) == i {
			all = append(all, coordinate{i, -1, math.Sqrt(float64(t.sizes[i]))})
		}
	}
	return all
}

// of points at the coordinate's parameter in p.
func (c coordinate) of(p *parameters) *float32 {
	if c.filter < 0 {
		return p.visibleBias(c.unit)
	}
	return p.weight(c.unit, c.filter)
}

// triangle is the number of elements of the first n rows of a lower triangle, and so
// where row n starts.
func triangle(n int) int { return n * (n + 1) / 2 }

// row returns row i of a lower triangle.
func row(triangular []float64, i int) []float64 { return triangular[triangle(i):triangle(i+1)] }

// due reports whether A is to be measured anew before an update, counted from 0.
func due(update int64) bool { return update < metricEvery || update%MetricInterval == 0 }

// measure takes the minibatch into A, and factors A + λ anew, with λ in units of the
// mean diagonal of A, and the strength that holds a shape, as steps that knew nothing
// of it would overshoot. The former begins large, so that only what stands out of the
// noise moves while a large step could throw the machine over, and ends so small that
// nothing holds back what the data determine only weakly.
func (n *natural) measure(a *ascent, data *phase, update int64, damping float64) {
	columns, size := n.contributions(a, data), len(n.coordinates)
	decay := 1 - 1/(1+float64(metricShare/MetricInterval*float64(update)))
	n.weight = float64(decay*n.weight) + 1
	a.team.share(size, func(_ *kernel.Workspace, from, to int) {
		for k := from; k < to; k++ {
			n.accumulate(columns, k, data.n, decay)
		}
	})
	mean := 0.0
	for k := range size {
		mean += row(n.covariance, k)[k]
	}
	mean /= float64(n.weight * float64(size))
	n.damping = max(float64(damping*mean), leastDamping)
	if a.shape != nil {
		n.damping += float64(a.shape.strength)
	}
	n.factorize()
}

// contributions returns, coordinate after coordinate, what every configuration of the
// minibatch contributes, minus the mean.
func (n *natural) contributions(a *ascent, data *phase) []float64 {
	size := len(n.coordinates)
	columns := make([]float64, size*data.n)
	a.team.share(data.n, func(_ *kernel.Workspace, from, to int) {
		one, units := make([]float64, size), make([]float64, 2*a.parameters.visible)
		for r := from; r < to; r++ {
			n.contribution(one, units, a, data, r)
			for k, x := range one {
				columns[k*data.n+r] = x
			}
		}
	})
	a.team.share(size, func(_ *kernel.Workspace, from, to int) {
		for k := from; k < to; k++ {
			subtractMean(columns[k*data.n:][:data.n])
		}
	})
	return columns
}

func subtractMean(values []float64) {
	sum := 0.0
	for _, x := range values {
		sum += x
	}
	mean := sum / float64(len(values))
	for r := range values {
		values[r] -= mean
	}
}

// contribution writes the means over places of (v_i − μ_i)(h_j − λ_j), of h_j − λ_j and
// of v_i − μ_i in configuration r, times the scale of each coordinate. units is scratch,
// two numbers a visible unit.
func (n *natural) contribution(dst, units []float64, a *ascent, data *phase, r int) {
	clear(dst)
	visible, copies := a.parameters.visible, len(a.tying.group)
	weights, biases := dst[:a.tying.filters*visible], dst[a.tying.filters*visible:]
	units, moved := units[:visible], units[visible:]
	v := data.visible.rows[r*Words(visible):]
	for i := range units {
		units[i] = float64(v[i/64]>>(i%64)&1) - a.visibleOffset(i)
	}
	share := 1 / math.Sqrt(float64(copies))
	for g, p := range a.tying.group {
		for i, place := range p {
			moved[i] = units[place]
		}
		for f := range a.tying.filters {
			h := float64((data.hiddenMean(f*copies+g, r) - a.hiddenOffset(f)) * share)
			addMultiple(weights[f*visible:][:visible], moved, h)
			if len(biases) > 0 {
				biases[f] += h
			}
		}
	}
	for k, c := range n.coordinates[len(weights):] {
		if c.filter < 0 {
			biases[k] = a.tying.orbitSum(units, c.unit) / c.scale
		}
	}
}

// addMultiple adds by × x to y.
func addMultiple(y, x []float64, by float64) {
	y = y[:len(x)]
	for i, value := range x {
		y[i] += float64(by * value)
	}
}

// accumulate adds the minibatch's covariances of coordinate i with those up to it.
func (n *natural) accumulate(columns []float64, i, rows int, decay float64) {
	sums, own := row(n.covariance, i), columns[i*rows:][:rows]
	for k, sum := range sums {
		sums[k] = float64(decay*sum) + dot(own, columns[k*rows:][:rows])/float64(rows)
	}
}

// dot is the scalar product of two vectors of one length, by four partial sums that
// do not wait for each other.
func dot(x, y []float64) float64 {
	var a, b, c, d float64
	y = y[:len(x)]
	k := 0
	for ; k+4 <= len(x); k += 4 {
		a += float64(x[k] * y[k])
		b += float64(x[k+1] * y[k+1])
		c += float64(x[k+2] * y[k+2])
		d += float64(x[k+3] * y[k+3])
	}
	for ; k < len(x); k++ {
		a += float64(x[k] * y[k])
	}
	return (a + b) + (c + d)
}

// factorize computes L, row by row (Cholesky).
func (n *natural) factorize() {
	for i := range n.coordinates {
		to, from := row(n.factor, i), row(n.covariance, i)
		for k := range i {
			other := row(n.factor, k)
			to[k] = (from[k]/n.weight - dot(to[:k], other[:k])) / other[k]
		}
		to[i] = math.Sqrt(from[i]/n.weight + n.damping - dot(to[:i], to[:i]))
	}
}

// solve replaces g by (A + λ)⁻¹ g.
func (n *natural) solve(g []float64) {
	for i := range g {
		l := row(n.factor, i)
		g[i] = (g[i] - dot(l[:i], g[:i])) / l[i]
	}
	for i := len(g) - 1; i >= 0; i-- {
		l := row(n.factor, i)
		g[i] /= l[i]
		addMultiple(g[:i], l[:i], -g[i])
	}
}

// direction returns the natural gradient.
func (n *natural) direction(gradient *parameters, t *tying) *parameters {
	g := make([]float64, len(n.coordinates))
	for k, c := range n.coordinates {
		g[k] = float64(float64(*c.of(gradient)) * c.scale)
	}
	x := slices.Clone(g)
	n.solve(x)
	n.predicted, n.longest = 0.5*dot(g, x), 0
	for k, c := range n.coordinates {
		change := x[k] / c.scale
		*c.of(n.along) = float32(change)
		n.longest = max(n.longest, math.Abs(change))
	}
	for i, o := range t.orbit {
		*n.along.visibleBias(i) = *n.along.visibleBias(int(o))
	}
	return n.along
}

// bounded shortens a step that would change the machine by more than the limit, as A
// predicts it, and one that A knows nothing of.
func (n *natural) bounded(rate float32) float32 {
	if r := float64(rate); float64(r*r)*n.predicted > n.limit {
		rate = float32(math.Sqrt(n.limit / n.predicted))
	}
	if float64(rate)*n.longest > longestChange {
		rate = float32(longestChange / n.longest)
	}
	return rate
}
