package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"isingrbm/pipeline"
	"isingrbm/pipeline/runfile"
	"isingrbm/pipeline/store"
)

const (
	folder         = pipeline.BatchDir
	submissionFile = "submission.json"
	format         = 1
)

// Submission is the record of what one call of submit hands to the batch
// system.
type Submission struct {
	Format  int           `json:"format"`
	Time    time.Time     `json:"time"`
	System  System        `json:"system"`
	Request Request       `json:"request"`
	Program string        `json:"program"`  // file in the folder of all submissions
	RunFile string        `json:"run_file"` // file in the submission's own folder
	Slurm   runfile.Slurm `json:"slurm"`
	Memory  int64         `json:"memory"` // bytes of a task, resolved
	PerTask PerTask       `json:"cells_per_task"`
	Arrays  []Array       `json:"arrays"`
	KeptOut []string      `json:"kept_out,omitempty"` // cells that a limit kept out of the queue: the collector submits them

	dir string // its folder
}

// Array is a job array, or the collector, which is a job of its own.
type Array struct {
	Label    string           `json:"label"`  // within the submission: "train.1"
	Name     string           `json:"name"`   // of the batch job; no other run has it
	Stages   []pipeline.Stage `json:"stages"` // of its cells; none for the collector
	Elements []Element        `json:"elements"`
	After    []Dependency     `json:"after"`
	Limit    int              `json:"limit"` // elements that may run at a time; 0: all
}

// Element is one task: what it works on, in order.
type Element struct {
	Index int      `json:"index"` // in the array, from 1; 0 for a job of its own
	Cells []string `json:"cells"`
}

// Dependency is a condition for an array to start.
type Dependency struct {
	Kind  string `json:"kind"`            // aftercorr, afterok or afterany
	Array string `json:"array"`           // the name of the array waited for
	Job   string `json:"job,omitempty"`   // its number, if it was queued before
	Index int    `json:"index,omitempty"` // of one of its elements; 0: all
}

// The kinds of dependency, with Slurm's names.
const (
	afterCorresponding = "aftercorr" // element i after element i has succeeded
	afterSuccess       = "afterok"
	afterEnd           = "afterany"
)

// Collector reports whether the array is the job that makes the report.
func (a Array) Collector() bool { return len(a.Stages) == 0 }

// element returns the element of an index.
func (a Array) element(index int) (Element, bool) {
	i := slices.IndexFunc(a.Elements, func(e Element) bool { return e.Index == index })
	if i < 0 {
		return Element{}, false
	}
	return a.Elements[i], true
}

// logFile is the file, under the submission's folder, that takes what an
// element prints.
func (a Array) logFile(index int) string {
	return filepath.Join(a.Label, strconv.Itoa(index)+".log")
}

// readSubmissions reads the records of a run directory, oldest first.
func readSubmissions(runDir string) ([]*Submission, error) {
	entries, err := os.ReadDir(filepath.Join(runDir, folder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []*Submission
	for _, entry := range entries { // sorted by name, and so by number
		if _, err := strconv.Atoi(entry.Name()); err != nil || !entry.IsDir() {
			continue
		}
		s, err := readSubmission(filepath.Join(runDir, folder, entry.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // it broke off before anything was handed in
		}
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

func readSubmission(dir string) (*Submission, error) {
	s := &Submission{}
	path := filepath.Join(dir, submissionFile)
	if err := store.ReadJSON(path, s); err != nil {
		return nil, err
	}
	if s.Format != format {
		return nil, fmt.Errorf("%s has format %d, this version knows %d\n  hint: it was written by another version of the program", path, s.Format, format)
	}
	s.dir = dir
	return s, nil
}

// write writes the record, complete or not at all.
func (s *Submission) write() error {
	return store.WriteJSON(filepath.Join(s.dir, submissionFile), s)
}

// array returns the array of a label.
func (s *Submission) array(label string) (Array, error) {
	for _, a := range s.Arrays {
		if a.Label == label {
			return a, nil
		}
	}
	return Array{}, fmt.Errorf("%s has no array %q", s.dir, label)
}

// jobPrefix begins the names of a run's jobs: the run file's name for people,
// and a hash of the run directory's place for the machine.
func jobPrefix(runDir string) string {
	sum := sha256.Sum256([]byte(runDir))
	name := strings.TrimSuffix(filepath.Base(runDir), ".out")
	return fmt.Sprintf("%s-%s", plainName(name), hex.EncodeToString(sum[:4]))
}

// plainName keeps what every batch system takes in a job's name, which begins
// with a letter.
func plainName(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, name)
	if plain == "" || plain[0] >= '0' && plain[0] <= '9' || plain[0] == '-' {
		plain = "run" + plain
	}
	return plain[:min(len(plain), 40)]
}
