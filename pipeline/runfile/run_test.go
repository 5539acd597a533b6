package runfile

import (
	"slices"
	"strings"
	"testing"
)

// Two texts that mean one run give one list of keys.
func TestKeysAreCanonical(t *testing.T) {
	a := mustParse(t, `
[lattice]
kind = "square"
sizes = [8, 16]
[sweep]
temperatures = { from = 1, to = 2, count = 3 }
[rbm]
hidden = [64]
`)
	b := mustParse(t, `
seed = 1
rbm = { replicas = 1, hidden = [64] }
sweep.temperatures = [2.0, 1.0, 1.5000000000000002]
lattice = { sizes = [0x10, 8], kind = 'square', field = -0.0, coupling = 1 }
training = { preset = "recommended" }
`)
	if !slices.Equal(a.Keys(), b.Keys()) {
		t.Errorf("%v\n%v", a.Keys(), b.Keys())
	}
}

// The keys of a run come in the order of the table, each once.
func TestKeysAreInOrder(t *testing.T) {
	var want, got []string
	for _, k := range keys {
		if k.Section() != "data" { // the template generates its data
			want = append(want, k.Path)
		}
	}
	template := mustParse(t, Template())
	for _, kv := range append(template.Keys(), template.SlurmKeys()...) {
		got = append(got, kv.Key)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestMonteCarloStudy(t *testing.T) {
	run := mustParse(t, "lattice = { kind = 'chain', sizes = [16] }\nsweep = { temperatures = [0, 1, inf] }")
	if run.RBM != nil || run.Training != (Training{}) || run.Sampling != (Sampling{}) {
		t.Errorf("%+v", run)
	}
	for _, kv := range run.Keys() {
		section, _, _ := strings.Cut(kv.Key, ".")
		if needsRBM(section) {
			t.Errorf("%s in a Monte Carlo study", kv.Key)
		}
	}
}

// A key that is changed shows in the list, and only it does.
func TestKeysShowWhatChanged(t *testing.T) {
	before := mustParse(t, Template()).Keys()
	after := mustParse(t, strings.Replace(Template(), "\nburn_in = \"auto\"", "\nburn_in = 1001", 1)).Keys()
	var changed []string
	for i := range before {
		if before[i] != after[i] {
			changed = append(changed, after[i].Key+" = "+after[i].Value)
		}
	}
	if !slices.Equal(changed, []string{"sampling.burn_in = 1001"}) {
		t.Errorf("%q", changed)
	}
}
