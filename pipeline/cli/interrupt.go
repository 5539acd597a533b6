package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// The first signal, or the time limit, asks the work to stop where it can be
// continued. What has not stopped after stopTime is abandoned: nothing under
// its final name is half-written at any moment, so that costs no more than the
// time since the last checkpoint. Batch systems kill 10 seconds and more after
// their first signal.
const stopTime = 9 * time.Second

// batchMargin is how long before the announced end of a batch job the work is
// asked to stop.
const batchMargin = 30 * time.Second

// stopSignals ask the program to stop: the user's, a terminal's that closes,
// and those by which batch systems tell that the time is nearly over.
var stopSignals = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGXCPU}

// interruptible returns a context that the first of the signals cancels; the
// second ends the program at once.
func interruptible(stderr io.Writer) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, stopSignals...)
	go func() {
		select {
		case s := <-signals:
			fmt.Fprintf(stderr, "isingrbm: %v: saving, a second signal ends at once\n", s)
			cancel()
			endWithin(stderr, again(signals, s))
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel()
	}
}

// again returns when a second signal comes. The system repeats SIGXCPU every
// second once the processor time is used up: that is no second one.
func again(signals <-chan os.Signal, first os.Signal) <-chan struct{} {
	second := make(chan struct{})
	go func() {
		for s := range signals {
			if s != syscall.SIGXCPU || first != syscall.SIGXCPU {
				close(second)
				return
			}
		}
	}()
	return second
}

// endWithin ends the program when its time to stop is over, or at the second
// signal.
func endWithin(stderr io.Writer, second <-chan struct{}) {
	select {
	case <-second:
		os.Exit(statusKilled)
	case <-time.After(stopTime):
		abandon(stderr)
	}
}

// abandon ends the program in the middle of its work.
func abandon(stderr io.Writer) {
	fmt.Fprintf(stderr, "isingrbm: interrupted: what could not be stopped in %s goes on from its last checkpoint; run again to continue\n", stopTime)
	os.Exit(statusInterrupted)
}

// limitFlag adds --time-limit to a command.
func limitFlag(cmd *cobra.Command) *time.Duration {
	return cmd.Flags().Duration("time-limit", 0, "stop after this time, such as 90m or 11h30m, everything saved, with status 75; 0: when a batch job's end comes near, where the system announces it")
}

// limited returns the command's context, canceled when its time is over: after
// limit less the time that stopping may take, or before the end of the batch
// job, whichever is earlier.
func limited(cmd *cobra.Command, limit time.Duration) (ctx context.Context, stop func(), err error) {
	if limit < 0 || limit > 0 && limit <= stopTime {
		return nil, nil, usageError{fmt.Errorf("--time-limit is %s\n  hint: more than the %s that saving may take", limit, stopTime)}
	}
	left, ok := timeLeft(limit, time.Now(), os.Getenv("SLURM_JOB_END_TIME"))
	if !ok {
		return cmd.Context(), func() {}, nil
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), left)
	watchdog := time.AfterFunc(left+stopTime, func() { abandon(cmd.ErrOrStderr()) })
	return ctx, func() {
		watchdog.Stop()
		cancel()
	}, nil
}

// timeLeft is how long to work before stopping, and whether there is a limit at
// all. jobEnd is the end of the batch job in seconds since 1970, as Slurm 23.02
// and later announce it, or "".
func timeLeft(limit time.Duration, now time.Time, jobEnd string) (left time.Duration, ok bool) {
	if limit > 0 {
		left, ok = limit-stopTime, true
	}
	if seconds, err := strconv.ParseInt(jobEnd, 10, 64); err == nil {
		if end := time.Unix(seconds, 0).Sub(now) - batchMargin; !ok || end < left {
			left, ok = end, true
		}
	}
	return max(left, 0), ok
}
