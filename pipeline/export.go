package pipeline

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"isingrbm/analysis"
	"isingrbm/pipeline/store"
)

// ExportForm is a form in which configurations are handed to other programs.
type ExportForm string

// The forms.
const (
	NPZ  ExportForm = "npz"  // spins, energies, magnetizations, chains, steps, metadata
	NPY  ExportForm = "npy"  // the spins alone, which NumPy can map into memory
	Text ExportForm = "text" // the spins alone, a line a configuration
)

// ExportConfigurations writes the file of configurations at path in another form, in
// constant memory. Canceling ctx leaves no file.
func ExportConfigurations(ctx context.Context, path, out string, form ExportForm, values store.SpinValues) error {
	if form == Text {
		return writeCancelable(ctx, out, func(w io.Writer) error { return store.WriteConfigurationText(w, path, values) })
	}
	arrays, err := store.ConfigurationArrays(path, "", values)
	if err != nil {
		return err
	}
	if form == NPY {
		return writeCancelable(ctx, out, func(w io.Writer) error { return store.WriteArray(w, arrays[0]) })
	}
	metadata, err := exportedMetadata(path, values)
	if err != nil {
		return err
	}
	return writeCancelable(ctx, out, func(w io.Writer) error { return store.WriteArchive(w, append(arrays, metadata)) })
}

// exportedMetadata is that of a configurations file, but for how spins are stored.
func exportedMetadata(path string, values store.SpinValues) (store.Array, error) {
	r, err := store.OpenConfigurations(path)
	if err != nil {
		return store.Array{}, err
	}
	defer r.Close()
	meta := r.Metadata()
	meta.Set("packing", packing(values))
	return store.MetadataArray(meta)
}

func packing(values store.SpinValues) string {
	if values == store.Bits {
		return "spins[k, i] is site i (row-major) of configuration k; 1 = up, 0 = down"
	}
	return "spins[k, i] is site i (row-major) of configuration k; 1 = up, -1 = down"
}

// writeCancelable writes a file whole, or not at all once ctx is done.
func writeCancelable(ctx context.Context, out string, write func(io.Writer) error) error {
	return store.WriteFile(out, func(w io.Writer) error {
		if err := write(cancelable{ctx, w}); err != nil {
			return err
		}
		return ctx.Err()
	})
}

// cancelable refuses to write once ctx is done.
type cancelable struct {
	ctx context.Context
	to  io.Writer
}

func (c cancelable) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.to.Write(p)
}

// RunExport says what the archive of a whole run holds.
type RunExport struct {
	Data, Machines int // cells that are in it
	LeftOut        int // cells that are not finished
	Arrays         int
}

// Export writes all finished cells and the tables of the run directory as one npz
// archive, whose arrays are named after the files that they come from:
//
//	metadata                        JSON: settings, definitions
//	results/COLUMN                  the columns of results.parquet
//	comparison/COLUMN               those of comparison.csv, where there are machines
//	data/{cell,L,T}                 a row a data cell
//	machines/{cell,L,T,hidden,replica}   a row a machine
//	CELL/configurations/{spins,energy,magnetization,chain,step}, CELL/validation/…
//	CELL/model/{W,b,c}, CELL/training/COLUMN, CELL/samples/{spins,…}   of a machine
//
// where CELL is L008/T2.269185 or L008/T2.269185/h0064_r00. A float that does not exist
// is NaN, an integer −1, a string empty. Every file is verified. Tables that are older
// than the cells are refused.
func (w *Workspace) Export(ctx context.Context, out string, values store.SpinValues) (RunExport, error) {
	list, err := w.statuses()
	if err != nil {
		return RunExport{}, err
	}
	if err := w.changed(list); err != nil {
		return RunExport{}, err
	}
	data, machines := finishedCells(list)
	if len(data)+len(machines) == 0 {
		return RunExport{}, fmt.Errorf("%s holds no finished cells\n  hint: `isingrbm run %s` makes them", w.Dir, w.Path)
	}
	fingerprint, err := w.fingerprint(list)
	if err != nil {
		return RunExport{}, err
	}
	if !w.upToDate(fingerprint) {
		return RunExport{}, fmt.Errorf("%s: its tables are missing or older than its cells\n  hint: `isingrbm report %s` makes them", w.Dir, w.Path)
	}
	arrays, err := w.exportedArrays(ctx, data, machines, values)
	if err != nil {
		return RunExport{}, err
	}
	summary := RunExport{Data: len(data), Machines: len(machines), Arrays: len(arrays),
		LeftOut: len(w.Plan.Cells(false)) + len(w.Plan.Cells(true)) - len(data) - len(machines)}
	return summary, writeCancelable(ctx, out, func(to io.Writer) error { return store.WriteArchive(to, arrays) })
}

// finishedCells lists the data cells, and the machines that are trained and, but for
// pooled ones, sampled.
func finishedCells(list []taskStatus) (data, machines []Cell) {
	trained := make(map[Cell]bool)
	for _, s := range list {
		switch {
		case s.Status != Done:
		case s.Stage == Generate:
			data = append(data, s.Cell)
		case s.Stage == Train && s.Cell.Pooled:
			machines = append(machines, s.Cell)
		case s.Stage == Train:
			trained[s.Cell] = true
		case s.Stage == Sample && trained[s.Cell]:
			machines = append(machines, s.Cell)
		}
	}
	return data, machines
}

func (w *Workspace) exportedArrays(ctx context.Context, data, machines []Cell, values store.SpinValues) ([]store.Array, error) {
	metadata, err := w.runMetadata(values)
	if err != nil {
		return nil, err
	}
	tables, err := w.tableArrays()
	if err != nil {
		return nil, err
	}
	arrays := slices.Concat([]store.Array{metadata}, tables, indexArrays("data", data, false))
	if len(machines) > 0 {
		arrays = append(arrays, indexArrays("machines", machines, true)...)
	}
	for _, cell := range append(slices.Clone(data), machines...) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		list, err := w.cellArrays(cell, values)
		if err != nil {
			return nil, err
		}
		arrays = append(arrays, list...)
	}
	return arrays, nil
}

// runMetadata holds the settings of the run and the definitions.
func (w *Workspace) runMetadata(values store.SpinValues) (store.Array, error) {
	meta := store.Metadata{
		{Key: "content", Value: "a whole run"},
		{Key: "version", Value: Version},
		{Key: "packing", Value: packing(values)},
	}
	meta = append(meta, machineConventions()...)
	for _, o := range analysis.Observables() {
		meta = append(meta, store.KeyValue{Key: "definition_" + o.Name + "_per_spin", Value: o.Definition})
	}
	for _, kv := range w.Run.Keys() {
		meta = append(meta, store.KeyValue{Key: "settings." + kv.Key, Value: kv.Value})
	}
	return store.MetadataArray(meta)
}

// tableArrays are the columns of the results, and of the comparison if there is one.
func (w *Workspace) tableArrays() ([]store.Array, error) {
	results, _, err := store.ReadTable(filepath.Join(w.Dir, resultsParquet))
	if err != nil {
		return nil, err
	}
	comparison, err := store.ReadCSV(filepath.Join(w.Dir, comparisonCSV))
	if err != nil {
		return nil, err
	}
	arrays := columnArrays("results/", results)
	if comparison.Rows() > 0 {
		arrays = append(arrays, columnArrays("comparison/", floatsOfCSV(comparison))...)
	}
	return arrays, nil
}

// floatsOfCSV makes floats of the columns that only happen to hold integers, as a
// column of CSV has no type.
func floatsOfCSV(table store.Table) store.Table {
	for i, column := range table.Columns {
		if column.Kind != store.Int || slices.Contains([]string{"L", "hidden", "replica"}, column.Name) {
			continue
		}
		floats := make([]float64, column.Len())
		for row := range floats {
			floats[row] = column.Float(row)
		}
		table.Columns[i] = store.Column{Name: column.Name, Kind: store.Float, Floats: floats}
	}
	return table
}

func columnArrays(prefix string, table store.Table) []store.Array {
	var arrays []store.Array
	for _, column := range table.Columns {
		name := prefix + column.Name
		switch column.Kind {
		case store.Float:
			arrays = append(arrays, store.Numbers(name, column.Floats, column.Len()))
		case store.String:
			arrays = append(arrays, store.Texts(name, column.Strings))
		default:
			values := slices.Clone(column.Ints)
			for row := range values {
				if column.Missing(row) {
					values[row] = -1
				}
			}
			arrays = append(arrays, store.Numbers(name, values, len(values)))
		}
	}
	return arrays
}

// indexArrays list the cells of the archive, a row a cell.
func indexArrays(name string, cells []Cell, machines bool) []store.Array {
	b := tableBuilder[Cell]{rows: cells}
	b.text("cell", Cell.ID)
	b.integer("L", func(c Cell) int { return c.Size })
	b.float("T", Cell.temperature)
	if machines {
		b.integer("hidden", func(c Cell) int { return c.Hidden })
		b.integer("replica", func(c Cell) int { return c.Replica })
	}
	return columnArrays(name+"/", b.table)
}

// cellArrays are the contents of a cell's files, which it verifies.
func (w *Workspace) cellArrays(cell Cell, values store.SpinValues) ([]store.Array, error) {
	dir, prefix := w.folders.of(cell), cell.ID()+"/"
	spins := func(file spinFile) ([]store.Array, error) {
		return store.ConfigurationArrays(filepath.Join(dir, file.name(w.Run)), prefix+string(file)+"/", values)
	}
	if !cell.IsMachine() {
		if err := store.Verify(dir, outputs(w.Run, Generate)...); err != nil {
			return nil, err
		}
		configurations, err := spins(configurationsFile)
		if err != nil {
			return nil, err
		}
		validation, err := spins(validationFile)
		return append(configurations, validation...), err
	}
	files := outputs(w.Run, Train)
	if !cell.Pooled {
		files = append(files, outputs(w.Run, Sample)...)
	}
	if err := store.Verify(dir, files...); err != nil {
		return nil, err
	}
	training, _, err := store.ReadTable(filepath.Join(dir, trainingFile))
	if err != nil {
		return nil, err
	}
	var samples []store.Array
	if !cell.Pooled {
		samples, err = spins(samplesFile)
	}
	model := machineArrays(filepath.Join(dir, machineFile), prefix+"model/", w.Plan.Model(cell).Lattice.Sites(), cell.Hidden)
	return slices.Concat(model, columnArrays(prefix+"training/", training), samples), err
}

// machineArrays are the parameters in a model.npz, which is read when they are written,
// so that not all machines of a run are in memory.
func machineArrays(path, prefix string, visible, hidden int) []store.Array {
	array := func(name string, parameters func(store.MachineArrays) []float32, shape ...int) store.Array {
		return store.Array{Name: prefix + name, Type: "<f4", Shape: shape, Write: func(w io.Writer) error {
			m, _, err := store.ReadMachine(path)
			if err != nil {
				return err
			}
			return binary.Write(w, binary.LittleEndian, parameters(m))
		}}
	}
	return []store.Array{
		array("W", func(m store.MachineArrays) []float32 { return m.Weights }, visible, hidden),
		array("b", func(m store.MachineArrays) []float32 { return m.VisibleBias }, visible),
		array("c", func(m store.MachineArrays) []float32 { return m.HiddenBias }, hidden),
	}
}
