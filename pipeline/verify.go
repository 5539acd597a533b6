package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"isingrbm/pipeline/lock"
	"isingrbm/pipeline/store"
)

// Finding is a file of a run directory that is not what it should be.
type Finding struct {
	Path    string
	Problem string
	Advice  string
}

// remake is the advice about a file that can be made again.
const remake = "remove it and run again: what wrote it will write it anew"

// Verify reads every file of the run directory that belongs to the run file's
// finished stages, tables, figures and page, and holds them against their
// checksums, their own, and the cell that they are in; checkpoints too. It
// returns how many files it read and what is wrong, in the order of the plan.
// Nothing is written.
func (w *Workspace) Verify(ctx context.Context, workers int) (files int, findings []Finding, err error) {
	cells := w.Plan.AllCells()
	counts, found := make([]int, len(cells)), make([][]Finding, len(cells))
	execute(ctx, workers, make([][]int, len(cells)), func(_ context.Context, i int) error {
		v := &verifier{Workspace: w, cell: cells[i], dir: w.folders.of(cells[i])}
		v.verify()
		counts[i], found[i] = v.files, v.findings
		return nil
	})
	if ctx.Err() != nil {
		return 0, nil, ErrInterrupted
	}
	for i := range cells {
		files += counts[i]
		findings = append(findings, found[i]...)
	}
	sealed, more := w.verifySealed()
	return files + sealed, append(findings, more...), nil
}

// verifySealed holds the tables, figures and page against the manifest.
func (w *Workspace) verifySealed() (files int, findings []Finding) {
	path := filepath.Join(w.Dir, manifestFile)
	var m manifest
	err := store.ReadJSON(path, &m)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 1, []Finding{findingOf(path, err)}
	}
	const advice = "run again: tables, figures and page are made anew"
	if !w.manifestStands(m.Files) {
		findings = append(findings, Finding{path, "damaged, or of an earlier state of the run file and its cells", advice})
	}
	for _, f := range m.Files {
		path := filepath.Join(w.Dir, filepath.FromSlash(f.Name))
		if sum, err := store.Sum(path); err != nil {
			findings = append(findings, Finding{path, "missing or not readable: " + err.Error(), advice})
		} else if sum != f.Checksum {
			findings = append(findings, Finding{path, "changed since the report was made", advice})
		}
	}
	return 1 + len(m.Files), findings
}

// manifestStands reports whether the manifest is what a report would write now.
func (w *Workspace) manifestStands(files []sealedFile) bool {
	list, err := w.statuses()
	if err != nil {
		return false
	}
	fingerprint, err := w.fingerprint(list)
	if err != nil {
		return false
	}
	want, err := w.manifest(fingerprint, files)
	return err == nil && store.WrittenAs(filepath.Join(w.Dir, manifestFile), want)
}

// verifier reads the files of one cell.
type verifier struct {
	*Workspace
	cell     Cell
	dir      string
	files    int
	findings []Finding
}

func (v *verifier) add(name string, err error) {
	v.findings = append(v.findings, findingOf(filepath.Join(v.dir, name), err))
}

// findingOf turns an error about a file into a finding.
func findingOf(path string, err error) Finding {
	text, hint, _ := strings.Cut(err.Error(), "\n  hint: ")
	if hint == "" {
		hint = remake
	}
	text = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(text, "store: "), path), ": ")
	return Finding{path, text, hint}
}

func (v *verifier) verify() {
	entries, err := os.ReadDir(v.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		v.add("", err)
		return
	}
	v.verifyStages()
	for _, entry := range entries {
		switch name := entry.Name(); {
		case entry.IsDir() || lock.Is(name):
		case name == checkpointFile:
			v.verifyCheckpoint()
		case !v.known(name):
			v.add(name, fmt.Errorf("%w\n  hint: move it elsewhere: nothing reads it here", store.ErrForeign))
		}
	}
}

// known reports whether a file is one that runs write into the cell's folder.
func (v *verifier) known(name string) bool {
	for _, stage := range CellStages() {
		if slices.Contains(outputs(v.Run, stage), name) && v.cell.IsMachine() == (stage != Generate) {
			return true
		}
	}
	return slices.Contains([]string{stateFile, store.ChecksumsFile, logFile}, name) || isUnfinished(name)
}

// verifyStages reads the state, the checksums and the files of what is done.
func (v *verifier) verifyStages() {
	v.files++
	state, err := loadState(v.folders, v.cell)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		v.add(stateFile, err)
		return
	}
	for _, stage := range CellStages() {
		if record := state.Stages[stage]; record == nil || record.Status != Done {
			continue
		}
		for _, name := range outputs(v.Run, stage) {
			v.verifyFile(name)
		}
	}
}

// verifyFile reads one data file: its recorded checksum first, then all that it
// holds, then whether it is the file of this cell.
func (v *verifier) verifyFile(name string) {
	v.files++
	err := store.Verify(v.dir, name)
	if list, ok := errors.AsType[*store.IntegrityError](err); ok {
		err = fmt.Errorf("%s\n  hint: %s", list.Problems[0].Problem, remake)
	}
	if err == nil {
		err = v.readWhole(name)
	}
	if err != nil {
		v.add(name, err)
	}
}

// readWhole reads all that a file holds, and whose it is.
func (v *verifier) readWhole(name string) error {
	path := filepath.Join(v.dir, name)
	switch {
	case name == machineFile:
		_, meta, err := store.ReadMachine(path)
		return errors.Join(err, v.belongs(meta, "cell", v.cell.ID()))
	case name == trainingFile || name == flowFile:
		_, meta, err := store.ReadTable(path)
		return errors.Join(err, v.belongs(meta, "cell", v.cell.ID()))
	case filepath.Ext(name) == ".json":
		var any map[string]any
		return store.ReadJSON(path, &any)
	}
	return v.readConfigurationFile(path)
}

func (v *verifier) readConfigurationFile(path string) error {
	sites := v.Plan.Model(v.cell).Lattice.Sites()
	if err := readConfigurations(path, sites, func(store.ConfigurationBatch) error { return nil }); err != nil {
		return err
	}
	r, err := store.OpenConfigurations(path)
	if err != nil {
		return err
	}
	defer r.Close()
	return errors.Join(
		v.belongs(r.Metadata(), "L", strconv.Itoa(v.cell.Size)),
		v.belongs(r.Metadata(), "temperature", v.cell.Temperature.String()),
	)
}

// belongs returns an error if metadata say that a file is another cell's. What
// they do not say is no error.
func (v *verifier) belongs(meta store.Metadata, key, want string) error {
	if found, ok := meta.Get(key); ok && found != want {
		return fmt.Errorf("belongs to another cell: its %s is %s, not %s\n  hint: %s", key, found, want, remake)
	}
	return nil
}

// verifyCheckpoint reads the checkpoint and the parts that it names.
func (v *verifier) verifyCheckpoint() {
	const advice = "remove it; the stage then starts from its beginning"
	v.files++
	content, err := readCheckpoint(filepath.Join(v.dir, checkpointFile))
	if err == nil && content.Cell != v.cell.ID() {
		err = fmt.Errorf("belongs to another cell, %s", content.Cell)
	}
	if err != nil {
		v.add(checkpointFile, fmt.Errorf("%w\n  hint: %s", err, advice))
		return
	}
	for _, s := range content.Spools {
		for _, p := range s.Parts {
			v.files++
			if sum, err := store.Sum(filepath.Join(v.dir, p.Name)); err != nil || sum != p.Checksum {
				v.add(p.Name, fmt.Errorf("not what it was when the checkpoint named it\n  hint: remove %s; the stage then starts from its beginning", filepath.Join(v.dir, checkpointFile)))
			}
		}
	}
}
