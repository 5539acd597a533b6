package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// errTimeOver is the cause for stopping when a job's time is nearly over.
var errTimeOver = errors.New("the job's time is nearly over")

// untilTimeIsOver is ctx, canceled with the cause errTimeOver once the job is
// told that its time is over, or at the grace before its end.
func (t *task) untilTimeIsOver(ctx context.Context) (context.Context, context.CancelCauseFunc) {
	working, cancel := context.WithCancelCause(ctx)
	grace := time.Duration(t.submission.Slurm.Grace) * time.Second
	end := time.NewTimer(time.Until(t.end(ctx)) - grace)
	go func() {
		defer end.Stop()
		select {
		case <-t.timeOver:
		case <-end.C:
		case <-working.Done():
		}
		cancel(errTimeOver)
	}()
	return working, cancel
}

// end is when the batch system will end the job: by what it announces, by what
// it answers, or else by the time that was asked for.
func (t *task) end(ctx context.Context) time.Time {
	asked := time.Now().Add(t.submission.Slurm.Time)
	if t.submission.System != Slurm {
		return asked
	}
	if seconds, err := strconv.ParseInt(os.Getenv("SLURM_JOB_END_TIME"), 10, 64); err == nil {
		return time.Unix(seconds, 0)
	}
	left, err := slurm{}.timeLeft(ctx, slurmElement())
	if err != nil {
		fmt.Fprintf(t.out, "the job's end is not known (%v): taken to be in %s\n", err, clock(t.submission.Slurm.Time))
		return asked
	}
	return time.Now().Add(left)
}

// timeLeft asks for the time that a running element has left. Slurm before
// 23.02 does not announce a job's end to it.
func (s slurm) timeLeft(ctx context.Context, id string) (time.Duration, error) {
	text, err := s.call(ctx, "squeue", "-h", "-r", "-j", id, "-o", "%L")
	if err != nil {
		return 0, err
	}
	return parseTimeLeft(text)
}

// parseTimeLeft reads squeue's [[days-]hours:]minutes:seconds.
func parseTimeLeft(text string) (time.Duration, error) {
	days, clock, found := strings.Cut(text, "-")
	if !found {
		days, clock = "0", text
	}
	parts := append([]string{days}, strings.Split(clock, ":")...)
	units := []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second}
	if len(parts) == 3 {
		units = []time.Duration{24 * time.Hour, time.Minute, time.Second}
	}
	if len(parts) != len(units) {
		return 0, fmt.Errorf("squeue writes %q for the time left", text)
	}
	var left time.Duration
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil {
			return 0, fmt.Errorf("squeue writes %q for the time left", text)
		}
		left += time.Duration(n) * units[i]
	}
	return left, nil
}
