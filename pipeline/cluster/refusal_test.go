package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"
)

// TestRefusal: what Slurm prints (22.05 and 24.11) is known for what it is, by
// the line that says it, and there is advice for all of it.
func TestRefusal(t *testing.T) {
	for printed, want := range map[string]Kind{
		"sbatch: error: invalid partition specified: nope\nsbatch: error: Batch job submission failed: Invalid partition name specified\n":                    Partition,
		"sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified\n":                                            Account,
		"sbatch: error: Batch job submission failed: Invalid qos specification\n":                                                                             QOS,
		"sbatch: error: Batch job submission failed: Requested time limit is invalid (missing or exceeds some limit)\n":                                       TimeLimit,
		"sbatch: error: CPU count per node can not be satisfied\nsbatch: error: Batch job submission failed: Requested node configuration is not available\n": Resources,
		"sbatch: error: Memory specification can not be satisfied\n":                                                                                          Resources,
		"sbatch: error: Batch job submission failed: Invalid feature specification\n":                                                                         Constraint,
		"sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)\n":                 Limit,
		"sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying\n":                                                                      Limit,
		"sbatch: error: Batch job submission failed: Invalid job array specification\n":                                                                       Limit,
		"sbatch: unrecognized option '--nope'\n":                                                                                                              Option,
		"sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)\n":                                                  NoAnswer,
		"sbatch: error: Batch job submission failed: Socket timed out on send/recv operation\n":                                                               NoAnswer,
		"squeue: error: resolve_ctls_from_dns_srv: res_nsearch error: Unknown host\nsqueue: fatal: Could not establish a configuration source\n":              NoSlurm,
		"sbatch: error: Batch job submission failed: Something new\n":                                                                                         Unexplained,
		"": Unexplained,
	} {
		r := refusal("sbatch", printed, errors.New("exit status 1"))
		if r.Kind != want {
			t.Errorf("%q is taken for %s, want %s", printed, r.Kind, want)
		}
		if message, hint, _ := strings.Cut(r.Error(), "\n  hint: "); message == "" || hint == "" {
			t.Errorf("%q: %v", printed, r)
		}
	}
}

// TestExplainWrite: a disk that is full and a quota that is used up are told
// apart, and both from a folder that may not be written.
func TestExplainWrite(t *testing.T) {
	for cause, want := range map[error]string{
		syscall.EDQUOT: "your quota", syscall.ENOSPC: "the disk is full", fs.ErrPermission: "that you may write", syscall.EROFS: "that you may write",
	} {
		err := explainWrite("x.out", fmt.Errorf("write x.out/cluster: %w", cause))
		if !errors.Is(err, cause) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "nothing was submitted") {
			t.Errorf("%v: %v", cause, err)
		}
	}
	if other := errors.New("other"); explainWrite("x", other) != other {
		t.Error("an error without advice was changed")
	}
}
