package rbm

import (
	"math"
	"slices"
	"testing"
)

func TestSnapshotUpdates(t *testing.T) {
	for _, c := range []struct {
		updates, snapshots int
		want               []int
	}{{10_000, 4, []int{0, 9, 99, 999}}, {4, 8, []int{0, 1, 2}}, {100, 1, []int{0}}, {100, 0, nil}} {
		if got := (Settings{Updates: c.updates, Snapshots: c.snapshots}).SnapshotUpdates(); !slices.Equal(got, c.want) {
			t.Errorf("%d of %d updates: %v, want %v", c.snapshots, c.updates, got, c.want)
		}
	}
}

// The machines that are kept are those that the training passes through, and keeping
// them changes nothing.
func TestTrajectoryIsTheTraining(t *testing.T) {
	s := goldenSettings()["pcd centered"]
	plain := newTestTrainer(t, s, 20, 10, randomRows(3, 200, 20))
	s.Snapshots = 5
	kept := newTestTrainer(t, s, 20, 10, randomRows(3, 200, 20))
	times := kept.settings.SnapshotUpdates()
	var want []*Machine
	for u := range times[len(times)-1] + 1 {
		if slices.Contains(times, u) {
			want = append(want, plain.Machine())
		}
		for _, trainer := range []*Trainer{plain, kept} {
			if err := trainer.Update(); err != nil {
				t.Fatal(err)
			}
		}
	}
	got := kept.Trajectory()
	if len(got) != len(want) || len(want) < 4 || plain.Trajectory() != nil {
		t.Fatalf("%d machines at %v, want %d", len(got), times, len(want))
	}
	for k := range want {
		if !slices.Equal(got[k].Weights, want[k].Weights) || !slices.Equal(got[k].VisibleBias, want[k].VisibleBias) || !slices.Equal(got[k].HiddenBias, want[k].HiddenBias) {
			t.Errorf("machine %d is not that of update %d", k, times[k])
		}
	}
}

// Persistent chains of a machine with two modes never turn from one to the other; with
// exchanges along the trajectory many do, and the machine has the data's weights of the
// modes, 0.75 and 0.25, within 0.05.
func TestExchangesAlongTheTrajectoryTurnChains(t *testing.T) {
	const visible, hidden, chains = 24, 3, 200
	random := newStream([32]byte{5})
	data := make([]uint64, 4000)
	for r := range data {
		for i := range visible {
			up := random.unit() < 0.97
			if up == (r%4 != 0) {
				data[r] |= 1 << i
			}
		}
	}
	turned := func(algorithm string) (turns int, share float64) {
		s := Settings{Algorithm: algorithm, Steps: 2, Batch: 200, Chains: chains, Updates: 1500, Rate: 0.5, FinalRate: 0.05, Schedule: "exponential",
			Centered: true, Shuffle: true, Initial: "gaussian"}
		trainer := newTestTrainer(t, s, visible, hidden, data)
		modes := func() (list []bool) {
			for _, v := range trainer.Chains() {
				list = append(list, modeShare([]uint64{v}, visible) > 0)
			}
			return list
		}
		before := []bool(nil)
		for trainer.Updates() < trainer.Total() {
			if trainer.Updates() == 1000 {
				before = modes()
			}
			if err := trainer.Update(); err != nil {
				t.Fatal(err)
			}
		}
		for r, up := range modes() {
			if up != before[r] {
				turns++
			}
		}
		m := trainer.Machine()
		moments := newMoments(m)
		for _, mean := range moments.large { // visible units: the larger layer
			share += (mean - 0.03) / 0.94 / visible
		}
		return turns, share
	}
	if turns, share := turned("ptt"); turns < 20 || math.Abs(share-0.75) > 0.05 {
		t.Errorf("ptt: %d of %d chains turned, share %.3f of the greater mode", turns, chains, share)
	}
	if turns, _ := turned("pcd"); turns > 2 {
		t.Errorf("pcd is no control: %d of %d chains turned", turns, chains)
	}
}
