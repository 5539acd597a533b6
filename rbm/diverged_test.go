package rbm

import (
	"errors"
	"strings"
	"testing"
)

func TestDivergenceIsAnError(t *testing.T) {
	s := Settings{Steps: 1, Batch: 10, Updates: 100, Rate: 1e38, Momentum: 0.9}
	trainer := newTestTrainer(t, s, 5, 5, randomRows(12, 20, 5))
	var err error
	for range 100 {
		if err = trainer.Update(); err != nil {
			break
		}
	}
	if err == nil || !strings.Contains(err.Error(), "diverged in update") || !strings.Contains(err.Error(), "lower the rate") {
		t.Fatalf("a rate of 1e38 gave %v", err)
	}
	var diverged *DivergedError
	if !errors.As(err, &diverged) || diverged.Update != trainer.Updates() || diverged.Reason == "" || diverged.Advice == "" {
		t.Errorf("the error is %#v", err)
	}
	if again := trainer.Update(); !errors.Is(again, err) {
		t.Errorf("the next update gave %v", again)
	}
	if _, marshal := trainer.MarshalBinary(); !errors.Is(marshal, err) {
		t.Errorf("a diverged trainer was stored: %v", marshal)
	}
}

// runawayTrainer has an even mixture of all up and all down as its data, chains that
// are all down, and a machine whose visible biases are the given ones.
func runawayTrainer(t *testing.T, s Settings, bias float32, data []uint64) *Trainer {
	t.Helper()
	s.Steps, s.Batch, s.Updates, s.Rate = 1, 10, 200, 1e-6
	trainer := newTestTrainer(t, s, 6, 6, data)
	clear(trainer.machine.visible.rows)
	clear(trainer.hidden.rows)
	for i := range 6 {
		*trainer.parameters.visibleBias(i) = bias
	}
	trainer.install()
	return trainer
}

// Biases that hold all chains at a value that half of the data do not have are
// reported at the next look; smaller ones, and those of units that do not change in
// the data, are not.
func TestRunawayBiasesAreReported(t *testing.T) {
	mixture := []uint64{0, 63, 0, 63, 0, 63, 0, 63, 0, 63}
	for _, c := range []struct {
		s    Settings
		bias float32
		data []uint64
		want bool
	}{
		{Settings{}, -50, mixture, true},
		{Settings{}, 50, mixture, true},
		{Settings{Centered: true}, -50, mixture, true},
		{Settings{Algorithm: "cd"}, -50, mixture, true},
		{Settings{Symmetry: "translation", Group: ringShifts(6)}, -50, mixture, true},
		{Settings{}, -20, mixture, false},
		{Settings{}, -50, make([]uint64, 10), false},
		{Settings{Symmetry: "flip"}, -50, mixture, false}, // the update restores its biases
	} {
		trainer := runawayTrainer(t, c.s, c.bias, c.data)
		var err error
		for trainer.Updates() < 2*lookInterval && err == nil {
			err = trainer.Update()
		}
		var diverged *DivergedError
		switch {
		case !c.want && err != nil:
			t.Errorf("%+v, bias %g: %v", c.s, c.bias, err)
		case c.want && (!errors.As(err, &diverged) || !strings.Contains(diverged.Reason, "visible unit 0 has run away") || diverged.Update != lookInterval):
			t.Errorf("%+v, bias %g gave %v", c.s, c.bias, err)
		}
	}
}

// The mean field is Σ over the hidden units of the whole machine, tied or not.
func TestFieldsOfTheDataSideMeans(t *testing.T) {
	for _, s := range []Settings{{}, {Symmetry: "translation", Group: ringShifts(6)}} {
		s.Steps, s.Batch, s.Updates, s.Rate = 1, 20, 10, 1e-20
		trainer := newTestTrainer(t, s, 6, 48, randomRows(90, 20, 6))
		update(t, trainer, 1)
		m := trainer.Machine()
		trainer.runaway()
		h, want := make([]float64, 48), make([]float64, 6)
		for _, v := range trainer.data.rows() {
			m.HiddenMeans([]uint64{v}, h)
			for i := range want {
				for j := range h {
					want[i] += float64(m.Weights[i*48+j]) * h[j] / 20
				}
			}
		}
		if s.Group != nil { // hidden means are averaged over the copies, so fields over sites
			sum := 0.0
			for _, x := range want {
				sum += x / 6
			}
			for i := range want {
				want[i] = sum
			}
		}
		for i := range want {
			if got := float64(*at(trainer.fields, i)); !near(got, want[i], 1e-5) {
				t.Errorf("%q: field %d is %g, want %g", s.Symmetry, i, got, want[i])
			}
		}
	}
}

// A machine that finds all up and all down far more probable than the data, which are
// half up, is reported once its chains are there; a weaker one is not.
func TestOvershotWeightsAreReported(t *testing.T) {
	half := make([]uint64, 40)
	for r := range half {
		half[r] = 0b00001111 << (r % 5)
	}
	for weight, want := range map[float32]bool{50: true, 5: false} {
		for _, s := range []Settings{{}, {Symmetry: "flip"}, {Centered: true, Chains: 7}} {
			s.Steps, s.Batch, s.Updates, s.Rate = 1, 10, 200, 1e-9
			trainer := newTestTrainer(t, s, 8, 8, half)
			m := NewMachine(8, 8)
			for k := range m.Weights {
				m.Weights[k] = weight
			}
			m.Symmetrize()
			withParameters(trainer, m)
			var err error
			for trainer.Updates() < lookInterval && err == nil {
				err = trainer.Update()
			}
			var diverged *DivergedError
			if got := errors.As(err, &diverged) && strings.Contains(diverged.Reason, "overshot"); got != want {
				t.Errorf("weights of %g, %+v: %v", weight, s, err)
			}
		}
	}
}
