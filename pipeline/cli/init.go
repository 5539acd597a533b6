package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"isingrbm/pipeline/runfile"
)

func newInit() *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "print a commented run file with every setting and its default",
		Long: `Print a complete, valid, commented run file: every setting with its unit, range
and default.

	isingrbm init > my.toml`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(cmd.OutOrStdout(), runfile.Template())
			return err
		},
	}
}
