//go:build cluster

package cluster_test

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// packages are what `make test-cluster` needs beyond Go.
const packages = "slurmctld slurmd slurm-client munge"

// slurmCluster is a throw-away Slurm on this host: a controller and nodes with
// host names and process numbers of their own, all in one folder, nothing in
// /etc. Killing a node's first process is a power cut: its daemon and its jobs
// are gone at once.
type slurmCluster struct {
	dir       string
	munged    *exec.Cmd
	control   *exec.Cmd
	database  []*exec.Cmd // of the accounts: MariaDB and slurmdbd
	nodes     map[string]*exec.Cmd
	nodeNames []string
	log       *os.File // what the daemons print
}

// slurmConf keeps everything in the cluster's folder and everything quick: no
// cgroups, memory limits by polling, a look at the queue each second, and five
// seconds, the least there is, before a requeued job may run.
const slurmConf = `ClusterName=test
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=%[2]d
SlurmUser=%[3]s
SlurmdUser=%[3]s
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=%[1]s/munge.socket,cred_expire=5
StateSaveLocation=%[1]s/state
SlurmdSpoolDir=%[1]s/spool.%%n
SlurmctldLogFile=%[1]s/slurmctld.log
SlurmdLogFile=%[1]s/slurmd.%%n.log
SlurmctldPidFile=%[1]s/slurmctld.pid
SlurmdPidFile=%[1]s/slurmd.%%n.pid
MailProg=/bin/true
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
JobCompType=jobcomp/none
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1%[4]s
SlurmdTimeout=6
KillWait=2
MessageTimeout=5
ReturnToService=2
JobRequeue=1
EnforcePartLimits=ALL
MaxJobCount=%[5]d
DefMemPerCPU=100
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmctldParameters=preempt_send_user_signal
`

// slurmSettings are what tests vary of a cluster.
type slurmSettings struct {
	nodes        int
	processors   int    // of each node; they need not exist
	maxArraySize int    // the largest index of an array is one less
	maxJobs      int    // that the controller keeps
	scheduler    string // further SchedulerParameters, each begun with a comma
	extra        string // further lines of slurm.conf
	accounting   bool   // whether jobs are held to accounts, qualities of service and their limits
}

// startSlurm starts a cluster. The partition main comes before scavenge, whose
// jobs it preempts after five seconds' notice.
func startSlurm(s slurmSettings) (c *slurmCluster, err error) {
	for _, name := range []string{"munged", "slurmctld", "slurmd", "sbatch", "unshare"} {
		if _, err := exec.LookPath(name); err != nil {
			return nil, fmt.Errorf("%w\n  hint: apt-get install -y --no-install-recommends %s", err, packages)
		}
	}
	dir, err := os.MkdirTemp("/tmp", "slurm-") // a socket's path has at most 107 bytes
	if err != nil {
		return nil, err
	}
	c = &slurmCluster{dir: dir, nodes: make(map[string]*exec.Cmd)}
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w\n%s", err, c.logs())
			c.stop()
		}
	}()
	if c.log, err = os.Create(filepath.Join(dir, "daemons.log")); err != nil {
		return nil, err
	}
	if err := c.configure(s); err != nil {
		return nil, err
	}
	if err := c.startMunge(); err != nil {
		return nil, err
	}
	if s.accounting {
		if err := c.startAccounting(); err != nil {
			return nil, err
		}
	}
	if err := c.startController(); err != nil {
		return nil, err
	}
	for _, node := range c.nodeNames {
		if err := c.startNode(node); err != nil {
			return nil, err
		}
	}
	return c, c.waitIdle()
}

// configure writes slurm.conf and tells the commands where it is.
func (c *slurmCluster) configure(s slurmSettings) error {
	ports, err := freePorts(s.nodes + 1)
	if err != nil {
		return err
	}
	user, err := exec.Command("id", "-un").Output()
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, slurmConf, c.dir, ports[0], strings.TrimSpace(string(user)), s.scheduler, cmp.Or(s.maxJobs, 5000))
	if s.maxArraySize > 0 {
		fmt.Fprintf(&b, "MaxArraySize=%d\n", s.maxArraySize)
	}
	b.WriteString(s.extra)
	for i := range s.nodes {
		name := fmt.Sprintf("n%d", i+1)
		c.nodeNames = append(c.nodeNames, name)
		fmt.Fprintf(&b, "NodeName=%s NodeHostname=%[1]s NodeAddr=127.0.0.1 Port=%d CPUs=%d RealMemory=%d\n", name, ports[i+1], s.processors, 400*s.processors)
	}
	b.WriteString("PartitionName=main Nodes=ALL Default=YES DefaultTime=10 MaxTime=120 PriorityTier=10\n")
	b.WriteString("PartitionName=scavenge Nodes=ALL MaxTime=120 PriorityTier=1 GraceTime=5\n")
	if err := os.Mkdir(filepath.Join(c.dir, "state"), 0o755); err != nil {
		return err
	}
	conf := filepath.Join(c.dir, "slurm.conf")
	return errors.Join(os.WriteFile(conf, []byte(b.String()), 0o644), os.Setenv("SLURM_CONF", conf))
}

// freePorts finds ports that nobody listens on.
func freePorts(n int) ([]int, error) {
	ports := make([]int, n)
	for i := range ports {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer listener.Close()
		ports[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

// daemon starts a program in a session of its own.
func (c *slurmCluster) daemon(name string, args ...string) (*exec.Cmd, error) {
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = c.log, c.log, c.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go cmd.Wait() // so that it leaves no zombie
	return cmd, nil
}

func (c *slurmCluster) startMunge() error {
	key := make([]byte, 1024)
	rand.Read(key)
	path := func(name string) string { return filepath.Join(c.dir, name) }
	if err := os.WriteFile(path("munge.key"), key, 0o600); err != nil {
		return err
	}
	var err error
	c.munged, err = c.daemon("munged", "--foreground", "--force", "--socket="+path("munge.socket"), "--key-file="+path("munge.key"),
		"--pid-file="+path("munged.pid"), "--log-file="+path("munged.log"), "--seed-file="+path("munged.seed"), "--num-threads=4")
	if err != nil {
		return err
	}
	return eventually("a socket of munged", func() bool {
		_, err := os.Stat(path("munge.socket"))
		return err == nil
	})
}

func (c *slurmCluster) startController() (err error) {
	c.control, err = c.daemon("slurmctld", "-D")
	if err != nil {
		return err
	}
	return eventually("an answer of slurmctld", func() bool {
		out, _ := exec.Command("scontrol", "ping").Output()
		return strings.Contains(string(out), "UP")
	})
}

// stopController ends the controller in order, as for an upgrade.
func (c *slurmCluster) stopController() {
	c.control.Process.Signal(syscall.SIGTERM)
	waitGone(c.control.Process.Pid)
}

// startNode starts a node, or starts it again after a power cut. What a cut in
// mid-launch left of a job is removed with its spool: the job would be held.
func (c *slurmCluster) startNode(name string) (err error) {
	spool := filepath.Join(c.dir, "spool."+name)
	if err := errors.Join(os.RemoveAll(spool), os.Mkdir(spool, 0o755)); err != nil {
		return err
	}
	c.nodes[name], err = c.daemon("unshare", "--uts", "--pid", "--fork", "--mount-proc", "--kill-child",
		"sh", "-c", `hostname "$0"; slurmd -D -N "$0" & wait`, name)
	return err
}

// cutPower kills a node with all that runs on it, and tells the controller,
// which would otherwise take SlurmdTimeout to notice.
func (c *slurmCluster) cutPower(t *testing.T, name string) {
	t.Helper()
	c.nodes[name].Process.Kill()
	waitGone(c.nodes[name].Process.Pid)
	command(t, "scontrol", "update", "nodename="+name, "state=down", "reason=power")
}

// slurmd is the process number of a node's daemon, of this cluster: another may
// be at work on this host.
func (c *slurmCluster) slurmd(t *testing.T, name string) int {
	t.Helper()
	for _, word := range strings.Fields(command(t, "pgrep", "-f", "^slurmd -D -N "+name+"$")) {
		environment, _ := os.ReadFile(filepath.Join("/proc", word, "environ")) // it may have ended
		pid, err := strconv.Atoi(word)
		if err == nil && strings.Contains(string(environment), "SLURM_CONF="+c.dir+"/") {
			return pid
		}
	}
	t.Fatalf("no slurmd on %s", name)
	return 0
}

func (c *slurmCluster) waitIdle() error {
	return eventually("idle nodes", func() bool {
		out, _ := exec.Command("sinfo", "-h", "-N", "-p", "main", "-t", "idle", "-o", "%N").Output()
		return len(strings.Fields(string(out))) == len(c.nodeNames)
	})
}

// stop ends the cluster with every job of it, and removes its folder.
func (c *slurmCluster) stop() {
	for _, node := range c.nodes {
		node.Process.Kill()
		waitGone(node.Process.Pid)
	}
	for _, daemon := range append(c.database, c.control, c.munged) {
		if daemon != nil {
			daemon.Process.Kill()
			waitGone(daemon.Process.Pid)
		}
	}
	if c.log != nil {
		c.log.Close()
	}
	os.RemoveAll(c.dir)
}

// logs is the end of every log of the cluster.
func (c *slurmCluster) logs() string {
	files, _ := filepath.Glob(filepath.Join(c.dir, "*.log"))
	out, _ := exec.Command("tail", append([]string{"-n", "15"}, files...)...).CombinedOutput()
	return string(out)
}

func waitGone(pid int) {
	eventually("an end", func() bool { return syscall.Kill(pid, 0) != nil })
}

// patience is how long the tests wait for anything: no result depends on it, and
// the host may have other work.
const patience = 5 * time.Minute

// eventually polls until ok, or fails.
func eventually(what string, ok func() bool) error {
	for end := time.Now().Add(patience); !ok(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			return fmt.Errorf("no %s after %v", what, patience)
		}
	}
	return nil
}

// until polls until ok, and shows the queue if that never comes.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	if err := eventually(what, ok); err != nil {
		queue, _ := exec.Command("squeue", "-r", "-t", "all").CombinedOutput()
		t.Fatalf("%v\n%s", err, queue)
	}
}

// command runs a program that must succeed and returns what it prints.
func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return strings.TrimSpace(string(out))
}
