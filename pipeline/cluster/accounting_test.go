//go:build cluster

package cluster_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// accountingPackages are what clusters with accounts need beyond the others.
const accountingPackages = "slurmdbd mariadb-server-core mariadb-client-core"

// accountingConf holds jobs to accounts and their limits, as most sites do.
const accountingConf = `AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=%d
AccountingStoragePass=%s/munge.socket
AccountingStorageEnforce=associations,limits,qos
`

const slurmdbdConf = `DbdHost=localhost
DbdPort=%[2]d
SlurmUser=%[4]s
AuthType=auth/munge
AuthInfo=socket=%[1]s/munge.socket
LogFile=%[1]s/slurmdbd.log
PidFile=%[1]s/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=%[3]d
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm
`

// startAccounting starts the database of accounts: the user, who belongs to the
// account physics, and the quality of service short, whose jobs may ask for ten
// minutes.
func (c *slurmCluster) startAccounting() error {
	for _, name := range []string{"slurmdbd", "mariadbd", "mariadb-install-db", "mariadb"} {
		if _, err := exec.LookPath(name); err != nil {
			return fmt.Errorf("%w\n  hint: apt-get install -y --no-install-recommends %s", err, accountingPackages)
		}
	}
	ports, err := freePorts(2)
	if err != nil {
		return err
	}
	user, err := exec.Command("id", "-un").Output()
	if err != nil {
		return err
	}
	name := strings.TrimSpace(string(user))
	err = errors.Join(
		appendText(filepath.Join(c.dir, "slurm.conf"), fmt.Sprintf(accountingConf, ports[0], c.dir)),
		os.WriteFile(filepath.Join(c.dir, "slurmdbd.conf"), fmt.Appendf(nil, slurmdbdConf, c.dir, ports[0], ports[1], name), 0o600))
	if err != nil {
		return err
	}
	if err := c.startDatabase(name, ports[1]); err != nil {
		return err
	}
	daemon, err := c.daemon("slurmdbd", "-D")
	if err != nil {
		return err
	}
	c.database = append(c.database, daemon)
	if err := eventually("an answer of slurmdbd", func() bool { return exec.Command("sacctmgr", "-n", "list", "cluster").Run() == nil }); err != nil {
		return err
	}
	for _, change := range []string{
		"add cluster test", "add account physics", "add user " + name + " account=physics",
		"add qos short flags=DenyOnLimit maxwall=0:10:00", "modify user " + name + " set qos+=short",
	} {
		if out, err := exec.Command("sacctmgr", append([]string{"-i", "-Q"}, strings.Fields(change)...)...).CombinedOutput(); err != nil {
			return fmt.Errorf("sacctmgr %s: %w\n%s", change, err, out)
		}
	}
	return nil
}

// startDatabase starts a MariaDB in the cluster's folder, with a database for
// slurmdbd.
func (c *slurmCluster) startDatabase(user string, port int) error {
	data, socket := filepath.Join(c.dir, "db"), filepath.Join(c.dir, "db.socket")
	out, err := exec.Command("mariadb-install-db", "--no-defaults", "--user="+user, "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db", "--force").CombinedOutput()
	if err != nil {
		return fmt.Errorf("mariadb-install-db: %w\n%s", err, out)
	}
	daemon, err := c.daemon("mariadbd", "--no-defaults", "--user="+user, "--datadir="+data, "--socket="+socket, "--pid-file="+filepath.Join(c.dir, "db.pid"),
		"--bind-address=127.0.0.1", fmt.Sprintf("--port=%d", port), "--innodb-flush-log-at-trx-commit=0")
	if err != nil {
		return err
	}
	c.database = append(c.database, daemon)
	const grant = `create database if not exists slurm;
create user if not exists slurm@'127.0.0.1' identified by 'slurm'; create user if not exists slurm@localhost identified by 'slurm';
grant all on slurm.* to slurm@'127.0.0.1'; grant all on slurm.* to slurm@localhost`
	return eventually("an answer of MariaDB", func() bool {
		return exec.Command("mariadb", "--no-defaults", "-S", socket, "-u", "root", "-e", grant).Run() == nil
	})
}

func appendText(path, text string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}

// account changes what the user of the tests may do.
func account(t *testing.T, change string) {
	t.Helper()
	command(t, "sacctmgr", append([]string{"-i", "-Q", "modify", "user", command(t, "id", "-un"), "set"}, strings.Fields(change)...)...)
}

// TestAccounting: what a site with accounts refuses, and how a run gets through
// its limits.
func TestAccounting(t *testing.T) {
	t.Setenv("SLURM_CONF", os.Getenv("SLURM_CONF")) // and back at the end
	site, err := startSlurm(slurmSettings{nodes: 1, processors: 8, accounting: true})
	if err != nil {
		t.Fatal(err)
	}
	defer site.stop()
	t.Run("refusals", refusedByAccount)
	t.Run("no room", noRoom)
	t.Run("continuation", continuedByCollector)
}

// refusedByAccount: each refusal is one clear error with what to do, and is
// mended by a second submit.
func refusedByAccount(t *testing.T) {
	text := fmt.Sprintf(sweep, quickly)
	for _, c := range []struct{ name, slurm, message, hint string }{
		{"account", "account = 'nope'", "Invalid account or account/partition combination specified", "slurm.account is \"nope\""},
		{"quality of service", "qos = 'nope'", "Invalid qos specification", "slurm.qos"},
		{"time of the quality of service", "qos = 'short'\ntime = '0:30:00'", "Job violates accounting/QOS policy", "slurm.time"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := writeRun(t, text+c.slurm+"\n")
			refused(t, path, nil, c.message, c.hint)
			if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			mended(t, path)
		})
	}
}

// noRoom: a user who may not submit another job is told so.
func noRoom(t *testing.T) {
	path := writeRun(t, fmt.Sprintf(sweep, quickly))
	account(t, "maxsubmitjobs=0")
	refused(t, path, nil, "Job violates accounting/QOS policy", "when some have ended")
	account(t, "maxsubmitjobs=-1")
	mended(t, path)
}

// continuedByCollector: a user may have nine jobs at a time in the queue. What
// did not fit is submitted by the collector, and by the collector after it,
// until all is done, without any hand.
func continuedByCollector(t *testing.T) {
	text := fmt.Sprintf(sweep, quickly)
	want := reference(t, text)
	path := writeRun(t, text)
	account(t, "maxsubmitjobs=9")
	out := isingrbm(t, 0, "submit", path)
	if !strings.Contains(out, "submitted 8 cells in 8 tasks") || !strings.Contains(out, "a limit kept other cells out: sbatch: error: Batch job submission failed: Job violates accounting/QOS policy") {
		t.Errorf("submit: %s", out)
	}
	finished(t)
	sameBytes(t, want, runDir(path))
}
