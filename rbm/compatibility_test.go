package rbm

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// storedHashes are, by format, the parameters at update 50 of trainings that the
// program of that format stored at update 20 in testdata, gone on with by the present
// arithmetic, which is that of format 3: 70 rows of 9 units, golden settings.
var storedHashes = map[int]map[string]string{
	1: {
		"cd symmetric":            "a8baaf80fb7d680e 78cedce664d689b7",
		"cd":                      "2cd4d6433fc7c708 eda3ef5616a2aab4",
		"pcd centered":            "6dd77e7745a05253 38334a87e0cff014",
		"pcd symmetric augmented": "b290b85059edaa4b 38a3d68c5f6e74bd",
	},
	2: {
		"cd adam":       "ced71075d31ce093 5c284b110da518cc",
		"pcd tied adam": "95235b599cf4c70a 9796a95442189015",
		"cd tied":       "ed5f926089662a9c 99ba523bb78376b1",
		"exact":         "4bcea146a0dc5909 90e1ddc5ca593cd6",
	},
	3: {
		"cd":                 "07844ba74a54b910 f945954368abc960",
		"pcd centered":       "3c3d85dfd233ee67 39477fe827d4979a",
		"cd symmetric":       "7b9ff8e26462f960 a2aa9875b286eda8",
		"cd adam":            "eb4ccc607e81302c 11ba3421e0f0ebde",
		"pcd tied symmetric": "c3120ed4b58e9e8b 74fe9a45edacd926",
		"pcd tied adam":      "0702f6628849c787 e58faf22f06fcb7b",
		"exact":              "d96bba25a85a0167 36fe3c0513ba4304",
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
