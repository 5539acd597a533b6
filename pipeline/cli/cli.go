// Package cli holds the commands of isingrbm: it parses arguments, calls the
// pipeline, prints, and turns the outcome into an exit status.
//
// # Output
//
// Results go to standard output, progress and errors to standard error, so
// that `isingrbm exact --format csv > file` holds data alone. An error is one
// message, lower case, begun with "isingrbm: ", with a hint where there is
// something to do. Nothing asks a question or opens a port.
//
// # Exit statuses
//
//	0    done
//	1    failed
//	2    wrong usage, or a run file that is not valid
//	3    some cells failed, the others were completed
//	75   interrupted or out of time, everything saved: run again to continue
//	130  interrupted twice: stopped at once
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"isingrbm/pipeline"
	"isingrbm/pipeline/runfile"
)

// The exit statuses.
const (
	statusDone        = 0
	statusFailed      = 1
	statusUsage       = 2
	statusCells       = 3
	statusInterrupted = 75
	statusKilled      = 130
)

// Main carries out a command line and returns the exit status. The first
// SIGINT, SIGTERM, SIGHUP, SIGUSR1 or SIGXCPU stops the work in order, within 10
// seconds; the second exits at once.
func Main(args []string, stdout, stderr io.Writer) int {
	ctx, stop := interruptible(stderr)
	defer stop()
	return Execute(ctx, args, stdout, stderr)
}

// Execute is Main without the signals: canceling ctx interrupts.
func Execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintf(stderr, "isingrbm: %v\n", err)
	}
	return exitStatus(err)
}

// usageError marks an error in the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// exitStatus is the status for the error of a command.
func exitStatus(err error) int {
	var usage usageError
	var file *runfile.Errors
	var cells *pipeline.FailedError
	if status, ok := requeueStatus(err); ok {
		return status
	}
	switch {
	case err == nil:
		return statusDone
	case errors.As(err, &usage), errors.As(err, &file):
		return statusUsage
	case errors.As(err, &cells):
		return statusCells
	case errors.Is(err, pipeline.ErrInterrupted), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return statusInterrupted
	}
	return statusFailed
}

const rootLong = `From one TOML run file: Ising configurations by Monte Carlo over a sweep of
temperatures, one restricted Boltzmann machine trained per temperature, samples
of the machines, and the comparison of both with the exact answer.

Exit status: 0 done, 1 failed, 2 wrong usage or run file, 3 some cells failed
and the others were completed, 75 interrupted or out of time with everything
saved (run again to continue), 130 interrupted twice.`

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "isingrbm",
		Short:         "Ising Monte Carlo, restricted Boltzmann machines, and an honest comparison",
		Long:          rootLong,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("no command %q\n  hint: `isingrbm help` lists the commands", args[0])}
			}
			return cmd.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w\n  hint: `%s --help` lists the flags", err, cmd.CommandPath())}
	})
	root.AddCommand(newRun(), newStage(pipeline.Generate), newStage(pipeline.Train), newStage(pipeline.Sample), newStage(pipeline.Flow),
		newAnalyse(), newReport(), newCheck(), newStatus(), newSubmit(), newCancel(), newLogs(), newTask(), newInspect(), newExport(), newImport(), newExact(), newInit(), newSchema(), newClean(), newVersion())
	return root
}

// exactlyOne demands one argument and says which.
func exactlyOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usageError{fmt.Errorf("%s needs one %s, got %d\n  hint: %s", cmd.Name(), what, len(args), cmd.UseLine())}
		}
		return nil
	}
}

// none refuses arguments.
func none(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s takes no arguments, got %q", cmd.Name(), args)}
	}
	return nil
}
