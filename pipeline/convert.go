package pipeline

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"isingrbm/pipeline/store"
	"isingrbm/rbm"
)

// Layouts lists the names of the layouts that machines are exported to and imported
// from.
func Layouts() []string {
	var names []string
	for _, l := range rbm.Layouts() {
		names = append(names, l.Name)
	}
	return names
}

func findLayout(name string) (rbm.Layout, error) {
	for _, l := range rbm.Layouts() {
		if l.Name == name {
			return l, nil
		}
	}
	return rbm.Layout{}, fmt.Errorf("no layout %q\n  hint: %s", name, strings.Join(Layouts(), ", "))
}

// Conversion says what became of a machine on its way to or from another program.
type Conversion struct {
	Visible, Hidden int
	Constant        float64 // E of our units − E of the layout's, 0 but for spins
	Exact           bool    // whether no parameter was rounded
}

// ExportMachine writes the machine of the file at path to another program's layout: an
// npz archive of the three arrays that the program has, by its names, shapes and
// precision, and of nothing else.
func ExportMachine(path, layout, out string) (Conversion, error) {
	l, err := findLayout(layout)
	if err != nil {
		return Conversion{}, err
	}
	arrays, _, err := store.ReadMachine(path)
	if err != nil {
		return Conversion{}, err
	}
	m := machineOf(arrays)
	if err := m.Validate(); err != nil {
		return Conversion{}, fmt.Errorf("%s: %w", path, err)
	}
	p, constant := l.Export(m)
	err = store.WriteFile(out, func(w io.Writer) error { return store.WriteArchive(w, layoutArrays(l, p)) })
	return Conversion{m.Visible, m.Hidden, constant, !l.Spins}, err
}

func arraysOf(m *rbm.Machine) store.MachineArrays {
	return store.MachineArrays{Visible: m.Visible, Hidden: m.Hidden, Weights: m.Weights, VisibleBias: m.VisibleBias, HiddenBias: m.HiddenBias}
}

func machineOf(a store.MachineArrays) *rbm.Machine {
	return &rbm.Machine{Visible: a.Visible, Hidden: a.Hidden, Weights: a.Weights, VisibleBias: a.VisibleBias, HiddenBias: a.HiddenBias}
}

// layoutArrays are the arrays of an archive in a layout.
func layoutArrays(l rbm.Layout, p rbm.LaidOut) []store.Array {
	number := func(name string, values []float64, shape ...int) store.Array {
		if !l.Single {
			return store.Numbers(name, values, shape...)
		}
		single := make([]float32, len(values))
		for k, x := range values {
			single[k] = float32(x)
		}
		return store.Numbers(name, single, shape...)
	}
	return []store.Array{
		number(l.Weights, p.Weights, l.WeightShape(p.Visible, p.Hidden)...),
		number(l.VisibleBias, p.VisibleBias, p.Visible),
		number(l.HiddenBias, p.HiddenBias, p.Hidden),
	}
}

// ImportMachine writes the machine that the npz archive at path holds in another
// program's layout as a model.npz. Other arrays in the archive are passed over.
func ImportMachine(path, layout, out string) (Conversion, error) {
	l, err := findLayout(layout)
	if err != nil {
		return Conversion{}, err
	}
	p, err := readLayout(path, l)
	if err != nil {
		return Conversion{}, err
	}
	m, exact, err := l.Import(p)
	if err != nil {
		return Conversion{}, fmt.Errorf("%s: %w\n  hint: machines have float32 parameters; did its training diverge?", path, err)
	}
	_, constant := l.Export(m)
	meta := append(store.Metadata{{Key: "imported_from", Value: "layout " + l.Name}}, machineConventions()...)
	arrays := arraysOf(m)
	return Conversion{m.Visible, m.Hidden, constant, exact}, store.WriteMachine(out, arrays, meta)
}

// machineConventions says in a machine's metadata what its arrays mean.
func machineConventions() store.Metadata {
	return store.Metadata{
		{Key: "units", Value: "{0,1}; v_i = 1 is spin up"},
		{Key: "definition_energy", Value: "E(v,h) = -sum_ij W_ij v_i h_j - sum_i b_i v_i - sum_j c_j h_j"},
	}
}

// readLayout reads the three arrays of a layout and checks that their shapes fit.
func readLayout(path string, l rbm.Layout) (rbm.LaidOut, error) {
	names, err := store.ArrayNames(path)
	if err != nil {
		return rbm.LaidOut{}, err
	}
	if err := checkNames(path, l, names); err != nil {
		return rbm.LaidOut{}, err
	}
	var arrays [3]store.FloatArray
	for i, name := range parameterNames(l) {
		if arrays[i], err = store.ReadFloats(path, name); err != nil {
			return rbm.LaidOut{}, err
		}
	}
	return fitShapes(path, l, arrays)
}

func parameterNames(l rbm.Layout) []string {
	return []string{l.Weights, l.VisibleBias, l.HiddenBias}
}

// checkNames reports the arrays that are missing, and whose arrays these are instead.
func checkNames(path string, l rbm.Layout, names []string) error {
	lacks := func(wanted []string) []string {
		return slices.DeleteFunc(slices.Clone(wanted), func(name string) bool { return slices.Contains(names, name) })
	}
	missing := lacks(parameterNames(l))
	if len(missing) == 0 {
		return nil
	}
	hint := fmt.Sprintf("layout %s has the arrays %s", l.Name, strings.Join(parameterNames(l), ", "))
	if len(lacks([]string{"W", "b", "c", "metadata"})) == 0 {
		hint = "it is a machine of isingrbm already"
	}
	for _, other := range rbm.Layouts() {
		if len(lacks(parameterNames(other))) == 0 {
			hint = "these are the arrays of --layout " + other.Name
		}
	}
	return fmt.Errorf("%s: no array %s: it has %s\n  hint: %s", path, strings.Join(missing, ", "), strings.Join(names, ", "), hint)
}

// fitShapes takes the numbers of units from the biases and holds the weights to them.
func fitShapes(path string, l rbm.Layout, arrays [3]store.FloatArray) (rbm.LaidOut, error) {
	weights, visible, hidden := arrays[0], arrays[1], arrays[2]
	for i, bias := range arrays[1:] {
		if len(bias.Shape) != 1 || bias.Shape[0] < 1 {
			return rbm.LaidOut{}, fmt.Errorf("%s: %s has shape %v\n  hint: it must have one dimension, of at least one unit", path, parameterNames(l)[1+i], bias.Shape)
		}
	}
	p := rbm.LaidOut{Visible: visible.Shape[0], Hidden: hidden.Shape[0],
		Weights: weights.Values, VisibleBias: visible.Values, HiddenBias: hidden.Values}
	if want := l.WeightShape(p.Visible, p.Hidden); !slices.Equal(weights.Shape, want) {
		return rbm.LaidOut{}, fmt.Errorf("%s: %s has shape %v, with %d visible and %d hidden units it must be %v\n  hint: is it transposed, or are the biases exchanged?",
			path, l.Weights, weights.Shape, p.Visible, p.Hidden, want)
	}
	return p, nil
}
