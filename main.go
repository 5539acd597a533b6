// Isingrbm draws Ising configurations by Monte Carlo over a sweep of
// temperatures, trains one restricted Boltzmann machine per temperature,
// samples the machines, and says with honest errors whether they reproduce
// the physics: against Monte Carlo and against the exact answer.
//
//	isingrbm init > my.toml      a commented run file with every setting
//	isingrbm check my.toml       what it would do, and the time and space it takes
//	isingrbm run my.toml         all that is missing; again continues
//	isingrbm status my.toml      how far each cell is
//
// A run file my.toml writes the folder my.out beside it. See README.md, and
// `isingrbm help` for the other commands and the exit statuses.
package main

import (
	"os"

	"isingrbm/pipeline/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr))
}
