package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"isingrbm/pipeline"
)

func newClean() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "clean RUN.toml",
		Short: "remove the run directory, or what a stage and those after it made",
		Long: `Remove the run directory NAME.out, but for files that no run has written; or, with --stage, only what that stage made
in the run file's cells and what was made from it. The run file itself stays.`,
		Args: exactlyOne("run file"),
	}
	stage := cmd.Flags().String("stage", "", "generate, train or sample")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *stage != "" && !slices.Contains(pipeline.CellStages(), pipeline.Stage(*stage)) {
			return usageError{fmt.Errorf("--stage is %q\n  hint: generate, train or sample", *stage)}
		}
		w, err := pipeline.OpenWorkspace(args[0])
		if err != nil {
			return err
		}
		if *stage == "" {
			kept, err := w.CleanAll()
			if err != nil {
				return err
			}
			if kept != nil {
				fmt.Fprintf(cmd.OutOrStdout(), "removed all that runs have written to %s; what else is there stays: %s\n", w.Dir, strings.Join(kept, ", "))
				return nil
			}
			fmt.Fprintf(cmd.OutOrStdout(), "removed %s\n", w.Dir)
			return nil
		}
		cells, err := w.Clean(pipeline.Stage(*stage))
		fmt.Fprintf(cmd.OutOrStdout(), "removed %s and what was made from it from %d cells of %s\n", *stage, cells, w.Dir)
		return err
	}
	return cmd
}
