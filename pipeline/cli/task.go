package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"isingrbm/pipeline/cluster"
)

// newTask makes the command that job scripts call; it is for them alone.
func newTask() *cobra.Command {
	return &cobra.Command{
		Use:    "task SUBMISSION ARRAY INDEX",
		Short:  "carry out one element of a job array",
		Hidden: true,
		Args:   cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			index, err := strconv.Atoi(args[2])
			if err != nil {
				return usageError{fmt.Errorf("the index %q is no number", args[2])}
			}
			ctx, timeOver, stop := jobSignals(cmd.Context())
			defer stop()
			return cluster.RunTask(ctx, timeOver, args[0], args[1], index, cmd.ErrOrStderr())
		},
	}
}

// jobSignals listens for what batch systems send. SIGUSR1 and SIGXCPU say that
// the time is nearly over, as often as they come; SIGUSR2, from Grid Engine,
// that the job is about to be killed, which is what SIGTERM says elsewhere.
func jobSignals(ctx context.Context) (working context.Context, timeOver <-chan struct{}, stop func()) {
	signal.Reset(syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGXCPU) // from stopping the program, as they do elsewhere
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGXCPU)
	working, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	closeOnce := sync.OnceFunc(func() { close(over) })
	go func() {
		for s := range signals {
			if s == syscall.SIGUSR2 {
				cancel()
			} else {
				closeOnce()
			}
		}
	}()
	return working, over, func() {
		signal.Stop(signals)
		close(signals)
		cancel()
	}
}

// requeueStatus is the exit status that asks a batch system to take a job back.
func requeueStatus(err error) (status int, ok bool) {
	var requeue *cluster.RequeueError
	if errors.As(err, &requeue) {
		return requeue.Status, true
	}
	return 0, false
}
