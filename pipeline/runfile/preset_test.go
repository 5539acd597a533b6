package runfile

import (
	"strings"
	"testing"
)

// machineBase is the least that a run file with machines says.
const machineBase = "lattice.kind = 'square'\nlattice.sizes = [8]\nsweep.temperatures = [2.0]\nrbm.hidden = [8]\n"

func TestRecommendedPreset(t *testing.T) {
	got := mustParse(t, machineBase).Training
	want := preset("recommended", false)
	want.Chains = want.Batch
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if named := mustParse(t, machineBase+"training.preset = 'recommended'").Training; named != want {
		t.Errorf("named: %+v", named)
	}
}

// A machine that is tied has its own recommended settings, which the file overrides
// like others; other presets know no difference.
func TestRecommendedPresetOfTiedMachines(t *testing.T) {
	want := preset("recommended", true)
	want.Chains = want.Batch
	base := strings.Replace(machineBase, "hidden = [8]", "hidden = ['2N']", 1) + "training.symmetry = 'translation+flip'\n"
	if got := mustParse(t, base).Training; got != want || got.Optimizer != "natural" {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := mustParse(t, base+"training.updates = 7").Training; got.Updates != 7 || got.Batch != want.Batch {
		t.Errorf("with updates given: %+v", got)
	}
	if got := mustParse(t, base+"training.warm_start = false").Training.ShapeDecay; got != 0 {
		t.Errorf("shape decay %v without a warm start", got)
	}
	published := mustParse(t, base+"training.preset = 'torlai-melko-2016'").Training
	if other := preset("torlai-melko-2016", false); published.Optimizer != other.Optimizer || published.Rate != other.Rate {
		t.Errorf("published: %+v", published)
	}
}

// The published settings: Torlai and Melko (2016), CD-20 with plain gradient
// descent on 10^5 configurations.
func TestTorlaiMelkoPreset(t *testing.T) {
	got := mustParse(t, machineBase+"training.preset = 'torlai-melko-2016'").Training
	want := Training{
		Preset: "torlai-melko-2016", Algorithm: "cd", Steps: 20, Batch: 50, Chains: 50,
		Updates: 2000 * 100_000 / 50, Epochs: 2000, Rate: 0.01, FinalRate: 0.01, Schedule: "constant",
		Symmetry: "none", Initial: "uniform", InitialScale: 4, VisibleBias: "zero",
		Optimizer: "sgd", Threads: 1,
	}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// Each preset is within the ranges of its keys: written out as a file it is
// accepted and gives the same training.
func TestPresetsAreValid(t *testing.T) {
	for _, name := range presetNames() {
		run := mustParse(t, machineBase+"training.preset = '"+name+"'")
		text := machineBase
		for _, kv := range run.Keys() {
			k, _ := find(kv.Key)
			derived := kv.Key == "training.epochs" && run.Training.Epochs == 0 ||
				kv.Key == "training.updates" && run.Training.Epochs > 0
			if k.Section() == "training" && !derived {
				text += kv.Key + " = " + kv.Value + "\n"
			}
		}
		if got := mustParse(t, text).Training; got != run.Training {
			t.Errorf("%s: got  %+v\nwant %+v", name, got, run.Training)
		}
	}
}
