package rbm

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"reflect"
	"slices"
	"strings"
)

// The stored form of a trainer, little-endian: magic, format version, CRC-32 (IEEE)
// of all that follows, header, state. The header is JSON behind its length; the
// state is the values of Trainer.state in their order, whose sizes follow from the
// header.
//
// Format 1 knew neither ties nor Adam: its states read as those without. Formats 1
// and 2 belong to the kernel's older arithmetic (xoshiro128++, an exponential of degree
// 5): their trainings go on with the present one, so that they do not give the bytes
// that their own program would have given.
const (
	trainerMagic  = "isingrbm trainer"
	trainerFormat = 3
	prefix        = len(trainerMagic) + 4 + 4
)

// header says which training a state belongs to.
type header struct {
	Settings        Settings
	Visible, Hidden int
	Rows            int    // of the data
	Digest          []byte // of data, permutations, group and start
	Kept            int    `json:",omitempty"` // machines of the trajectory so far
}

// streamState is the stored state of a stream.
type streamState [48]byte

// errState is the error of a stored state that cannot be read.
var errState = errors.New("rbm: not a complete stored trainer")

func (t *Trainer) header() header {
	h := header{t.settings, t.dense.visible, t.dense.hidden, t.batches.n, t.digest[:], 0}
	if t.trajectory != nil {
		h.Kept = len(t.trajectory.kept)
	}
	return h
}

// digest identifies what a training is given besides numbers and words: data,
// permutations, group and the machine it starts from. Without the last two it is
// that of format 1.
func digest(data []uint64, s Settings) (sum [32]byte) {
	h := sha256.New()
	write := func(values any, n int) {
		binary.Write(h, binary.LittleEndian, int64(n)) // a hash never fails
		binary.Write(h, binary.LittleEndian, values)
	}
	binary.Write(h, binary.LittleEndian, int64(len(data)))
	for some := range slices.Chunk(data, 1<<13) { // what is written is copied first
		binary.Write(h, binary.LittleEndian, some)
	}
	for _, p := range s.Permutations {
		write(p, len(p))
	}
	if s.Group != nil {
		write([]int32{}, -len(s.Group))
	}
	for _, p := range s.Group {
		write(p, len(p))
	}
	if m := s.Start; m != nil {
		for _, values := range [][]float32{m.Weights, m.VisibleBias, m.HiddenBias} {
			write(values, -len(values))
		}
	}
	h.Sum(sum[:0])
	return sum
}

// state lists everything that changes during a training.
func (t *Trainer) state(streams *[4]streamState, numbers *[3]int64) []any {
	state := []any{streams, numbers, t.parameters.panels, t.parameters.bias, t.gradient.panels, t.gradient.bias,
		t.model.up.generators, t.model.down.generators, t.machine.visible.rows, t.hidden.rows}
	if t.velocity != nil {
		state = append(state, t.velocity.panels, t.velocity.bias)
	}
	if t.adam != nil {
		state = append(state, &t.adam.updates)
		for _, p := range []*parameters{t.adam.first, t.adam.second} {
			state = append(state, p.panels, p.bias)
		}
	}
	if t.natural != nil {
		state = append(state, &t.natural.weight, &t.natural.damping, t.natural.covariance)
	}
	if t.offsets != nil {
		state = append(state, t.offsets.visible, t.offsets.hidden)
	}
	if t.average != nil {
		state = append(state, &t.average.count, t.average.sums[0], t.average.sums[1])
	}
	if t.trajectory != nil {
		state = append(state, t.trajectory.state()...)
	}
	return state
}

// MarshalBinary stores everything that a bit-identical continuation needs, except
// for the data. It never fails on a trainer that has not diverged.
func (t *Trainer) MarshalBinary() ([]byte, error) {
	if t.failure != nil {
		return nil, t.failure
	}
	head, err := json.Marshal(t.header())
	if err != nil {
		return nil, err
	}
	var streams [4]streamState
	for k, s := range [][]byte{t.batches.shuffle.state(), t.batches.epoch, t.batches.augment.random.state(), t.flips.state()} {
		copy(streams[k][:], s)
	}
	if t.trajectory != nil {
		t.trajectory.store()
	}
	numbers := [3]int64{t.updates, int64(t.batches.position), int64(t.machine.n)}
	body := binary.LittleEndian.AppendUint64(nil, uint64(len(head)))
	body = append(body, head...)
	for _, part := range t.state(&streams, &numbers) {
		if body, err = binary.Append(body, binary.LittleEndian, part); err != nil {
			return nil, err
		}
	}
	stored := binary.LittleEndian.AppendUint32([]byte(trainerMagic), trainerFormat)
	stored = binary.LittleEndian.AppendUint32(stored, crc32.ChecksumIEEE(body))
	return append(stored, body...), nil
}

// UnmarshalBinary continues a stored training. The trainer must have been made with
// the same settings, shape and data, or it is an error that names what differs;
// its seed does not matter. After an error the trainer is as before.
func (t *Trainer) UnmarshalBinary(stored []byte) error {
	body, err := verified(stored)
	if err != nil {
		return err
	}
	size := binary.LittleEndian.Uint64(body)
	if size > uint64(len(body)-8) {
		return errState
	}
	var head header
	if err := json.Unmarshal(body[8:8+size], &head); err != nil {
		return fmt.Errorf("rbm: stored trainer: %w", err)
	}
	if err := t.matches(head); err != nil {
		return err
	}
	before := t.trajectory
	t.trajectory = emptyTrajectory(t.settings, head.Kept, t.dense.visible, t.dense.hidden)
	if err := t.restore(body[8+size:]); err != nil {
		t.trajectory = before
		return err
	}
	return nil
}

// verified returns what follows magic, version and checksum.
func verified(stored []byte) ([]byte, error) {
	if len(stored) < prefix+8 || string(stored[:len(trainerMagic)]) != trainerMagic {
		return nil, errState
	}
	numbers := stored[len(trainerMagic):]
	if format := binary.LittleEndian.Uint32(numbers); format < 1 || format > trainerFormat {
		return nil, fmt.Errorf("rbm: stored trainer of format %d, this program reads 1 to %d", format, trainerFormat)
	}
	body := stored[prefix:]
	if binary.LittleEndian.Uint32(numbers[4:]) != crc32.ChecksumIEEE(body) {
		return nil, fmt.Errorf("%w: its checksum is wrong", errState)
	}
	return body, nil
}

// matches names what differs between the stored training and this one.
func (t *Trainer) matches(stored header) error {
	own := t.header()
	stored.Settings = stored.Settings.resolved() // settings younger than its format
	var differences []string
	a, b := reflect.ValueOf(stored.Settings), reflect.ValueOf(own.Settings)
	for k := range a.NumField() {
		if name := a.Type().Field(k).Name; !slices.Contains([]string{"Permutations", "Group", "InitialEnvelope", "Start", "Threads"}, name) && !a.Field(k).Equal(b.Field(k)) {
			differences = append(differences, fmt.Sprintf("%s %v, now %v", name, a.Field(k), b.Field(k)))
		}
	}
	if stored.Visible != own.Visible || stored.Hidden != own.Hidden {
		differences = append(differences, fmt.Sprintf("%d × %d units, now %d × %d", stored.Visible, stored.Hidden, own.Visible, own.Hidden))
	}
	if stored.Rows != own.Rows {
		differences = append(differences, fmt.Sprintf("%d rows of data, now %d", stored.Rows, own.Rows))
	} else if !bytes.Equal(stored.Digest, own.Digest) {
		differences = append(differences, "other data, permutations, group or start")
	}
	if differences != nil {
		return fmt.Errorf("rbm: the stored training differs from this one: %s", strings.Join(differences, "; "))
	}
	return nil
}

// restore reads the state, whose length it checks first.
func (t *Trainer) restore(body []byte) error {
	var streams [4]streamState
	var numbers [3]int64
	state := t.state(&streams, &numbers)
	size := 0
	for _, part := range state {
		size += binary.Size(part)
	}
	if size != len(body) {
		return errState
	}
	for _, part := range state {
		n, err := binary.Decode(body, binary.LittleEndian, part)
		if err != nil {
			return fmt.Errorf("rbm: stored trainer: %w", err)
		}
		body = body[n:]
	}
	t.updates, t.batches.position, t.machine.n = numbers[0], int(numbers[1]), int(numbers[2])
	t.failure = nil
	t.install()
	if t.natural != nil {
		t.natural.factorize()
	}
	if t.trajectory != nil {
		if err := t.trajectory.restore(); err != nil {
			return fmt.Errorf("rbm: stored trainer: %w", err)
		}
	}
	return t.restoreStreams(&streams)
}

// restoreStreams restores the random streams and draws this epoch's order again.
func (t *Trainer) restoreStreams(streams *[4]streamState) error {
	b := t.batches
	if b.order != nil {
		if err := b.shuffle.restore(streams[1][:]); err != nil {
			return fmt.Errorf("rbm: stored trainer: %w", err)
		}
		b.newOrder()
	}
	return errors.Join(b.shuffle.restore(streams[0][:]), b.augment.random.restore(streams[2][:]), t.flips.restore(streams[3][:]))
}
