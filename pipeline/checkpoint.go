package pipeline

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"isingrbm/pipeline/store"
)

// checkpointFormat is the version of the checkpoint's content. A checkpoint
// is the magic line, the SHA-256 of the rest, and a gob of checkpointContent.
const (
	checkpointFormat = 1
	checkpointMagic  = "isingrbm checkpoint\n"
)

// checkpointContent is everything that a bit-identical continuation of a
// training needs.
type checkpointContent struct {
	Format  int
	Cell    string
	Inputs  []Input          // settings of the training
	Records []trainingRecord // so far
	Trainer []byte           // rbm.Trainer in binary form
}

// checkpoint saves the training so far.
func (t *training) checkpoint() error {
	state, err := t.trainer.MarshalBinary()
	if err != nil {
		return err
	}
	content := checkpointContent{
		Format:  checkpointFormat,
		Cell:    t.task.Cell.ID(),
		Inputs:  stageInputs(t.spec, Train),
		Records: t.records,
		Trainer: state,
	}
	var body bytes.Buffer
	if err := gob.NewEncoder(&body).Encode(content); err != nil {
		return err
	}
	sum := sha256.Sum256(body.Bytes())
	err = store.WriteFile(t.desk(checkpointFile), func(w io.Writer) error {
		_, err := io.Copy(w, io.MultiReader(bytes.NewReader([]byte(checkpointMagic)), bytes.NewReader(sum[:]), &body))
		return err
	})
	if err != nil {
		return err
	}
	t.log.Info("checkpoint", "step", t.trainer.Updates())
	return t.lock.Publish(checkpointFile)
}

// resume continues from the cell's checkpoint if there is one.
func (t *training) resume() error {
	content, err := readCheckpoint(t.checkpointPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = t.adopt(content)
	}
	if err != nil {
		return fmt.Errorf("%w\n  hint: remove %s; the training then starts from its beginning", err, t.checkpointPath())
	}
	t.advance(t.trainer.Updates())
	t.log.Info("continued", "step", t.trainer.Updates())
	return nil
}

func (t *training) adopt(c *checkpointContent) error {
	if c.Cell != t.task.Cell.ID() {
		return fmt.Errorf("checkpoint of cell %q in the folder of %q", c.Cell, t.task.Cell.ID())
	}
	if list := changes(c.Inputs, stageInputs(t.spec, Train)); len(list) > 0 {
		return &ChangedError{Directory: t.out, Stage: Train, Cells: 1, Changes: list}
	}
	t.records = c.Records
	return t.trainer.UnmarshalBinary(c.Trainer)
}

func readCheckpoint(path string) (*checkpointContent, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	body, ok := bytes.CutPrefix(raw, []byte(checkpointMagic))
	if !ok || len(body) < sha256.Size {
		return nil, fmt.Errorf("%s: not a checkpoint, or cut short", path)
	}
	if sha256.Sum256(body[sha256.Size:]) != [sha256.Size]byte(body[:sha256.Size]) {
		return nil, fmt.Errorf("%s: damaged: its content does not match its checksum", path)
	}
	content := new(checkpointContent)
	if err := gob.NewDecoder(bytes.NewReader(body[sha256.Size:])).Decode(content); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if content.Format != checkpointFormat {
		return nil, fmt.Errorf("%s: format %d, this program reads format %d", path, content.Format, checkpointFormat)
	}
	return content, nil
}

func (t *training) checkpointPath() string { return filepath.Join(t.dir, checkpointFile) }
