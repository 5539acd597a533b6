package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// answerTime is how long a command of Slurm may take. sbatch itself retries
// for minutes where the controller is busy.
const answerTime = time.Minute

// slurm calls the commands of a Slurm.
type slurm struct{}

// call runs a command and returns what it prints.
func (slurm) call(ctx context.Context, name string, args ...string) (string, error) {
	answering, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	cmd := exec.CommandContext(answering, name, args...)
	var stdout strings.Builder
	stderr := &impatient{giveUp: cancel}
	cmd.Stdout, cmd.Stderr = &stdout, stderr
	cmd.Env = append(outsideJobs(os.Environ()), "LC_ALL=C")
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	switch {
	case err == nil:
		return strings.TrimSpace(stdout.String()), nil
	case errors.Is(err, exec.ErrNotFound):
		return "", &Refusal{Kind: NoSlurm, Message: fmt.Sprintf("there is no %s on this machine", name)}
	case ctx.Err() != nil:
		return "", ctx.Err()
	case stderr.gaveUp:
		return "", refusal(name, stderr.String(), err)
	case answering.Err() != nil:
		return "", &Refusal{Kind: NoAnswer, Message: fmt.Sprintf("%s gave no answer in %v: %s", name, answerTime, firstLine(stderr.String()))}
	}
	return "", refusal(name, stderr.String(), err)
}

// outsideJobs drops what Slurm has told a job about itself: sbatch would hand
// it on to the jobs that this one submits, and not all of it is set anew there.
func outsideJobs(environment []string) []string {
	return slices.DeleteFunc(environment, func(variable string) bool {
		return slices.ContainsFunc([]string{"SLURM_JOB", "SLURM_ARRAY_", "SLURM_RESTART_COUNT=", "SLURM_CPUS_", "SLURM_MEM_"}, func(prefix string) bool {
			return strings.HasPrefix(variable, prefix)
		})
	})
}

// impatient keeps what a command prints as errors, and gives the command up
// when it says that it will try again for minutes: at a limit of the site that
// is for the caller to decide.
type impatient struct {
	strings.Builder
	giveUp func()
	gaveUp bool
}

func (w *impatient) Write(p []byte) (int, error) {
	n, err := w.Builder.Write(p)
	if strings.Contains(w.String(), "sleeping and retrying") {
		w.gaveUp = true
		w.giveUp()
	}
	return n, err
}

// queue looks at the jobs of the user, all at once.
func (s slurm) queue(ctx context.Context) (Queue, error) {
	text, err := s.call(ctx, "squeue", "-h", "-r", "-u", strconv.Itoa(os.Getuid()), "-o", queueFormat)
	if err != nil {
		return nil, err
	}
	return parseQueue(text), nil
}

// submit hands in a script and returns the job's number.
func (s slurm) submit(ctx context.Context, script, dependency string) (string, error) {
	args := []string{"--parsable"}
	if dependency != "" {
		args = append(args, "--dependency="+dependency)
	}
	text, err := s.call(ctx, "sbatch", append(args, script)...)
	if err != nil {
		return "", err
	}
	job, _, _ := strings.Cut(text, ";") // behind it stands the cluster's name
	return job, nil
}

var maxArraySize = regexp.MustCompile(`(?m)^MaxArraySize\s*=\s*(\d+)`)

// maxElements is how many elements an array may have here: indices begin at 1,
// and the largest is one less than MaxArraySize.
func (s slurm) maxElements(ctx context.Context) (int, error) {
	text, err := s.call(ctx, "scontrol", "show", "config")
	if err != nil {
		return 0, err
	}
	match := maxArraySize.FindStringSubmatch(text)
	if match == nil {
		return elementsOfArray, nil
	}
	size, err := strconv.Atoi(match[1])
	if err != nil || size < 2 {
		return 0, fmt.Errorf("scontrol says that MaxArraySize is %q: job arrays are switched off here", match[1])
	}
	return min(elementsOfArray, size-1), nil
}

// partitions lists those there are, with their largest time.
func (s slurm) partitions(ctx context.Context) string {
	text, err := s.call(ctx, "sinfo", "-h", "-o", "%R (up to %l)")
	if err != nil {
		return ""
	}
	return strings.Join(strings.Split(text, "\n"), ", ")
}

// cancel takes elements out of the queue.
func (s slurm) cancel(ctx context.Context, ids []string) error {
	_, err := s.call(ctx, "scancel", ids...)
	return err
}

// requeue puts a running element back into the queue. The element must be
// named by its array and index: its own job number means, in the last element,
// the whole array. What Slurm does then, it ends the job, must not end the
// command that asks for it.
func (s slurm) requeue(ctx context.Context, id string) error {
	_, err := s.call(context.WithoutCancel(ctx), "scontrol", "requeue", id)
	return err
}
