package rbm

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// The floor of all configurations is ln Z, each counted once however often it comes, and
// of some of them what they have in an enumeration.
func TestFloor(t *testing.T) {
	m := randomMachine(1, 9, 4, 1)
	logZ, err := m.LogPartition()
	if err != nil {
		t.Fatal(err)
	}
	var all []uint64
	for v := range uint64(1 << 9) {
		all = append(all, v, v, 1<<9-1-v)
	}
	if got := m.floor(all); math.Abs(got-logZ) > 1e-5 {
		t.Errorf("floor of all configurations %v, ln Z %v", got, logZ)
	}
	want := math.Log(math.Exp(-m.FreeEnergy([]uint64{5})) + math.Exp(-m.FreeEnergy([]uint64{300})))
	if got := m.floor([]uint64{300, 5, 5, 300, 5}); math.Abs(got-want) > 1e-5 {
		t.Errorf("floor of two configurations %v, want %v", got, want)
	}
	if got := m.floor(nil); !math.IsInf(got, -1) {
		t.Errorf("floor of nothing %v", got)
	}
}

// Where samples and chains from the base are in one mode of two, both bounds agree on a
// wrong ln Z, and only configurations of the other mode tell. Those of the first mode
// tell nothing.
func TestAnnealLogPartitionIsNotBelowWhatWasSeen(t *testing.T) {
	m, err := NewMixture(slices.Repeat([]float64{0.98}, 40), slices.Repeat([]float64{0.02}, 40), 0.01)
	if err != nil {
		t.Fatal(err)
	}
	logZ, err := m.LogPartition()
	if err != nil {
		t.Fatal(err)
	}
	base, err := NewMixture(slices.Repeat([]float64{0.03}, 40), slices.Repeat([]float64{0.02}, 40), 0.5)
	if err != nil {
		t.Fatal(err)
	}
	g, err := NewGibbs(m, 400, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	g.SetVisible(slices.Repeat([]uint64{1<<40 - 1}, 400))
	g.Step(20)
	other := slices.Clone(g.Visible())
	g.SetVisible(make([]uint64, 400))
	g.Step(20)
	settings := Annealing{Chains: 200, MaxSteps: 256, Base: base, Seen: g.Visible()}
	minor, err := NewMixture(slices.Repeat([]float64{0.98}, 40), slices.Repeat([]float64{0.02}, 40), 0.99)
	if err != nil {
		t.Fatal(err)
	}
	if e := mustAnneal(t, m, g.Visible(), settings, 1); e.MissedMode || len(e.Warnings) > 0 {
		t.Errorf("the mode that holds 0.99: %+v, want %v", e, logZ)
	}
	settings.Seen = other // of the mode that holds 0.99 of minor
	e := mustAnneal(t, minor, g.Visible(), settings, 1)
	whole, err := minor.LogPartition()
	if err != nil {
		t.Fatal(err)
	}
	if !e.MissedMode || !math.IsNaN(e.Err) || !(e.Value > whole-1 && e.Value < whole) || !strings.Contains(strings.Join(e.Warnings, " "), "missed a mode") {
		t.Errorf("the mode that holds 0.01: %+v, want a little less than %v", e, whole)
	}
	settings.Seen = nil
	if e := mustAnneal(t, minor, g.Visible(), settings, 1); e.MissedMode || e.Value > whole-4 {
		t.Errorf("nothing seen: %+v, want %v and nothing noticed", e, whole-math.Log(100))
	}
}

func TestAnnealLogPartitionRefusesPartsOfRows(t *testing.T) {
	_, err := randomMachine(1, 70, 3, 1).AnnealLogPartition(t.Context(), nil, Annealing{Seen: make([]uint64, 3)}, [32]byte{})
	if err == nil || !strings.Contains(err.Error(), "whole rows") {
		t.Error(err)
	}
}
