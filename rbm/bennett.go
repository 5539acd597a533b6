package rbm

import (
	"fmt"
	"math"
)

// newPartitionEstimate makes an estimate from ln w of chains that went from the base,
// whose ln Z is given, to the machine, and −ln w of those that went back, if any: both
// are estimates of ln Z less that of the base.
func newPartitionEstimate(forward, backward []float64, logBase float64, steps int) *PartitionEstimate {
	e := &PartitionEstimate{Steps: steps, Lower: newBound(forward, 1, logBase), Upper: Bound{math.NaN(), math.NaN(), math.NaN()}}
	if backward == nil {
		e.Value, e.Err = e.Lower.Value, e.Lower.Err
	} else {
		e.Upper = newBound(backward, -1, logBase)
		ratio, err := bennett(forward, backward)
		e.Value, e.Err = logBase+ratio, err
	}
	e.judge(len(forward))
	return e
}

const (
	fewEffective = 10 // effective samples, below which a weighted mean says little
	disagreement = 3  // standard deviations
)

// judge looks at what could be wrong.
func (e *PartitionEstimate) judge(chains int) {
	if e.Lower.ESS < fewEffective {
		e.warn("the lower bound of ln Z rests on an effective number of %.1f of %d chains", e.Lower.ESS, chains)
	}
	if math.IsNaN(e.Upper.Value) {
		return
	}
	if e.Upper.ESS < fewEffective {
		e.warn("the upper bound of ln Z rests on an effective number of %.1f chains", e.Upper.ESS)
	}
	gap, sigma := e.Upper.Value-e.Lower.Value, math.Hypot(e.Lower.Err, e.Upper.Err)
	switch {
	case gap > disagreement*sigma+rounding:
		e.Err = max(e.Err, gap/math.Sqrt(12)) // of a value anywhere in between
		e.warn("the bounds of ln Z are %.3g nats apart (%.0f standard deviations): the chains from the base may have missed a mode, or the schedule is too short", gap, gap/sigma)
	case gap < -disagreement*sigma-rounding:
		e.Value, e.Err, e.MissedMode = e.Lower.Value, e.Lower.Err, true
		e.warn("the upper bound of ln Z is %.3g nats below the lower one (%.0f standard deviations): the samples have missed a mode of the machine", -gap, -gap/sigma)
	}
}

func (e *PartitionEstimate) warn(format string, arguments ...any) {
	e.Warnings = append(e.Warnings, fmt.Sprintf(format, arguments...))
}

// newBound returns ± ln of the mean of e^{± x} on top of an offset.
func newBound(xs []float64, sign, offset float64) Bound {
	var sum, squares logSum
	for _, x := range xs {
		sum.add(sign * x)
		squares.add(2 * sign * x)
	}
	n := float64(len(xs))
	ess := exp(2*sum.log() - squares.log())
	// The relative error of a mean is √(variance/n)/mean, and Σw²/(Σw)² = 1/ESS.
	return Bound{Value: offset + float64(sign*(sum.log()-log(n))), Err: math.Sqrt(max(0, (1/ess-1/n)*n/(n-1))), ESS: ess}
}

// bennett returns the x with
//
//	mean over forward of f(y − x) · n_f = mean over backward of f(x − y) · n_b,
//
// f(t) = 1/(1 + e^{−t} n_b/n_f) and likewise, the estimate of least variance that both
// directions allow, and its standard deviation (Bennett 1976, Eqs. (12) and (10)).
func bennett(forward, backward []float64) (x, err float64) {
	shift := log(float64(len(forward)) / float64(len(backward)))
	low, high := math.Inf(1), math.Inf(-1)
	for _, ys := range [][]float64{forward, backward} {
		for _, y := range ys {
			low, high = min(low, y), max(high, y)
		}
	}
	low, high = low-math.Abs(shift)-1, high+math.Abs(shift)+1
	for range 200 { // halvings, until neighbors
		x = low + 0.5*(high-low)
		if x == low || x == high {
			break
		}
		f, _ := fermi(forward, 1, x+shift)
		b, _ := fermi(backward, -1, x+shift)
		if f > b {
			low = x
		} else {
			high = x
		}
	}
	_, f := fermi(forward, 1, x+shift)
	_, b := fermi(backward, -1, x+shift)
	return x, math.Sqrt(f + b)
}

// fermi returns Σ 1/(1 + e^{−s(y − x)}), s = ±1, and the squared relative error of the
// mean of these terms.
func fermi(ys []float64, s, x float64) (sum, squared float64) {
	squares, n := 0.0, float64(len(ys))
	for _, y := range ys {
		t := sigmoid(s * (y - x))
		sum += t
		squares += float64(t * t)
	}
	return sum, max(0, squares/float64(sum*sum)-1/n)
}
