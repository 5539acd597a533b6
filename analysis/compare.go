package analysis

import (
	"fmt"
	"math"
	"strings"
)

// Tolerances bound what Compare lets pass. All are relative, of the size of the
// reference, but UpFraction, which is an absolute difference.
type Tolerances struct {
	Energy           float64
	AbsMagnetization float64
	SpecificHeat     float64
	Susceptibility   float64
	UpFraction       float64
}

// DefaultTolerances are those of the run file.
func DefaultTolerances() Tolerances {
	return Tolerances{Energy: 0.02, AbsMagnetization: 0.02, SpecificHeat: 0.10, Susceptibility: 0.15, UpFraction: 0.1}
}

const (
	// maxZ bounds the deviation from a reference of zero, in standard deviations:
	// a correct machine exceeds it once in 16 000 times.
	maxZ = 4
	// oneSided is the distance of p₊ from ½ beyond which a machine has lost a sign.
	oneSided = 0.4
)

// Comparison sets one machine against the model it was trained on. NaN stands
// for what does not exist or was not computed.
type Comparison struct {
	L               int
	T               float64
	Hidden, Replica int
	Deviations      []Deviation // in the order of Observables

	LogZ, LogZErr        float64 // ln Z of the machine
	LogZLower, LogZUpper float64 // bracket of ln Z where it is sampled
	KL, KLErr, KLPerSpin float64 // KL(Ising‖machine) in nats a configuration, and a spin
	CouplingNN           float64 // J/T inferred from the weights, mean over samples and bonds
	CouplingNNErr        float64
	Verdict              string // "pass", "one-sided" or "fail: …", never with a comma or a newline
}

// Deviation is that of one observable of a machine from its reference.
type Deviation struct {
	Ref   string  // SourceExact, SourceMonteCarlo, or empty without a reference
	Delta float64 // value − reference
	Rel   float64 // Delta/|reference|; NaN for a reference of zero
	Z     float64 // Delta in units of the errors of both sides, added in quadrature; NaN where there are none

	// The error budget; see SetErrorBudget.
	ErrData, ErrTraining, ErrSampling float64
}

// Compare sets a machine against the exact values where they exist and against
// Monte Carlo otherwise; either may be nil. The verdict is
//
//   - one-sided: where the reference p₊ is ½ (within its tolerance) and the
//     machine's is not within 0.4 of it, it has lost a sign of the magnetization,
//     which e, m, c and χ do not notice;
//   - pass: e, m, c and χ are within their relative tolerances, and p₊ within
//     its absolute one;
//   - fail: …, which names every observable that is not, or whose error is larger
//     than its tolerance ("not resolved").
//
// An observable without a reference, such as c at T = ∞, is not judged; one
// whose reference is zero passes within four standard deviations.
// Likelihood and coupling are left NaN for the caller to fill.
func Compare(machine Row, exact, mc *Row, tolerances Tolerances) Comparison {
	nan := math.NaN()
	c := Comparison{
		L: machine.L, T: machine.T, Hidden: machine.Hidden, Replica: machine.Replica,
		LogZ: nan, LogZErr: nan, LogZLower: nan, LogZUpper: nan,
		KL: nan, KLErr: nan, KLPerSpin: nan, CouplingNN: nan, CouplingNNErr: nan,
	}
	references := make([]Estimate, observableCount)
	for i := range references {
		source, reference := pick(i, exact, mc)
		references[i] = reference
		c.Deviations = append(c.Deviations, deviate(machine.Values[i], reference, source))
	}
	c.Verdict = verdict(machine.Values, references, c.Deviations, tolerances)
	return c
}

// pick returns the reference of observable i.
func pick(i int, exact, mc *Row) (string, Estimate) {
	if exact != nil && !math.IsNaN(exact.Values[i].Value) {
		return SourceExact, Estimate{Value: exact.Values[i].Value, Tau: math.NaN()}
	}
	if mc != nil && !math.IsNaN(mc.Values[i].Value) {
		return SourceMonteCarlo, mc.Values[i]
	}
	return "", Undefined()
}

func deviate(value, reference Estimate, source string) Deviation {
	nan := math.NaN()
	d := Deviation{Ref: source, Delta: nan, Rel: nan, Z: nan, ErrData: nan, ErrTraining: nan, ErrSampling: nan}
	if source == "" {
		return d
	}
	d.Delta = value.Value - reference.Value
	if reference.Value != 0 {
		d.Rel = d.Delta / math.Abs(reference.Value)
	}
	sigma := math.Hypot(value.Err, reference.Err)
	switch {
	case math.Abs(d.Delta) <= rounding*math.Abs(reference.Value):
		d.Z = 0
	case sigma > 0:
		d.Z = d.Delta / sigma
	}
	return d
}

func verdict(values, references []Estimate, deviations []Deviation, tolerances Tolerances) string {
	if up := references[UpFraction].Value; math.Abs(up-0.5) <= tolerances.UpFraction &&
		math.Abs(values[UpFraction].Value-0.5) > oneSided {
		return "one-sided"
	}
	var reasons []string
	for _, j := range []struct {
		observable int
		tolerance  float64
	}{
		{Energy, tolerances.Energy},
		{AbsMagnetization, tolerances.AbsMagnetization},
		{SpecificHeat, tolerances.SpecificHeat},
		{Susceptibility, tolerances.Susceptibility},
		{UpFraction, tolerances.UpFraction},
	} {
		i := j.observable
		if deviations[i].Ref == "" {
			continue
		}
		complaint := judge(values[i], references[i], deviations[i], j.tolerance)
		if i == UpFraction {
			complaint = judgeAbsolute(values[i], references[i], deviations[i], j.tolerance)
		}
		if complaint != "" {
			reasons = append(reasons, Observables()[i].Name+" "+complaint)
		}
	}
	if len(reasons) == 0 {
		return "pass"
	}
	return "fail: " + strings.Join(reasons, "; ")
}

// judge says what is wrong with an observable of relative tolerance, or nothing.
func judge(value, reference Estimate, d Deviation, tolerance float64) string {
	size := math.Abs(reference.Value)
	sigma := math.Hypot(value.Err, reference.Err)
	switch {
	case math.IsNaN(value.Value):
		return "has no value"
	case size == 0 && !(math.Abs(d.Z) <= maxZ):
		return fmt.Sprintf("%.3g where the reference is 0 (tolerance %d standard deviations)", value.Value, maxZ)
	case size == 0:
		return ""
	case math.IsNaN(sigma):
		return "not resolved (no error)"
	case math.Abs(d.Delta) > tolerance*size+maxZ*sigma: // whatever the error
		return fmt.Sprintf("%+.1f %% (tolerance %.3g %%)", 100*d.Rel, 100*tolerance)
	case sigma > tolerance*size:
		return fmt.Sprintf("not resolved (error %.1f %% above tolerance %.3g %%)", 100*sigma/size, 100*tolerance)
	case !(math.Abs(d.Rel) <= tolerance):
		return fmt.Sprintf("%+.1f %% (tolerance %.3g %%)", 100*d.Rel, 100*tolerance)
	}
	return ""
}

// judgeAbsolute is judge for an absolute tolerance.
func judgeAbsolute(value, reference Estimate, d Deviation, tolerance float64) string {
	sigma := math.Hypot(value.Err, reference.Err)
	switch {
	case math.IsNaN(value.Value):
		return "has no value"
	case math.IsNaN(sigma):
		return "not resolved (no error)"
	case math.Abs(d.Delta) > tolerance+maxZ*sigma: // whatever the error
		return fmt.Sprintf("%+.2f (tolerance %.2g)", d.Delta, tolerance)
	case sigma > tolerance:
		return fmt.Sprintf("not resolved (error %.2g above tolerance %.2g)", sigma, tolerance)
	case !(math.Abs(d.Delta) <= tolerance):
		return fmt.Sprintf("%+.2f (tolerance %.2g)", d.Delta, tolerance)
	}
	return ""
}

// Reject makes the verdict a failure for another reason, without commas. A machine that
// has lost a sign stays one-sided.
func (c *Comparison) Reject(reason string) {
	switch c.Verdict {
	case "one-sided":
	case "pass":
		c.Verdict = "fail: " + reason
	default:
		c.Verdict += "; " + reason
	}
}

// SetErrorBudget fills the error budget from the rows of all replicas of the
// machine, this one's among them: machines of one (L, T, n_h) that differ in
// their training only.
//
//	ErrSampling  the error of this machine's own row
//	ErrTraining  √(variance of the values over the replicas − mean square of their errors), or 0;
//	             NaN with fewer than two replicas
//	ErrData      the error of the training data; NaN if data is nil
func (c *Comparison) SetErrorBudget(replicas []Row, data *Row) {
	for i := range c.Deviations {
		d := &c.Deviations[i]
		if len(replicas) > 1 {
			d.ErrTraining = trainingError(replicas, i)
		}
		for _, r := range replicas {
			if r.Replica == c.Replica {
				d.ErrSampling = r.Values[i].Err
			}
		}
		if data != nil {
			d.ErrData = data.Values[i].Err
		}
	}
}

// trainingError is the part of the scatter over replicas that sampling does not
// explain.
func trainingError(replicas []Row, i int) float64 {
	n := float64(len(replicas))
	mean, sampling := 0.0, 0.0
	for _, r := range replicas {
		mean += r.Values[i].Value / n
		sampling += r.Values[i].Err * r.Values[i].Err / n
	}
	variance := 0.0
	for _, r := range replicas {
		d := r.Values[i].Value - mean
		variance += d * d / (n - 1)
	}
	return math.Sqrt(max(0, variance-sampling))
}
