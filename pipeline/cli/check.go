package cli

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"isingrbm/pipeline"
)

func newCheck() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check RUN.toml",
		Short: "validate a run file, list its cells and what they will take; runs nothing",
		Long: `Validate a run file; list its settings with defaults and preset resolved, its
cells with the Monte Carlo algorithm of each and why, and the time, memory and
disk that the stages are expected to take on this machine, measured by a few
steps of each. Nothing is written.

With --verify, read every file of the run directory instead and say which are
truncated, corrupted, foreign or of another version, and what to do.`,
		Args: exactlyOne("run file"),
	}
	workers := workersFlag(cmd)
	verify := cmd.Flags().Bool("verify", false, "read all files of the run directory again and name those that are damaged")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		w, err := open(args[0], *workers)
		if err != nil {
			return err
		}
		if *verify {
			return printFindings(cmd, w, *workers)
		}
		out := cmd.OutOrStdout()
		printSettings(out, w)
		schedules, err := w.Schedules(cmd.Context())
		if err != nil {
			return err
		}
		if err := printCells(out, w, schedules); err != nil {
			return err
		}
		return printEstimates(out, w, schedules, *workers)
	}
	return cmd
}

// printFindings verifies the run directory; the error is that something was
// found.
func printFindings(cmd *cobra.Command, w *pipeline.Workspace, workers int) error {
	files, findings, err := w.Verify(cmd.Context(), workers)
	if err != nil {
		return err
	}
	for _, f := range findings {
		fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n  hint: %s\n", f.Path, f.Problem, f.Advice)
	}
	if len(findings) > 0 {
		return fmt.Errorf("%d of %d files of %s are not what they should be", len(findings), files, w.Dir)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%d files of %s are as they were written\n", files, w.Dir)
	return nil
}

func printSettings(out io.Writer, w *pipeline.Workspace) {
	fmt.Fprintf(out, "%s is valid; it writes %s\n\n", w.Path, w.Dir)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, kv := range w.Run.Keys() {
		fmt.Fprintf(t, "  %s\t%s\n", kv.Key, kv.Value)
	}
	t.Flush()
}

func printCells(out io.Writer, w *pipeline.Workspace, schedules []pipeline.CellSchedule) error {
	machines := w.Plan.Cells(true)
	fmt.Fprintf(out, "\n%d cells of data, %d machines\n\n", len(schedules), len(machines))
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  CELL\tALGORITHM\tTHERMALIZATION\tTHINNING\tTAU\tWHY")
	for _, s := range schedules {
		if w.Run.Brings() {
			fmt.Fprintf(t, "  %s\t%s\t\t\t\t%s\n", s.Cell.ID(), s.Algorithm, s.Reason)
			continue
		}
		fmt.Fprintf(t, "  %s\t%s\t%d\t%d\t%.2f\t%s\n", s.Cell.ID(), s.Algorithm, s.Thermalization, s.Thinning, s.Tau, s.Reason)
	}
	for _, cell := range machines {
		fmt.Fprintf(t, "  %s\n", cell.ID())
	}
	return t.Flush()
}

func printEstimates(out io.Writer, w *pipeline.Workspace, schedules []pipeline.CellSchedule, workers int) error {
	estimates, err := w.Estimates(schedules)
	if err != nil {
		return err
	}
	fmt.Fprintln(out)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "STAGE\tCELLS\tCORE TIME\tMEMORY A WORKER\tDISK\t")
	var work time.Duration
	for _, e := range estimates {
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t\n", e.Stage, e.Cells, duration(e.Work), byteCount(e.Memory), byteCount(e.Disk))
		work += e.Work
	}
	have, err := w.FindResources()
	if err != nil {
		return err
	}
	wall, disk, memory := pipeline.Whole(estimates, workers, have.Cores)
	fmt.Fprintf(t, "all\t\t%s\t\t%s\t\n", duration(work), byteCount(disk))
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nwith %d workers on %d cores about %s, %s of memory at most\n", workers, have.Cores, duration(wall), byteCount(memory))
	if w.Anneals() {
		fmt.Fprintln(out, "ln Z of machines is annealed for as long as it takes: its part of the sampling is a guess, right to a factor of four")
	}
	for _, shortage := range w.Shortages(estimates, workers, have) {
		fmt.Fprintln(out, "warning:", shortage)
	}
	return nil
}
