package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"isingrbm/pipeline"
	"isingrbm/pipeline/cluster"
)

func newLogs() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "logs RUN.toml CELL",
		Short: "show the logs of a cell: its own, and those of the jobs that worked on it",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usageError{fmt.Errorf("logs needs a run file and a cell, got %d arguments\n  hint: %s", len(args), cmd.UseLine())}
			}
			return nil
		},
	}
	lines := cmd.Flags().Int("lines", 30, "lines from the end of each log; 0 for all")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		w, err := pipeline.OpenWorkspace(args[0])
		if err != nil {
			return err
		}
		paths, err := cluster.Logs(w, args[1])
		if err != nil {
			return usageError{err}
		}
		if len(paths) == 0 {
			return fmt.Errorf("%s has no log yet: nothing was begun", args[1])
		}
		for _, path := range paths {
			if err := printEnd(cmd.OutOrStdout(), path, *lines); err != nil {
				return err
			}
		}
		return nil
	}
	return cmd
}

// printEnd prints the last lines of a file under its name.
func printEnd(out io.Writer, path string, lines int) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	all := bytes.SplitAfter(text, []byte("\n"))
	if lines > 0 && len(all) > lines+1 { // behind the last line break stands an empty one
		all = all[len(all)-lines-1:]
	}
	_, err = fmt.Fprintf(out, "== %s\n%s", path, bytes.Join(all, nil))
	return err
}
