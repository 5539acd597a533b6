package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"isingrbm/ising"
	"isingrbm/pipeline/runfile"
	"isingrbm/pipeline/store"
)

// mostRefusals is how many files are complained of at a time.
const mostRefusals = 5

// lookUpBrought looks at the files of [data] and returns the run with what they
// hold. What is wrong with them is reported as a problem of the run file.
func lookUpBrought(run *runfile.Run, folder string) (*runfile.Run, error) {
	look := &broughtLookup{run: run, folder: folder, used: make([]bool, len(run.Data.Cells))}
	look.files()
	look.checkCells()
	if len(look.problems) > 0 {
		return nil, run.Refuse(look.problems[:min(len(look.problems), mostRefusals)]...)
	}
	return run.Complete(&runfile.Brought{Cells: look.cells})
}

// broughtLookup collects the cells that files make, and what is wrong.
type broughtLookup struct {
	run      *runfile.Run
	folder   string // of the run file
	cells    []runfile.BroughtCell
	used     []bool // entries of data.cells
	problems []runfile.Problem
}

const dataKey = "data.configurations"

func (l *broughtLookup) refuse(key, message, hint string) {
	l.problems = append(l.problems, runfile.Problem{Key: key, Message: message, Hint: hint})
}

// files looks at every file that matches the pattern.
func (l *broughtLookup) files() {
	pattern := filepath.FromSlash(l.run.Data.Configurations)
	if !filepath.IsAbs(pattern) {
		pattern = filepath.Join(l.folder, pattern)
	}
	paths, err := filepath.Glob(pattern)
	switch {
	case err != nil:
		l.refuse(dataKey, fmt.Sprintf("%q is no pattern", l.run.Data.Configurations), "* stands for any part of a name, ? for a character, [a-c] for one of these")
	case len(paths) == 0:
		l.refuse(dataKey, fmt.Sprintf("no file matches %q", l.run.Data.Configurations), "it is seen from the folder of the run file, "+l.folder)
	}
	for _, found := range paths {
		l.file(found)
	}
}

// file takes a file into its cell.
func (l *broughtLookup) file(found string) {
	name := found
	if seen, err := filepath.Rel(l.folder, found); err == nil {
		name = filepath.ToSlash(seen)
	}
	refuse := func(message, hint string) { l.refuse(dataKey, name+": "+message, hint) }
	spins, err := store.OpenSpins(found, l.run.Data.Column)
	var wrong *store.FileError
	switch {
	case errors.As(err, &wrong):
		refuse(wrong.Detail, wrong.Advice)
		return
	case err != nil:
		refuse(err.Error(), "name files that can be read")
		return
	}
	defer spins.Close()
	size, temperature, err := l.cellOf(name, spins.Metadata())
	if err == nil {
		err = l.checkModel(spins.Metadata())
	}
	if err == nil {
		err = l.checkSites(size, spins.Sites())
	}
	if err != nil {
		message, hint, _ := strings.Cut(err.Error(), "\n")
		refuse(message, hint)
		return
	}
	sum, err := store.Sum(found)
	if err != nil {
		refuse(err.Error(), "name files that can be read")
		return
	}
	l.add(size, temperature, runfile.BroughtFile{Path: found, Name: name, Rows: int(spins.Rows()), SHA256: sum.SHA256})
}

// refusal is an error whose hint stands behind a line end.
func refusal(hint, format string, values ...any) error {
	return errors.New(fmt.Sprintf(format, values...) + "\n" + hint)
}

// cellOf takes L and T of a file from data.cells or from its metadata, which
// must agree where both say them.
func (l *broughtLookup) cellOf(name string, meta store.Metadata) (size int, t runfile.Temperature, err error) {
	entry, err := l.entry(name)
	if err != nil {
		return 0, 0, err
	}
	sizeText, hasSize := meta.Get("L")
	temperatureText, hasTemperature := meta.Get("temperature")
	if entry == nil && !(hasSize && hasTemperature) {
		return 0, 0, refusal(fmt.Sprintf("add them in [data]: cells = [{ file = %q, L = 8, T = 2.5 }]", name), "it does not say L and T")
	}
	if hasSize {
		if size, err = strconv.Atoi(sizeText); err != nil || size < 1 {
			return 0, 0, refusal("L is a whole number", "its metadata say L = %q", sizeText)
		}
	}
	if hasTemperature {
		if t, err = runfile.ParseTemperature(temperatureText); err != nil {
			return 0, 0, refusal("a temperature is a number or inf", "its metadata say temperature = %q", temperatureText)
		}
	}
	if entry == nil {
		return size, t, nil
	}
	if hasSize && size != entry.L || hasTemperature && t.Key() != entry.T.Key() {
		return 0, 0, refusal("correct the entry or remove it: the file says L and T itself",
			"data.cells says L = %d, T = %s, its metadata L = %s, T = %s", entry.L, entry.T, sizeText, temperatureText)
	}
	return entry.L, entry.T, nil
}

// entry is the entry of data.cells for a file, nil where there is none.
func (l *broughtLookup) entry(name string) (*runfile.DataCell, error) {
	var found *runfile.DataCell
	for i := range l.run.Data.Cells {
		c := &l.run.Data.Cells[i]
		matches, err := path.Match(c.File, name)
		if err != nil {
			return nil, refusal("* stands for any part of a name", "data.cells: %q is no pattern", c.File)
		}
		if !matches {
			continue
		}
		l.used[i] = true
		if found != nil && (found.L != c.L || found.T != c.T) {
			return nil, refusal("let one entry match each file", "both %q and %q in data.cells match it", found.File, c.File)
		}
		found = c
	}
	return found, nil
}

// checkModel refuses configurations that say they are of another model.
func (l *broughtLookup) checkModel(meta store.Metadata) error {
	lattice := l.run.Lattice
	exact := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	for _, pair := range []struct{ key, metaKey, want string }{
		{"kind", "lattice", string(lattice.Kind)}, {"boundary", "boundary", string(lattice.Boundary)},
		{"coupling", "coupling", exact(lattice.Coupling)}, {"field", "field", exact(lattice.Field)},
	} {
		if found, ok := meta.Get(pair.metaKey); ok && found != pair.want {
			return refusal(fmt.Sprintf("set lattice.%s to it, or bring other files", pair.key),
				"its metadata say %s = %s, the run file %s", pair.metaKey, found, pair.want)
		}
	}
	return nil
}

// checkSites holds the number of spins against the lattice.
func (l *broughtLookup) checkSites(size, sites int) error {
	smallest, err := ising.NewLattice(l.run.Lattice.Kind, 3, ising.Periodic)
	if err != nil {
		return err
	}
	want := math.Pow(float64(size), float64(smallest.Dimension()))
	if float64(sites) != want {
		return refusal(fmt.Sprintf("a row has the %.0f spins of the lattice, row-major", want),
			"its configurations have %d spins, a %s lattice of L = %d has %.0f", sites, l.run.Lattice.Kind, size, want)
	}
	return nil
}

func (l *broughtLookup) add(size int, t runfile.Temperature, file runfile.BroughtFile) {
	for i := range l.cells {
		c := &l.cells[i]
		if c.L != size || c.T.Key() != t.Key() {
			continue
		}
		if c.T != t {
			l.refuse(dataKey, fmt.Sprintf("%s: T = %s, and %s has T = %s: they have one key, %s", file.Name, t, c.Files[0].Name, c.T, t.Key()),
				"temperatures are equal, or at least 0.000001 apart")
		}
		c.Files = append(c.Files, file)
		return
	}
	l.cells = append(l.cells, runfile.BroughtCell{L: size, T: t, Files: []runfile.BroughtFile{file}})
}

// checkCells sorts the cells, takes those that the run file wants where it says
// so, and reports what is missing.
func (l *broughtLookup) checkCells() {
	for i, c := range l.run.Data.Cells {
		if !l.used[i] {
			l.refuse("data.cells", fmt.Sprintf("no file that is read matches %q", c.File), "it is written as seen from the run file, as in configurations")
		}
	}
	if len(l.problems) > 0 {
		return
	}
	slices.SortFunc(l.cells, func(a, b runfile.BroughtCell) int { return cmp.Or(cmp.Compare(a.L, b.L), cmp.Compare(a.T, b.T)) })
	found := &runfile.Brought{Cells: l.cells}
	sizes, temperatures := l.run.Lattice.Sizes, l.run.Sweep.Temperatures
	if len(sizes) > 0 && len(temperatures) > 0 {
		for _, size := range sizes {
			for _, t := range temperatures {
				if _, ok := found.Cell(size, t); !ok {
					l.refuse(dataKey, fmt.Sprintf("no file holds L = %d, T = %s", size, t), "they hold "+cellList(l.cells))
				}
			}
		}
	}
	wanted := func(c runfile.BroughtCell) bool {
		return (len(sizes) == 0 || slices.Contains(sizes, c.L)) &&
			(len(temperatures) == 0 || slices.ContainsFunc(temperatures, func(t runfile.Temperature) bool { return t.Key() == c.T.Key() }))
	}
	all := l.cells
	l.cells = slices.DeleteFunc(slices.Clone(all), func(c runfile.BroughtCell) bool { return !wanted(c) })
	if len(l.cells) == 0 && len(l.problems) == 0 && len(all) > 0 {
		l.refuse(dataKey, "no file holds the sizes and temperatures asked for", "they hold "+cellList(all))
	}
	for _, c := range l.cells {
		if training, _ := c.Split(l.run.Data.Validation); training < 1 {
			l.refuse(dataKey, fmt.Sprintf("L = %d, T = %s: no configurations to train on", c.L, c.T), "bring files with configurations")
		}
	}
}

// cellList names cells in a message, the first ones of many.
func cellList(cells []runfile.BroughtCell) string {
	const most = 12
	var texts []string
	for _, c := range cells[:min(len(cells), most)] {
		texts = append(texts, fmt.Sprintf("L = %d, T = %s", c.L, c.T))
	}
	if len(cells) > most {
		texts = append(texts, "…")
	}
	return strings.Join(texts, "; ")
}

// brought are the files of the job's data cell, of a run that brings its data.
func (j *job) brought() runfile.BroughtCell {
	cell, _ := j.spec.Brought.Cell(j.task.Cell.Size, j.task.Cell.Temperature)
	return cell
}

// broughtInputs are the files that a data cell is read from.
func broughtInputs(run *runfile.Run, cell Cell) (inputs []Input) {
	if run.Brought == nil {
		return nil
	}
	found, _ := run.Brought.Cell(cell.Size, cell.Temperature)
	for _, f := range found.Files {
		inputs = append(inputs, Input{"file " + f.Name, f.SHA256})
	}
	return inputs
}

// bring copies the cell's files into its folder, the last configurations as the
// held-out set, with the energies that the run's model gives them.
func (j *job) bring(ctx context.Context) error {
	cell := j.brought()
	training, heldOut := cell.Split(j.spec.Data.Validation)
	in := &broughtRows{job: j, files: cell.Files}
	defer in.close()
	for _, set := range []struct {
		file    spinFile
		content string
		count   int
	}{{configurationsFile, "brought configurations", training}, {validationFile, "brought validation", heldOut}} {
		meta := append(j.configurationMetadata(set.content), broughtMetadata(cell)...)
		w, err := j.createConfigurations(set.file, meta)
		if err != nil {
			return err
		}
		defer w.Abort()
		if err := in.copy(ctx, w, set.count); err != nil {
			return err
		}
		if err := w.Commit(); err != nil {
			return err
		}
	}
	return nil
}

func broughtMetadata(cell runfile.BroughtCell) store.Metadata {
	meta := store.Metadata{
		{Key: "definition_step", Value: "step in its chain as its file says, or else the row in its file"},
		{Key: "definition_chain", Value: "a file that does not say chains is one; those of different files differ"},
	}
	for i, f := range cell.Files {
		meta = append(meta, store.KeyValue{Key: fmt.Sprintf("brought_file_%d", i), Value: fmt.Sprintf("%s, %d configurations, sha256 %s", f.Name, f.Rows, f.SHA256)})
	}
	return meta
}

// broughtRows reads the files of a cell as one.
type broughtRows struct {
	*job
	files     []runfile.BroughtFile // not begun
	spins     *store.SpinsReader    // the open one, nil if there is none
	row       int64                 // of it, the next
	chain     int32                 // the first number of its chains
	nextChain int32                 // behind the largest number used
}

// copy writes the next count configurations.
func (b *broughtRows) copy(ctx context.Context, w *store.ConfigurationsWriter, count int) error {
	const rowsAtOnce = 4096
	for count > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		batch, err := b.next(min(count, rowsAtOnce))
		if err != nil {
			return err
		}
		if err := w.Append(batch); err != nil {
			return err
		}
		count -= batch.Rows()
		b.advance(batch.Rows())
	}
	return nil
}

// next returns some of the next configurations, with all their columns.
func (b *broughtRows) next(limit int) (store.ConfigurationBatch, error) {
	for {
		if err := b.open(); err != nil {
			return store.ConfigurationBatch{}, err
		}
		batch, err := b.spins.Next(limit)
		if errors.Is(err, io.EOF) {
			b.close()
			continue
		}
		if err != nil {
			return store.ConfigurationBatch{}, err
		}
		b.complete(batch)
		return batch, nil
	}
}

// open opens the next file if none is open.
func (b *broughtRows) open() (err error) {
	if b.spins != nil {
		return nil
	}
	if len(b.files) == 0 {
		return errors.New("the files of [data] have fewer configurations than they said")
	}
	if b.spins, err = store.OpenSpins(b.files[0].Path, b.spec.Data.Column); err != nil {
		b.spins = nil
		return err
	}
	if sites := b.model.Lattice.Sites(); b.spins.Sites() != sites {
		return fmt.Errorf("%s: configurations of %d sites, want %d", b.files[0].Name, b.spins.Sites(), sites)
	}
	b.files, b.row, b.chain = b.files[1:], 0, b.nextChain
	return nil
}

// complete fills in what a batch lacks.
func (b *broughtRows) complete(batch store.ConfigurationBatch) {
	words := ising.Words(b.model.Lattice.Sites())
	for i := range batch.Rows() {
		if !b.spins.Own() {
			batch.Chain[i], batch.Step[i] = 0, b.row+int64(i)
		}
		batch.Chain[i] += b.chain
		b.nextChain = max(b.nextChain, batch.Chain[i]+1)
		batch.Energy[i] = b.model.Energy(batch.Spins[i*words : (i+1)*words])
	}
	b.row += int64(batch.Rows())
}

func (b *broughtRows) close() {
	if b.spins != nil {
		b.spins.Close() // it was only read
		b.spins = nil
	}
}
