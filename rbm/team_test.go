package rbm

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"isingrbm/rbm/internal/kernel"
)

// Every item is worked on once, each worker with a workspace of its own.
func TestTeamSharesEveryItemOnce(t *testing.T) {
	for _, workers := range []int{1, 2, 3, 8} {
		for _, items := range []int{0, 1, 2, 7, 8, 100} {
			done, ranges := make([]int32, items), new(atomic.Int32)
			team := newTeam(workers)
			team.gather()
			team.share(items, func(_ *kernel.Workspace, from, to int) {
				ranges.Add(1)
				for k := from; k < to; k++ {
					atomic.AddInt32(&done[k], 1)
				}
			})
			team.dismiss()
			for k, times := range done {
				if times != 1 {
					t.Fatalf("%d workers worked on item %d of %d %d times", workers, k, items, times)
				}
			}
			if most := max(1, min(rangesPerWorker*workers, items)); int(ranges.Load()) > most {
				t.Errorf("%d workers made %d ranges of %d items", workers, ranges.Load(), items)
			}
		}
	}
}

// The number of threads changes no bit of anything that a training keeps, for every
// option and for layers of one word, of several, and of more than there are threads.
func TestThreadsChangeNothing(t *testing.T) {
	for name, s := range goldenSettings() {
		for _, shape := range [][2]int{{81, 37}, {200, 150}, {70, 330}} {
			hidden := fitting(s, shape[1])
			if shape[0] != 81 && (s.Group != nil || s.Permutations != nil) {
				continue
			}
			data := randomRows(80, 61, shape[0])
			single := newTestTrainer(t, s, shape[0], hidden, data)
			update(t, single, 6)
			want := stored(t, single)
			for _, threads := range []int{2, 3, 7} {
				several := newTestTrainer(t, s, shape[0], hidden, data)
				several.team.workspaces = newTeam(threads).workspaces
				update(t, several, 6)
				if !bytes.Equal(stored(t, several), want) {
					t.Fatalf("%s, %d × %d: %d threads differ", name, shape[0], hidden, threads)
				}
			}
		}
	}
}

// A training may change its number of threads where it is interrupted.
func TestThreadsMayChangeAtACheckpoint(t *testing.T) {
	s, data := goldenSettings()["pcd centered"], randomRows(81, 90, 130)
	whole := newTestTrainer(t, s, 130, 70, data)
	update(t, whole, 20)
	part, rng := newTestTrainer(t, s, 130, 70, data), rand.New(rand.NewPCG(7, 7))
	for part.Updates() < 20 {
		update(t, part, min(1+rng.IntN(4), 20-part.Updates()))
		part = continued(t, s, 130, 70, data, stored(t, part))
		part.team.workspaces = newTeam(1 + rng.IntN(4)).workspaces
	}
	if !bytes.Equal(stored(t, part), stored(t, whole)) {
		t.Error("the training ended elsewhere")
	}
}

// Threads that would have too little to do are not used.
func TestUsefulThreads(t *testing.T) {
	for _, c := range []struct{ threads, batch, units, want int }{
		{0, 100, 1024, 1}, {1, 100, 1024, 1}, {8, 100, 64, 1}, {8, 100, 145, 2}, {8, 100, 1024, 8}, {2, 1000, 64, 2}, {64, 100, 512, 25},
	} {
		s := Settings{Steps: 1, Batch: c.batch, Updates: 1, Rate: 1, Threads: c.threads}
		if got := s.resolved().usefulThreads(c.units, c.units); got != c.want {
			t.Errorf("%+v: %d threads", c, got)
		}
	}
}

// BenchmarkThreads measures a large machine on one and on two threads.
func BenchmarkThreads(b *testing.B) {
	for _, units := range []int{256, 1024} {
		for _, k := range []int{1, 10} {
			for _, threads := range []int{1, 2} {
				b.Run(fmt.Sprintf("%dx%d/k=%d/threads=%d", units, units, k, threads), func(b *testing.B) {
					s := Settings{Algorithm: "cd", Steps: k, Batch: 100, Updates: 1, Rate: 1e-3, Initial: "gaussian", InitialScale: 0.1, Threads: threads}
					measure(b, newTestTrainer(b, s, units, units, randomRows(16, 1000, units)), k)
				})
			}
		}
	}
}
