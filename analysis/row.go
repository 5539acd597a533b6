package analysis

import (
	"fmt"
	"math"
	"strconv"
)

// Sources of a Row.
const (
	SourceMonteCarlo = "mc"
	SourceMachine    = "rbm"
	SourceExact      = "exact"
)

// None stands in Row.Hidden and Row.Replica where there is no machine.
const None = -1

// Estimate is a value with its error of one standard deviation and the
// integrated autocorrelation time of its series in stored configurations.
// NaN stands for what does not exist.
type Estimate struct{ Value, Err, Tau float64 }

// Row holds every observable of one source at one place of the sweep.
type Row struct {
	L       int        // sites along one side
	T       float64    // temperature in J/k_B; 0 and +Inf are temperatures
	Hidden  int        // hidden units of the machine, or None
	Replica int        // replica of the machine, or None
	Source  string     // SourceMonteCarlo, SourceMachine or SourceExact
	N       int        // configurations, 0 for exact values
	Values  []Estimate // in the order of Observables
	Draw    *Draw      // how the configurations were drawn; nil where that is not known
}

// Draw says how configurations were drawn. NaN stands for what does not exist.
type Draw struct {
	Algorithm                          string
	Thermalization, Thinning, PilotTau float64 // in steps of the algorithm
	Independence
}

// Undefined is the estimate of what does not exist.
func Undefined() Estimate {
	return Estimate{Value: math.NaN(), Err: math.NaN(), Tau: math.NaN()}
}

// Empty reports whether no observable of the row exists.
func (r Row) Empty() bool {
	for _, e := range r.Values {
		if !math.IsNaN(e.Value) {
			return false
		}
	}
	return true
}

// tiny is the size below which a number is printed with a power of ten.
const tiny = 1e-5

// String is the concise form in which physicists print an error: two digits of
// it in parentheses, in units of the last digits of the value, -1.4916(12).
// A value without an error is printed to seven digits, an undefined one as the
// empty string, a tiny one with a power of ten, 3.65(12)e-21.
func (e Estimate) String() string {
	if math.IsNaN(e.Value) {
		return ""
	}
	if !(e.Err > 0) || math.IsInf(e.Err, 1) {
		return strconv.FormatFloat(e.Value, 'g', 7, 64)
	}
	if size := max(math.Abs(e.Value), e.Err); size < tiny {
		exponent := math.Floor(math.Log10(size))
		scale := math.Pow(10, -exponent)
		return fmt.Sprintf("%ve%.0f", Estimate{Value: e.Value * scale, Err: e.Err * scale}, exponent)
	}
	decimals := 1 - int(math.Floor(math.Log10(e.Err)))
	if math.Round(e.Err*math.Pow10(decimals)) >= 100 { // 0.0996 is 0.100
		decimals--
	}
	if decimals <= 0 {
		return fmt.Sprintf("%.0f(%.0f)", e.Value, e.Err)
	}
	if e.Err >= 1 {
		return fmt.Sprintf("%.*f(%.*f)", decimals, e.Value, decimals, e.Err)
	}
	return fmt.Sprintf("%.*f(%.0f)", decimals, e.Value, e.Err*math.Pow10(decimals))
}
