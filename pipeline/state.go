package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"isingrbm/pipeline/lock"
	"isingrbm/pipeline/runfile"
	"isingrbm/pipeline/store"
)

// Status is what became of one stage of one cell.
type Status string

// The states of a task. A missing task has no record.
const (
	Missing     Status = "missing"
	Running     Status = "running"
	Interrupted Status = "interrupted"
	Failed      Status = "failed"
	Done        Status = "done"
)

const stateFile = "state.json"

// stageState is the record of one stage in a cell's state.json.
type stageState struct {
	Status   Status    `json:"status"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	Seconds  float64   `json:"seconds"` // of work, all attempts together
	// ProcessorSeconds is the processor time of that work, on the thread that did it;
	// further threads of a training are not counted. 0 where it is not known.
	ProcessorSeconds float64         `json:"processor_seconds,omitempty"`
	Host             string          `json:"host"`
	Process          int             `json:"process"`
	Attempts         int             `json:"attempts"` // that began, since it was last done
	Done             int64           `json:"done"`     // units of work completed
	Total            int64           `json:"total"`    // units of work in the stage
	Error            string          `json:"error,omitempty"`
	Annealing        *annealingState `json:"annealing,omitempty"` // while ln Z is annealed
	Inputs           []Input         `json:"inputs,omitempty"`    // settings the stage depended on
}

// cellState is a cell's state.json. Format 1 lacks the checksum.
type cellState struct {
	Format int                   `json:"format"`
	Cell   string                `json:"cell"`
	Stages map[Stage]*stageState `json:"stages"`
	SHA256 string                `json:"sha256,omitempty"` // of the rest, as JSON

	damage error // of the file that should have held it
}

const stateFormat = 2

// readState reads a cell's state; a cell that was never touched has an empty
// one, and so has one whose state is damaged: it is computed again.
func readState(f *folders, cell Cell) (*cellState, error) {
	state, err := loadState(f, cell)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &cellState{Cell: cell.ID(), Stages: map[Stage]*stageState{}}, nil
	case errors.Is(err, store.ErrCorrupt):
		return &cellState{Cell: cell.ID(), Stages: map[Stage]*stageState{}, damage: err}, nil
	}
	return state, err
}

// loadState is readState, but with an error where there is no state or a damaged one.
func loadState(f *folders, cell Cell) (*cellState, error) {
	path := filepath.Join(f.of(cell), stateFile)
	state := new(cellState)
	if err := store.ReadJSON(path, state); err != nil {
		return nil, err
	}
	if (state.SHA256 != "" || state.Format == stateFormat) && state.SHA256 != state.sum() || slices.Contains(slices.Collect(maps.Values(state.Stages)), nil) {
		return nil, fmt.Errorf("%s: %w: it does not match its checksum\n  hint: run again: the cell is computed again", path, store.ErrCorrupt)
	}
	if state.Format < 1 || state.Format > stateFormat || state.Cell != cell.ID() {
		return nil, fmt.Errorf("%s: format %d of cell %q, want format %d of cell %q\n  hint: it was copied or written by another version; remove that file and the cell is computed again",
			path, state.Format, state.Cell, stateFormat, cell.ID())
	}
	if state.Stages == nil {
		state.Stages = map[Stage]*stageState{}
	}
	return state, nil
}

// publish writes the state of the cell that a lock is of.
func (s *cellState) publish(held *lock.Lock) error {
	s.Format = stateFormat
	s.SHA256 = s.sum()
	if err := store.DraftJSON(filepath.Join(held.Dir(), stateFile), s); err != nil {
		return err
	}
	return held.Publish(stateFile)
}

// sum is the checksum of the state but for itself.
func (s *cellState) sum() string {
	rest := *s
	rest.SHA256 = ""
	text, err := json.Marshal(rest)
	if err != nil {
		panic("pipeline: a state that JSON cannot hold: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Input is one setting that a stage depended on, as in a run file's flat list
// of keys.
type Input struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// The versions of what the stages compute, part of their inputs: they change
// when the same settings give other bytes.
const (
	generatorVersion = "2"
	trainerVersion   = "2"
	samplerVersion   = "3"
	flowVersion      = "1"
)

// stageKeys lists, for each stage, the sections of the run file that its files
// depend on beyond those of the stage it reads from. Sizes, temperatures, n_h
// and replicas are the cell's own identity and are left out.
var stageKeys = map[Stage][]string{
	Generate: {"seed", "lattice.kind", "lattice.boundary", "lattice.coupling", "lattice.field", "monte_carlo.", "data.", "output.format", "output.compression"},
	Train:    {"training."},
	Sample:   {"sampling."},
	Flow:     {"flow."},
}

// moreConfigurations reports whether changes concern nothing but the numbers of
// Monte Carlo configurations, none of which became smaller: the files that are
// there are then the beginning of those wanted.
func moreConfigurations(list []Change) bool {
	return len(list) > 0 && onlyCounts(list) && !slices.ContainsFunc(list, func(c Change) bool {
		before, err := strconv.Atoi(c.Before)
		now, err2 := strconv.Atoi(c.Now)
		return err != nil || err2 != nil || now < before
	})
}

// onlyCounts reports whether changes concern nothing but how many Monte Carlo
// configurations there are, which leaves those that are there as they are.
func onlyCounts(list []Change) bool {
	return !slices.ContainsFunc(list, func(c Change) bool {
		return c.Key != "monte_carlo.configurations" && c.Key != "monte_carlo.validation"
	})
}

// stageVersions are recorded beside the keys.
var stageVersions = map[Stage]Input{
	Generate: {"version.generator", generatorVersion},
	Train:    {"version.trainer", trainerVersion},
	Sample:   {"version.sampler", samplerVersion},
	Flow:     {"version.flow", flowVersion},
}

// stageInputs lists everything in the run file that the files of a stage
// depend on, its predecessors' inputs included. A flow does not depend on the samples.
func stageInputs(run *runfile.Run, stage Stage) []Input {
	var inputs []Input
	keys := run.Keys()
	for _, s := range CellStages() {
		if s == Sample && stage == Flow {
			continue
		}
		for _, kv := range keys {
			if dependsOn(s, kv.Key) || s == Sample && kv.Key == "sweep.temperatures" && run.Sampling.Algorithm == "ladder" {
				inputs = append(inputs, Input{kv.Key, kv.Value})
			}
		}
		inputs = append(inputs, stageVersions[s])
		if s == stage {
			break
		}
	}
	return inputs
}

// taskInputs are the inputs of a stage in one cell.
func taskInputs(run *runfile.Run, task Task) []Input {
	return ofCell(stageInputs(run, task.Stage), run, task.Cell)
}

// ofCell adds to the inputs of a stage those that differ from cell to cell.
func ofCell(inputs []Input, run *runfile.Run, c Cell) []Input {
	return withPool(withWarmStart(append(slices.Clip(inputs), broughtInputs(run, c)...), run, c), run, c)
}

func dependsOn(stage Stage, key string) bool {
	if key == "training.threads" {
		return false // changes no result
	}
	return slices.ContainsFunc(stageKeys[stage], func(prefix string) bool {
		return key == prefix || strings.HasSuffix(prefix, ".") && strings.HasPrefix(key, prefix)
	})
}

// Change is a setting that differs between the run file and a finished stage.
type Change struct{ Key, Before, Now string }

// changes compares a stage's recorded inputs with the present ones. A key that
// the run has at its default and that is not among the recorded ones is younger
// than they are, and no change.
func changes(run *runfile.Run, before, now []Input) []Change {
	old := make(map[string]string, len(before))
	for _, in := range before {
		old[in.Key] = in.Value
	}
	var list []Change
	for _, in := range now {
		if was, ok := old[in.Key]; !ok && !run.IsDefault(in.Key) || ok && was != in.Value {
			list = append(list, Change{in.Key, was, in.Value})
		}
		delete(old, in.Key)
	}
	for _, in := range before {
		if was, ok := old[in.Key]; ok {
			list = append(list, Change{in.Key, was, ""})
		}
	}
	return list
}

// ChangedError says that finished stages of a run directory were made with
// other settings than the run file's.
type ChangedError struct {
	Directory string
	Stage     Stage // the first stage that is affected
	Cells     int   // how many of its cells
	Changes   []Change
}

func (e *ChangedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s was made with other settings (%s of %d cells):\n", e.Directory, e.Stage, e.Cells)
	for _, c := range e.Changes {
		fmt.Fprintf(&b, "  %s: was %s, is now %s\n", c.Key, orNone(c.Before), orNone(c.Now))
	}
	fmt.Fprintf(&b, "  %s\n", e.kept())
	fmt.Fprintf(&b, "  hint: put the old values back, give the run file another name, or remove what depends on them with `isingrbm clean --stage %s`", e.Stage)
	return b.String()
}

// kept says what the changes leave as it is.
func (e *ChangedError) kept() string {
	switch e.Stage {
	case Train:
		if onlyCounts(e.Changes) {
			return "the configurations are kept and extended: their beginning does not depend on their number"
		}
		return "the configurations are kept"
	case Sample:
		return "configurations and machines are kept"
	case Flow:
		return "configurations, machines and samples are kept"
	}
	return "nothing of these cells can be kept: configurations of two kinds do not mix"
}

func orNone(s string) string {
	if s == "" {
		return "absent"
	}
	return s
}

// outputs lists the files that a stage leaves in its cell's folder.
func outputs(run *runfile.Run, stage Stage) []string {
	switch stage {
	case Generate:
		return []string{configurationsFile.name(run), validationFile.name(run)}
	case Train:
		return append([]string{machineFile, trainingFile}, snapshotFiles(run)...)
	case Sample:
		return []string{samplesFile.name(run), samplingFile, likelihoodFile}
	case Flow:
		return []string{flowFile}
	}
	panic("pipeline: not a cell stage: " + string(stage))
}

// A spinFile is a file of configurations in a cell folder: its name but for the
// ending, which is the format that the run file asks for.
type spinFile string

// name is the file's name in a run.
func (f spinFile) name(run *runfile.Run) string { return string(f) + "." + run.Output.Format }

// The data files of the cell folders.
const (
	configurationsFile spinFile = "configurations"
	validationFile     spinFile = "validation"
	samplesFile        spinFile = "samples"

	machineFile    = "model.npz"
	trainingFile   = "training.parquet"
	samplingFile   = "sampling.json"
	likelihoodFile = "likelihood.json"
	flowFile       = "flow.parquet"
	checkpointFile = "checkpoint"
)
