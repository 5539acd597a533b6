package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"isingrbm/analysis/figure"
	"isingrbm/pipeline"
	"isingrbm/pipeline/cluster"
)

// workersFlag adds --workers to a command.
func workersFlag(cmd *cobra.Command) *int {
	return cmd.Flags().Int("workers", cluster.Processors(), "cells worked on at a time; changes no result")
}

// checkpointFlag adds --checkpoint to a command.
func checkpointFlag(cmd *cobra.Command) *time.Duration {
	return cmd.Flags().Duration("checkpoint", pipeline.DefaultCheckpoint, "time between checkpoints: what a process that is killed loses at most, or little more")
}

// logFormatFlag adds --log-format to a command.
func logFormatFlag(cmd *cobra.Command) *string {
	return cmd.Flags().String("log-format", "text", "of progress and logs: text or json, one object a line")
}

// logFormat is whether lines are to be JSON.
func logFormat(value string) (json bool, err error) {
	if value != "text" && value != "json" {
		return false, usageError{fmt.Errorf("--log-format is %q\n  hint: text or json", value)}
	}
	return value == "json", nil
}

// open reads the run file of a command that works with --workers.
func open(path string, workers int) (*pipeline.Workspace, error) {
	if workers < 1 {
		return nil, usageError{fmt.Errorf("--workers is %d\n  hint: at least 1", workers)}
	}
	return pipeline.OpenWorkspace(path)
}

// options reports progress to standard error, with bars if it is a terminal.
func options(cmd *cobra.Command, workers int, stages ...pipeline.Stage) pipeline.Options {
	out := cmd.ErrOrStderr()
	file, ok := out.(*os.File)
	return pipeline.Options{
		Workers:  workers,
		Stages:   stages,
		Progress: out,
		Terminal: ok && term.IsTerminal(int(file.Fd())),
	}
}

func newRun() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run RUN.toml",
		Short: "do all that is missing: generate, train, sample, analyse, report",
		Long: `Do all that is missing of a run: generate, train, sample, analyse, report.
Running again continues where the last run stopped, and does nothing when
nothing is missing. Results are the same bytes for any number of workers.
Several processes, on machines that share the folder too, may run one run file
at the same time: they share its cells.

A stage that failed is tried again only with --retry-failed.

With --quick the quick variant of the run is done instead, NAME-quick.toml, which
is written beside NAME.toml: the same cells and figures in seconds, from so few
configurations and updates that its results mean nothing.

With --cell only that cell is worked on, with what it needs (its data, and
with warm starts the hotter machines), and there
is no analysis: a workflow engine can call it once a cell and run at the end.`,
		Args: exactlyOne("run file"),
	}
	workers := workersFlag(cmd)
	limit, every, format := limitFlag(cmd), checkpointFlag(cmd), logFormatFlag(cmd)
	retry := cmd.Flags().Bool("retry-failed", false, "try stages again that failed before")
	quick := cmd.Flags().Bool("quick", false, "do the quick variant, NAME-quick.toml, to see that the run works and how its figures look")
	cells := cmd.Flags().StringArray("cell", nil, "work on this cell only, such as L008/T2.269185/h0064_r00, or its index in status; may be given again")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		path := args[0]
		if *quick {
			var err error
			if path, err = pipeline.WriteQuick(path); err != nil {
				return err
			}
		}
		w, err := open(path, *workers)
		if err != nil {
			return err
		}
		ctx, stop, err := limited(cmd, *limit)
		if err != nil {
			return err
		}
		defer stop()
		o := options(cmd, *workers, pipeline.CellStages()...)
		o.RetryFailed, o.CheckpointEvery = *retry, *every
		if o.JSON, err = logFormat(*format); err != nil {
			return err
		}
		if *cells != nil {
			if o.Only, err = w.FindCells(*cells); err != nil {
				return usageError{err}
			}
			summary, err := w.RunCells(ctx, o)
			printOutcome(cmd.OutOrStdout(), w, pipeline.Outcome{Summary: summary}, err)
			return err
		}
		outcome, err := w.RunAll(ctx, o)
		if outcome.Results != nil {
			printVerdict(cmd.OutOrStdout(), outcome.Results)
		}
		printOutcome(cmd.OutOrStdout(), w, outcome, err)
		return err
	}
	return cmd
}

// newStage makes the command of one cell stage.
func newStage(stage pipeline.Stage) *cobra.Command {
	short := map[pipeline.Stage]string{
		pipeline.Generate: "draw the Monte Carlo configurations that are missing",
		pipeline.Train:    "train the machines whose configurations are there",
		pipeline.Sample:   "draw configurations from the trained machines",
		pipeline.Flow:     "reconstruct configurations with the trained machines again and again",
	}
	cmd := &cobra.Command{Use: string(stage) + " RUN.toml", Short: short[stage], Args: exactlyOne("run file")}
	workers := workersFlag(cmd)
	limit, every, format := limitFlag(cmd), checkpointFlag(cmd), logFormatFlag(cmd)
	retry := cmd.Flags().Bool("retry-failed", false, "try cells again that failed before")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		w, err := open(args[0], *workers)
		if err != nil {
			return err
		}
		ctx, stop, err := limited(cmd, *limit)
		if err != nil {
			return err
		}
		defer stop()
		o := options(cmd, *workers, stage)
		o.RetryFailed, o.CheckpointEvery = *retry, *every
		if o.JSON, err = logFormat(*format); err != nil {
			return err
		}
		summary, err := w.RunCells(ctx, o)
		printOutcome(cmd.OutOrStdout(), w, pipeline.Outcome{Summary: summary}, err)
		return err
	}
	return cmd
}

func newAnalyse() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "analyse RUN.toml",
		Short: "measure all finished cells and compare machines, Monte Carlo and exact values",
		Long: `Measure all finished cells of a run and compare machines, Monte Carlo and exact
values.

With --compare two run directories, as "analyse A.out B.out --compare", are set
side by side as their reports left them: the settings in which they differ, and
every cell of both with its deviations and verdict. Machines of one n_h each
are compared with each other though the n_h differ.`,
	}
	workers := workersFlag(cmd)
	compare := cmd.Flags().Bool("compare", false, "set two run directories side by side")
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if *compare && len(args) != 2 {
			return usageError{fmt.Errorf("analyse --compare needs two run directories, got %d\n  hint: isingrbm analyse A.out B.out --compare", len(args))}
		}
		if *compare {
			return nil
		}
		return exactlyOne("run file")(cmd, args)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *compare {
			return compareRuns(cmd.OutOrStdout(), args)
		}
		w, err := open(args[0], *workers)
		if err != nil {
			return err
		}
		results, err := w.Analyse(cmd.Context(), *workers)
		if results != nil {
			printVerdict(cmd.OutOrStdout(), results)
		}
		return err
	}
	return cmd
}

func newReport() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "report RUN.toml",
		Short: "draw the figures and write the page, report.html",
		Long: `Draw the figures that the run file asks for and write the page, report.html.
With --figure only the figures of those names are drawn, whatever the run file
says, each as SVG, PDF and PNG with its CSV:

` + figureList(),
		Args: exactlyOne("run file"),
	}
	workers := workersFlag(cmd)
	names := cmd.Flags().StringSlice("figure", nil, "draw only the figure of this name; may be given several times")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		w, err := open(args[0], *workers)
		if err != nil {
			return err
		}
		if len(*names) > 0 {
			return drawOnly(cmd, w, *workers, *names)
		}
		_, page, err := w.Report(cmd.Context(), *workers)
		if page != "" {
			fmt.Fprintln(cmd.OutOrStdout(), page)
		}
		return err
	}
	return cmd
}

// figureList names the figures, four a line.
func figureList() string {
	var b strings.Builder
	for names := range slices.Chunk(figure.Names(), 4) {
		b.WriteString("  " + strings.Join(names, " ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// drawOnly draws figures by their names and prints the files.
func drawOnly(cmd *cobra.Command, w *pipeline.Workspace, workers int, names []string) error {
	for _, name := range names {
		if !slices.Contains(figure.Names(), name) {
			return usageError{fmt.Errorf("no figure %q\n  hint: there are %s", name, strings.Join(figure.Names(), ", "))}
		}
	}
	results, paths, err := w.Figures(cmd.Context(), workers, names)
	for _, path := range paths {
		fmt.Fprintln(cmd.OutOrStdout(), path)
	}
	if results != nil {
		for _, warning := range results.Warnings {
			fmt.Fprintln(cmd.OutOrStdout(), "warning:", warning)
		}
	}
	return err
}
