package rbm

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// storedHashes are, by format, the parameters at update 50 of trainings that the
// program of that format stored at update 20 in testdata and then went on with
// itself: 70 rows of 9 units, golden settings.
var storedHashes = map[int]map[string]string{
	1: {
		"cd symmetric":            "623ada15dd8139c7 eeefae28649ee2c7",
		"cd":                      "30c5fe335f3565ed de57e8d8342c9be0",
		"pcd centered":            "795f834c629e3353 bf508303921b90b1",
		"pcd symmetric augmented": "6fdeef25bc232af9 2eaab60481167c39",
	},
	2: {
		"cd adam":       "4a8cf191c97b74c2 60e6b2e85f730299",
		"pcd tied adam": "5995033d86c6e61b 40c8b01fa8211e5b",
		"cd tied":       "a8ecd897f9e0d2d7 0f8b221d9d86f1ff",
		"exact":         "5b32a62942969c8e 8f947a576a548c8d",
	},
}

// fixtureSettings turns golden settings of 81 units into those of 9.
func fixtureSettings(s Settings) Settings {
	if s.Permutations != nil {
		s.Permutations = translations(3)
	}
	switch len(s.Group) {
	case 81:
		s.Group = translations(3)
	case 9:
		s.Group = translations(3)[:3]
	}
	return s
}

// A training stored in any format up to this one goes on as if nothing had happened.
func TestOldFormatsContinue(t *testing.T) {
	for format, hashes := range storedHashes {
		for name, want := range hashes {
			s := fixtureSettings(goldenSettings()[name])
			state, err := os.ReadFile(fmt.Sprintf("testdata/format-%d-%s.trainer", format, strings.ReplaceAll(name, " ", "-")))
			if err != nil {
				t.Fatal(err)
			}
			trainer := continued(t, s, 9, fitting(s, 4), randomRows(41, 70, 9), state)
			if trainer.Updates() != 20 {
				t.Fatalf("%s: stored at update %d, want 20", name, trainer.Updates())
			}
			update(t, trainer, 30)
			if got := fmt.Sprintf("%s %s", hash(trainer.Machine()), hash(trainer.Average())); got != want {
				t.Errorf("format %d: %q: %q,", format, name, got)
			}
		}
	}
}
