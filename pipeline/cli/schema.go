package cli

import (
	"github.com/spf13/cobra"

	"isingrbm/pipeline/runfile"
)

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "print the JSON Schema of a run file, for editors",
		Long: `Print the JSON Schema of a run file. Editors that check TOML by a schema, such as
those with Taplo or Even Better TOML, then complete and check keys as you type:

	isingrbm schema > isingrbm.schema.json

with "#:schema ./isingrbm.schema.json" as the run file's first line.`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(runfile.Schema())
			return err
		},
	}
}
