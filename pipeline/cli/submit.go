package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"isingrbm/pipeline"
	"isingrbm/pipeline/cluster"
	"isingrbm/pipeline/runfile"
)

func newSubmit() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "submit RUN.toml",
		Short: "hand the cells to Slurm, as job arrays",
		Long: `Hand all cells that are neither done nor queued to Slurm: an array for the
data, arrays for the machines, each task of which starts when its own data are
there, and a job that makes tables, figures and page when all have ended. What a
job is asked for stands in [slurm] of the run file, or in a profile.

Nothing has to stay alive: tasks that reach the end of their time save their work
and queue themselves again. Call submit again at any time: it adds what is
missing and submits nothing twice. Cells that failed are left out unless
--missing is given.

For other batch systems --system writes scripts into the run directory, and says
how to hand them in.`,
		Args: exactlyOne("run file"),
	}
	flags := cmd.Flags()
	dryRun := flags.Bool("dry-run", false, "print the scripts and the commands; write and submit nothing")
	stage := flags.String("stage", "", "only this stage: generate, train or sample; without a report")
	only := flags.StringArray("only", nil, "only these cells: an id such as L008/T2.269185, which means its machines too, or a pattern with *; may be given again")
	missing := flags.Bool("missing", false, "cells that failed as well: everything that is neither done nor queued")
	profile := flags.String("profile", "", "take what [slurm] leaves out from cluster/NAME.toml beside the run file or in the user's configuration folder")
	system := flags.String("system", string(cluster.Slurm), "batch system: slurm, grid-engine, pbs or lsf")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		request := cluster.Request{Stage: pipeline.Stage(*stage), Only: *only, Missing: *missing}
		if *stage != "" && !slices.Contains(pipeline.CellStages(), request.Stage) {
			return usageError{fmt.Errorf("--stage is %q\n  hint: generate, train or sample", *stage)}
		}
		var err error
		if request.System, err = cluster.ParseSystem(*system); err != nil {
			return usageError{err}
		}
		w, err := openProfiled(args[0], *profile)
		if err != nil {
			return err
		}
		if *dryRun {
			return printDraft(cmd, w, request)
		}
		handed, err := cluster.Submit(cmd.Context(), w, request)
		if handed != nil {
			printHanded(cmd.OutOrStdout(), w, handed)
		}
		return err
	}
	return cmd
}

// openProfiled opens a run file with a profile under its [slurm], if one is
// named.
func openProfiled(path, name string) (*pipeline.Workspace, error) {
	w, err := pipeline.OpenWorkspace(path)
	if err != nil || name == "" {
		return w, err
	}
	profile, err := runfile.FindProfile(name, path)
	if err != nil {
		return nil, err
	}
	run, err := profile.Load(path)
	if err != nil {
		return nil, err
	}
	w.Run.Slurm = run.Slurm
	return w, nil
}

func printDraft(cmd *cobra.Command, w *pipeline.Workspace, request cluster.Request) error {
	draft, err := cluster.Plan(cmd.Context(), w, request)
	if err != nil {
		return err
	}
	if draft.NoQueue != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "note: what is queued is not known: %v\n", firstLine(draft.NoQueue.Error()))
	}
	if draft.Empty() {
		fmt.Fprintf(cmd.OutOrStdout(), "nothing to submit: %s\n", draft.Left)
		return nil
	}
	return draft.Print(cmd.OutOrStdout())
}

func printHanded(out io.Writer, w *pipeline.Workspace, h *cluster.Handed) {
	left := h.Left.String()
	if left != "" {
		left = "; left out: " + left
	}
	switch {
	case h.Cells == 0 && h.Collector == "" && h.Script == "":
		fmt.Fprintf(out, "nothing to submit%s\n", left)
		return
	case h.Script != "":
		fmt.Fprintf(out, "%d cells in %d tasks are ready%s\nhand them in with: sh %s\n", h.Cells, h.Tasks, left, h.Script)
		return
	case h.Cells > 0:
		fmt.Fprintf(out, "submitted %d cells in %d tasks of jobs %s%s\n", h.Cells, h.Tasks, strings.Join(h.Jobs, ", "), left)
	}
	if h.Collector != "" {
		fmt.Fprintf(out, "the report is made by job %s\n", h.Collector)
	}
	if h.Limit != nil {
		fmt.Fprintf(out, "a limit kept other cells out: %v\n", h.Limit)
	}
	fmt.Fprintf(out, "follow with `isingrbm status %s`\n", w.Path)
}

func newCancel() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cancel RUN.toml",
		Short: "take the run's jobs out of the queue",
		Long: `Take the run's jobs out of the queue, or with --only the tasks that work on some
cells. Running tasks save their work first; submit continues it.`,
		Args: exactlyOne("run file"),
	}
	only := cmd.Flags().StringArray("only", nil, "only tasks with these cells, as for submit; may be given again")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		w, err := pipeline.OpenWorkspace(args[0])
		if err != nil {
			return err
		}
		tasks, err := cluster.Cancel(cmd.Context(), w, *only)
		if err != nil {
			return err
		}
		fmt.Fprintf(cmd.OutOrStdout(), "canceled %d tasks\n", tasks)
		return nil
	}
	return cmd
}

func firstLine(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	return first
}
