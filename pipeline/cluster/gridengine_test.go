//go:build cluster

package cluster_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// gridEnginePackages are what TestGridEngine needs beyond Slurm's.
const gridEnginePackages = "gridengine-master gridengine-exec gridengine-client"

// gridEngineFolder is where Debian's Grid Engine must live.
const gridEngineFolder = "/var/lib/gridengine/default/common"

// startGridEngine starts Debian's Grid Engine with this host as its one node,
// and lets root run jobs, which must be set before the node starts.
func startGridEngine(t *testing.T) {
	t.Helper()
	for _, name := range []string{"sge_qmaster", "sge_execd", "qsub"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Fatalf("%v\n  hint: apt-get install -y --no-install-recommends %s", err, gridEnginePackages)
		}
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(gridEngineFolder, "host_aliases"), []byte("localhost "+host+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, service := range []string{"exec", "master"} { // which installing them has started, at some sites
		exec.Command("/etc/init.d/gridengine-"+service, "stop").Run()
	}
	gridEngineDaemon(t, "sge_qmaster")
	t.Cleanup(func() { exec.Command("qdel", "-f", "-u", "*").Run() })
	until(t, "answer of qmaster", func() bool { return exec.Command("qconf", "-sh").Run() == nil })
	exec.Command("qdel", "-f", "-u", "*").Run()     // what a test that was killed has left
	exec.Command("qconf", "-as", "localhost").Run() // each fails if it was done before
	configureGridEngine(t, "-sconf", "-Mconf", map[string]string{"min_uid": "0", "min_gid": "0"})
	configureGridEngine(t, "-ssconf", "-Msconf", map[string]string{
		"schedule_interval": "0:0:1", "flush_submit_sec": "1", "flush_finish_sec": "1",
	})
	addToGridEngine(t, "-Ae", "hostname localhost\nload_scaling NONE\ncomplex_values NONE\nuser_lists NONE\nxuser_lists NONE\n"+
		"projects NONE\nxprojects NONE\nusage_scaling NONE\nreport_variables NONE\n")
	addToGridEngine(t, "-Ahgrp", "group_name @allhosts\nhostlist localhost\n")
	addToGridEngine(t, "-Aq", gridEngineQueue(t))
	command(t, "qconf", "-mattr", "queue", "slots", "16", "all.q") // also where an earlier test has added it
	gridEngineDaemon(t, "sge_execd")
	ready := regexp.MustCompile(`all\.q@localhost\s+\S+\s+\S+\s+\S+\s+lx-amd64\s*\n`)
	until(t, "node of Grid Engine", func() bool {
		out, _ := exec.Command("qstat", "-f").Output()
		return ready.Match(out)
	})
}

// gridEngineDaemon starts a daemon, which ends with the test.
func gridEngineDaemon(t *testing.T, name string) {
	t.Helper()
	cmd := exec.Command(name)
	cmd.Env = append(os.Environ(), "SGE_ND=1") // stay in the foreground
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(10 * time.Second): // it waits for its clients, if need be for minutes
			cmd.Process.Kill()
			<-ended
		}
	})
}

// configureGridEngine changes values of a configuration that qconf shows with
// one option and takes with another.
func configureGridEngine(t *testing.T, show, modify string, values map[string]string) {
	t.Helper()
	text := command(t, "qconf", show)
	for key, value := range values {
		text = regexp.MustCompile(`(?m)^`+key+`\s.*$`).ReplaceAllString(text, key+" "+value)
	}
	path := filepath.Join(t.TempDir(), "global") // the configuration goes by its file's name
	if err := os.WriteFile(path, []byte(text+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	command(t, "qconf", modify, path)
}

// addToGridEngine adds what an earlier test may have added.
func addToGridEngine(t *testing.T, option, text string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "new")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("qconf", option, path).CombinedOutput()
	if err != nil && !strings.Contains(string(out), "already exists") {
		t.Fatalf("qconf %s: %v\n%s", option, err, out)
	}
}

// gridEngineQueue describes all.q from the defaults that qconf would open in
// an editor.
func gridEngineQueue(t *testing.T) string {
	t.Helper()
	cmd := exec.Command("qconf", "-aq", "all.q")
	cmd.Env = append(os.Environ(), "EDITOR=cat")
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	text := string(out)
	for key, value := range map[string]string{
		"hostlist": "@allhosts", "slots": "16", "rerun": "TRUE", "shell_start_mode": "posix_compliant", "load_thresholds": "NONE", "pe_list": "NONE", "notify": "00:00:10",
	} {
		text = regexp.MustCompile(`(?m)^`+key+`\s.*$`).ReplaceAllString(text, key+" "+value)
	}
	return text
}

// TestGridEngine: the scripts run on a real Grid Engine, in order, and give the
// bytes of a run on one machine, though every training is told once that its
// time is over, and is queued again.
func TestGridEngine(t *testing.T) {
	startGridEngine(t)
	want := slowReference(t)
	path := writeRun(t, fmt.Sprintf(sweep, slowly))
	out := isingrbm(t, 0, "submit", path, "--system", "grid-engine")
	_, script, found := strings.Cut(strings.TrimSpace(out), "hand them in with: sh ")
	if !found {
		t.Fatalf("submit: %s", out)
	}
	command(t, "sh", script)
	held := hold(t, path)
	for _, p := range held {
		syscall.Kill(p.pid, syscall.SIGUSR1)
	}
	release(held)
	until(t, "end of all jobs", func() bool { return command(t, "qstat", "-u", "*") == "" })
	if n := logsWith(t, path, "saved, and queued again"); n != trainings {
		t.Errorf("%d of %d trainings were queued again", n, trainings)
	}
	sameBytes(t, want, runDir(path))
}
