package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"isingrbm/pipeline"
	"isingrbm/pipeline/store"
)

const layoutsHelp = `
Layouts, each an npz archive of exactly three arrays, for NumPy to load:

	qucumber  float64  weights (n_h, n_v), visible_bias, hidden_bias
	sklearn   float64  components_ (n_h, n_v), intercept_visible_, intercept_hidden_
	rbms      float32  weight_matrix (n_v, n_h), vbias, hbias
	spins     float64  w (n_v, n_h), a, b:  E = -sum w s t - sum a s - sum b t, s, t = +1 or -1

The first three have units in {0, 1}, as isingrbm has, and keep every parameter bit by
bit. To and from spins the biases change by sums of weights, and the energies by a
constant, which is printed. These are NumPy's files, not those of the programs:
QuCumber saves PyTorch files, whose state dictionary "rbm_am" holds these arrays; rbms
saves HDF5, whose group update_N/params does; of scikit-learn they are the attributes
of a fitted BernoulliRBM.
`

const exportLong = `Write a machine, a file of configurations or a whole run for other programs.

	isingrbm export model.npz --layout sklearn --out rbm.npz
	isingrbm export samples.parquet --to numpy --out samples.npz
	isingrbm export samples.parquet --to text --values bits --out samples.txt
	isingrbm export my.toml --to numpy --out my.npz
` + layoutsHelp + `
Configurations --to numpy: --out NAME.npz has spins (int8, n × N, site i of the
row-major lattice in column i), energy and magnetization (totals, not per spin), chain,
step, and metadata, the bytes of a JSON object; NAME.npy has the spins alone, and
numpy.load maps it into memory with mmap_mode="r". --to text: a line a configuration,
for numpy.loadtxt. Memory does not grow with the file.

A whole run is one npz archive of all finished cells, read as it is asked for:

	results/COLUMN, comparison/COLUMN    the columns of results.csv and comparison.csv
	data/cell, L, T                      a row a data cell
	machines/cell, L, T, hidden, replica a row a machine
	CELL/configurations/spins, energy, magnetization, chain, step
	CELL/validation/...                  and CELL/samples/... of a machine, likewise
	CELL/model/W, b, c                   E = -sum W v h - sum b v - sum c h, v, h = 0 or 1
	CELL/training/COLUMN                 the columns of training.parquet
	metadata                             the bytes of a JSON object: settings, definitions

CELL is an element of data/cell or machines/cell, such as L008/T2.269185/h0064_r00. A
float that does not exist is NaN, an integer -1, a string empty.`

const importLong = `Write the machine that another program saved, as an npz archive of its parameters, as
a model.npz of isingrbm. Other arrays in the archive are passed over; parameters are
rounded to float32, and it is said where that changed one.

	isingrbm import rbm.npz --layout sklearn --out model.npz
` + layoutsHelp

// outputFlags say where an export goes.
type outputFlags struct {
	out   string
	force bool
}

func (f *outputFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.out, "out", "", "the file to write")
	cmd.Flags().BoolVar(&f.force, "force", false, "replace the file if it exists")
}

// check refuses, as wrong usage, an output that is not named or has none of the endings
// if there are any; then folders that are not there, and to overwrite a file that is, or
// the source itself.
func (f outputFlags) check(source string, endings ...string) error {
	switch {
	case f.out == "":
		return usageError{errors.New("--out is missing\n  hint: --out FILE names the file to write")}
	case len(endings) > 0 && !slices.Contains(endings, strings.ToLower(filepath.Ext(f.out))):
		return usageError{fmt.Errorf("--out %s does not end in %s\n  hint: the ending says what the file will be", f.out, strings.Join(endings, " or "))}
	}
	if _, err := os.Stat(filepath.Dir(f.out)); err != nil {
		return fmt.Errorf("--out %s: %w\n  hint: create the folder first", f.out, err)
	}
	found, err := os.Stat(f.out)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case found.IsDir():
		return fmt.Errorf("--out %s is a folder\n  hint: name a file in it", f.out)
	}
	if from, err := os.Stat(source); err == nil && os.SameFile(from, found) {
		return fmt.Errorf("--out %s is the file to be read\n  hint: choose another name", f.out)
	}
	if !f.force {
		return fmt.Errorf("--out %s exists already\n  hint: --force replaces it", f.out)
	}
	return nil
}

// exportFlags are the flags of `isingrbm export`.
type exportFlags struct {
	outputFlags
	layout, to, values string
}

func newExport() *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:   "export FILE --out OUT (--layout LAYOUT | --to numpy|text)",
		Short: "write a machine, configurations or a whole run for other programs",
		Long:  exportLong,
		Args:  exactlyOne("file"),
	}
	f.add(cmd)
	cmd.Flags().StringVar(&f.layout, "layout", "", "of a machine: "+strings.Join(pipeline.Layouts(), ", "))
	cmd.Flags().StringVar(&f.to, "to", "", "of configurations: numpy or text; of a run: numpy")
	cmd.Flags().StringVar(&f.values, "values", string(store.PlusMinus), `"spins", +1 and -1, or "bits", 1 and 0`)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := f.checkFlags(cmd); err != nil {
			return usageError{err}
		}
		if strings.HasSuffix(args[0], ".toml") {
			return f.exportRun(cmd, args[0])
		}
		return f.exportFile(cmd, args[0])
	}
	return cmd
}

// checkFlags checks what can be checked without a look at the file.
func (f exportFlags) checkFlags(cmd *cobra.Command) error {
	switch {
	case f.layout == "" && f.to == "":
		return fmt.Errorf("export needs --layout for a machine, or --to for configurations and runs\n  hint: %s", cmd.UseLine())
	case f.layout != "" && (f.to != "" || cmd.Flags().Changed("values")):
		return errors.New("--layout is for machines, --to and --values are for configurations and runs\n  hint: give one or the other")
	case f.layout != "":
		return checkLayout(f.layout)
	case f.to != "numpy" && f.to != "text":
		return fmt.Errorf("--to is %q\n  hint: numpy or text", f.to)
	case f.values != string(store.PlusMinus) && f.values != string(store.Bits):
		return fmt.Errorf("--values is %q\n  hint: spins or bits", f.values)
	}
	return nil
}

func checkLayout(layout string) error {
	if !slices.Contains(pipeline.Layouts(), layout) {
		return fmt.Errorf("--layout is %q\n  hint: %s", layout, strings.Join(pipeline.Layouts(), ", "))
	}
	return nil
}

// exportFile exports what the file turns out to hold.
func (f exportFlags) exportFile(cmd *cobra.Command, path string) error {
	d, err := store.Describe(path)
	if err != nil {
		return err
	}
	switch {
	case d.Contents == "machine" && f.layout == "":
		return usageError{fmt.Errorf("%s holds a machine, which --to %s is not for\n  hint: --layout %s", path, f.to, strings.Join(pipeline.Layouts(), ", "))}
	case d.Contents == "machine":
		return f.exportMachine(cmd.OutOrStdout(), path)
	case d.Contents == "configurations" && f.to == "":
		return usageError{fmt.Errorf("%s holds configurations, which --layout is not for\n  hint: --to numpy or --to text", path)}
	case d.Contents == "configurations":
		return f.exportConfigurations(cmd.Context(), cmd.OutOrStdout(), d)
	}
	return usageError{fmt.Errorf("%s holds neither a machine nor configurations\n  hint: a model.npz, configurations or samples in Parquet or Arrow, or the RUN.toml of a whole run", path)}
}

func (f exportFlags) exportMachine(out io.Writer, path string) error {
	if err := f.check(path, ".npz"); err != nil {
		return err
	}
	c, err := pipeline.ExportMachine(path, f.layout, f.out)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: a machine of %d × %d units in layout %s\n", f.out, c.Visible, c.Hidden, f.layout)
	printConstant(out, c)
	return nil
}

// printConstant says how the energies of two conventions are related.
func printConstant(out io.Writer, c pipeline.Conversion) {
	if c.Constant != 0 {
		fmt.Fprintf(out, "energy of units in {0, 1} = energy of spins + (%.17g)\n", c.Constant)
	}
}

func (f exportFlags) exportConfigurations(ctx context.Context, out io.Writer, d store.Description) error {
	form := pipeline.Text
	var endings []string
	if f.to == "numpy" {
		endings = []string{".npz", ".npy"}
		form = pipeline.ExportForm(strings.TrimPrefix(strings.ToLower(filepath.Ext(f.out)), "."))
	}
	if err := f.check(d.Path, endings...); err != nil {
		return err
	}
	if err := pipeline.ExportConfigurations(ctx, d.Path, f.out, form, store.SpinValues(f.values)); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %d configurations of %d %s\n", f.out, d.Rows, d.Sites, f.values)
	return nil
}

func (f exportFlags) exportRun(cmd *cobra.Command, path string) error {
	if f.to != "numpy" {
		return usageError{errors.New("a whole run is exported with --to numpy\n  hint: --layout and --to text are for the files of its cells")}
	}
	w, err := pipeline.OpenWorkspace(path)
	if err != nil {
		return err
	}
	if err := f.check(path, ".npz"); err != nil {
		return err
	}
	summary, err := w.Export(cmd.Context(), f.out, store.SpinValues(f.values))
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %d cells of data, %d machines, %d arrays\n", f.out, summary.Data, summary.Machines, summary.Arrays)
	if summary.LeftOut > 0 {
		fmt.Fprintf(cmd.OutOrStdout(), "left out: %d cells that are not finished\n", summary.LeftOut)
	}
	return nil
}

func newImport() *cobra.Command {
	var f outputFlags
	cmd := &cobra.Command{
		Use:   "import FILE.npz --layout LAYOUT --out MODEL.npz",
		Short: "write a machine of another program as a model.npz",
		Long:  importLong,
		Args:  exactlyOne("file"),
	}
	f.add(cmd)
	layout := cmd.Flags().String("layout", "", strings.Join(pipeline.Layouts(), ", "))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkLayout(*layout); err != nil {
			return usageError{err}
		}
		if err := f.check(args[0], ".npz"); err != nil {
			return err
		}
		c, err := pipeline.ImportMachine(args[0], *layout, f.out)
		if err != nil {
			return err
		}
		out := cmd.OutOrStdout()
		fmt.Fprintf(out, "%s: a machine of %d × %d units from layout %s\n", f.out, c.Visible, c.Hidden, *layout)
		if !c.Exact {
			fmt.Fprintln(out, "parameters were rounded to float32")
		}
		printConstant(out, c)
		return nil
	}
	return cmd
}
