package runfile

import (
	"strings"
	"testing"
)

// TestIsDefault: a key is at its default where the file does not set it, or
// sets it to that; for settings of a preset the preset decides.
func TestIsDefault(t *testing.T) {
	const text = `
[lattice]
kind = "square"
sizes = [8]
field = 0.0
coupling = 2.0
[sweep]
temperatures = [2.0]
[monte_carlo]
thinning = "auto"
validation = 20_000
configurations = 5_000
[rbm]
hidden = [4]
[training]
preset = "torlai-melko-2016"
steps = 20
rate = 0.5
momentum = 0
`
	run, err := Parse("x.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		"lattice.field": true, "lattice.coupling": false, "lattice.boundary": true,
		"monte_carlo.thinning": true, "monte_carlo.validation": true, "monte_carlo.configurations": false, "monte_carlo.algorithm": true,
		"training.preset": false, "training.steps": true, "training.rate": false, "training.momentum": true, "training.batch": true,
		"sweep.temperatures": false, "no.key": false,
	} {
		if got := run.IsDefault(path); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	study, err := Parse("x.toml", []byte(text[:strings.Index(text, "[rbm]")]))
	if err != nil {
		t.Fatal(err)
	}
	if !study.IsDefault("monte_carlo.algorithm") || !study.IsDefault("training.rate") {
		t.Error("a Monte Carlo study has settings of machines that are not the defaults")
	}
}
