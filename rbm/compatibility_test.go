package rbm

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// formatOneHashes are the parameters at update 50 of trainings that the program of
// format 1 stored at update 20 in testdata and then went on with itself: 9 × 4
// units, 70 rows, golden settings.
var formatOneHashes = map[string]string{
	"cd symmetric":            "623ada15dd8139c7 eeefae28649ee2c7",
	"cd":                      "30c5fe335f3565ed de57e8d8342c9be0",
	"pcd centered":            "795f834c629e3353 bf508303921b90b1",
	"pcd symmetric augmented": "6fdeef25bc232af9 2eaab60481167c39",
}

// A training stored in an old format goes on as if nothing had happened.
func TestOldFormatsContinue(t *testing.T) {
	for name, s := range goldenSettings() {
		want, there := formatOneHashes[name]
		if !there {
			continue // an option younger than the format
		}
		if s.Permutations != nil {
			s.Permutations = translations(3)
		}
		state, err := os.ReadFile("testdata/format-1-" + strings.ReplaceAll(name, " ", "-") + ".trainer")
		if err != nil {
			t.Fatal(err)
		}
		trainer := continued(t, s, 9, 4, randomRows(41, 70, 9), state)
		if trainer.Updates() != 20 {
			t.Fatalf("%s: stored at update %d, want 20", name, trainer.Updates())
		}
		update(t, trainer, 30)
		if got := fmt.Sprintf("%s %s", hash(trainer.Machine()), hash(trainer.Average())); got != want {
			t.Errorf("%q: %q,", name, got)
		}
	}
}
