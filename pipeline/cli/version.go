package cli

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"isingrbm/pipeline"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the program's version",
		Args:  none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			revision := pipeline.Revision()
			if revision == "" {
				revision = "unknown revision"
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "isingrbm %s (%s, %s, %s/%s)\n", pipeline.Version, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
