package rbm

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// stored is what MarshalBinary returns.
func stored(t testing.TB, trainer *Trainer) []byte {
	t.Helper()
	b, err := trainer.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// continued makes a trainer of another seed and continues the stored one on it.
func continued(t testing.TB, s Settings, visible, hidden int, data []uint64, state []byte) *Trainer {
	t.Helper()
	trainer, err := NewTrainer(s, visible, hidden, data, [32]byte{99})
	if err != nil {
		t.Fatal(err)
	}
	if err := trainer.UnmarshalBinary(state); err != nil {
		t.Fatal(err)
	}
	return trainer
}

// Interrupted at random steps and continued by a fresh trainer, a training gives the
// bytes of one that was not: parameters, averages, chains, streams and records.
func TestContinuationIsIdentical(t *testing.T) {
	const visible, updates = 81, 50
	data := randomRows(28, 137, visible)
	rng := rand.New(rand.NewPCG(1, 3))
	for name, s := range goldenSettings() {
		t.Run(name, func(t *testing.T) {
			hidden := fitting(s, 19)
			s.Updates = updates
			whole := newTestTrainer(t, s, visible, hidden, data)
			update(t, whole, updates)
			part := newTestTrainer(t, s, visible, hidden, data)
			for part.Updates() < updates {
				update(t, part, min(rng.IntN(6), updates-part.Updates()))
				before := stored(t, part)
				next := continued(t, s, visible, hidden, data, before)
				if !bytes.Equal(stored(t, next), before) {
					t.Fatalf("step %d: stored again, the state differs", part.Updates())
				}
				if fmt.Sprint(next.Record(nil)) != fmt.Sprint(part.Record(nil)) { // NaN included
					t.Fatalf("step %d: the records differ", part.Updates())
				}
				part = next
			}
			if !bytes.Equal(stored(t, part), stored(t, whole)) {
				t.Error("the interrupted training ended elsewhere")
			}
			if hash(part.Average()) != hash(whole.Average()) {
				t.Error("the averages differ")
			}
		})
	}
}

func TestStoredTrainerNamesWhatDiffers(t *testing.T) {
	data, s := randomRows(29, 40, 9), working()
	state := stored(t, newTestTrainer(t, s, 9, 4, data))
	otherRate, otherMoves := s, s
	otherRate.Rate, otherRate.Centered = 0.2, true
	otherMoves.Permutations = translations(3)
	otherStart := s
	otherStart.Start = randomMachine(32, 9, 4, 1)
	otherData := randomRows(30, 40, 9)
	for _, c := range []struct {
		want  string
		other *Trainer
	}{
		{"Rate 0.1, now 0.2; Centered false, now true", newTestTrainer(t, otherRate, 9, 4, data)},
		{"9 × 4 units, now 9 × 5", newTestTrainer(t, s, 9, 5, data)},
		{"40 rows of data, now 39", newTestTrainer(t, s, 9, 4, data[:39])},
		{"other data, permutations, group or start", newTestTrainer(t, s, 9, 4, otherData)},
		{"other data, permutations, group or start", newTestTrainer(t, otherMoves, 9, 4, data)},
		{"other data, permutations, group or start", newTestTrainer(t, otherStart, 9, 4, data)},
	} {
		want, other := c.want, c.other
		before := stored(t, other)
		if err := other.UnmarshalBinary(state); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
		if !bytes.Equal(stored(t, other), before) {
			t.Errorf("%q: the trainer was changed", want)
		}
	}
}

func TestDamagedStateIsRefused(t *testing.T) {
	s := goldenSettings()["pcd centered"]
	trainer := newTestTrainer(t, s, 9, 4, randomRows(31, 40, 9))
	good := stored(t, trainer)
	rng := rand.New(rand.NewPCG(1, 4))
	for range 100 {
		bad := bytes.Clone(good)
		bad[rng.IntN(len(bad))] ^= 1 << rng.IntN(8)
		if err := trainer.UnmarshalBinary(bad); err == nil {
			t.Fatal("a flipped bit went unnoticed")
		}
	}
	for _, n := range []int{0, 10, len(good) / 2, len(good) - 1} {
		if err := trainer.UnmarshalBinary(good[:n]); err == nil {
			t.Errorf("%d of %d bytes were accepted", n, len(good))
		}
	}
	future := bytes.Clone(good)
	binary.LittleEndian.PutUint32(future[len(trainerMagic):], trainerFormat+1)
	if err := trainer.UnmarshalBinary(future); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("format %d", trainerFormat+1)) {
		t.Errorf("a later format gave %v", err)
	}
	if !bytes.Equal(stored(t, trainer), good) {
		t.Error("refusing changed the trainer")
	}
}

// A continued training is what a diverged one can go back to.
func TestUnmarshalForgetsADivergence(t *testing.T) {
	s := Settings{Steps: 1, Batch: 10, Updates: 100, Rate: 1e38, Momentum: 0.9}
	trainer := newTestTrainer(t, s, 5, 5, randomRows(12, 20, 5))
	start := stored(t, trainer)
	for trainer.Update() == nil {
	}
	if err := trainer.UnmarshalBinary(start); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(stored(t, trainer), start) {
		t.Error("it did not come back")
	}
}

func BenchmarkMarshal(b *testing.B) {
	trainer := newTestTrainer(b, goldenSettings()["pcd centered"], 64, 64, randomRows(26, 10_000, 64))
	for b.Loop() {
		stored(b, trainer)
	}
}
