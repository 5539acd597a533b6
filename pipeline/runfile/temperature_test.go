package runfile

import (
	"encoding/json"
	"math"
	"testing"
)

func TestTemperatureTexts(t *testing.T) {
	inf := Temperature(math.Inf(1))
	for _, c := range []struct {
		t                 Temperature
		key, text, number string
	}{
		{0, "0.000000", "0", "0"},
		{1, "1.000000", "1", "1"},
		{2.269185314213022, "2.269185", "2.269185314213022", "2.269185314213022"},
		{1e-6, "0.000001", "1e-06", "0.000001"},
		{1e9, "1000000000.000000", "1e+09", "1000000000"},
		{inf, "inf", "inf", `"inf"`},
	} {
		if c.t.Key() != c.key || c.t.String() != c.text {
			t.Errorf("key %s, text %s, want %s, %s", c.t.Key(), c.t, c.key, c.text)
		}
		number, err := json.Marshal(c.t)
		if err != nil || string(number) != c.number {
			t.Errorf("JSON of %v is %s, %v, want %s", c.t, number, err, c.number)
		}
		var back Temperature
		if err := json.Unmarshal(number, &back); err != nil || back != c.t {
			t.Errorf("%s reads back as %v, %v", number, back, err)
		}
	}
	var back Temperature
	if err := json.Unmarshal([]byte(`"hot"`), &back); err == nil {
		t.Error(`"hot" was read as a temperature`)
	}
}

// Rounding is idempotent, keeps 12 digits, and undoes the errors of sums.
func TestRounded(t *testing.T) {
	for _, c := range []struct{ x, want float64 }{
		{0.1 + 0.2, 0.3}, {1 + 3*0.127, 1.381}, {2.269185314213022, 2.26918531421},
		{123456.7890123456, 123456.789012}, {0.999999999999999, 1}, {1e-6, 1e-6}, {math.Inf(1), math.Inf(1)},
	} {
		got := rounded(c.x)
		if float64(got) != c.want {
			t.Errorf("rounded(%v) = %v, want %v", c.x, got, c.want)
		}
		if again := rounded(float64(got)); again != got {
			t.Errorf("rounded(%v) = %v", got, again)
		}
	}
	if zero := rounded(math.Copysign(0, -1)); math.Signbit(float64(zero)) {
		t.Error("minus zero stays")
	}
}
