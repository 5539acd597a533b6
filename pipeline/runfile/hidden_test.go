package runfile

import "testing"

func TestHidden(t *testing.T) {
	for _, c := range []struct {
		hidden Hidden
		units  int
		text   string
	}{
		{Hidden{Number: 64}, 64, "64"},
		{Hidden{Number: 1, PerSite: true}, 36, "1N"},
		{Hidden{Number: 12, PerSite: true}, 432, "12N"},
	} {
		if got := c.hidden.Units(36); got != c.units {
			t.Errorf("%v on 36 sites: %d units, want %d", c.hidden, got, c.units)
		}
		if got := c.hidden.String(); got != c.text {
			t.Errorf("got %q, want %q", got, c.text)
		}
	}
}

func TestParsePerSite(t *testing.T) {
	for text, want := range map[string]int{"1N": 1, "2N": 2, "16N": 16} {
		if h, err := parsePerSite(text); err != nil || h != (Hidden{want, true}) {
			t.Errorf("%q is %v, %v", text, h, err)
		}
	}
	for _, text := range []string{"", "N", "2", "2n", "02N", "0N", "-2N", "+2N", "2NN", "2 N", " 2N", "2.5N", "N2", "99999999999N", "1_0N"} {
		if h, err := parsePerSite(text); err == nil {
			t.Errorf("%q was read as %v", text, h)
		}
	}
}
