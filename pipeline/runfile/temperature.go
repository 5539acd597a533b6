package runfile

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// Temperature is T in units of energy/k_B, so of J/k_B where the coupling is 1.
// 0 and +Inf are temperatures.
type Temperature float64

// significantDigits is what a temperature written as a number is rounded to:
// enough to tell any two keys apart, and few enough that the rounding errors
// of from + i·step disappear.
const significantDigits = 12

// rounded returns the temperature that stands for the number t.
func rounded(t float64) Temperature {
	t, err := strconv.ParseFloat(strconv.FormatFloat(t, 'e', significantDigits-1, 64), 64)
	if err != nil {
		panic("runfile: rounding a temperature out of range")
	}
	if t == 0 {
		return 0 // not −0
	}
	return Temperature(t)
}

// Key names the temperature in folders and random streams: "2.269185", "inf".
func (t Temperature) Key() string {
	if math.IsInf(float64(t), 1) {
		return "inf"
	}
	return strconv.FormatFloat(float64(t), 'f', 6, 64)
}

// String is the shortest text that reads back the same: "2.269185314213022".
func (t Temperature) String() string {
	if math.IsInf(float64(t), 1) {
		return "inf"
	}
	return strconv.FormatFloat(float64(t), 'g', -1, 64)
}

// MarshalJSON writes a number, or the string "inf", for which JSON has none.
func (t Temperature) MarshalJSON() ([]byte, error) {
	if math.IsInf(float64(t), 1) {
		return []byte(`"inf"`), nil
	}
	return json.Marshal(float64(t))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (t *Temperature) UnmarshalJSON(text []byte) error {
	if string(text) == `"inf"` {
		*t = Temperature(math.Inf(1))
		return nil
	}
	if err := json.Unmarshal(text, (*float64)(t)); err != nil {
		return fmt.Errorf("runfile: temperature: %w", err)
	}
	return nil
}
