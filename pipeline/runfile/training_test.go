package runfile

import "testing"

func TestResolveTraining(t *testing.T) {
	const published = "preset = 'torlai-melko-2016'\n"
	for _, c := range []struct {
		name, text string
		check      func(Training) bool
	}{
		{"chains follow the batch", "batch = 500", func(t Training) bool { return t.Batch == 500 && t.Chains == 500 }},
		{"chains of their own", "batch = 500\nchains = 100", func(t Training) bool { return t.Batch == 500 && t.Chains == 100 }},
		{"cd may name its chains", "algorithm = 'cd'\nchains = 200", func(t Training) bool { return t.Chains == 200 }},
		{"epochs become updates", "epochs = 3\nbatch = 300", func(t Training) bool { return t.Epochs == 3 && t.Updates == 3*334 }},
		{"updates replace a preset's epochs", published + "updates = 10", func(t Training) bool { return t.Epochs == 0 && t.Updates == 10 }},
		{"a constant rate ends as it began", "schedule = 'constant'\nrate = 0.2", func(t Training) bool { return t.FinalRate == 0.2 }},
		{"a constant rate may be given twice", "schedule = 'constant'\nrate = 0.2\nfinal_rate = 0.2", func(t Training) bool { return t.FinalRate == 0.2 }},
		{"a preset's rate may fall", published + "schedule = 'linear'\nfinal_rate = 0.001", func(t Training) bool { return t.Rate == 0.01 && t.FinalRate == 0.001 }},
		{"scale goes with uniform", "initial = 'uniform'", func(t Training) bool { return t.InitialScale == uniformScale }},
		{"scale goes with gaussian", published + "initial = 'gaussian'", func(t Training) bool { return t.InitialScale == gaussianScale }},
		{"scale of one's own", "initial = 'uniform'\ninitial_scale = 0.5", func(t Training) bool { return t.InitialScale == 0.5 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := mustParse(t, machineBase+"[training]\n"+c.text).Training; !c.check(got) {
				t.Errorf("%+v", got)
			}
		})
	}
}

// What the preset brings and the model rules out is turned off without a word;
// written in the file as "off" it is no contradiction either.
func TestResolveSymmetry(t *testing.T) {
	field := machineBase + "lattice.field = 0.2\n"
	for _, text := range []string{field, field + "training.symmetry = 'none'\ntraining.flips = false\n"} {
		if got := mustParse(t, text).Training; got.Symmetry != "none" || got.Flips || !got.Translations {
			t.Errorf("%+v", got)
		}
	}
	open := machineBase + "lattice.boundary = 'open'\n"
	for _, text := range []string{open, open + "training.translations = false\n"} {
		if got := mustParse(t, text).Training; got.Symmetry != "flip" || !got.Flips || got.Translations {
			t.Errorf("%+v", got)
		}
	}
}
