package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"isingrbm/pipeline"
	"isingrbm/pipeline/cluster"
)

func newStatus() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status RUN.toml",
		Short: "say how far each cell is",
		Long: `Say how far each cell is, from the files in the run directory: missing,
running, interrupted, failed or done. A running cell is one whose process is
alive. Cells that were submitted are looked up in the queue as well: queued, with
the reason, requeued, or running, with node and time left.`,
		Args: exactlyOne("run file"),
	}
	missing := cmd.Flags().Bool("missing", false, "print only the indices of the cells that are not done, comma-separated")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		w, err := pipeline.OpenWorkspace(args[0])
		if err != nil {
			return err
		}
		cells, queueErr, err := cluster.Status(cmd.Context(), w)
		if err != nil {
			return err
		}
		if queueErr != nil {
			fmt.Fprintf(cmd.ErrOrStderr(), "note: what is queued is not known: %s\n", firstLine(queueErr.Error()))
		}
		if *missing {
			fmt.Fprintln(cmd.OutOrStdout(), missingIndices(cells))
			return nil
		}
		if err := printStatus(cmd.OutOrStdout(), cells); err != nil {
			return err
		}
		if !slices.ContainsFunc(cells, func(c cluster.CellState) bool { return c.Status == pipeline.Running }) {
			return nil
		}
		share, left, running, err := w.Outlook()
		if running {
			fmt.Fprintf(cmd.OutOrStdout(), "%.0f %% of the time, about %s left at the pace so far\n", 100*share, duration(left))
		}
		return err
	}
	return cmd
}

func missingIndices(cells []cluster.CellState) string {
	var indices []string
	for i, c := range cells {
		if c.Status != pipeline.Done {
			indices = append(indices, fmt.Sprint(i))
		}
	}
	return strings.Join(indices, ",")
}

func printStatus(out io.Writer, cells []cluster.CellState) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "INDEX\tCELL\tSTATUS\tSTAGE\tPROGRESS\tTIME\tREMARK")
	counts := make(map[pipeline.Status]int)
	for i, c := range cells {
		counts[c.Status]++
		seconds := time.Duration(c.Seconds * float64(time.Second))
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%.0f %%\t%s\t%s\n", i, c.Cell.ID(), c.Status, c.Stage,
			100*float64(c.Done)/float64(max(c.Total, 1)), duration(seconds), remark(c))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	var parts []string
	for _, s := range []pipeline.Status{pipeline.Done, pipeline.Running, cluster.Requeued, cluster.Queued, pipeline.Interrupted, pipeline.Failed, pipeline.Missing} {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	_, err := fmt.Fprintf(out, "%d cells: %s\n", len(cells), strings.Join(parts, ", "))
	return err
}

// remark is what the queue says of a cell, how fast it runs, the first line of its
// error, or what changed since it was done.
func remark(c cluster.CellState) string {
	if c.Note != "" {
		return c.Note
	}
	if doing := c.Doing(); doing != "" {
		return doing
	}
	if rate, left, ok := c.Rate(); ok {
		return fmt.Sprintf("%.3g a second, %s left", rate, duration(left))
	}
	if len(c.Changes) > 0 {
		return fmt.Sprintf("made with %s = %s, now %s", c.Changes[0].Key, c.Changes[0].Before, c.Changes[0].Now)
	}
	return firstLine(c.Error)
}
