package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"isingrbm/pipeline"
	"isingrbm/pipeline/store"
)

func newInspect() *cobra.Command {
	return &cobra.Command{
		Use:   "inspect FILE",
		Short: "say what is in a file of a run directory",
		Long: `Say what is in a file of a run directory, of any kind: its format, its columns or
arrays with their types, its metadata, and a table of its contents: of numbers
their least, mean and largest, of the others the text. A few lattices of a file of
configurations are drawn, filled where spins are up.`,
		Args: exactlyOne("file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			i, err := pipeline.Inspect(args[0])
			if err != nil {
				return err
			}
			return printInspection(cmd.OutOrStdout(), i)
		},
	}
}

func printInspection(out io.Writer, i pipeline.Inspection) error {
	if err := printDescription(out, i.Description); err != nil {
		return err
	}
	if i.Header != nil {
		t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "\n"+strings.Join(i.Header, "\t"))
		for _, row := range i.Rows {
			fmt.Fprintln(t, strings.Join(row, "\t"))
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	if i.Drawing != "" {
		fmt.Fprint(out, "\n"+i.Drawing)
	}
	return nil
}

func printDescription(out io.Writer, d store.Description) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(t, "%s\t%s\n", name, value)
		}
	}
	count := func(n int64) string {
		if n == 0 {
			return ""
		}
		return fmt.Sprint(n)
	}
	field("file", d.Path)
	field("format", d.Format)
	field("contents", d.Contents)
	field("format version", d.Version)
	field("size", byteCount(d.Bytes))
	field("rows", count(d.Rows))
	field("row groups", count(int64(d.RowGroups)))
	field("sites", count(int64(d.Sites)))
	field("compression", d.Compression)
	if len(d.Columns) > 0 {
		fmt.Fprintln(t, "\nCOLUMN\tTYPE\tSHAPE\tSTORED")
		for _, c := range d.Columns {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", c.Name, columnType(c), shape(c.Shape), storedSize(c.Bytes))
		}
	}
	if len(d.Metadata) > 0 {
		fmt.Fprintln(t, "\nMETADATA\t")
		for _, kv := range d.Metadata {
			fmt.Fprintf(t, "%s\t%s\n", kv.Key, kv.Value)
		}
	}
	return t.Flush()
}

func columnType(c store.ColumnDescription) string {
	if c.Nullable {
		return c.Type + " or null"
	}
	return c.Type
}

func shape(lengths []int) string {
	parts := make([]string, len(lengths))
	for i, n := range lengths {
		parts[i] = fmt.Sprint(n)
	}
	return strings.Join(parts, " × ")
}

func storedSize(n int64) string {
	if n == 0 {
		return ""
	}
	return byteCount(n)
}
