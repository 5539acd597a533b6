package figure

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// ticks places round values on an axis: about count labeled ones, four or five
// times as many in all. It implements plot.Ticker.
type ticks struct {
	count int
	whole bool // labels at whole numbers only
}

// Ticks returns the marks between two values. Labels have the minus sign of
// typography and only the decimals that tell them apart.
func (t ticks) Ticks(low, high float64) []plot.Tick {
	step, parts := roundStep((high - low) / float64(t.count))
	if t.whole && step != math.Round(step) {
		step, parts = max(1, math.Ceil(step)), 1
	}
	decimals := decimalsOf(step)
	var marks []plot.Tick
	minor := step / float64(parts)
	for k := math.Ceil(low/minor - 1e-9); k*minor <= high+1e-9*step; k++ {
		mark := plot.Tick{Value: k * minor}
		if math.Mod(k, float64(parts)) == 0 {
			mark.Label = number(mark.Value, decimals)
		}
		marks = append(marks, mark)
	}
	return marks
}

// roundStep rounds a step up to 1, 2, 2.5 or 5 times a power of ten, and says
// into how many parts smaller marks divide it.
func roundStep(step float64) (float64, int) {
	power := math.Pow(10, math.Floor(math.Log10(step)))
	for _, round := range []struct {
		step  float64
		parts int
	}{{1, 5}, {2, 4}, {2.5, 5}, {5, 5}, {10, 5}} {
		if step <= round.step*power*(1+1e-9) {
			return round.step * power, round.parts
		}
	}
	return 10 * power, 5
}

// decimalsOf returns how many decimals it takes to write a round number.
func decimalsOf(round float64) int {
	decimals := 0
	for x := round; math.Abs(x-math.Round(x)) > 1e-6*x && decimals < 15; decimals++ {
		x = round * math.Pow10(decimals+1)
	}
	return decimals
}

// number prints a value with the minus sign of typography and no negative zero;
// small ones with a power of ten.
func number(value float64, decimals int) string {
	if decimals > 5 && value != 0 {
		exponent := math.Floor(math.Log10(math.Abs(value)) + 1e-9)
		mantissa := math.Round(value/math.Pow(10, exponent)*100) / 100
		return strings.ReplaceAll(fmt.Sprintf("%g×10^{%.0f}", mantissa, exponent), "-", "−")
	}
	text := strconv.FormatFloat(value, 'f', decimals, 64)
	if strings.Trim(text, "-0.") == "" {
		text = strings.TrimPrefix(text, "-")
	}
	return strings.Replace(text, "-", "−", 1)
}

// symmetricScale is the scale of an axis about zero that holds numbers of the
// given sizes.
type symmetricScale interface {
	plot.Normalizer
	plot.Ticker
}

// wide is how far the largest of many sizes may exceed the median before a
// linear scale hides most of them.
const wide = 12

// symmetric returns the limit and the scale of an axis about zero for numbers
// of the given sizes: linear, or linear and then logarithmic where they spread
// over orders of magnitude.
func symmetric(sizes []float64) (limit float64, scale symmetricScale) {
	sizes = slices.DeleteFunc(slices.Clone(sizes), func(x float64) bool { return x == 0 })
	if len(sizes) == 0 {
		return 1, aboutZero{}
	}
	slices.Sort(sizes)
	largest, median := sizes[len(sizes)-1], sizes[len(sizes)/2]
	if largest > wide*median {
		linear := math.Pow(10, math.Floor(math.Log10(median)))
		return linear * math.Sinh(1.12*math.Asinh(largest/linear)), logarithmic(linear)
	}
	return 1.15 * largest, aboutZero{}
}

// aboutZero is linear, with three labels.
type aboutZero struct{ plot.LinearScale }

// Ticks marks zero and, on both sides of it, a round number and its half.
func (aboutZero) Ticks(_, high float64) []plot.Tick {
	power := math.Pow(10, math.Floor(math.Log10(0.86*high)))
	value := power
	for _, round := range []float64{2, 5} {
		if round*power <= 0.86*high {
			value = round * power
		}
	}
	label := number(value, decimalsOf(value))
	return []plot.Tick{{Value: -value, Label: "−" + label}, {Value: -value / 2}, {Value: 0, Label: "0"}, {Value: value / 2}, {Value: value, Label: label}}
}

// logarithmic is an axis that is linear within ± its value and logarithmic
// beyond, asinh to be exact.
type logarithmic float64

// Normalize maps [low, high] to [0, 1].
func (s logarithmic) Normalize(low, high, x float64) float64 {
	a, b := math.Asinh(low/float64(s)), math.Asinh(high/float64(s))
	return (math.Asinh(x/float64(s)) - a) / (b - a)
}

// Ticks marks zero and, from the linear part on, the powers of ten and their
// multiples. It labels the largest powers and those that stand clear of others.
func (s logarithmic) Ticks(_, high float64) []plot.Tick {
	const clear = 0.17 // of the axis: the height of a label in a residual panel
	last := int(math.Floor(math.Log10(high) + 1e-9))
	first := int(math.Round(math.Log10(float64(s))))
	marks := []plot.Tick{{Value: 0, Label: "0"}}
	below := 1 + clear
	for k := last; k >= first; k-- {
		power := math.Pow(10, float64(k))
		label := ""
		if at := s.Normalize(-high, high, power); at > 0.5+clear && at < below-clear {
			below, label = at, number(power, max(0, -k))
			marks = append(marks, plot.Tick{Value: -power, Label: "−" + label})
		}
		marks = append(marks, plot.Tick{Value: power, Label: label})
		for m := 1.0; m < 10 && m*power <= high; m++ {
			marks = append(marks, plot.Tick{Value: m * power}, plot.Tick{Value: -m * power})
		}
	}
	return marks
}

// decades places ticks on a logarithmic axis of a length: at powers of ten, as
// many labeled as there is room for, and at their multiples; where the axis spans
// less than a decade and a half, at 1, 2 and 5 times them.
type decades struct{ length vg.Length }

// Ticks returns the marks between two positive values.
func (d decades) Ticks(low, high float64) []plot.Tick {
	first, last := int(math.Floor(math.Log10(low)+1e-9)), int(math.Ceil(math.Log10(high)-1e-9))
	narrow := math.Log10(high/low) < 1.5
	step := max(1, int(math.Ceil(18*float64(last-first)/float64(d.length))))
	var marks []plot.Tick
	for k := first; k <= last; k++ {
		for m := 1.0; m < 10; m++ {
			value := m * math.Pow(10, float64(k))
			if value < low*(1-1e-9) || value > high*(1+1e-9) {
				continue
			}
			mark := plot.Tick{Value: value}
			if m == 1 && k%step == 0 || narrow && (m == 2 || m == 5) {
				mark.Label = powerLabel(m, k)
			}
			marks = append(marks, mark)
		}
	}
	return marks
}

// powerLabel writes m·10^k, in full where that is short.
func powerLabel(m float64, k int) string {
	if k >= -3 && k <= 3 {
		return number(m*math.Pow(10, float64(k)), max(0, -k))
	}
	power := "10^{" + strings.Replace(strconv.Itoa(k), "-", "−", 1) + "}"
	if m == 1 {
		return power
	}
	return strconv.Itoa(int(m)) + "×" + power
}

// values are ticks at given places, in order.
type values []float64

// Ticks labels every place.
func (v values) Ticks(low, high float64) []plot.Tick {
	var marks []plot.Tick
	for _, x := range v {
		if x >= low && x <= high {
			marks = append(marks, plot.Tick{Value: x, Label: number(x, decimalsOf(x))})
		}
	}
	return marks
}
