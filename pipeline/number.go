package pipeline

import (
	"encoding/json"
	"math"
)

// number is a float64 in a JSON file, where null stands for NaN and the strings "inf"
// and "-inf" for what JSON has no number for either.
type number float64

func (x number) MarshalJSON() ([]byte, error) {
	switch f := float64(x); {
	case math.IsNaN(f):
		return []byte("null"), nil
	case math.IsInf(f, 1):
		return []byte(`"inf"`), nil
	case math.IsInf(f, -1):
		return []byte(`"-inf"`), nil
	default:
		return json.Marshal(f)
	}
}

func (x *number) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case "null":
		*x = number(math.NaN())
	case `"inf"`:
		*x = number(math.Inf(1))
	case `"-inf"`:
		*x = number(math.Inf(-1))
	default:
		return json.Unmarshal(text, (*float64)(x))
	}
	return nil
}
