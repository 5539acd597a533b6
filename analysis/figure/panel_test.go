package figure

import (
	"math"
	"testing"
)

func TestSpan(t *testing.T) {
	s := emptySpan()
	s.include(math.NaN(), math.Inf(1), math.Inf(-1))
	if s.low <= s.high {
		t.Errorf("%v of nothing", s)
	}
	if got := s.padded(0.1); got != (span{0, 1}) {
		t.Errorf("an empty span is padded to %v", got)
	}
	s.include(2, -3, 1)
	if s != (span{-3, 2}) {
		t.Errorf("%v", s)
	}
	for _, c := range []struct{ in, want span }{
		{span{-3, 2}, span{-3.5, 2.5}},
		{span{0, 0}, span{-0.5, 0.5}},
		{span{100, 100}, span{97.5, 102.5}}, // 5 % wide
		{span{-100, -99}, span{-102, -97}},
	} {
		got := c.in.padded(0.1)
		if math.Abs(got.low-c.want.low) > 1e-9 || math.Abs(got.high-c.want.high) > 1e-9 {
			t.Errorf("%v is padded to %v, want %v", c.in, got, c.want)
		}
	}
}
