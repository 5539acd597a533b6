package runfile

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	candidates := []string{"kind", "sizes", "boundary", "coupling", "field", "burn_in", "heat-bath", "configurations", "chains", "torlai-melko-2016"}
	for name, want := range map[string]string{
		"kind": "kind", "Kind": "kind", "KIND": "kind", "kidn": "kind", "sizs": "sizes", "size": "sizes", "feld": "field",
		"burn-in": "burn_in", "burnin": "burn_in", "heat_bath": "heat-bath", "Heat Bath": "heat-bath",
		"configuration": "configurations", "config": "configurations", "torlai": "torlai-melko-2016", "bondary": "boundary",
		"color": "", "": "", "x": "", "c": "", "temperatures": "", "co": "",
		strings.Repeat("kind", 1000): "",
	} {
		if got := nearest(name, candidates); got != want {
			t.Errorf("nearest(%.20q) = %q, want %q", name, got, want)
		}
	}
}

// An abbreviation of two names means neither.
func TestNearestIsNotAmbiguous(t *testing.T) {
	if got := nearest("initia", []string{"initialize_here", "initialize_there"}); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"abc", "abd", 1}, {"abc", "acb", 1},
		{"abc", "ab", 1}, {"abc", "xabc", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3}, {"abcd", "badc", 2},
		{strings.Repeat("a", 65), "a", 65},
	} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance(c.b, c.a); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.b, c.a, got, c.want)
		}
	}
}
