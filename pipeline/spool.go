package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"isingrbm/pipeline/store"
)

// spool writes one of the cell's files of configurations so that it can be
// continued after an interruption. A file that is finished without one is
// written once and that is all. Every checkpoint ends the part that is being
// written, as a file of its own beside the checkpoint, and begins another; at
// the end the parts are joined. Since the bytes of a file depend on nothing but
// its contents, the outcome is the same.
type spool struct {
	*job
	file   spinFile
	meta   store.Metadata
	state  spoolState
	writer *store.ConfigurationsWriter // of the next part, nil once the file is complete
	fresh  int                         // rows in it that count
}

// spoolState is what a checkpoint keeps of a spool.
type spoolState struct {
	File     string
	Parts    []part
	Complete bool // the only part is the file itself, in its place
}

// part is a published beginning of a file, or what follows one.
type part struct {
	Name string
	Rows int // that count, from its first on
	store.Checksum
}

// partPrefix begins the names of parts.
const partPrefix = "part-"

// rows counts the rows that are safe in parts.
func (s spoolState) rows() int {
	n := 0
	for _, p := range s.Parts {
		n += p.Rows
	}
	return n
}

// limit keeps of the rows what a file of count rows can begin with, if rows are
// made in blocks of which only the last may be cut short.
func (s *spoolState) limit(count, block int) {
	rows := s.rows()
	if rows == count {
		return
	}
	s.Complete = false
	left := min(rows/block*block, count)
	for i := range s.Parts {
		s.Parts[i].Rows = min(s.Parts[i].Rows, left)
		left -= s.Parts[i].Rows
	}
}

// openSpool continues the file from a state, the zero state being its
// beginning, whose parts it verifies.
func (j *job) openSpool(file spinFile, meta store.Metadata, state spoolState) (*spool, error) {
	s := &spool{job: j, file: file, meta: meta, state: state}
	s.state.File = file.name(j.spec)
	for _, p := range state.Parts {
		if err := j.verifyPart(p); err != nil {
			return nil, err
		}
	}
	if s.state.Complete {
		j.placed[s.state.File] = true
		return s, nil
	}
	return s, s.begin()
}

// verifyPart returns an error unless a part is what it was when it was saved.
func (j *job) verifyPart(p part) error {
	path := filepath.Join(j.dir, p.Name)
	sum, err := store.Sum(path)
	if err == nil && sum != p.Checksum {
		err = fmt.Errorf("%s: %w: not what it was when it was saved", path, store.ErrCorrupt)
	}
	if err != nil {
		return j.refuse(err)
	}
	return nil
}

// begin starts the next part.
func (s *spool) begin() (err error) {
	s.writer, err = s.createConfigurations(s.file, s.meta)
	s.fresh = 0
	return err
}

// Append adds a batch. Its rows count from the next call of count on.
func (s *spool) Append(batch store.ConfigurationBatch) error { return s.writer.Append(batch) }

// count says that n more of the appended rows need not be made again.
func (s *spool) count(n int) { s.fresh += n }

// save publishes the rows that count, for a checkpoint, and returns the state.
// Rows that do not count are lost to the spool, which must be opened again.
func (s *spool) save() (spoolState, error) {
	switch {
	case s.writer == nil:
		return s.state, s.place()
	case s.fresh == 0:
		return s.state, nil
	}
	if err := s.endPart(); err != nil {
		return s.state, err
	}
	return s.state, s.begin()
}

// place puts the complete file in its place ahead of the stage's end.
func (s *spool) place() error {
	if s.state.Complete {
		return nil
	}
	sum, err := store.Sum(s.desk(s.state.File))
	if err != nil {
		return err
	}
	s.state.Complete = true
	s.state.Parts = []part{{s.state.File, s.state.rows() + s.fresh, sum}}
	s.placed[s.state.File] = true
	return s.lock.Publish(s.state.File)
}

// endPart closes the part that is being written and publishes it.
func (s *spool) endPart() error {
	if err := s.writer.Commit(); err != nil {
		return err
	}
	p := part{Name: fmt.Sprintf("%s%03d-%s", partPrefix, len(s.state.Parts), s.state.File), Rows: s.fresh}
	err := store.Rename(s.desk(s.state.File), s.desk(p.Name))
	if err != nil {
		return err
	}
	if p.Checksum, err = store.Sum(s.desk(p.Name)); err != nil {
		return err
	}
	s.state.Parts = append(s.state.Parts, p)
	return s.lock.Publish(p.Name)
}

// finish completes the file on the desk.
func (s *spool) finish(ctx context.Context) error {
	if s.state.Complete {
		return nil
	}
	if len(s.state.Parts) > 0 {
		if err := s.join(ctx); err != nil {
			return err
		}
	}
	err := s.writer.Commit()
	s.writer = nil
	return err
}

// join puts the parts, and what was written since the last one, into one file.
func (s *spool) join(ctx context.Context) error {
	if s.fresh > 0 {
		if err := s.endPart(); err != nil {
			return err
		}
	} else {
		s.writer.Abort()
	}
	if err := s.begin(); err != nil {
		return err
	}
	return s.each(func(batch store.ConfigurationBatch) error {
		return errors.Join(s.writer.Append(batch), ctx.Err())
	})
}

// each shows the rows of the parts to use, in their order.
func (s *spool) each(use func(store.ConfigurationBatch) error) error {
	for _, p := range s.state.Parts {
		left := p.Rows
		err := readConfigurations(filepath.Join(s.dir, p.Name), s.model.Lattice.Sites(), func(b store.ConfigurationBatch) error {
			n := min(left, b.Rows())
			left -= n
			return use(head(b, n))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// AppendMetadata adds pairs that become known only while the file is written.
func (s *spool) AppendMetadata(meta store.Metadata) {
	s.meta = append(s.meta, meta...)
	s.writer.AppendMetadata(meta)
}

// Abort leaves nothing of what was not saved. After finish it does nothing.
func (s *spool) Abort() {
	if s.writer != nil {
		s.writer.Abort()
	}
}

// withdrawParts removes the checkpoint and the parts, once the stage is done or
// before it begins anew.
func (j *job) withdrawParts() error {
	names, err := unfinished(j.dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := j.lock.Withdraw(name); err != nil {
			return err // a checkpoint that stays needs the parts that it names
		}
	}
	return nil
}

// unfinished lists what stages keep in a cell's folder while they are not done:
// the checkpoint, which stands first as it names the others, and parts.
func unfinished(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		switch name := entry.Name(); {
		case name == checkpointFile:
			names = slices.Insert(names, 0, name)
		case isUnfinished(name):
			names = append(names, name)
		}
	}
	return names, nil
}

func isUnfinished(name string) bool {
	return name == checkpointFile || strings.HasPrefix(name, partPrefix)
}

// finishedSpools are the files of the cell's data as they were finished with
// another number of configurations, to be continued or cut; none if they were
// not. A file that is not as it was recorded is made anew.
func (j *job) finishedSpools() ([]spoolState, error) {
	if j.finished == nil || !onlyCounts(changes(j.spec, j.finished.Inputs, j.record.Inputs)) {
		return nil, nil
	}
	var states []spoolState
	for file, key := range map[spinFile]string{configurationsFile: "monte_carlo.configurations", validationFile: "monte_carlo.validation"} {
		name := file.name(j.spec)
		rows, err := strconv.Atoi(valueOf(j.finished.Inputs, key))
		if err != nil {
			continue
		}
		if err := store.Verify(j.dir, name); err != nil {
			j.log.Warn("made anew", "file", name, "because", err)
			continue
		}
		sum, _, err := store.Recorded(j.dir, name)
		if err != nil {
			return nil, err
		}
		states = append(states, spoolState{File: name, Parts: []part{{name, rows, sum}}, Complete: true})
	}
	return states, nil
}

// valueOf is the value of a key among inputs, "" if it is not there.
func valueOf(inputs []Input, key string) string {
	for _, in := range inputs {
		if in.Key == key {
			return in.Value
		}
	}
	return ""
}
