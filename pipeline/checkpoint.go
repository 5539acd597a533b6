package pipeline

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"isingrbm/pipeline/runfile"
	"isingrbm/pipeline/store"
)

// checkpointFormat is the version of the checkpoint's content. A checkpoint
// is the magic line, the SHA-256 of the rest, and a gob of checkpointContent.
// Format 1 lacks the run file's hash.
const (
	checkpointFormat = 2
	checkpointMagic  = "isingrbm checkpoint\n"
)

// checkpointContent is everything that a bit-identical continuation of a stage
// needs, beside the parts of files that it names.
type checkpointContent struct {
	Format  int
	Cell    string
	Stage   Stage            // "" means Train: the first version knew no other
	RunFile string           // hash of the run file's settings
	Inputs  []Input          // settings of the stage
	Records []trainingRecord // of a training, so far
	Trainer []byte           // rbm.Trainer in binary form
	Spools  []spoolState     // of files of configurations
	Sampler samplerState     // of a sampling
}

// saveCheckpoint publishes how far the stage is.
func (j *job) saveCheckpoint(content checkpointContent) error {
	content.Format, content.Cell, content.Stage = checkpointFormat, j.task.Cell.ID(), j.task.Stage
	content.RunFile, content.Inputs = settingsHash(j.spec), taskInputs(j.spec, j.task)
	raw, err := encodeCheckpoint(content)
	if err != nil {
		return err
	}
	err = store.WriteFile(j.desk(checkpointFile), func(w io.Writer) error {
		_, err := w.Write(raw)
		return err
	})
	if err != nil {
		return err
	}
	if err := j.lock.Publish(checkpointFile); err != nil {
		return err
	}
	j.saved, j.safe = time.Now(), j.record.Done
	j.log.Info("checkpoint", "done", j.record.Done, "of", j.record.Total)
	return nil
}

func encodeCheckpoint(content checkpointContent) ([]byte, error) {
	var body bytes.Buffer
	if err := gob.NewEncoder(&body).Encode(content); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body.Bytes())
	return slices.Concat([]byte(checkpointMagic), sum[:], body.Bytes()), nil
}

// settingsHash is the SHA-256 of all settings of a run file, defaults included.
func settingsHash(run *runfile.Run) string {
	h := sha256.New()
	for _, kv := range run.Keys() {
		fmt.Fprintf(h, "%s = %s\n", kv.Key, kv.Value) // a hash never fails
	}
	return hex.EncodeToString(h.Sum(nil))
}

// loadCheckpoint returns the cell's checkpoint, nil if there is none of this
// stage: then what is left of older ones is removed. One that is damaged, or of
// other settings, is an error.
func (j *job) loadCheckpoint() (*checkpointContent, error) {
	path := filepath.Join(j.dir, checkpointFile)
	content, err := readCheckpoint(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, j.withdrawParts()
	}
	if err == nil {
		err = j.suits(content)
	}
	if err != nil {
		return nil, j.refuse(err)
	}
	if content.Stage != j.task.Stage {
		return nil, j.withdrawParts() // left by a process that was killed as the stage before was done
	}
	return content, nil
}

// refuse says what to do about a checkpoint that cannot be used.
func (j *job) refuse(err error) error {
	return fmt.Errorf("%w\n  hint: remove %s; the stage then starts from its beginning", err, filepath.Join(j.dir, checkpointFile))
}

// suits returns an error if a checkpoint is not one of this cell and settings.
func (j *job) suits(c *checkpointContent) error {
	if c.Cell != j.task.Cell.ID() {
		return fmt.Errorf("checkpoint of cell %q in the folder of %q", c.Cell, j.task.Cell.ID())
	}
	list := j.changedSince(c)
	if len(list) > 0 && !(c.Stage == Generate && onlyCounts(list)) {
		return &ChangedError{Directory: j.folders.out, Stage: c.Stage, Cells: 1, Changes: list}
	}
	if c.RunFile != "" && c.RunFile != settingsHash(j.spec) {
		j.log.Info("the run file has changed since the checkpoint, but nothing that it depends on")
	}
	return nil
}

// changedSince lists the settings that differ from the checkpoint's. Settings younger
// than that of a training do not count, for the trainer compares those that matter to
// it, and neither does the program's version: the trainer knows what it can go on with.
func (j *job) changedSince(c *checkpointContent) []Change {
	before, now := slices.Clone(c.Inputs), taskInputs(j.spec, Task{Stage: c.Stage, Cell: j.task.Cell})
	if c.Stage == Train {
		skipped := func(in Input) bool {
			younger := !slices.ContainsFunc(c.Inputs, func(old Input) bool { return old.Key == in.Key })
			return younger || strings.HasPrefix(in.Key, "version.")
		}
		before, now = slices.DeleteFunc(before, skipped), slices.DeleteFunc(now, skipped)
	}
	return changes(j.spec, before, now)
}

func readCheckpoint(path string) (*checkpointContent, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	content, err := decodeCheckpoint(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return content, nil
}

func decodeCheckpoint(raw []byte) (*checkpointContent, error) {
	body, ok := bytes.CutPrefix(raw, []byte(checkpointMagic))
	if !ok || len(body) < sha256.Size {
		return nil, errors.New("not a checkpoint, or cut short")
	}
	if sha256.Sum256(body[sha256.Size:]) != [sha256.Size]byte(body[:sha256.Size]) {
		return nil, errors.New("damaged: its content does not match its checksum")
	}
	content := new(checkpointContent)
	if err := gob.NewDecoder(bytes.NewReader(body[sha256.Size:])).Decode(content); err != nil {
		return nil, err
	}
	if content.Format < 1 || content.Format > checkpointFormat {
		return nil, fmt.Errorf("format %d, this program reads formats 1 to %d", content.Format, checkpointFormat)
	}
	if content.Stage == "" {
		content.Stage = Train
	}
	return content, nil
}
