package runfile

import (
	"fmt"
	"strconv"
	"strings"
)

// Hidden is a number of hidden units: fixed, or so many for each site.
type Hidden struct {
	Number  int  // positive
	PerSite bool // n_h = Number·N rather than Number
}

// Units returns n_h for a lattice of so many sites.
func (h Hidden) Units(sites int) int {
	if h.PerSite {
		return h.Number * sites
	}
	return h.Number
}

// String is the number as a run file has it, without quotes: "64", "2N".
func (h Hidden) String() string {
	if h.PerSite {
		return strconv.Itoa(h.Number) + "N"
	}
	return strconv.Itoa(h.Number)
}

// parsePerSite reads the form "2N".
func parsePerSite(text string) (Hidden, error) {
	digits, found := strings.CutSuffix(text, "N")
	number, err := strconv.ParseUint(digits, 10, 31)
	if !found || err != nil || number == 0 || digits[0] == '0' {
		return Hidden{}, fmt.Errorf("runfile: %q is not a multiple of N", text)
	}
	return Hidden{Number: int(number), PerSite: true}, nil
}
