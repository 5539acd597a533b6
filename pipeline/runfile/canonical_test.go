package runfile

import (
	"math"
	"testing"

	"github.com/BurntSushi/toml"
)

func TestGrouped(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 7: "7", 1000: "1000", 9999: "9999", 10_000: "10_000", 123_456: "123_456", 1_048_576: "1_048_576",
		-20_000: "-20_000", math.MaxInt64: "9_223_372_036_854_775_807", math.MinInt64: "-9_223_372_036_854_775_808",
	} {
		if got := grouped(n); got != want {
			t.Errorf("grouped(%d) = %s, want %s", n, got, want)
		}
	}
}

// Canonical texts are what they should be, and TOML.
func TestCanonical(t *testing.T) {
	seed, count, rate, flag, word := uint64(math.MaxInt64), 0, 1e-9, true, `a"b`
	sizes, figures := []int{3, 16}, []string(nil)
	hidden := []Hidden{{Number: 64}, {Number: 2, PerSite: true}}
	temperatures := []Temperature{0, 1, 2.269185314213022, Temperature(math.Inf(1))}
	for _, c := range []struct {
		key   Key
		field any
		want  string
	}{
		{Key{}, &seed, "9223372036854775807"},
		{Key{}, &count, "0"},
		{Key{Words: []string{"auto"}}, &count, `"auto"`},
		{Key{}, &rate, "1e-09"},
		{Key{}, &flag, "true"},
		{Key{}, &word, `"a\"b"`},
		{Key{}, &sizes, "[3, 16]"},
		{Key{}, &figures, "[]"},
		{Key{}, &hidden, `[64, "2N"]`},
		{Key{}, &temperatures, `[0.0, 1.0, 2.269185314213022, "inf"]`},
	} {
		got := canonical(c.key, c.field)
		if got != c.want {
			t.Errorf("canonical(%T) = %s, want %s", c.field, got, c.want)
		}
		var data map[string]any
		if _, err := toml.Decode("value = "+got, &data); err != nil {
			t.Errorf("%s is not TOML: %v", got, err)
		}
	}
}
